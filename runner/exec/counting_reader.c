/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What belongs to everybody is read from here: one reader, which owns every descriptor of every package, around a region in
 * which a worker does nothing but operations, and around two idle times of the same length.
 */
#include "runner/exec/counting_internal.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

/* A shorter region would mostly count its own reading and waking. */
#define LEAST_NS   20000000u
#define WARMING_NS 30000000000u

/* ---- opening ---- */

/* Events of one PMU on one CPU. */
static bool together(const struct mp_perf_event *a, const struct mp_perf_event *b)
{
	return a->type == b->type && a->cpu == b->cpu;
}

/* Places of `what` and of the events that share its PMU and CPU and are not placed yet. */
struct cluster {
	struct mp_perf_event events[MP_PERF_GROUP_MAX];
	uint16_t *at[MP_PERF_GROUP_MAX];
	unsigned n;
};

#define UNPLACED	    UINT16_MAX
#define PLACE(group, index) ((uint16_t)((group)*MP_PERF_GROUP_MAX + (index)))

static void gather(struct mp_counting *c, const struct mp_perf_event *like, struct cluster *cluster)
{
	cluster->n = 0;
	for (size_t i = 0; i < c->n_items; i++) {
		struct mp_item *item = &c->items[i];

		for (size_t e = 0; item->kind == MP_ITEM_WHOLE && e < item->counter->n_events; e++)
			if (item->at[e] == UNPLACED && cluster->n < MP_PERF_GROUP_MAX &&
			    together(&item->counter->events[e], like)) {
				cluster->at[cluster->n] = &item->at[e];
				cluster->events[cluster->n++] = item->counter->events[e];
			}
	}
}

/* Opens `n` events as one group of the reader. 0, or why not. */
static int open_group(struct mp_reader *reader, const struct mp_perf_ops *ops,
		      const struct mp_perf_event *events, unsigned n)
{
	struct mp_perf_group *group = &reader->groups[reader->n_groups];
	int rc = mp_perf_group_open(ops, events, n, events[0].cpu, false, group, NULL, NULL);

	if (!rc) {
		rc = mp_perf_group_enable(group, NULL);
		if (!rc)
			rc = mp_perf_group_disable(group, NULL);
		if (rc)
			mp_perf_group_close(group);
	}
	return rc;
}

static void open_cluster(struct mp_reader *reader, const struct mp_perf_ops *ops,
			 struct cluster *cluster)
{
	bool whole = reader->n_groups < MP_READER_GROUPS &&
		     !open_group(reader, ops, cluster->events, cluster->n);

	for (unsigned i = 0; i < cluster->n; i++) {
		/* Where they do not go together, each goes alone. */
		if (!whole && reader->n_groups < MP_READER_GROUPS)
			reader->errors[reader->n_groups] =
				open_group(reader, ops, &cluster->events[i], 1);
		*cluster->at[i] = reader->n_groups < MP_READER_GROUPS
					  ? PLACE(reader->n_groups, whole ? i : 0)
					  : PLACE(MP_READER_GROUPS - 1, MP_PERF_GROUP_MAX - 1);
		if (!whole && reader->n_groups < MP_READER_GROUPS)
			reader->n_groups++;
	}
	if (whole)
		reader->n_groups++;
}

int mp_reader_open(struct mp_counting *c, const struct mp_perf_ops *ops)
{
	struct cluster cluster;

	for (size_t i = 0; i < c->n_items; i++)
		for (size_t e = 0;
		     c->items[i].kind == MP_ITEM_WHOLE && e < c->items[i].counter->n_events; e++)
			c->items[i].at[e] = UNPLACED;
	for (size_t i = 0; i < c->n_items; i++) {
		struct mp_item *item = &c->items[i];

		for (size_t e = 0; item->kind == MP_ITEM_WHOLE && e < item->counter->n_events; e++)
			if (item->at[e] == UNPLACED) {
				gather(c, &item->counter->events[e], &cluster);
				open_cluster(&c->reader, ops, &cluster);
			}
	}
	return 0;
}

void mp_reader_close(struct mp_counting *c)
{
	for (size_t i = 0; i < c->reader.n_groups; i++)
		mp_perf_group_close(&c->reader.groups[i]);
	c->reader.n_groups = 0;
}

/* ---- reading ---- */

static void look(struct mp_counting *c, struct mp_snapshot *s)
{
	for (size_t i = 0; i < c->n_items; i++)
		if (c->items[i].kind == MP_ITEM_FILE)
			s->file_errors[i] =
				mp_counter_files_read(c->items[i].counter, &s->files[i]);
	for (size_t g = 0; g < c->reader.n_groups; g++)
		s->errors[g] = c->reader.errors[g]
				       ? c->reader.errors[g]
				       : mp_perf_group_read(&c->reader.groups[g], &s->readings[g]);
	s->at_ns = mp_clock_raw_ns();
}

static void idle(struct mp_counting *c, struct mp_snapshot *from, struct mp_snapshot *to)
{
	const struct timespec nap = { .tv_nsec = MP_COUNTING_REGION_NS };

	look(c, from);
	nanosleep(&nap, NULL);
	look(c, to);
}

static bool await(struct mp_region *region, enum mp_region_stage stage, uint64_t most_ns,
		  bool (*ended)(void *user), void *user)
{
	uint64_t begin = mp_clock_raw_ns();

	while (!mp_region_await(region, stage, 50000000))
		if (ended(user) || mp_clock_raw_ns() - begin > most_ns)
			return false;
	return true;
}

/* Only while a region is watched: the counting of another placement may want the same counters. */
static void turn(struct mp_reader *reader, bool on)
{
	for (size_t g = 0; g < reader->n_groups; g++) {
		if (reader->errors[g])
			continue;
		if (on)
			reader->errors[g] = mp_perf_group_enable(&reader->groups[g], NULL);
		else
			mp_perf_group_disable(&reader->groups[g], NULL);
	}
}

static void watch(struct mp_counting *c, struct mp_wire *wire, bool (*ended)(void *user),
		  void *user)
{
	struct mp_region *region = &wire->region;
	uint64_t most = WARMING_NS + 20 * wire->request.warmup_ns;

	if (!await(region, MP_REGION_READY, most, ended, user))
		return;
	idle(c, &c->snapshots[0], &c->snapshots[1]);
	look(c, &c->snapshots[2]);
	mp_region_tell(region, MP_REGION_START);
	if (!await(region, MP_REGION_OVER, most, ended, user))
		return;
	look(c, &c->snapshots[3]);
	idle(c, &c->snapshots[4], &c->snapshots[5]);
	c->watched = true;
	mp_region_tell(region, MP_REGION_LEAVE);
}

void mp_counting_watch(struct mp_counting *c, struct mp_wire *wire, bool (*ended)(void *user),
		       void *user)
{
	c->watched = false;
	turn(&c->reader, true);
	watch(c, wire, ended, user);
	turn(&c->reader, false);
}

/* ---- values ---- */

static struct mp_perf_delta file_delta(const struct mp_snapshot *from, const struct mp_snapshot *to,
				       size_t item)
{
	struct mp_perf_delta delta = { .enabled_ns = 1, .running_ns = 1 };

	delta.error = from->file_errors[item] ? from->file_errors[item] : to->file_errors[item];
	delta.count = to->files[item] - from->files[item];
	if (!delta.error && delta.count > UINT64_MAX / 2)
		delta.error = -ERANGE;
	return delta;
}

static struct mp_perf_delta event_delta(const struct mp_snapshot *from,
					const struct mp_snapshot *to, uint16_t at)
{
	size_t g = at / MP_PERF_GROUP_MAX;

	if (at == PLACE(MP_READER_GROUPS - 1, MP_PERF_GROUP_MAX - 1))
		return (struct mp_perf_delta){ .error = -EMFILE };
	if (from->errors[g] || to->errors[g])
		return (struct mp_perf_delta){ .error = from->errors[g] ? from->errors[g]
									: to->errors[g] };
	return mp_perf_delta(&from->readings[g], &to->readings[g], at % MP_PERF_GROUP_MAX);
}

static void between(const struct mp_counting *c, const struct mp_item *item, int from, int to,
		    struct mp_counter_value *value)
{
	const struct mp_snapshot *a = &c->snapshots[from], *b = &c->snapshots[to];
	struct mp_counter_rule rule = mp_counter_rule_of(item->counter);
	struct mp_perf_delta deltas[512];
	size_t n = 0;

	if (item->kind == MP_ITEM_FILE) {
		deltas[n++] = file_delta(a, b, (size_t)(item - c->items));
		rule.expected = 1;
	}
	for (size_t e = 0; item->kind == MP_ITEM_WHOLE && e < item->counter->n_events; e++)
		if (n < sizeof(deltas) / sizeof(deltas[0]))
			deltas[n++] = event_delta(a, b, item->at[e]);
	mp_counter_sum(&rule, deltas, n, value);
}

/* What an idle machine would have counted in a time as long as the region; NaN: unknown. */
static double idle_value(const struct mp_counting *c, const struct mp_item *item, int from)
{
	double ns = (double)(c->snapshots[from + 1].at_ns - c->snapshots[from].at_ns);
	double region = (double)(c->snapshots[3].at_ns - c->snapshots[2].at_ns);
	struct mp_counter_value value;

	between(c, item, from, from + 1, &value);
	/* No count at all in an idle time is what one hopes for, where the source is known to count. */
	return ns > 0 ? value.value * region / ns : NAN;
}

void mp_reader_value(const struct mp_counting *c, const struct mp_item *item, uint64_t operations,
		     uint64_t region_ns, struct mp_count *count)
{
	struct mp_counter_value value;

	(void)operations;
	if (region_ns < LEAST_NS) {
		mp_counting_none(item, count, "the region was shorter than %u ms",
				 LEAST_NS / 1000000);
		return;
	}
	between(c, item, 2, 3, &value);
	mp_counting_fill(item, &value, count);
	count->region_ns = c->snapshots[3].at_ns - c->snapshots[2].at_ns;
	count->idle_before = idle_value(c, item, 0);
	count->idle_after = idle_value(c, item, 4);
}
