/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables: alignment, widths of UTF-8, wrapping, escaping, and that unknown is never 0. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/format/table.h"
#include "report/format/width.h"

static const struct mp_column columns[] = {
	{ .key = "case", .title = "case" },
	{ .key = "value", .title = "value", .kind = MP_COLUMN_DURATION },
	{ .key = "spread", .title = "+-", .kind = MP_COLUMN_PERCENT },
	{ .key = "n", .title = "n", .kind = MP_COLUMN_INTEGER },
	{ .key = "size", .title = "size", .kind = MP_COLUMN_SIZE },
	{ .key = "note", .title = "note", .people_only = true },
	{ .key = "raw", .title = "raw", .kind = MP_COLUMN_NUMBER, .machines_only = true },
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static struct mp_table *sample(void)
{
	struct mp_table *t = mp_table_new(columns, N_COLUMNS);

	mp_table_section(t, "first half");
	mp_table_text(t, "mmap.anon/populate=no/size=2M/threads=1");
	mp_table_number(t, 4799.4);
	mp_table_number(t, 0.021);
	mp_table_integer(t, 10);
	mp_table_integer(t, 2 << 20);
	mp_table_text(t, "a, \"b\" | c");
	mp_table_number(t, 0.1);
	mp_table_section(t, "second half");
	mp_table_text(t, "na\xc3\xafve \xe6\xbc\xa2\xe5\xad\x97");
	mp_table_number(t, NAN);
	mp_table_number(t, INFINITY);
	mp_table_unknown(t);
	mp_table_unknown(t);
	mp_table_text(t, NULL);
	mp_table_number(t, 1e300);
	return t;
}

static void expect(const struct mp_table *t, const struct mp_format *format, unsigned wide,
		   const char *text)
{
	struct mp_str out = MP_STR_INIT;

	mp_table_render(t, format, wide, &out);
	assert_false(out.failed);
	assert_string_equal(out.text, text);
	mp_str_done(&out);
}

static void test_text(void **state)
{
	struct mp_table *t = sample();

	(void)state;
	expect(t, &mp_format_text, 0,
	       "case                                        value     +-   n  size  note\n"
	       "---------------------------------------  --------  -----  --  ----  ----------\n"
	       "first half\n"
	       "mmap.anon/populate=no/size=2M/threads=1  4.799 us  2.1 %  10    2M  a, \"b\" | c\n"
	       "second half\n"
	       "na\xc3\xafve \xe6\xbc\xa2\xe5\xad\x97                                      -      "
	       "-   -     -  -\n");
	mp_table_free(t);
}

/* The case gives way at its slashes; no number is cut, however narrow the terminal. */
static void test_text_narrow(void **state)
{
	struct mp_table *t = sample();
	struct mp_str out = MP_STR_INIT;

	(void)state;
	expect(t, &mp_format_text, 60,
	       "case                      value     +-   n  size  note\n"
	       "---------------------  --------  -----  --  ----  ----------\n"
	       "first half\n"
	       "mmap.anon/             4.799 us  2.1 %  10    2M  a, \"b\" | c\n"
	       "populate=no/size=2M/\n"
	       "threads=1\n"
	       "second half\n"
	       "na\xc3\xafve \xe6\xbc\xa2\xe5\xad\x97                    -      -   -     -  -\n");
	mp_table_render(t, &mp_format_text, 20, &out);
	assert_non_null(strstr(out.text, "4.799 us  2.1 %  10    2M"));
	mp_str_done(&out);
	mp_table_free(t);
}

static void test_titles_wrap(void **state)
{
	static const struct mp_column two[] = {
		{ .key = "a", .title = "median of all calls", .kind = MP_COLUMN_INTEGER },
		{ .key = "b", .title = "n", .kind = MP_COLUMN_INTEGER },
	};
	struct mp_table *t = mp_table_new(two, 2);

	(void)state;
	mp_table_integer(t, 1);
	mp_table_integer(t, -2);
	expect(t, &mp_format_text, 12, "median\nof all\n calls   n\n------  --\n     1  -2\n");
	mp_table_free(t);
}

static void test_markdown(void **state)
{
	struct mp_table *t = sample();

	(void)state;
	expect(t, &mp_format_markdown, 0,
	       "| case | value | +- | n | size | note |\n"
	       "| :--- | ---: | ---: | ---: | ---: | :--- |\n"
	       "| **first half** | | | | | |\n"
	       "| mmap.anon/populate=no/size=2M/threads=1 | 4.799 us | 2.1 % | 10 | 2M | a, \"b\" "
	       "\\| c |\n"
	       "| **second half** | | | | | |\n"
	       "| na\xc3\xafve \xe6\xbc\xa2\xe5\xad\x97 | - | - | - | - | - |\n");
	mp_table_free(t);
}

static void test_csv(void **state)
{
	static const struct mp_column two[] = { { .key = "a", .title = "a" },
						{ .key = "b", .title = "b" } };
	static const struct mp_column formulas[] = {
		{ .key = "a", .title = "a" }, { .key = "n", .title = "n", .kind = MP_COLUMN_NUMBER }
	};
	struct mp_table *t = sample();

	(void)state;
	expect(t, &mp_format_csv, 0,
	       "case,value,spread,n,size,raw\r\n"
	       "mmap.anon/populate=no/size=2M/threads=1,4799.4,0.021,10,2097152,0.1\r\n"
	       "na\xc3\xafve \xe6\xbc\xa2\xe5\xad\x97,,,,,1e+300\r\n");
	mp_table_free(t);
	t = mp_table_new(two, 2);
	mp_table_text(t, "say \"hi\", twice");
	mp_table_text(t, "two\nlines");
	mp_table_text(t, "");
	mp_table_text(t, NULL);
	expect(t, &mp_format_csv, 0,
	       "a,b\r\n\"say \"\"hi\"\", twice\",\"two\nlines\"\r\n\"\",\r\n");
	mp_table_free(t);
	/* Texts that a spreadsheet would compute; numbers are numbers. */
	t = mp_table_new(formulas, 2);
	mp_table_text(t, "=1+1");
	mp_table_number(t, -1.5);
	mp_table_text(t, "-2,3");
	mp_table_number(t, 2);
	mp_table_text(t, "\t@x");
	mp_table_number(t, -3);
	expect(t, &mp_format_csv, 0, "a,n\r\n'=1+1,-1.5\r\n\"'-2,3\",2\r\n' @x,-3\r\n");
	mp_table_free(t);
}

static void test_json(void **state)
{
	struct mp_table *t = sample();
	struct mp_str out = MP_STR_INIT;
	json_t *doc, *row;

	(void)state;
	mp_table_render(t, &mp_format_json, 0, &out);
	doc = json_loads(out.text, 0, NULL);
	assert_int_equal(json_array_size(doc), 2);
	row = json_array_get(doc, 0);
	assert_true(json_real_value(json_object_get(row, "value")) == 4799.4);
	assert_true(json_real_value(json_object_get(row, "raw")) == 0.1);
	assert_int_equal(json_integer_value(json_object_get(row, "size")), 2 << 20);
	assert_null(json_object_get(row, "note"));
	row = json_array_get(doc, 1);
	assert_true(json_is_null(json_object_get(row, "value")));
	assert_true(json_is_null(json_object_get(row, "spread")));
	assert_true(json_is_null(json_object_get(row, "n")));
	json_decref(doc);
	mp_str_done(&out);
	mp_table_free(t);
}

/* A database may hold anything: nothing of it may steer the terminal or break the encoding. */
static void test_hostile(void **state)
{
	static const struct mp_column one[] = { { .key = "a", .title = "a" } };
	struct mp_table *t = mp_table_new(one, 1);
	struct mp_str out = MP_STR_INIT;
	json_t *doc;

	(void)state;
	mp_table_text(t, "\x1b[2J\n\xff\xc0\xaf\xed\xa0\x80\xe2\x80\xae!");
	mp_table_render(t, &mp_format_text, 80, &out);
	assert_null(strchr(out.text, 0x1b));
	assert_null(strchr(out.text, '\xff'));
	assert_null(strstr(out.text, "\xe2\x80\xae"));
	mp_str_clear(&out);
	mp_table_render(t, &mp_format_json, 0, &out);
	doc = json_loads(out.text, 0, NULL);
	assert_int_equal(json_array_size(doc), 1);
	json_decref(doc);
	mp_str_done(&out);
	mp_table_free(t);
}

static void test_short_row(void **state)
{
	struct mp_table *t = mp_table_new(columns, N_COLUMNS);

	(void)state;
	mp_table_text(t, "x");
	assert_int_equal(mp_table_rows(t), 1);
	expect(t, &mp_format_csv, 0, "case,value,spread,n,size,raw\r\nx,,,,,\r\n");
	mp_table_free(t);
	assert_true(mp_table_failed(NULL));
	mp_table_text(NULL, "x");
	mp_table_free(NULL);
}

static void test_width(void **state)
{
	const char *next;

	(void)state;
	assert_int_equal(mp_text_width("abc"), 3);
	assert_int_equal(mp_text_width("na\xc3\xafve"), 5);
	assert_int_equal(mp_text_width("e\xcc\x81"), 1); /* combining acute */
	assert_int_equal(mp_text_width("\xe6\xbc\xa2\xe5\xad\x97"), 4); /* two ideographs */
	assert_int_equal(mp_text_width("\xff\xfe"), 2); /* not UTF-8 */
	assert_int_equal(mp_text_break("one two", 5, &next), 3);
	assert_string_equal(next, "two");
	assert_int_equal(mp_text_break("one two", 3, &next), 3);
	assert_string_equal(next, "two");
	assert_int_equal(mp_text_break("abcdef", 4, &next), 4);
	assert_string_equal(next, "ef");
	assert_int_equal(mp_text_break("a/bcd", 3, &next), 2);
	assert_int_equal(mp_text_break("\xe6\xbc\xa2", 1, &next), 3); /* at least one character */
	assert_string_equal(next, "");
}

static void test_values(void **state)
{
	static const struct {
		enum mp_column_kind kind;
		double value;
		const char *text;
	} vectors[] = {
		{ MP_COLUMN_PERCENT, 0.021, "2.1 %" },	 { MP_COLUMN_PERCENT, 0.0083, "0.83 %" },
		{ MP_COLUMN_PERCENT, 1, "100 %" },	 { MP_COLUMN_PERCENT, 0.99949, "99.9 %" },
		{ MP_COLUMN_PERCENT, -0.25, "-25.0 %" }, { MP_COLUMN_PERCENT, 0, "0.0 %" },
		{ MP_COLUMN_SIZE, 4096, "4K" },		 { MP_COLUMN_SIZE, 0.5, "0.500" },
		{ MP_COLUMN_DURATION, NAN, "-" },	 { MP_COLUMN_DURATION, 130, "130.0 ns" },
		{ MP_COLUMN_NUMBER, 1.0234, "1.023" },	 { MP_COLUMN_INTEGER, 12, "12" },
	};
	char buf[MP_UNITS_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_string_equal(mp_column_format(vectors[i].kind, vectors[i].value, buf),
				    vectors[i].text);
	assert_string_equal(mp_exact_format(0.1, buf), "0.1");
	assert_true(strtod(mp_exact_format(1.0 / 3, buf), NULL) == 1.0 / 3);
	assert_true(strtod(mp_exact_format(-0x1.fffffffffffffp1023, buf), NULL) ==
		    -0x1.fffffffffffffp1023);
	assert_string_equal(mp_exact_format(NAN, buf), "");
}

static void test_format_names(void **state)
{
	struct mp_str names = MP_STR_INIT;

	(void)state;
	assert_ptr_equal(mp_format_find("csv"), &mp_format_csv);
	assert_null(mp_format_find("xml"));
	mp_format_names(&names);
	assert_non_null(strstr(names.text, "csv, "));
	for (size_t i = 0; i < mp_n_formats; i++)
		assert_true(mp_formats[i]->data || mp_formats[i]->prose);
	mp_str_done(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),	     cmocka_unit_test(test_text_narrow),
		cmocka_unit_test(test_titles_wrap),  cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_csv),	     cmocka_unit_test(test_json),
		cmocka_unit_test(test_hostile),	     cmocka_unit_test(test_short_row),
		cmocka_unit_test(test_width),	     cmocka_unit_test(test_values),
		cmocka_unit_test(test_format_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
