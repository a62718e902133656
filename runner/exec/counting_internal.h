/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files counting*.c share: see counting.h. */
#ifndef RUNNER_EXEC_COUNTING_INTERNAL_H
#define RUNNER_EXEC_COUNTING_INTERNAL_H

#include "runner/exec/counting.h"

/* Where an item's numbers come from. */
enum mp_item_kind {
	MP_ITEM_NONE, /* cannot be counted here */
	MP_ITEM_THREAD, /* events of every worker thread */
	MP_ITEM_RUSAGE, /* of the blocks themselves */
	MP_ITEM_WHOLE, /* events of a package, a CPU or the machine, read from here */
	MP_ITEM_FILE, /* files, read from here */
	MP_ITEM_FORMULA, /* from another item of the same pass */
};

struct mp_item {
	const struct mp_counter *counter;
	struct mp_counted what; /* texts borrowed from the counter, and `events` */
	char *events; /* owned: JSON */
	enum mp_item_kind kind;
	uint8_t core; /* kind of core whose workers count it (mp_counting_kind()); 0: all workers */
	enum mp_counter_pass pass;
	/* Of each of the counter's events. THREAD: its place in the order. WHOLE: its place in the reader. */
	uint16_t *at; /* owned */
};

#define MP_READER_GROUPS 256

/* What is read from here: groups of the events of one PMU on one CPU, and files. */
struct mp_reader {
	struct mp_perf_group groups[MP_READER_GROUPS];
	int errors[MP_READER_GROUPS]; /* why one is not open */
	size_t n_groups;
};

/* The whole machine at one moment. */
struct mp_snapshot {
	uint64_t at_ns; /* CLOCK_MONOTONIC_RAW */
	struct mp_perf_reading *readings; /* per group */
	int *errors;
	uint64_t *files; /* per item */
	int *file_errors;
};

/* Of core, among the CPUs of the workers. */
struct mp_counting_core {
	char *name; /* owned: mp_counter_domains() of one CPU, "cpu_atom/no-l3" */
	int cpu; /* one of them */
	struct mp_counters counters[2]; /* as below, of what cannot be counted for all workers */
};

struct mp_known_cpu {
	int cpu;
	uint8_t kind; /* place in kinds[], from 1 on */
};

struct mp_counting {
	char *group; /* owned */
	struct mp_counting_core *kinds; /* owned; one: nothing is counted apart */
	size_t n_kinds, cap_kinds;
	struct mp_known_cpu *cpus; /* owned */
	size_t n_cpus, cap_cpus;
	struct mp_counters
		counters[2]; /* any source; of the timing pass, where the first is of another */
	struct mp_item *items;
	size_t n_items, cap_items;
	struct mp_tally_order timing, explain;
	struct mp_reader reader;
	/* idle before (two), the region (two), idle after (two) */
	struct mp_snapshot snapshots[6];
	bool watched; /* all six are of the invocation that ended last */
};

/* Sorts the events of the items of one pass into groups that a thread of that CPU can count together. 0, or -E2BIG with a
 * sentence when there are more than an order holds. */
int mp_counting_arrange(struct mp_counting *c, enum mp_counter_pass pass,
			struct mp_tally_order *order, const struct mp_perf_ops *ops, int cpu,
			struct mp_err *err);

/* Opens the events of WHOLE items, one group per PMU and CPU where they fit. -ENOMEM or 0: what cannot be opened is
 * unavailable. */
int mp_reader_open(struct mp_counting *c, const struct mp_perf_ops *ops);
void mp_reader_close(struct mp_counting *c);

/* The value of a WHOLE or FILE item over the region, with the idle times beside it. */
void mp_reader_value(const struct mp_counting *c, const struct mp_item *item, uint64_t operations,
		     uint64_t region_ns, struct mp_count *count);

/* From a value as it is judged to one as it is stored. */
void mp_counting_fill(const struct mp_item *item, const struct mp_counter_value *value,
		      struct mp_count *count);
/* An unavailable one. */
void mp_counting_none(const struct mp_item *item, struct mp_count *count, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
