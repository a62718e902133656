/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be counted on this machine, from where, and how it is encoded. The only door to libpfm4.
 *
 * A metric ("l3_misses") has an ordered list of sources; the first one that encodes, opens and moves under a known
 * load is chosen, and every one that was refused before it is kept with its reason and the remedy. The families of
 * metrics are data, one file each: runner/counters/metrics/<name>.c exports mp_counter_metrics_<name> and the build
 * writes the list.
 *
 * mp_counters_resolve() gives plain data: struct mp_perf_event (perf.h) needs no library and no file, and may be copied
 * into the shared memory of the measured process. Opening for the measurement itself, reading and storing are the
 * caller's. Not thread-safe (libpfm4 is not).
 */
#ifndef RUNNER_COUNTERS_COUNTERS_H
#define RUNNER_COUNTERS_COUNTERS_H

#include "runner/counters/perf.h"

/* When it is read: what disturbs the operation is not counted while the operation is timed. */
enum mp_counter_pass {
	MP_PASS_TIMING =
		1, /* software events and hardware counters of the thread: read around timed blocks */
	MP_PASS_EXPLAIN =
		2, /* tracepoints: a pass of its own, because each event costs the operation time */
	MP_PASS_BANDWIDTH =
		4, /* of a package: regions of 20 ms and more, with an idle baseline around them */
};

/* "timing", "explain", "bandwidth" */
const char *mp_counter_pass_name(enum mp_counter_pass pass);

/* The known load under which a source must move before a zero of it is believed (proof.h). */
enum mp_counter_load {
	MP_LOAD_NONE, /* nothing to run: the source's zeros are not believed */
	MP_LOAD_SPIN,
	MP_LOAD_TOUCH, /* first touch of 64 fresh pages, and their munmap */
	MP_LOAD_FREE, /* munmap of 256 touched pages, some of which the LRU's batches hold back */
	MP_LOAD_FILE, /* a page of a file that is not in the page cache */
	MP_LOAD_SLEEP, /* a few short sleeps: voluntary context switches */
	MP_LOAD_MIGRATE, /* to another CPU and back; needs a second one */
	MP_LOAD_PROTECT, /* mprotect of touched pages: TLB flushes, mmap_lock */
	MP_LOAD_CONTEND, /* two threads that map and fault in one address space; needs a second CPU */
	MP_LOAD_STREAM, /* reads and writes of four times the last-level cache, where so much memory is free */
	MP_LOAD_SCATTER, /* one load from each of many pages */
	MP_LOAD_HUGE, /* a fault that gets a huge page, whose mapping is then split */
	MP_LOAD_COLLAPSE, /* small pages that the kernel is told to make a huge one of */
	MP_LOAD_MOVE, /* pages to another memory node and back; needs a second one */
	MP_LOAD_SWAP_OUT, /* pages to swap; needs one that is on */
	MP_LOAD_SWAP_IN, /* pages that swap gives back; needs one that is on */
};

/* Who says what has to be written into perf_event_attr, or what is read instead. */
enum mp_counter_encoder {
	MP_ENCODER_KERNEL, /* generic events of the kernel's interface, tracepoints */
	MP_ENCODER_LIBPFM, /* an event name of libpfm4 */
	MP_ENCODER_SYSFS, /* the PMU's own events/ and format/ files */
	MP_ENCODER_TABLE, /* memperf's table, by CPU model, in terms of the PMU's format/ files */
	MP_ENCODER_RUSAGE, /* a field of getrusage(2) */
	MP_ENCODER_FILE, /* a counter in a text file: /proc/vmstat, resctrl */
	MP_ENCODER_FORMULA, /* from another metric: an estimate */
};

/* "kernel", "libpfm", "sysfs", "table", "rusage", "file", "formula" */
const char *mp_counter_encoder_name(enum mp_counter_encoder encoder);

/* One way to get a metric: a row of data. Patterns are globs; several are separated by blanks. */
struct mp_counter_source {
	const char *name; /* stored with the value: "libpfm", "imc", "vmstat" */
	enum mp_counter_encoder encoder;
	/*
	 * KERNEL: "software/page-faults", "hardware/cpu-cycles", "cache/dTLB-load-misses", "tracepoint/kmem:mm_page_alloc".
	 * LIBPFM: names without their PMU, several separated by blanks: the first that encodes; "A+B": both, summed.
	 * SYSFS: names in events/, several separated by blanks: the first that is there; "a+b": both, summed.
	 * TABLE: "event=0x2e,umask=0x41" in terms of the PMU's format; several separated by blanks are summed.
	 * RUSAGE: "minflt", "nvcsw+nivcsw". FILE: "vmstat/pgalloc_*", "resctrl/mbm_total_bytes". FORMULA: a metric's id.
	 */
	const char *event;
	const char *cpu; /* CPU models it holds for (cpu_id below); NULL: any */
	const char
		*pmu; /* PMUs that are opened, all of them; NULL: the core PMU of the pinned CPU */
	const char *filter; /* of a tracepoint */
	const char *
		beside; /* LIBPFM: terms of the PMU's format that its names leave out, "enallcores=1" */
	enum mp_counter_scope scope;
	double per_count; /* unit per count where the PMU has no scale file; 0: a scale file is needed, or 1 */
	bool estimate;
	bool line_size; /* multiply with the line size of the last-level cache */
	bool domain; /* of the instances, those whose CPU shares the last-level cache of a pinned CPU */
	const char *module; /* kernel module that brings the PMU, for the remedy */
	unsigned pass; /* enum mp_counter_pass in which it is read; 0: that of the metric */
	const char *refuse; /* this source is known and never used: why */
	const char *note; /* what the number includes or leaves out */
	const char *from; /* TABLE: where the encoding is documented */
};

struct mp_counter_metric {
	const char *id; /* "l3_misses" */
	const char *unit; /* of values: "count", "bytes", "cycles" */
	const char *means; /* one sentence */
	enum mp_counter_pass pass;
	enum mp_counter_load load;
	bool kernel_only; /* happens in the kernel alone: counts 0 for ever with exclude_kernel */
	bool needs_l3; /* means nothing on a core that has no third-level cache above it */
	const struct mp_counter_source *sources; /* in order of trust */
	size_t n_sources;
};

#define MP_COUNTER_SOURCES(array)                                                                  \
	.sources = (array), .n_sources = sizeof(array) / sizeof((array)[0])

struct mp_counter_family {
	const char *name;
	const struct mp_counter_metric *metrics;
	size_t n_metrics;
};

extern const struct mp_counter_family *const mp_counter_families[];
extern const size_t mp_n_counter_families;

/* The metric of that id, or NULL. */
const struct mp_counter_metric *mp_counter_metric_find(const char *id);

/* Is there one of that id? 0, or -EINVAL with a sentence that says the nearest one. */
int mp_counter_metric_check(const char *id, struct mp_err *err);

/* The id nearest to a misspelt one, or NULL. */
const char *mp_counter_metric_nearest(const char *id);

/* When the source is read: what belongs to everybody needs a region of its own. */
enum mp_counter_pass mp_counter_source_pass(const struct mp_counter_metric *metric,
					    const struct mp_counter_source *source);

/* Is one of the metric's sources read in that pass? */
bool mp_counter_metric_in(const struct mp_counter_metric *metric, enum mp_counter_pass pass);

/* Where things are read; NULL: the live place. A captured machine has folders of its own. */
struct mp_counter_roots {
	const char *event_source; /* /sys/bus/event_source/devices: a folder per PMU */
	const char *cpu; /* /sys/devices/system/cpu: caches */
	const char *tracefs; /* NULL: /sys/kernel/tracing, or a private mount of it */
	const char *proc; /* /proc: cpuinfo, vmstat, sys/kernel/perf_event_paranoid, self/status */
	const char *resctrl; /* /sys/fs/resctrl */
};

struct mp_counter_query {
	const char *const *metrics; /* ids */
	size_t n_metrics; /* 0: every metric there is */
	const int *cpus; /* the CPUs that the measured threads are pinned to */
	size_t n_cpus; /* 0: the CPU that the caller runs on */
	struct mp_counter_roots roots;
	unsigned pass; /* only sources that are read in this pass; 0: any */
	const char *
		cpu_id; /* "GenuineIntel-6-BA", "AuthenticAMD-26-2", "arm-41-d4f"; NULL: from roots.proc */
	const struct mp_perf_ops *
		ops; /* NULL: open nothing (a captured machine): sources are encoded, never proven */
	bool skip_proof; /* open, but do not run the known loads: zeros are not believed */
};

/* A source that was not taken. */
struct mp_counter_attempt {
	const struct mp_counter_source *source;
	int error; /* negative errno */
	char *why; /* heap */
	char *remedy; /* heap or NULL */
};

/* Whose side of the system-call boundary is counted. */
enum mp_counter_side { MP_SIDE_ALL, MP_SIDE_USER };

/* "user+kernel", "user" */
const char *mp_counter_side_name(enum mp_counter_side side);

/* One file of a FILE source. */
struct mp_counter_file {
	char *path; /* heap */
	char *fields; /* heap: glob of the names whose values are summed; NULL: the file is one number */
};

/* A metric as it can be counted here: one source, or none and the reason. */
struct mp_counter {
	const struct mp_counter_metric *metric;
	const struct mp_counter_source *source; /* NULL: unavailable */
	enum mp_counter_encoder
		encoder; /* of the source; libpfm values of a wrong type were corrected by sysfs */
	enum mp_counter_scope scope;
	enum mp_counter_side side;
	bool estimate;
	double per_count; /* metric units per count; 1 for plain counts */
	bool zero_proven; /* it moved under the known load */
	char *proof; /* heap: what the known load showed, or why there was none */
	char *note; /* heap or NULL: what the reader must know beside the number */
	char *event; /* heap: the encoding as text, "uncore_imc_0/cas_count_read/ and 7 more" */

	/* KERNEL, LIBPFM, SYSFS, TABLE. Thread scope: the events of every thread, usually one; else one per instance
	 * (PMU, CPU): all must be summed. */
	struct mp_perf_event *events;
	size_t n_events, cap_events;
	/* FILE: all must be summed. */
	struct mp_counter_file *files;
	size_t n_files, cap_files;
	/* RUSAGE: source->event, by mp_rusage_read(). FORMULA: per_count times the value of this one. */
	const struct mp_counter_metric *base;

	char *reason; /* heap, without a source: one sentence over all attempts, for storing */
	char *remedy; /* heap or NULL: what would help first; with a source: to count more than the user side */
	struct mp_counter_attempt *attempts; /* refused before the chosen one, in order */
	size_t n_attempts, cap_attempts;
};

struct mp_counters {
	struct mp_counter *items;
	size_t n, cap;
	char cpu_id[64]; /* "" unknown */
	char core_pmu[MP_PERF_PMU_MAX]; /* of the pinned CPUs; "" none */
	char *libpfm; /* heap: the PMUs that libpfm4 found, and LIBPFM_* variables that change what it says */
	int paranoid; /* perf_event_paranoid; INT_MIN unknown */
};

/*
 * Resolves the metrics of the query. Runs the known loads on the calling thread, pinned to the first CPU for that time
 * (about 0.1 s per source that has one). 0; -EINVAL for an unknown metric (with did-you-mean) or CPU; -ENOMEM. A metric
 * that cannot be counted is not an error but an item with a reason. The caller ends with mp_counters_done().
 */
int mp_counters_resolve(const struct mp_counter_query *query, struct mp_counters *ret_counters,
			struct mp_err *err);
void mp_counters_done(struct mp_counters *counters);

/*
 * Which counters those CPUs have: the core PMU of each and whether an L3 cache is above it; with `whole` also the domains of
 * the last-level caches, which PMUs of a domain count. "cpu_core", "cpu_atom/no-l3", "cpu l3:0-7 l3:8-15"; the same text
 * for two sets of CPUs means that what is resolved for one holds for the other. Heap text; NULL: out of memory.
 */
char *mp_counter_domains(const struct mp_counter_roots *roots, const int *cpus, size_t n,
			 bool whole);

/* Every event of the counter, in order, as a JSON array of objects: event (its name), pmu, type, config, config1 and config2
 * (texts, "0x304": JSON numbers have 53 bits), cpu (where an instance is opened that counts everybody's; null: that of the
 * worker), filter (null: none), exclude_kernel. Empty without perf events. Owned by the caller (json_decref); NULL: out of
 * memory. */
struct json_t *mp_counter_events_json(const struct mp_counter *counter);

/* The item of that metric id, or NULL. */
const struct mp_counter *mp_counters_find(const struct mp_counters *counters, const char *id);

/* The rule by which deltas of this counter become a value (perf.h). */
struct mp_counter_rule mp_counter_rule_of(const struct mp_counter *counter);

/* Reads a FILE source: the sum over its files now. 0, a negative errno, -ENODATA for resctrl's Unavailable, Error and
 * Unassigned. The difference of two readings is the count. */
int mp_counter_files_read(const struct mp_counter *counter, uint64_t *ret_sum);

#endif
