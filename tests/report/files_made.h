/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results files that make_db writes, in a folder of the test's own: the working directory until files_end(). */
#ifndef TESTS_REPORT_FILES_MADE_H
#define TESTS_REPORT_FILES_MADE_H

#include "tests/results/scratch.h"

static struct scratch files_scratch;

/* Cases are stored one by one: in memory where that can be. */
static inline void files_begin(void)
{
	scratch_make_fast(&files_scratch);
	assert_int_equal(chdir(files_scratch.folder), 0);
}

/* `arguments` as of make_db. A second call adds a run. */
static inline void files_make(const char *file, const char *arguments)
{
	char command[512];

	snprintf(command, sizeof(command), "%s/../tests/make_db %s %s", MEMPERF_BIN, file,
		 arguments);
	assert_int_equal(system(command), 0);
}

static inline void files_end(void)
{
	assert_int_equal(chdir("/"), 0);
	scratch_remove(&files_scratch);
}

#endif
