/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder of a test's own, with room for a results file. */
#ifndef TESTS_RESULTS_SCRATCH_H
#define TESTS_RESULTS_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scratch {
	char folder[64];
	char file[128]; /* a results file's name in it */
};

static inline void scratch_make(struct scratch *s)
{
	strcpy(s->folder, "/tmp/memperf-test-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	snprintf(s->file, sizeof(s->file), "%s/results.db", s->folder);
}

/* In memory, where a test would spend its time waiting for the disk. */
static inline void scratch_make_fast(struct scratch *s)
{
	strcpy(s->folder, "/dev/shm/memperf-test-XXXXXX");
	if (!mkdtemp(s->folder)) {
		scratch_make(s);
		return;
	}
	snprintf(s->file, sizeof(s->file), "%s/results.db", s->folder);
}

static inline void scratch_remove(struct scratch *s)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", s->folder);
	assert_int_equal(system(command), 0);
}

#endif
