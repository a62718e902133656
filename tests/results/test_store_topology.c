/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seats come back as they were put; topologies are kept once, survive a merge, go with their last run, and damage shows. */
#include "results/store.h"

#include "results/store_internal.h"
#include "tests/results/support.h"

#include <errno.h>

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	scratch_make_fast(&scratch);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static int64_t number(struct mp_store *s, const char *query)
{
	struct mp_query q;
	int64_t value = -1;

	assert_int_equal(mp_query_open(s, &q, query, NULL), 0);
	assert_int_equal(mp_query_int(&q, "count", -1, &value, NULL), 0);
	return value;
}

static int look(void *user, struct mp_invocation *inv)
{
	(void)user;
	assert_int_equal(inv->n_seats, 2);
	assert_int_equal(inv->seats[0].cpu, 1);
	assert_int_equal(inv->seats[0].cpu_end, 1);
	assert_string_equal(inv->seats[0].memory, "interleave");
	assert_string_equal(inv->seats[0].nodes, "0-1");
	assert_true(inv->seats[0].looked);
	assert_int_equal(inv->seats[0].pages, 1023);
	assert_string_equal(inv->seats[0].page_nodes, "0=512 1=511");
	assert_int_equal(inv->seats[1].cpu, 3);
	assert_int_equal(inv->seats[1].cpu_end, -1);
	assert_false(inv->seats[1].looked);
	return 0;
}

static void test_seats(void **state)
{
	struct mp_store *s;

	(void)state;
	make_file(scratch.file, 1, 1, 1);
	s = must_open(scratch.file, MP_STORE_WRITE);
	assert_int_equal(number(s,
				"SELECT count(*) FROM seat WHERE worker = 1 AND cpu_end IS NULL AND"
				" migrated IS NULL AND pages IS NULL AND page_nodes IS NULL"),
			 number(s, "SELECT count(*) FROM invocation"));
	assert_int_equal(mp_store_invocations(s, number(s, "SELECT min(run_case_id) FROM run_case"),
					      false, look, NULL, NULL),
			 0);
	/* More pages astray than there are is impossible. */
	assert_true(mp_sql_exec(s, "UPDATE seat SET astray = pages + 1", "lie", NULL) < 0);
	mp_store_close(s);
}

static void test_topology(void **state)
{
	static const char xml[] = "<topology version=\"2.0\">\n</topology>\n";
	struct mp_store *s;
	char *text = NULL;
	unsigned problems = 7;
	int64_t run;

	(void)state;
	make_file(scratch.file, 2, 1, 1);
	s = must_open(scratch.file, MP_STORE_WRITE);
	run = number(s, "SELECT min(run_id) FROM run");
	assert_int_equal(mp_store_topology(s, run, &text, NULL), 0);
	assert_null(text);
	assert_int_equal(mp_store_run_topology(s, run, xml, NULL), 0);
	assert_int_equal(mp_store_run_topology(s, run + 1, xml, NULL), 0);
	assert_int_equal(number(s, "SELECT count(*) FROM topology"), 1);
	assert_int_equal(number(s, "SELECT count(*) FROM run_topology"), 2);
	assert_int_equal(mp_store_topology(s, run + 1, &text, NULL), 0);
	assert_string_equal(text, xml);
	free(text);
	assert_int_equal(mp_store_check(s, NULL, NULL, &problems, NULL), 0);
	assert_int_equal(problems, 0);
	/* One byte of the blob; the text of another hash. */
	assert_int_equal(
		mp_sql_exec(s,
			    "UPDATE topology SET blob = CAST(substr(blob, 1, length(blob) - 1)"
			    " || x'00' AS BLOB)",
			    "damage it", NULL),
		0);
	assert_int_equal(mp_store_check(s, NULL, NULL, &problems, NULL), 0);
	assert_int_equal(problems, 1);
	assert_int_equal(mp_store_topology(s, run, &text, NULL), -EBADMSG);
	mp_store_close(s);
}

static void test_lies(void **state)
{
	char *text = NULL;
	/* A frame that claims more than it holds, and none at all. */
	static const unsigned char frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 1, 0, 0, 0 };

	(void)state;
	assert_int_equal(mp_topology_decode(frame, sizeof(frame), 1 << 24, "x", &text), -EBADMSG);
	assert_int_equal(mp_topology_decode(frame, sizeof(frame), 5, "x", &text), -EBADMSG);
	assert_int_equal(mp_topology_decode("nonsense", 8, 8, "x", &text), -EBADMSG);
	assert_int_equal(mp_topology_decode(NULL, 0, 1, "x", &text), -EBADMSG);
	assert_null(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_seats, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_topology, set_up, tear_down),
		cmocka_unit_test(test_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
