/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Suites: libconfig files that say which benchmarks to run at which axis values. The only place that knows
 * libconfig. Unknown keys are errors with file:line and did-you-mean; sizes and sets are strings.
 *
 *	suite: {
 *	  title = "one-minute tour";
 *	  defaults: { invocations = 5; budget = "75s"; target = 0.02; };
 *	  cases = (
 *	    { bench = "mmap.*"; size = "4K, 2M"; },     // keys other than bench are axes of the benchmarks
 *	    { bench = "fault.anon_write"; }             // axes that are not named take the descriptor's values
 *	  );
 *	};
 *
 * `place = "spread:l3";` and `mem = "local, remote";` say where workers run and where their memory comes from
 * (runner/machine/policy.h); every benchmark has these two axes.
 * `values = "matrix";` in an entry takes the descriptors' whole legal sets instead of the representative
 * ones for axes not named; `filter = "threads >= 1";` keeps the cases that match (common/filter.h);
 * `space = "user";` or `"kernel"` keeps the benchmarks that do without the kernel module, or need it.
 * `setup = true;` in the defaults consents to setting up what benchmarks need of the system, like --setup.
 * `counters = "memory";` in the defaults says what is counted beside, in the words of --counters.
 * `include = ["user", "kernel"];` in a suite adds the cases of other suites, each file once; a name is
 * looked up in the configuration folder, a path from the file that says it. libconfig's own @include
 * works too. Errors carry file:line.
 */
#ifndef RUNNER_CONFIG_SUITE_H
#define RUNNER_CONFIG_SUITE_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest budget that can be asked for: 30 days. */
#define MP_BUDGET_MAX_NS (720 * 3600 * UINT64_C(1000000000))

struct mp_suite_axis {
	char *axis, *values;
	char *where; /* "file:line" or "--set" */
};

/* Where a benchmark's operation runs: behind a system call, or in memperf's kernel module. */
enum mp_suite_space { MP_SPACE_ANY, MP_SPACE_USER, MP_SPACE_KERNEL };

/* One selection: benchmarks by glob, with value sets for some axes. */
struct mp_suite_entry {
	char *bench; /* glob over "family.variant" */
	bool matrix; /* whole legal sets for the axes not named */
	enum mp_suite_space space;
	char *filter; /* keeps the cases that match; NULL: all */
	struct mp_suite_axis *axes;
	size_t n_axes, cap_axes;
	char *where; /* "file:line" or "--bench" */
};

struct mp_suite {
	char *name; /* "quick", "quick+user" */
	char *title;
	char *text; /* the full text of the files, stored with the run */
	unsigned invocations; /* 0: not said */
	uint64_t budget_ns; /* 0: not said */
	double target; /* relative half-width; 0: not said */
	int setup; /* consent to set up what benchmarks need: 1, or -1: refused; 0: not said */
	char *counters; /* as in run --counters; a path is of the suite's folder; NULL: not said */
	struct mp_suite_entry *entries;
	size_t n_entries, cap_entries;
	struct mp_suite_axis *sets; /* --set: override the entries and the descriptors */
	size_t n_sets, cap_sets;
	char **files; /* canonical paths already read, so that a shared include counts once */
	size_t n_files, cap_files;
	unsigned includes; /* @include lines followed so far; bounded */
};

/* Reads the suite called `name_or_file` (a name is looked up as suites/NAME.cfg under the configuration
 * folder; anything with a slash or ending in .cfg is a path) and adds it to `suite` (zeroed or already
 * holding others: defaults of the first that says one win). */
int mp_suite_load(struct mp_suite *suite, const char *name_or_file, struct mp_err *err);

/* Is it a path (a slash in it, or ending in .cfg) rather than a name? For every kind of configuration file. */
bool mp_config_is_path(const char *name);

/* The same from memory; `where` stands for the file in errors, `folder` is where @include and relative
 * includes start. */
int mp_suite_load_text(struct mp_suite *suite, const char *text, const char *where,
		       const char *folder, struct mp_err *err);

/* Adds an entry from the command line (--bench GLOB). A slash in it makes it one of cases: "mmap.anon/size=4K" gives these axes
 * that value, and with a wildcard in it, it is what the text of a case has to match. After a failure of this or any other
 * function here the suite is good for mp_suite_done alone. */
int mp_suite_add_bench(struct mp_suite *suite, const char *glob, struct mp_err *err);

/* --set AXIS=VALUES: for every entry whose benchmarks have that axis. An axis that no benchmark of the
 * build has is an error with did-you-mean (found by mp_plan_make). */
int mp_suite_set(struct mp_suite *suite, const char *assignment, struct mp_err *err);

/* The same for one axis whose option says it (--place VALUES): `where` is that option. */
int mp_suite_set_axis(struct mp_suite *suite, const char *axis, const char *values,
		      const char *where, struct mp_err *err);

void mp_suite_done(struct mp_suite *suite);

/* The configuration folder: $MEMPERF_CONFIGS, else ../share/memperf beside the executable's folder. 0 or
 * -ENAMETOOLONG. */
int mp_config_folder(char *buf, size_t size);

/* Names of the files NAME.cfg in that folder of the configuration folder, sorted, heap memory (each and the array). */
int mp_config_names(const char *below, char ***ret_names, size_t *ret_count, struct mp_err *err);

/* Names of the suites in the configuration folder, sorted, heap memory (each and the array). */
int mp_suite_names(char ***ret_names, size_t *ret_count, struct mp_err *err);

#endif
