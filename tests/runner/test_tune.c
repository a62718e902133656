/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings and their undoing on captured machines: what is planned, that all of it comes back, also after a kill between two
 * writes, after somebody else's change, after two fixes; and that a record which is a link, another's, or names any other
 * file is refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/str.h"
#include "runner/machine/tune.h"
#include "tests/runner/tree.h"

#define MACHINES MEMPERF_TESTS "/data/machines/"

#define POLICY	 "/sys/devices/system/cpu/cpufreq/policy"
#define NO_TURBO "/sys/devices/system/cpu/intel_pstate/no_turbo"
#define THP	 "/sys/kernel/mm/transparent_hugepage/enabled"

struct place {
	char root[64], state[80];
};

/* A laptop with two frequency policies of which one knows no "performance". */
static void place_make(struct place *p)
{
	static const char *const files[][2] = {
		{ POLICY "0/scaling_governor", "powersave\n" },
		{ POLICY "0/scaling_available_governors", "performance powersave\n" },
		{ POLICY "0/energy_performance_preference", "balance_performance\n" },
		{ POLICY "0/energy_performance_available_preferences",
		  "default performance balance_performance power\n" },
		{ POLICY "1/scaling_governor", "ondemand\n" },
		{ POLICY "1/scaling_available_governors", "ondemand powersave\n" },
		{ "/sys/kernel/mm/ksm/run", "1\n" },
		{ "/proc/sys/kernel/numa_balancing", "2\n" },
		{ "/proc/sys/vm/swappiness", "60\n" },
		{ "/proc/sys/kernel/randomize_va_space", "2\n" },
	};

	tree_unpack(MACHINES, "laptop-h", p->root);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		tree_write(p->root, files[i][0], files[i][1], strlen(files[i][1]));
	snprintf(p->state, sizeof(p->state), "%s/state", p->root);
}

static void assert_value(const struct place *p, const char *path, const char *want)
{
	struct mp_str text = MP_STR_INIT;
	char full[512];

	snprintf(full, sizeof(full), "%s%s", p->root, path);
	assert_int_equal(mp_str_read_file(&text, full), 0);
	text.text[strcspn(text.text, "\n")] = '\0';
	assert_string_equal(text.text, want);
	mp_str_done(&text);
}

/* Every file of the tree with its contents, but the state folder. */
static void snapshot(const struct place *p, char digest[80])
{
	char command[256];
	FILE *pipe;

	snprintf(command, sizeof(command),
		 "cd '%s' && find . -path ./state -prune -o -type f -print0 | sort -z | "
		 "xargs -0 sha256sum | sha256sum",
		 p->root);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_non_null(fgets(digest, 80, pipe));
	pclose(pipe);
}

struct seen {
	size_t done, kept, foreign, failed, kill_after;
};

static void count(void *user, const struct mp_change *change, enum mp_tune_outcome outcome, int err)
{
	struct seen *seen = user;

	assert_true(*change->name && *change->why && (err == 0 || outcome >= MP_TUNE_FOREIGN));
	seen->done += outcome == MP_TUNE_DONE;
	seen->kept += outcome == MP_TUNE_KEPT;
	seen->foreign += outcome == MP_TUNE_FOREIGN;
	seen->failed += outcome == MP_TUNE_FAILED;
	if (seen->kill_after && seen->done == seen->kill_after)
		kill(getpid(), SIGKILL);
}

static size_t apply(const struct place *p, const char *thp, struct seen *seen)
{
	struct mp_change *changes = NULL;
	struct mp_err err = { 0 };
	size_t n = 0;

	if (mp_tune_plan(p->root, thp, &changes, &n, &err) ||
	    mp_tune_apply(p->root, p->state, MP_TUNE_DOCTOR, changes, n, count, seen, &err))
		fail_msg("%s", err.text);
	free(changes);
	return n;
}

static struct seen undo(const struct place *p)
{
	struct seen seen = { 0 };
	struct mp_err err = { 0 };

	if (mp_tune_undo(p->root, p->state, MP_TUNE_DOCTOR, count, &seen, &err))
		fail_msg("%s", err.text);
	return seen;
}

static void assert_no_record(const struct place *p)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/doctor.undo", p->state);
	assert_int_equal(access(path, F_OK), -1);
}

static void test_there_and_back(void **state)
{
	char before[80], after[80];
	struct seen seen = { 0 }, back;
	struct place p;

	(void)state;
	place_make(&p);
	snapshot(&p, before);
	/* Preference, governor of policy 0, turbo, merging, balancing, watchdog, paranoid. */
	assert_int_equal(apply(&p, NULL, &seen), 7);
	assert_int_equal(seen.done, 7);
	assert_value(&p, POLICY "0/scaling_governor", "performance");
	assert_value(&p, POLICY "0/energy_performance_preference", "performance");
	assert_value(&p, POLICY "1/scaling_governor", "ondemand");
	assert_value(&p, NO_TURBO, "1");
	assert_value(&p, "/sys/kernel/mm/ksm/run", "0");
	assert_value(&p, "/proc/sys/kernel/numa_balancing", "0");
	assert_value(&p, "/proc/sys/kernel/nmi_watchdog", "0");
	assert_value(&p, "/proc/sys/kernel/perf_event_paranoid", "0");
	assert_value(&p, "/proc/sys/vm/swappiness", "60");
	assert_value(&p, "/proc/sys/kernel/randomize_va_space", "2");
	/* Nothing is left to change, and that adds nothing to the record. */
	assert_int_equal(apply(&p, NULL, &seen), 0);
	back = undo(&p);
	assert_int_equal(back.done, 7);
	snapshot(&p, after);
	assert_string_equal(before, after);
	assert_no_record(&p);
	assert_int_equal(mp_tune_undo(p.root, p.state, MP_TUNE_DOCTOR, count, &seen, NULL),
			 -ENOENT);
	tree_remove(p.root);
}

/* A second fix does not forget what was there before the first. */
static void test_two_fixes(void **state)
{
	struct seen seen = { 0 };
	struct place p;

	(void)state;
	place_make(&p);
	tree_write(p.root, THP, "always [madvise] never\n", 23);
	apply(&p, NULL, &seen);
	tree_write(p.root, THP, "always [madvise] never\n", 23);
	assert_int_equal(apply(&p, "never", &seen), 1);
	assert_value(&p, THP, "never");
	/* Somebody switches merging on again, and it is fixed again. */
	tree_write(p.root, "/sys/kernel/mm/ksm/run", "1\n", 2);
	tree_write(p.root, THP, "always madvise [never]\n", 23);
	assert_int_equal(apply(&p, "always", &seen), 2);
	seen = undo(&p);
	assert_int_equal(seen.failed + seen.foreign, 0);
	assert_value(&p, THP, "madvise");
	assert_value(&p, "/sys/kernel/mm/ksm/run", "1");
	assert_value(&p, NO_TURBO, "0");
	tree_remove(p.root);
}

static void test_thp_word(void **state)
{
	struct mp_change *changes;
	struct mp_err err = { 0 };
	struct place p;
	size_t n;

	(void)state;
	place_make(&p);
	assert_int_equal(mp_tune_plan(p.root, "sometimes", &changes, &n, &err), -EINVAL);
	assert_non_null(strstr(err.text, "'sometimes'"));
	tree_remove(p.root);
}

/* Killed after each number of changes: the record was there first, and undoing finds all of them. */
static void test_kill(void **state)
{
	(void)state;
	for (size_t after = 1; after <= 7; after++) {
		struct seen seen = { .kill_after = after }, back;
		char before[80], now[80];
		struct place p;
		int status;
		pid_t pid;

		place_make(&p);
		snapshot(&p, before);
		pid = fork();
		assert_true(pid >= 0);
		if (!pid) {
			apply(&p, NULL, &seen);
			_exit(1);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		snapshot(&p, now);
		assert_string_not_equal(before, now);
		back = undo(&p);
		assert_int_equal(back.done, after);
		assert_int_equal(back.kept, 7 - after);
		snapshot(&p, now);
		assert_string_equal(before, now);
		tree_remove(p.root);
	}
}

/* What somebody else set since stays; what is not there any more is nobody's. */
static void test_foreign(void **state)
{
	struct seen seen = { 0 };
	char path[160];
	struct place p;

	(void)state;
	place_make(&p);
	apply(&p, NULL, &seen);
	tree_write(p.root, "/proc/sys/kernel/perf_event_paranoid", "1\n", 2);
	snprintf(path, sizeof(path), "%s" NO_TURBO, p.root);
	assert_int_equal(unlink(path), 0);
	seen = undo(&p);
	assert_int_equal(seen.foreign, 2);
	assert_int_equal(seen.done, 5);
	assert_value(&p, "/proc/sys/kernel/perf_event_paranoid", "1");
	assert_no_record(&p);
	tree_remove(p.root);
}

/* A file that takes no write: told, kept in the record, undone when it can be. */
static void test_refusing_file(void **state)
{
	struct seen seen = { 0 };
	char path[160], other[200];
	struct place p;

	(void)state;
	place_make(&p);
	apply(&p, NULL, &seen);
	/* A link in place of the file: nothing is written through it. */
	snprintf(path, sizeof(path), "%s/proc/sys/kernel/nmi_watchdog", p.root);
	snprintf(other, sizeof(other), "%s/other", p.root);
	tree_write(p.root, "/other", "0\n", 2);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(other, path), 0);
	seen = undo(&p);
	assert_int_equal(seen.failed, 1);
	assert_value(&p, "/other", "0");
	assert_int_equal(unlink(path), 0);
	tree_write(p.root, "/proc/sys/kernel/nmi_watchdog", "0\n", 2);
	seen = undo(&p);
	assert_int_equal(seen.done, 1);
	assert_value(&p, "/proc/sys/kernel/nmi_watchdog", "1");
	assert_no_record(&p);
	tree_remove(p.root);
}

static void assert_refused(const struct place *p, const char *words)
{
	struct mp_change *changes = NULL;
	struct mp_err err = { 0 };
	struct seen seen = { 0 };
	char before[80], after[80];
	size_t n = 0;

	snapshot(p, before);
	assert_true(mp_tune_undo(p->root, p->state, MP_TUNE_DOCTOR, count, &seen, &err) < 0);
	if (!strstr(err.text, words))
		fail_msg("'%s' says nothing of '%s'", err.text, words);
	assert_int_equal(mp_tune_plan(p->root, NULL, &changes, &n, &err), 0);
	assert_true(n > 0);
	assert_true(mp_tune_apply(p->root, p->state, MP_TUNE_DOCTOR, changes, n, count, &seen,
				  &err) < 0);
	free(changes);
	assert_int_equal(seen.done, 0);
	snapshot(p, after);
	assert_string_equal(before, after);
}

static void shell(const struct place *p, const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), "cd '%s' && rm -rf state victim && mkdir -p victim && (%s)",
		 p->root, command);
	assert_int_equal(system(line), 0);
}

/* Whoever can write into the folder must not be able to make root write anything. */
static void test_hostile_record(void **state)
{
	static const struct {
		const char *command, *words;
	} cases[] = {
		{ "ln -s victim state", "no folder" },
		{ "touch state", "no folder" },
		{ "mkdir -m 777 state", "somebody else" },
		{ "mkdir -m 775 state", "somebody else" },
		{ "mkdir state; echo 'memperf undo 1' >victim/x; ln -s ../victim/x "
		  "state/doctor.undo",
		  "is a link" },
		{ "mkdir state; echo 'memperf undo 1' >state/doctor.undo; ln "
		  "state/doctor.undo victim/y",
		  "no file of its own" },
		{ "mkdir state; echo 'memperf undo 1' >state/doctor.undo; chmod 666 "
		  "state/doctor.undo",
		  "not root's" },
		{ "mkdir state; mkfifo -m 644 state/doctor.undo", "no file of its own" },
		{ "mkdir state; echo 'memperf undo 2' >state/doctor.undo", "version" },
		{ "mkdir state; : >state/doctor.undo", "version" },
		{ "mkdir state; printf 'memperf undo 1\\n/etc/passwd\\ta\\tb\\n' "
		  ">state/doctor.undo",
		  "no setting" },
		{ "mkdir state; printf 'memperf undo "
		  "1\\n/proc/sys/kernel/../vm/swappiness\\t1\\t60\\n' >state/doctor.undo",
		  "no setting" },
		{ "mkdir state; printf 'memperf undo 1\\n/proc/sys/kernel/nmi_watchdog\\n' "
		  ">state/doctor.undo",
		  "no setting" },
		{ "mkdir state; printf 'memperf undo "
		  "1\\n/proc/sys/kernel/nmi_watchdog\\t1\\t0\\t0\\n' >state/doctor.undo",
		  "no setting" },
	};
	struct place p;

	(void)state;
	place_make(&p);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		shell(&p, cases[i].command);
		assert_refused(&p, cases[i].words);
	}
	tree_remove(p.root);
}

/* What an attempt that was killed left beside the record, be it a link, is replaced and not followed. */
static void test_leftover(void **state)
{
	struct seen seen = { 0 };
	struct place p;

	(void)state;
	place_make(&p);
	shell(&p, "mkdir state; echo precious >victim/x; ln -s ../victim/x state/doctor.undo.new");
	assert_int_equal(apply(&p, NULL, &seen), 7);
	assert_value(&p, "/victim/x", "precious");
	assert_int_equal(undo(&p).done, 7);
	tree_remove(p.root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_two_fixes),
		cmocka_unit_test(test_thp_word),       cmocka_unit_test(test_kill),
		cmocka_unit_test(test_foreign),	       cmocka_unit_test(test_refusing_file),
		cmocka_unit_test(test_hostile_record), cmocka_unit_test(test_leftover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
