/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A full disk: storing fails with a sentence, nothing that was stored is lost, and once there is room the run goes on.
 * Needs a tiny file system of its own, which needs root.
 */
#include "results/store.h"

#include <errno.h>
#include <sys/mount.h>

#include "tests/results/support.h"

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	scratch_make(&scratch);
	assert_int_equal(mount("none", scratch.folder, "tmpfs", 0, "size=1m"), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(umount(scratch.folder), 0);
	assert_int_equal(rmdir(scratch.folder), 0);
	return 0;
}

/* Stores until it does not fit; returns how many were stored. */
static unsigned fill(struct mp_store *s, int64_t run_case, unsigned from, struct mp_err *err)
{
	struct recipe recipe = { .ns = 1e6, .call_blocks = 40, .call_ops = 100, .calm_of_10 = 5 };
	unsigned stored = 0;

	for (recipe.ordinal = from;; recipe.ordinal++) {
		struct mp_invocation inv;
		int rc;

		make_invocation(&recipe, &inv);
		rc = mp_store_invocation_add(s, run_case, &inv, STEP_NS, err);
		mp_invocation_done(&inv);
		if (rc) {
			assert_int_equal(rc, -ENOSPC);
			return stored;
		}
		stored++;
	}
}

static unsigned count_invocations(int64_t run)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_READ);
	struct mp_run_row row;
	struct mp_err err = { 0 };

	assert_int_equal(count_problems(s, true), 0);
	assert_int_equal(mp_store_run_get(s, run, &row, &err), 0);
	mp_run_row_done(&row);
	mp_store_close(s);
	return row.invocations;
}

static void test_full(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t run = begin_run(s, NULL, NULL, 5), run_case = add_case(s, run, "4K", 4096, 5);
	struct mp_err err = { 0 };
	unsigned stored, more;

	(void)state;
	stored = fill(s, run_case, 0, &err);
	assert_in_range(stored, 5, 1000);
	assert_int_equal(err.kind, MP_ERR_ENVIRONMENT);
	assert_non_null(strstr(err.text, "disk is full"));
	mp_store_close(s);
	assert_int_equal(count_invocations(run), stored);
	assert_int_equal(mount("none", scratch.folder, NULL, MS_REMOUNT, "size=4m"), 0);
	s = must_open(scratch.file, MP_STORE_WRITE);
	more = fill(s, run_case, stored, &err);
	assert_in_range(more, 5, 1000);
	mp_store_close(s);
	assert_int_equal(count_invocations(run), stored + more);
}

/* No room even for the tables: the file is as empty as it was. */
static void test_full_from_the_start(void **state)
{
	char filler[128];
	static char block[4096];
	struct mp_store *s = NULL;
	struct mp_err err = { 0 };
	FILE *f;

	(void)state;
	snprintf(filler, sizeof(filler), "%s/filler", scratch.folder);
	f = fopen(filler, "wb");
	assert_non_null(f);
	setvbuf(f, NULL, _IONBF, 0);
	while (fwrite(block, sizeof(block), 1, f) == 1)
		;
	fclose(f);
	assert_int_equal(mp_store_open(scratch.file, MP_STORE_WRITE, &s, &err), -ENOSPC);
	assert_null(s);
	assert_non_null(strstr(err.text, "disk is full"));
	assert_int_equal(unlink(filler), 0);
	mp_store_close(must_open(scratch.file, MP_STORE_WRITE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full_from_the_start, set_up, tear_down),
	};
	char probe[] = "/tmp/memperf-test-XXXXXX";

	if (!mkdtemp(probe) || mount("none", probe, "tmpfs", 0, "size=64k")) {
		printf("skipped: mounting a small tmpfs needs root\n");
		rmdir(probe);
		return 77;
	}
	umount(probe);
	rmdir(probe);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
