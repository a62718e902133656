/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The grammar of value sets: what every form expands to on three machines, what is dropped with which reason,
 * what is refused with which sentence, and 100,000 random texts.
 */
#include "runner/config/valueset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "common/str.h"
#include "common/units.h"

#define K 1024ull
#define M (1024 * K)
#define G (1024 * M)

static const struct mp_host plain = {
	.page_size = 4 * K,
	.hugepage_size = 2 * M,
	.hugetlb_size = 2 * M,
	.llc_bytes = 32 * M,
	.memory_bytes = 8 * G,
	.cpus = 12,
	.cores = 6,
	.nodes = 2,
};

/* arm64 with 64K pages: a PMD maps 512M */
static const struct mp_host wide = {
	.page_size = 64 * K,
	.hugepage_size = 512 * M,
	.hugetlb_size = 512 * M,
	.llc_bytes = 8 * M,
	.memory_bytes = 64 * G,
	.cpus = 1,
	.cores = 1,
	.nodes = 1,
};

/* What a small guest may lack. */
static const struct mp_host bare = { .page_size = 4 * K, .cpus = 2, .cores = 2, .nodes = 1 };

static const char *const words[] = { "none", "thp", "hugetlb", "read-write", NULL };

static const struct mp_axis size_axis = { .name = "size", .kind = MP_AXIS_SIZE };
static const struct mp_axis paged_axis = {
	.name = "size", .kind = MP_AXIS_SIZE, .min = 4 * K, .max = 1 * G, .whole_pages = true
};
static const struct mp_axis count_axis = {
	.name = "threads", .kind = MP_AXIS_COUNT, .min = 1, .max = 64
};
static const struct mp_axis free_axis = { .name = "vmas", .kind = MP_AXIS_COUNT };
static const struct mp_axis flag_axis = { .name = "populate", .kind = MP_AXIS_FLAG };
static const struct mp_axis choice_axis = { .name = "huge",
					    .kind = MP_AXIS_CHOICE,
					    .choices = words };

static void note_drop(void *user, const char *value, const char *reason)
{
	mp_str_printf(user, "%s %s; ", value, reason);
}

/* The expansion as "4K 8K | dropped...; " or "! sentence". */
static char *expand(const char *text, const struct mp_axis *axis, const struct mp_host *host)
{
	struct mp_str out = MP_STR_INIT, dropped = MP_STR_INIT;
	struct mp_param *items = (void *)&out; /* a failure must leave it alone */
	struct mp_err err = { .text = "" };
	size_t count = 77;
	int rc = mp_valueset_expand(text, axis, host, note_drop, &dropped, &items, &count, &err);

	if (rc) {
		assert_int_equal(rc, -EINVAL);
		assert_int_equal(err.kind, MP_ERR_USAGE);
		assert_ptr_equal(items, &out);
		assert_int_equal(count, 77);
		mp_str_printf(&out, "! %s", err.text);
	} else {
		for (size_t i = 0; i < count; i++) {
			mp_str_printf(&out, "%s%s", i ? " " : "", items[i].word);
			assert_string_equal(items[i].axis, axis->name);
			assert_int_equal(items[i].kind, axis->kind);
		}
		if (dropped.len)
			mp_str_printf(&out, " | %.*s", (int)dropped.len - 2, dropped.text);
		free(items);
	}
	mp_str_done(&dropped);
	return mp_str_take(&out);
}

struct row {
	const char *text, *want;
};

static void check(const struct row *rows, size_t count, const struct mp_axis *axis,
		  const struct mp_host *host)
{
	for (size_t i = 0; i < count; i++) {
		char *got = expand(rows[i].text, axis, host);

		if (strcmp(got, rows[i].want))
			fail_msg("'%s' on %s\n want: %s\n got:  %s", rows[i].text, axis->name,
				 rows[i].want, got);
		free(got);
	}
}

#define CHECK(rows, axis, host) check(rows, sizeof(rows) / sizeof((rows)[0]), axis, host)

static void test_lists(void **state)
{
	static const struct row rows[] = {
		{ "4K", "4K" },
		{ "4096", "4K" },
		{ "4K,2M", "4K 2M" },
		{ "2M,4K", "2M 4K" }, /* the order is the writer's */
		{ "4K,4096,4K,8K,2M,8K", "4K 8K 2M" },
		{ " 4K , 2M ", "4K 2M" },
		{ "\t4K\n,\r2M", "4K 2M" },
		{ "0", "0" },
		{ "1T", "1T" },
		{ "2047K", "2047K" },
		{ "18446744073709551615", "18446744073709551615" },
	};

	(void)state;
	CHECK(rows, &size_axis, &plain);
}

static void test_ranges(void **state)
{
	static const struct row rows[] = {
		{ "4K..32K", "4K 8K 16K 32K" },
		{ "4K..32K:x2", "4K 8K 16K 32K" },
		{ "4K..1M:x4", "4K 16K 64K 256K 1M" },
		{ "4K..100K:x4", "4K 16K 64K 100K" }, /* the end is met when it is passed */
		{ "4K..4K", "4K" },
		{ "4K..5K:x2", "4K 5K" },
		{ "4K..16K:+4K", "4K 8K 12K 16K" },
		{ "4K..17K:+4K", "4K 8K 12K 16K 17K" },
		{ "0..2:+1", "0 1 2" },
		{ "4K..16K:+page", "4K 8K 12K 16K" },
		{ "1K..2K:+1T", "1K 2K" },
		{ "1K..2K:x1000000", "1K 2K" },
		{ "4K .. 16K : x2", "4K 8K 16K" },
		{ "4K..16K,8K..64K", "4K 8K 16K 32K 64K" },
		{ "4K,1M..4M,4K", "4K 1M 2M 4M" },
		{ "9223372036854775808..18446744073709551615", "8388608T 18446744073709551615" },
		{ "18446744073709551610..18446744073709551615:+4",
		  "18446744073709551610 18446744073709551614 18446744073709551615" },
	};
	static const struct row counts[] = {
		{ "1..6:x2", "1 2 4 6" },	    { "1..8", "1 2 4 8" },
		{ "1..4:+1", "1 2 3 4" },	    { "1..cores:x2", "1 2 4 6" },
		{ "1..cpus", "1 2 4 8 12" },	    { "1..cpus:+cores", "1 7 12" },
		{ "nodes..cores:+1", "2 3 4 5 6" },
	};

	(void)state;
	CHECK(rows, &size_axis, &plain);
	CHECK(counts, &count_axis, &plain);
}

static void test_symbols(void **state)
{
	static const struct row rows[] = {
		{ "page", "4K" },
		{ "hugepage", "2M" },
		{ "hugetlb", "2M" },
		{ "llc", "32M" },
		{ "page,hugepage,llc", "4K 2M 32M" },
		{ "hugepage-page,hugepage,hugepage+page", "2044K 2M 2052K" },
		{ "hugepage-4K", "2044K" },
		{ "2M-page", "2044K" },
		{ "2M+1", "2097153" },
		{ "page..hugepage:x8", "4K 32K 256K 2M" },
		{ "hugepage-page..hugepage+page:+page", "2044K 2M 2052K" },
	};
	static const struct row counts[] = {
		{ "cores", "6" },   { "cpus", "12" },	{ "nodes", "2" },
		{ "cores-1", "5" }, { "cores+1", "7" }, { "1,cores,cpus", "1 6 12" },
	};

	(void)state;
	CHECK(rows, &size_axis, &plain);
	CHECK(counts, &count_axis, &plain);
}

/* 64K pages, one CPU: the same texts, other machines' values. */
static void test_wide(void **state)
{
	static const struct row rows[] = {
		{ "page,hugepage", "64K 512M" },
		{ "4K", " | 4K is not a multiple of this machine's base page, 64K" },
		{ "4K,64K", "64K | 4K is not a multiple of this machine's base page, 64K" },
		{ "4K..256K:x4",
		  "64K 256K | 4K is not a multiple of this machine's base page, 64K; "
		  "16K is not a multiple of this machine's base page, 64K" },
		{ "hugepage-page", "524224K" },
	};
	static const struct row counts[] = {
		{ "1..cores:x2", "1" },
		{ "2..cores", " | 2..cores on this machine the range's start lies above its end" },
		{ "cores-1", " | 0 is below the least value 1" },
		{ "cores-nodes-1",
		  "! axis 'threads': 'nodes-1' is not a number; did you mean 'nodes'?" },
		{ "cores-2", " | cores-2 it is below 0 on this machine" },
		{ "1,cores,cpus", "1" },
	};

	(void)state;
	CHECK(rows, &paged_axis, &wide);
	CHECK(counts, &count_axis, &wide);
}

static void test_bare(void **state)
{
	static const struct row rows[] = {
		{ "hugepage", " | hugepage this kernel has no transparent huge pages" },
		{ "page,hugepage,llc", "4K | hugepage this kernel has no transparent huge pages; "
				       "llc the size of the last-level cache is unknown here" },
		{ "page..hugepage:x8",
		  " | page..hugepage:x8 this kernel has no transparent huge pages" },
		{ "4K..8K:+hugetlb", " | 4K..8K:+hugetlb this kernel has no hugetlb pages" },
		{ "hugepage-page", " | hugepage-page this kernel has no transparent huge pages" },
	};

	(void)state;
	CHECK(rows, &paged_axis, &bare);
}

static void test_bounds(void **state)
{
	static const struct row rows[] = {
		{ "4K,1G", "4K 1G" },
		{ "2K", "! axis 'size': '2K' is below the least value 4K" },
		{ "2G", "! axis 'size': '2G' is above the largest value 1G" },
		{ "4K,2G", "! axis 'size': '2G' is above the largest value 1G" },
		/* of a range what lies inside is taken */
		{ "1K..16K",
		  "4K 8K 16K | 1K is below the least value 4K; 2K is below the least value 4K" },
		{ "512M..2G", "512M 1G | 2G is above the largest value 1G" },
		{ "2G..4G",
		  "! axis 'size': every value of '2G..4G' is above the largest value 1G" },
		{ "5000", " | 5000 is not a multiple of this machine's base page, 4K" },
	};

	static const struct row counts[] = {
		{ "64", "64" },
		{ "65", "! axis 'threads': '65' is above the largest value 64" },
		{ "0", "! axis 'threads': '0' is below the least value 1" },
		{ "1K", "! axis 'threads': '1K' is above the largest value 64" },
	};
	static const struct row free_counts[] = {
		{ "0,1K,1000000", "0 1024 1000000" },
	};

	(void)state;
	CHECK(rows, &paged_axis, &plain);
	CHECK(counts, &count_axis, &plain);
	CHECK(free_counts, &free_axis, &plain);
}

static void test_words(void **state)
{
	static const struct row flags[] = {
		{ "yes", "yes" },
		{ "yes,no", "yes no" },
		{ " no , yes , no", "no yes" },
		{ "ye",
		  "! axis 'populate' has no value 'ye'; did you mean 'yes'? (it has no, yes)" },
		{ "1", "! axis 'populate' has no value '1'; it has no, yes" },
		{ "true", "! axis 'populate' has no value 'true'; it has no, yes" },
		{ "no..yes", "! axis 'populate' has no value 'no..yes'; it has no, yes" },
	};
	static const struct row choices[] = {
		{ "thp", "thp" },
		{ "none,hugetlb", "none hugetlb" },
		{ "read-write", "read-write" }, /* a word, not an offset */
		{ "tph", "! axis 'huge' has no value 'tph'; did you mean 'thp'? (it has none, thp, "
			 "hugetlb, "
			 "read-write)" },
		{ "None",
		  "! axis 'huge' has no value 'None'; did you mean 'none'? (it has none, thp, "
		  "hugetlb, read-write)" },
		{ "page",
		  "! axis 'huge' has no value 'page'; it has none, thp, hugetlb, read-write" },
	};
	struct mp_param *items;
	size_t count;

	(void)state;
	CHECK(flags, &flag_axis, &plain);
	CHECK(choices, &choice_axis, &plain);
	assert_int_equal(
		mp_valueset_expand("yes,no", &flag_axis, &plain, NULL, NULL, &items, &count, NULL),
		0);
	assert_int_equal(items[0].number, 1);
	assert_int_equal(items[1].number, 0);
	free(items);
	assert_int_equal(mp_valueset_expand("hugetlb", &choice_axis, &plain, NULL, NULL, &items,
					    &count, NULL),
			 0);
	assert_int_equal(items[0].number, 2);
	free(items);
}

static void test_errors(void **state)
{
	static const struct row rows[] = {
		{ "", "! axis 'size': an empty value in the list" },
		{ " ", "! axis 'size': an empty value in the list" },
		{ ",", "! axis 'size': an empty value in the list" },
		{ "4K,", "! axis 'size': an empty value in the list" },
		{ ",4K", "! axis 'size': an empty value in the list" },
		{ "4K,,2M", "! axis 'size': an empty value in the list" },
		{ "4k", "! axis 'size': '4k' is not a size; did you mean '4K'?" },
		{ "4KB", "! axis 'size': '4KB' is not a size; did you mean '4K'?" },
		{ "4KiB", "! axis 'size': '4KiB' is not a size; did you mean '4K'?" },
		{ "2mb", "! axis 'size': '2mb' is not a size; did you mean '2M'?" },
		{ "hugpage", "! axis 'size': 'hugpage' is not a size; did you mean 'hugepage'?" },
		{ "4 K", "! axis 'size': '4 K' is not a size; write 4096, 4K, 2M, 1G, or page, "
			 "hugepage, hugetlb, llc" },
		{ "-4K", "! axis 'size': '-4K' is not a size; write 4096, 4K, 2M, 1G, or page, "
			 "hugepage, hugetlb, llc" },
		{ "4K-", "! axis 'size': '4K-' is not a size; did you mean '4K'?" },
		{ "page-", "! axis 'size': 'page-' is not a size; did you mean 'page'?" },
		{ "4K-8X", "! axis 'size': '8X' is not a size; write 4096, 4K, 2M, 1G, or page, "
			   "hugepage, hugetlb, llc" },
		{ "4K-8K", "! axis 'size': '4K-8K' is below 0 or does not fit 64 bits" },
		{ "18446744073709551615+1",
		  "! axis 'size': '18446744073709551615+1' is below 0 or does not fit 64 bits" },
		{ "99999999999999999999",
		  "! axis 'size': '99999999999999999999' does not fit 64 bits" },
		{ "16777216T", "! axis 'size': '16777216T' does not fit 64 bits" },
		{ "cores", "! axis 'size': 'cores' is a count, not a size" },
		{ "4K..", "! axis 'size': a range lacks an end; write 4K..1G or 1..cores" },
		{ "..4K", "! axis 'size': a range lacks an end; write 4K..1G or 1..cores" },
		{ "..", "! axis 'size': a range lacks an end; write 4K..1G or 1..cores" },
		{ "4K..:x2", "! axis 'size': a range lacks an end; write 4K..1G or 1..cores" },
		{ "4K...8K", "! axis 'size': '.8K' is not a size; write 4096, 4K, 2M, 1G, or page, "
			     "hugepage, hugetlb, llc" },
		{ "1G..4K", "! axis 'size': range '1G..4K' runs downwards; swap its ends" },
		{ "0..4K", "! axis 'size': range '0..4K' cannot multiply from 0; write '0, 1..'" },
		{ "4K..1M:x1", "! axis 'size': step 'x1' is not x2 or more" },
		{ "4K..1M:x0", "! axis 'size': step 'x0' is not x2 or more" },
		{ "4K..1M:x", "! axis 'size': step 'x' is not x2 or more" },
		{ "4K..1M:x4K", "! axis 'size': step 'x4K' is not x2 or more" },
		{ "4K..1M:x1.5", "! axis 'size': step 'x1.5' is not x2 or more" },
		{ "4K..1M:x-2", "! axis 'size': step 'x-2' is not x2 or more" },
		{ "4K..1M:x99999999999999999999",
		  "! axis 'size': step 'x99999999999999999999' is not x2 or more" },
		{ "4K..1M:+0", "! axis 'size': step '+0' goes nowhere" },
		{ "4K..1M:2", "! axis 'size': '2' is not a step; write x2 or +4K" },
		{ "4K..1M:", "! axis 'size': '' is not a step; write x2 or +4K" },
		{ "4K..1M:*2", "! axis 'size': '*2' is not a step; write x2 or +4K" },
		{ "4K:x2", "! axis 'size': '4K:x2' is not a size; did you mean '4K'?" },
		{ "1..1000000:+1",
		  "! axis 'size': '1..1000000:+1' has more than 4096 values; use a larger step" },
		{ "0..3000:+1,10000..12000:+1",
		  "! axis 'size': more than 4096 values; use a larger step" },
	};
	static const struct row counts[] = {
		{ "page", "! axis 'threads': 'page' is a size, not a count" },
		{ "core", "! axis 'threads': 'core' is not a number; did you mean 'cores'?" },
		{ "many",
		  "! axis 'threads': 'many' is not a number; write 4, or cores, cpus, nodes" },
	};
	char text[300], *got;

	(void)state;
	CHECK(rows, &size_axis, &plain);
	CHECK(counts, &count_axis, &plain);
	memset(text, '1', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	got = expand(text, &size_axis, &plain);
	assert_string_equal(got, "! axis 'size': '1111111111111111111111111111111111111111...' is "
				 "too long a value");
	free(got);
}

/* Whatever is accepted without a symbol is accepted again in its own words, and gives the same. */
static void test_garbage(void **state)
{
	static const char *const pieces[] = { "4K",
					      "2M",
					      "1",
					      "..",
					      ":",
					      "x",
					      "+",
					      "-",
					      ",",
					      " ",
					      "x2",
					      "0",
					      "page",
					      "hugepage",
					      "K",
					      "cores",
					      "yes",
					      "none",
					      "99999999999999999999",
					      "1..64" };
	static const struct mp_axis *const axes[] = { &size_axis, &paged_axis, &count_axis,
						      &free_axis, &flag_axis,  &choice_axis };
	static const struct mp_host *const hosts[] = { &plain, &wide, &bare };
	struct mp_random r = { 5 };
	unsigned good = 0;

	(void)state;
	for (int round = 0; round < 100000; round++) {
		const struct mp_axis *axis = axes[mp_random_below(&r, 6)];
		const struct mp_host *host = hosts[mp_random_below(&r, 3)];
		size_t n = mp_random_below(&r, 9), count, again;
		struct mp_str s = MP_STR_INIT, back = MP_STR_INIT;
		struct mp_param *items, *same;

		for (size_t i = 0; i < n; i++) {
			if (mp_random_below(&r, 10))
				mp_str_add(&s, pieces[mp_random_below(&r, MP_COUNT(pieces))]);
			else
				mp_str_addc(&s, (char)(1 + mp_random_below(&r, 255)));
		}
		if (!mp_valueset_expand(s.text, axis, host, NULL, NULL, &items, &count, NULL)) {
			for (size_t i = 0; i < count; i++)
				mp_str_printf(&back, "%s%s", i ? "," : "", items[i].word);
			if (count) {
				good++;
				assert_int_equal(mp_valueset_expand(back.text, axis, host, NULL,
								    NULL, &same, &again, NULL),
						 0);
				assert_int_equal(again, count);
				for (size_t i = 0; i < count; i++)
					assert_true(items[i].number == same[i].number);
				free(same);
			}
			free(items);
		}
		mp_str_done(&s);
		mp_str_done(&back);
	}
	assert_in_range(good, 1000, 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),	cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_symbols), cmocka_unit_test(test_wide),
		cmocka_unit_test(test_bare),	cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_words),	cmocka_unit_test(test_errors),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
