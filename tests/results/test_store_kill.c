/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kill -9 at 50 random moments while a child creates the file and stores invocations: each time the file opens, the
 * check finds nothing, and every invocation whose storing had returned is there. The child reports through a pipe.
 *
 * CTest: TIMEOUT 300
 */
#include "results/store.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/results/support.h"

/* What the child says after each call returned; the pipe keeps it after its death. */
struct report {
	int64_t run_case;
	unsigned ordinal;
	bool finished;
};

static void child_loop(const char *path, int out)
{
	struct mp_store *s = must_open(path, MP_STORE_WRITE);
	int64_t run = begin_run(s, NULL, NULL, 7);
	char size[16];

	for (unsigned c = 0; c < 1000; c++) {
		struct report report = { 0 };

		snprintf(size, sizeof(size), "%uK", 4 * (c + 1));
		report.run_case = add_case(s, run, size, 4096, 5);
		for (unsigned i = 0; i < 5; i++) {
			struct recipe recipe = { .ordinal = i,
						 .ns = 1000,
						 .call_blocks = 20,
						 .call_ops = 100,
						 .batch_blocks = 5,
						 .batch_ops = 10,
						 .calm_of_10 = 5 };

			add_invocation(s, report.run_case, &recipe);
			report.ordinal = i;
			if (write(out, &report, sizeof(report)) != sizeof(report))
				_exit(1);
		}
		finish_case(s, report.run_case, "planned");
		report.finished = true;
		if (write(out, &report, sizeof(report)) != sizeof(report))
			_exit(1);
		/* Closing and opening has its own moments. */
		if (c % 3 == 2) {
			mp_store_close(s);
			s = must_open(path, MP_STORE_WRITE);
		}
	}
	_exit(0);
}

static int see(void *user, struct mp_invocation *inv)
{
	unsigned *seen = user;

	*seen |= 1u << inv->ordinal;
	assert_int_equal(inv->n_blocks, 27);
	return 0;
}

/* Is everything there that was reported? */
static void verify(const char *path, int in)
{
	struct mp_store *s = NULL;
	struct report report;
	struct mp_err err = { 0 };
	unsigned reports = 0;

	while (read(in, &report, sizeof(report)) == sizeof(report)) {
		unsigned seen = 0;

		if (!s)
			s = must_open(path, MP_STORE_READ);
		assert_int_equal(mp_store_invocations(s, report.run_case, true, see, &seen, &err),
				 0);
		assert_true(seen >> report.ordinal & 1);
		if (report.finished) {
			struct mp_case_row *rows;
			bool ok = false;
			size_t count;

			assert_int_equal(mp_store_cases(s, 1, &rows, &count, &err), 0);
			for (size_t i = 0; i < count; i++)
				ok |= rows[i].run_case == report.run_case &&
				      rows[i].outcome == MP_OUTCOME_OK && rows[i].has_value;
			assert_true(ok);
			mp_case_rows_free(rows, count);
		}
		reports++;
	}
	if (s)
		assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
	(void)reports;
}

static void storm(struct mp_random *r)
{
	struct scratch scratch;
	struct timespec moment = { 0 };
	int pipes[2], status;
	pid_t child;

	scratch_make(&scratch);
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		close(pipes[0]);
		child_loop(scratch.file, pipes[1]);
	}
	close(pipes[1]);
	/* From before the file exists until dozens of invocations are in it. */
	moment.tv_nsec = (long)mp_random_below(r, 200000000);
	nanosleep(&moment, NULL);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	verify(scratch.file, pipes[0]);
	close(pipes[0]);
	/* The next writer goes on where it ended, and tidies. */
	{
		struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
		char wal[160];

		add_case(s, begin_run(s, NULL, NULL, 8), "4K", 4096, 1);
		assert_int_equal(count_problems(s, true), 0);
		mp_store_close(s);
		snprintf(wal, sizeof(wal), "%s-wal", scratch.file);
		assert_int_equal(access(wal, F_OK), -1);
	}
	scratch_remove(&scratch);
}

static void test_storm(void **state)
{
	struct mp_random r = { (uint64_t)time(NULL) };

	(void)state;
	for (int i = 0; i < 50; i++)
		storm(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_storm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
