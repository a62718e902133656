/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A kernel by script, for the door of perf.h: which opens are refused, what a counter moves by, how often it ran, what is
 * short or foreign in an answer. It records what was asked of it.
 */
#ifndef TESTS_RUNNER_COUNTER_FAKE_H
#define TESTS_RUNNER_COUNTER_FAKE_H

#include <errno.h>
#include <string.h>

#include "runner/counters/perf.h"

#define FAKE_FDS  4096
#define FAKE_ZERO 900 /* the first descriptor it hands out */

struct fake;

struct fake_counter {
	struct perf_event_attr attr;
	pid_t pid;
	int cpu, leader; /* index of the leader; itself when it leads */
	bool open, enabled;
	uint64_t value, enabled_ns, running_ns;
	char filter[MP_PERF_FILTER_MAX];
};

struct fake {
	struct mp_perf_ops ops; /* to be given out */
	/* 0 or the negative errno of an open; NULL: everything opens */
	int (*refuse)(const struct fake *f, const struct perf_event_attr *attr, pid_t pid, int cpu);
	/* What a counter moves by from one read to the next; NULL: by `step` */
	uint64_t (*moves)(const struct fake *f, const struct fake_counter *c);
	uint64_t step;
	double ratio; /* of running to enabled */
	ssize_t bytes; /* what read returns; -1: what is right */
	uint64_t id_error; /* added to every id that is read */
	unsigned opened, closed, n_open, read;
	struct fake_counter counters[FAKE_FDS];
};

static inline struct fake_counter *fake_at(struct fake *f, int fd)
{
	return &f->counters[fd - FAKE_ZERO];
}

static inline int fake_open(void *user, struct perf_event_attr *attr, pid_t pid, int cpu, int group,
			    unsigned long flags)
{
	struct fake *f = user;
	const int rc = f->refuse ? f->refuse(f, attr, pid, cpu) : 0;
	struct fake_counter *c;

	if (rc)
		return rc;
	if (f->opened == FAKE_FDS || flags != PERF_FLAG_FD_CLOEXEC)
		return -EMFILE;
	c = &f->counters[f->opened];
	*c = (struct fake_counter){ .attr = *attr,
				    .pid = pid,
				    .cpu = cpu,
				    .leader = group < 0 ? (int)f->opened : group - FAKE_ZERO,
				    .open = true,
				    .value = UINT64_MAX - 5 }; /* every first difference wraps */
	f->n_open++;
	return FAKE_ZERO + (int)f->opened++;
}

static inline ssize_t fake_read(void *user, int fd, void *buf, size_t size)
{
	struct fake *f = user;
	const int leader = fd - FAKE_ZERO;
	uint64_t *out = buf, n = 0;

	f->read++;
	for (unsigned i = 0; i < f->opened; i++) {
		struct fake_counter *c = &f->counters[i];

		if (!c->open || c->leader != leader)
			continue;
		if (f->counters[leader].enabled) {
			c->value += f->moves ? f->moves(f, c) : f->step;
			c->enabled_ns += 1000000;
			c->running_ns += (uint64_t)(1000000 * f->ratio);
		}
		if (24 + 16 * (n + 1) > size)
			return -ENOSPC;
		out[3 + 2 * n] = c->value;
		out[4 + 2 * n] = 77000 + i + f->id_error;
		n++;
	}
	out[0] = n;
	out[1] = f->counters[leader].enabled_ns;
	out[2] = f->counters[leader].running_ns;
	return f->bytes >= 0 ? f->bytes : (ssize_t)(24 + 16 * n);
}

static inline int fake_ioctl(void *user, int fd, unsigned long request, unsigned long argument)
{
	struct fake_counter *c = fake_at(user, fd);

	switch (request) {
	case PERF_EVENT_IOC_ID:
		*(uint64_t *)argument = 77000 + (uint64_t)(fd - FAKE_ZERO);
		return 0;
	case PERF_EVENT_IOC_SET_FILTER:
		strncpy(c->filter, (const char *)argument, sizeof(c->filter) - 1);
		return 0;
	case PERF_EVENT_IOC_ENABLE:
		c->enabled = argument == PERF_IOC_FLAG_GROUP;
		return 0;
	case PERF_EVENT_IOC_DISABLE:
		c->enabled = false;
		return 0;
	default:
		return -ENOTTY;
	}
}

static inline int fake_close(void *user, int fd)
{
	struct fake *f = user;

	fake_at(f, fd)->open = false;
	f->closed++;
	f->n_open--;
	return 0;
}

static inline void fake_init(struct fake *f)
{
	memset(f, 0, sizeof(*f));
	f->ops = (struct mp_perf_ops){ .open = fake_open,
				       .read = fake_read,
				       .ioctl = fake_ioctl,
				       .close = fake_close,
				       .user = f };
	f->ratio = 1;
	f->bytes = -1;
	f->step = 1000;
}

#endif
