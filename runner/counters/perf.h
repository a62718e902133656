/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one counter is and how it is opened, read and believed: plain data and pure logic, libc alone. The measured
 * process and the coordinator use the same code. What there is to count, and how it is encoded, is in counters.h;
 * nothing here knows a library or a file of sysfs.
 *
 * Every call to the kernel goes through one table of functions (struct mp_perf_ops), so that a test can answer with
 * any value, error or short read.
 *
 * A value is a number only when its status says so. Unknown is never 0: a counter that did not run, ran backwards,
 * lost its PMU or misses an instance is `unavailable` or `partial`, with the reason.
 */
#ifndef RUNNER_COUNTERS_PERF_H
#define RUNNER_COUNTERS_PERF_H

#include "common/err.h"

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MP_PERF_PMU_MAX	   48 /* a PMU's name, with NUL */
#define MP_PERF_NAME_MAX   160 /* an event's name, with NUL */
#define MP_PERF_FILTER_MAX 64 /* a tracepoint's filter, with NUL */
#define MP_PERF_GROUP_MAX  16 /* events of one group */
#define MP_PERF_REASON_MAX 192 /* with NUL */

/* Whose events are counted. */
enum mp_counter_scope {
	MP_SCOPE_THREAD, /* of the thread that opens it, on the CPU it is pinned to */
	MP_SCOPE_CPU, /* of everything that runs on one CPU */
	MP_SCOPE_PACKAGE, /* of a socket, memory controller or cache domain: everybody's */
	MP_SCOPE_SYSTEM, /* of the whole machine */
	MP_SCOPE_PROCESS, /* of all threads of this process */
};

/* "thread", "cpu", "package", "system", "process" */
const char *mp_counter_scope_name(enum mp_counter_scope scope);

/* One perf_event_open(), fully encoded: plain data, fit for shared memory. All zero is a valid config on some PMUs. */
struct mp_perf_event {
	uint32_t type;
	int32_t cpu; /* CPU to open it on; -1: the CPU that the opening thread is pinned to (scope thread) */
	uint64_t config, config1, config2;
	uint8_t whole; /* 0: counts the opening thread (pid 0); 1: everything there (pid -1) */
	uint8_t exclude_user, exclude_kernel, exclude_hv, exclude_guest;
	char name
		[MP_PERF_NAME_MAX]; /* of the event, for people: "cas_count_read", "event=0x2e,umask=0x41" */
	char pmu[MP_PERF_PMU_MAX]; /* the kernel's name: "cpu_core", "software", "uncore_imc_3" */
	char filter[MP_PERF_FILTER_MAX]; /* of a tracepoint (PERF_EVENT_IOC_SET_FILTER), or "" */
};

/* The door to the kernel. Each returns what the system call returns, or a negative errno. */
struct mp_perf_ops {
	int (*open)(void *user, struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd,
		    unsigned long flags);
	ssize_t (*read)(void *user, int fd, void *buf, size_t size);
	int (*ioctl)(void *user, int fd, unsigned long request, unsigned long argument);
	int (*close)(void *user, int fd);
	void *user;
};

extern const struct mp_perf_ops mp_perf_kernel; /* the real one */

/* Events that are scheduled onto the PMU together and read together. */
struct mp_perf_group {
	const struct mp_perf_ops *ops;
	unsigned n; /* 0: nothing is open */
	int fds[MP_PERF_GROUP_MAX]; /* [0] leads */
	uint64_t ids[MP_PERF_GROUP_MAX];
};

/*
 * Opens `n` (1..MP_PERF_GROUP_MAX) events as one group on `cpu`; an event with a CPU of its own is opened there, so
 * the events of one group must agree. The group begins disabled and `pinned` (always on the PMU or in error) as
 * asked; mp_perf_group_enable() starts it. 0, or the negative errno of the event that failed, whose index is stored in
 * *ret_failed (may be NULL), with a sentence that says which permission, PMU or limit it was; nothing stays open then.
 * -EINVAL for a sibling usually means that the group is larger than the PMU: open two groups.
 */
int mp_perf_group_open(const struct mp_perf_ops *ops, const struct mp_perf_event *events,
		       unsigned n, int cpu, bool pinned, struct mp_perf_group *ret_group,
		       unsigned *ret_failed, struct mp_err *err);
void mp_perf_group_close(struct mp_perf_group *group); /* accepts a zeroed and a closed group */
int mp_perf_group_enable(struct mp_perf_group *group, struct mp_err *err);
int mp_perf_group_disable(struct mp_perf_group *group, struct mp_err *err);

/* What a group stood at. Values are in the order of the events, ns are the kernel's. */
struct mp_perf_reading {
	uint64_t enabled_ns, running_ns;
	uint32_t n;
	uint64_t values[MP_PERF_GROUP_MAX];
};

/* 0; -ENODATA when the kernel reads 0 bytes (a pinned group that lost its PMU: it will not count again), -EIO for a
 * short read or foreign ids, or what read(2) said. Writes nothing to the heap and no sentence: fit for between
 * measured blocks. */
int mp_perf_group_read(const struct mp_perf_group *group, struct mp_perf_reading *ret_reading);

/* The words for an errno of perf_event_open(2): what it was and what helps; e.g. -EACCES: "permission denied by
 * perf_event_paranoid or a missing capability". Static text. */
const char *mp_perf_open_reason(int error);

/* How far a value can be believed. */
enum mp_counter_status {
	MP_COUNTER_UNAVAILABLE, /* no number; the reason is mandatory */
	MP_COUNTER_MEASURED,
	MP_COUNTER_SCALED, /* the counter ran for part of the time; count * enabled / running */
	MP_COUNTER_ESTIMATED, /* by the formula that the metric's note names */
	MP_COUNTER_PARTIAL, /* some instances are missing: there is no total */
};

/* "unavailable", "measured", "scaled", "estimated", "partial"; stored by name. */
const char *mp_counter_status_name(enum mp_counter_status status);
/* Does a value of that status carry a number? */
bool mp_counter_status_has_number(enum mp_counter_status status);

/* What one counter (one event on one CPU or PMU instance) did between two readings. */
struct mp_perf_delta {
	int error; /* 0, or why there is none: -ENODATA lost, -EIO, an errno of open or read, -ERANGE backwards */
	uint64_t count, enabled_ns, running_ns;
};

/* The difference of the index'th value. Counts are modulo 2^64 (a wrap is a small difference); one of more than half
 * of that ran backwards. Never fails: the outcome is in the delta. */
struct mp_perf_delta mp_perf_delta(const struct mp_perf_reading *before,
				   const struct mp_perf_reading *after, unsigned index);

/* The same for a plain number that somebody else counts all the time (files, getrusage): it ran from end to end. */
struct mp_perf_delta mp_perf_delta_plain(uint64_t before, uint64_t after);

/* Adds `more` to a sum of consecutive regions of the same counter (blocks of one invocation); errors stay. */
void mp_perf_delta_add(struct mp_perf_delta *sum, const struct mp_perf_delta *more);

/* One value of a metric, as it is stored. */
struct mp_counter_value {
	uint32_t status; /* enum mp_counter_status */
	uint32_t instances, expected; /* summed, and how many there should be */
	double value; /* in the metric's unit; NaN exactly without a number */
	double ratio; /* running / enabled, the least of the instances; NaN when none ran */
	uint64_t raw; /* sum of the counts as read */
	uint64_t enabled_ns, running_ns; /* summed over the instances */
	char reason[MP_PERF_REASON_MAX]; /* why there is no number; for others a remark or "" */
};

/* How deltas become a value. */
struct mp_counter_rule {
	double per_count; /* what one count stands for in the metric's unit; > 0 */
	uint32_t expected; /* instances that there should be */
	bool estimate; /* the source is an estimate: measured and scaled become estimated */
	bool zero_proven; /* the source moved under a known load; else a sum of 0 is not believed */
	const char *zero_reason; /* why a zero is not proven, for the sentence; may be NULL */
};

/* Sums `n` instances: an unscaled count that ran all the time is `measured`, one that ran for a part is `scaled`, one
 * that never ran makes it unavailable ("not scheduled"), a missing or failed instance of several makes it partial, and
 * a zero without proof unavailable. */
void mp_counter_sum(const struct mp_counter_rule *rule, const struct mp_perf_delta *deltas,
		    size_t n, struct mp_counter_value *ret_value);

/* The sum of getrusage(2) fields of the calling thread now: "minflt", "majflt", "nvcsw", "nivcsw", joined by '+'. 0 or
 * -EINVAL. */
int mp_rusage_read(const char *fields, uint64_t *ret_count);

/* An unavailable value with that reason. */
void mp_counter_value_none(struct mp_counter_value *ret_value, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
