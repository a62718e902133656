/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What cases need, for the harness: set up by the runner's own means, one test at a time. See harness.h. */
#include "tests/benchmarks/harness.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "runner/machine/setup.h"

/* Where it is recorded what is to be undone: not where runs do it. */
#define STATE "/run/memperf-tests"

static struct mp_machine *machine;
static struct mp_setup *setup;
static pid_t owner;

const struct mp_machine *mp_harness_machine(void)
{
	struct mp_err err = { .text = "" };

	if (!machine && mp_machine_open(&machine, &err))
		fail_msg("%s", err.text);
	return machine;
}

static void close_setup(void)
{
	struct mp_err err;

	if (getpid() != owner)
		return;
	if (mp_setup_close(setup, &err))
		print_error("%s\n", err.text);
	mp_machine_close(machine);
}

/* Tests of other trees may be at it: they take turns, until the process ends. */
static struct mp_setup *get_setup(void)
{
	struct mp_err err = { .text = "" };
	bool root = !geteuid();
	int fd;

	if (setup)
		return setup;
	if (root) {
		mkdir(STATE, 0755);
		fd = open(STATE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(fd >= 0 && !flock(fd, LOCK_EX));
	}
	if (mp_setup_open(mp_harness_machine(), STATE, root ? MP_SETUP_CHANGE : MP_SETUP_LOOK,
			  &setup, &err))
		fail_msg("%s", err.text);
	mp_setup_allow(setup);
	owner = getpid();
	atexit(close_setup);
	return setup;
}

/* The text lives until the next question. */
static const char *unmet(const struct mp_needed *needed, size_t n)
{
	static char *why;

	for (size_t i = 0; i < n; i++) {
		free(why);
		why = mp_setup_unmet(get_setup(), needed[i].need, needed[i].word);
		if (why)
			return why;
	}
	return NULL;
}

const char *mp_harness_unmet(const struct mp_bench *bench)
{
	struct mp_needed needed[MP_NEEDED_MAX];
	const struct mp_params none = { 0 };

	return bench->unavailable ? bench->unavailable
				  : unmet(needed, mp_bench_needed(bench, &none, needed));
}

const char *mp_harness_lacks(const char *text)
{
	struct mp_needed needed[MP_NEEDED_MAX];
	struct mp_err err = { .text = "" };
	const struct mp_bench *bench;
	struct mp_params params;

	if (mp_harness_case(text, &bench, &params, &err))
		fail_msg("%s", err.text);
	return bench->unavailable ? bench->unavailable
				  : unmet(needed, mp_bench_needed(bench, &params, needed));
}

void mp_harness_enter(const struct mp_bench *bench, const struct mp_params *params)
{
	struct mp_needed needed[MP_NEEDED_MAX];
	struct mp_err err = { .text = "" };

	if (!mp_bench_needed(bench, params, needed))
		return;
	if (mp_setup_enter(get_setup(), bench, params, &err))
		fail_msg("%s", err.text);
}

void mp_harness_leave(void)
{
	struct mp_err err = { .text = "" };

	if (setup && mp_setup_leave(setup, &err))
		fail_msg("%s", err.text);
}
