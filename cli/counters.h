/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `memperf counters` shows, between finding out (cmd_counters.c) and showing it (counters_*.c). */
#ifndef CLI_COUNTERS_H
#define CLI_COUNTERS_H

#include "cli/cmd.h"
#include "common/str.h"
#include "runner/config/countergroup.h"
#include "runner/counters/counters.h"

/* What was found for one CPU, or one per core type. */
struct mp_counters_seen {
	int cpu;
	struct mp_counters counters;
};

struct mp_counters_view {
	const struct mp_counter_group *groups; /* those that were asked for; borrowed */
	size_t n_groups;
	struct mp_counters_seen *seen;
	size_t n, cap;
	const char *
		captured; /* folder of a captured machine, where nothing can be opened; NULL: the live one */
};

/* Append to `out`; memory running out shows in out->failed. */
void mp_counters_people(const struct mp_counters_view *view, unsigned width, struct mp_str *out);
void mp_counters_json(const struct mp_counters_view *view, struct mp_str *out);

/* memperf counters --encode EVENT...: what each is in perf_event_attr by the folder of PMUs (NULL: the live one). */
int mp_counters_encode(const struct mp_args *args, const char *event_source);

/* memperf counters --calibrate on that CPU: an exit code. */
int mp_counters_calibrate(int cpu, bool json);

#endif
