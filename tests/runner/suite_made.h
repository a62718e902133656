/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of suite files share: a configuration folder of their own, and files in it. */
#ifndef TESTS_RUNNER_SUITE_MADE_H
#define TESTS_RUNNER_SUITE_MADE_H

#include "runner/config/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/str.h"

#define BODY(text) "suite: {\n" text "\n};\n"

/* libconfig 1.5 does not free the texts before a syntax error. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

static char folder[PATH_MAX]; /* a configuration folder with suites/ and counters/ in it */

static const char *path_of(const char *name)
{
	static char path[4][PATH_MAX + 64];
	static unsigned turn;
	char *buf = path[turn++ % 4];

	snprintf(buf, sizeof(path[0]), "%s/%s", folder, name);
	return buf;
}

static void write_bytes(const char *name, const char *text, size_t len)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void write_file(const char *name, const char *text)
{
	write_bytes(name, text, strlen(text));
}

static int setup(void **state)
{
	char made[] = "/tmp/memperf-test-suite-XXXXXX";

	(void)state;
	if (!mkdtemp(made) || !realpath(made, folder))
		return -1;
	setenv("MEMPERF_CONFIGS", folder, 1);
	return mkdir(path_of("suites"), 0755) || mkdir(path_of("counters"), 0755) ? -1 : 0;
}

static int teardown(void **state)
{
	char command[PATH_MAX + 32];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static void check_load(const char *name, int want_rc, const char *want_part)
{
	struct mp_suite s = { 0 };
	struct mp_err err = { .text = "" };
	int rc = mp_suite_load(&s, name, &err);

	mp_suite_done(&s);
	if (rc != want_rc || (want_part && !strstr(err.text, want_part)))
		fail_msg("'%s' gives %d: %s", name, rc, err.text);
}

#endif
