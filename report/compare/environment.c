/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What else differs between the two sides: facts of their newest runs, and what a reader must know of the runs. */
#include "report/compare/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "common/vec.h"

/* What no two runs have in common: measured at the moment, and no setting. */
static const struct {
	const char *group, *key; /* globs */
} moving[] = {
	{ "scheduling", "load" },
	{ "scheduling", "uptime" },
	{ "scheduling", "steal" },
	{ "scheduling", "throttled" },
	{ "memory", "available" },
	{ "memory", "swap_free" },
	{ "memory", "ksm_sharing" },
	{ "memory", "direct_map_*" },
	{ "memory", "free_blocks*" },
	{ "memory", "fragmentation*" },
	{ "numa", "uninitialised" },
	{ "numa", "pool_*" },
	{ "cgroup", "memory_current" },
	{ "cgroup", "memory_usage_v1" },
	{ "power", "package_throttled" },
	{ "power", "temperature" },
	{ "doctor", "*" },
};

bool mp_fact_moves(const char *group, const char *key)
{
	for (size_t i = 0; i < sizeof(moving) / sizeof(moving[0]); i++) {
		if (mp_str_glob(moving[i].group, group) && mp_str_glob(moving[i].key, key))
			return true;
	}
	return false;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static int add(struct mp_comparison *c, struct mp_difference difference)
{
	struct mp_difference *slot;

	if (same_text(difference.a, difference.b))
		return 0;
	slot = mp_vec_push((void **)&c->differences, &c->n_differences, &c->cap_differences,
			   sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slot = difference;
	slot->moves = mp_fact_moves(slot->group, slot->key);
	return 0;
}

static size_t known(const struct mp_side_run *run, const char *group)
{
	size_t count = 0;

	for (size_t i = 0; i < run->n_facts; i++)
		count += run->facts[i].value && !strcmp(run->facts[i].group, group);
	return count;
}

/*
 * A group of which one side knows nothing and the other more than a few facts was collected by another version of memperf, or
 * needs root: that is one sentence and no list of differences that hides the others.
 */
static bool is_strange(const struct mp_side_run *a, const struct mp_side_run *b, const char *group)
{
	size_t of_a = known(a, group), of_b = known(b, group);

	return (!of_a && of_b > 3) || (!of_b && of_a > 3);
}

/* The groups that one side alone knows, in a sentence. Facts stand together by group. */
static int strange_groups(struct mp_comparison *c, const struct mp_side_run *of,
			  const struct mp_side_run *other, const char *which)
{
	struct mp_str groups = MP_STR_INIT;
	int rc = 0;

	for (size_t i = 0; i < of->n_facts; i++) {
		const char *group = of->facts[i].group;

		if ((i && !strcmp(group, of->facts[i - 1].group)) || !strcmp(group, "doctor") ||
		    !known(of, group) || !is_strange(of, other, group))
			continue;
		mp_str_printf(&groups, "%s%s", groups.len ? ", " : "", group);
	}
	if (groups.failed)
		rc = -ENOMEM;
	else if (groups.len)
		rc = mp_compare_note(c,
				     "facts of these groups are known of %s only (another version "
				     "of memperf, or without root) and are not compared: %s",
				     which, groups.text);
	mp_str_done(&groups);
	return rc;
}

/* Differences of the facts of A, and the facts that only B has; of groups that both know. */
static int facts(struct mp_comparison *c, const struct mp_side_run *a, const struct mp_side_run *b)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < a->n_facts; i++) {
		const struct mp_side_fact *mine = &a->facts[i],
					  *other = mp_side_fact(b, mine->group, mine->key);

		if (is_strange(a, b, mine->group))
			continue;
		rc = add(c, (struct mp_difference){ mine->group, mine->key, mine->value,
						    other ? other->value : NULL, mine->why,
						    mine->volatility, mine->weight, false });
	}
	for (size_t i = 0; !rc && i < b->n_facts; i++) {
		const struct mp_side_fact *other = &b->facts[i];

		if (!mp_side_fact(a, other->group, other->key) && !is_strange(a, b, other->group))
			rc = add(c, (struct mp_difference){
					    other->group, other->key, NULL, other->value,
					    other->why, other->volatility, other->weight, false });
	}
	return rc;
}

static int own_facts(struct mp_comparison *c, const struct mp_run_row *a,
		     const struct mp_run_row *b)
{
	int rc = add(c, (struct mp_difference){ "memperf", "clock", a->clock, b->clock,
						"another clock has another step and another cost "
						"of reading it",
						"now", 2, false });

	if (!rc)
		rc = add(c, (struct mp_difference){ "memperf", "version", a->version, b->version,
						    "the measuring code itself changed", "now", 1,
						    false });
	if (!rc)
		rc = add(c, (struct mp_difference){ "memperf", "commit", a->commit, b->commit,
						    "the measuring code itself changed", "now", 1,
						    false });
	return rc;
}

struct ordered {
	struct mp_difference difference;
	size_t position;
};

/* What lasts longer weighs more: a change of it is a change of the machine. */
static int lasting(const char *volatility)
{
	return !strcmp(volatility, "hardware") ? 2 : !strcmp(volatility, "boot");
}

static int by_weight(const void *left, const void *right)
{
	const struct ordered *a = left, *b = right;
	int last_a = lasting(a->difference.volatility), last_b = lasting(b->difference.volatility);

	if (a->difference.moves != b->difference.moves)
		return a->difference.moves ? 1 : -1;
	if (a->difference.weight != b->difference.weight)
		return a->difference.weight > b->difference.weight ? -1 : 1;
	if (last_a != last_b)
		return last_a > last_b ? -1 : 1;
	return (a->position > b->position) - (a->position < b->position);
}

/* Settings before what moves by itself; heaviest first; what lasts longest first; else in stored order. */
static int sort(struct mp_comparison *c)
{
	struct ordered *ordered = calloc(c->n_differences + 1, sizeof(*ordered));

	if (!ordered)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_differences; i++)
		ordered[i] = (struct ordered){ c->differences[i], i };
	qsort(ordered, c->n_differences, sizeof(*ordered), by_weight);
	for (size_t i = 0; i < c->n_differences; i++)
		c->differences[i] = ordered[i].difference;
	free(ordered);
	return 0;
}

/* Notes about the runs of one side. */
static int side_notes(struct mp_comparison *c, const struct mp_side *side, const char *which)
{
	const struct mp_run_row *newest = &side->runs[0].row;
	int rc = 0;

	if (side->n_runs > 1)
		rc = mp_compare_note(c,
				     "%s pools the invocations of %zu runs; what drifts between "
				     "runs is then counted as noise, and the environment shown is "
				     "that of run #%lld",
				     which, side->n_runs, (long long)newest->id);
	for (size_t i = 0; !rc && i < side->n_runs; i++) {
		const struct mp_run_row *row = &side->runs[i].row;

		if (!same_text(row->machine, newest->machine))
			rc = mp_compare_note(
				c, "run #%lld of %s is from another machine than run #%lld",
				(long long)row->id, which, (long long)newest->id);
		if (!rc && strcmp(row->status, "complete"))
			rc = mp_compare_note(c, "run #%lld of %s is %s: %u of %u cases pending",
					     (long long)row->id, which, row->status, row->pending,
					     row->cases);
		if (!rc && mp_side_noisy(&side->runs[i]))
			rc = mp_compare_note(
				c,
				"run #%lld of %s was noisy (%s): what differs may be the "
				"noise, and a gate concludes nothing",
				(long long)row->id, which, mp_side_noisy(&side->runs[i]));
		if (!rc && mp_side_emulated(&side->runs[i]))
			rc = mp_compare_note(
				c,
				"run #%lld of %s was measured on an emulated processor "
				"(QEMU's TCG): its times show that it works, not how "
				"fast",
				(long long)row->id, which);
		if (!rc && side->runs[i].slowed)
			rc = mp_compare_note(c,
					     "run #%lld of %s was slowed down on purpose (%s): a "
					     "change found there was planted",
					     (long long)row->id, which, side->runs[i].sabotage);
		else if (!rc && side->runs[i].sabotage)
			rc = mp_compare_note(c,
					     "run #%lld of %s was made with a planted fault (%s) "
					     "and is never compared",
					     (long long)row->id, which, side->runs[i].sabotage);
	}
	return rc;
}

/* Times that contradict each other. */
static int clock_notes(struct mp_comparison *c, const struct mp_side *side, const char *which)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < side->n_runs; i++) {
		const struct mp_run_row *row = &side->runs[i].row;

		if (row->ended_ns && row->ended_ns < row->started_ns)
			rc = mp_compare_note(
				c,
				"run #%lld of %s ended before it started: the wall clock "
				"was set back; its dates are wrong, what it measured "
				"(clock %s) is not touched",
				(long long)row->id, which, row->clock);
	}
	return rc;
}

static int page_size_note(struct mp_comparison *c)
{
	bool a = mp_side_page_size(&c->a->runs[0]), b = mp_side_page_size(&c->b->runs[0]);

	if (a && b)
		return 0;
	return mp_compare_note(c,
			       "the base page size of %s is not recorded and could not be compared",
			       a   ? "B"
			       : b ? "A"
				   : "A and B");
}

/* A run that stands on both sides is compared with itself. */
static int shared_runs(struct mp_comparison *c)
{
	for (size_t i = 0; i < c->a->n_runs; i++) {
		for (size_t k = 0; k < c->b->n_runs; k++) {
			const struct mp_run_row *a = &c->a->runs[i].row, *b = &c->b->runs[k].row;

			if (!a->uuid || !b->uuid || strcmp(a->uuid, b->uuid))
				continue;
			c->shared_run = true;
			if (mp_compare_note(
				    c,
				    "run #%lld of A and run #%lld of B are the same run: what "
				    "is compared with itself cannot differ",
				    (long long)a->id, (long long)b->id))
				return -ENOMEM;
		}
	}
	return 0;
}

/* Are all runs of both sides of one machine? */
static bool one_machine(const struct mp_side *a, const struct mp_side *b)
{
	const char *machine = a->runs[0].row.machine;
	bool one = true;

	for (size_t i = 0; i < a->n_runs; i++)
		one = one && same_text(a->runs[i].row.machine, machine);
	for (size_t i = 0; i < b->n_runs; i++)
		one = one && same_text(b->runs[i].row.machine, machine);
	return one;
}

int mp_compare_environment(struct mp_comparison *c)
{
	const struct mp_side_run *a = &c->a->runs[0], *b = &c->b->runs[0];
	int rc;

	c->same_machine = one_machine(c->a, c->b);
	rc = facts(c, a, b);
	if (!rc)
		rc = strange_groups(c, a, b, "A");
	if (!rc)
		rc = strange_groups(c, b, a, "B");
	if (!rc)
		rc = own_facts(c, &a->row, &b->row);
	if (!rc)
		rc = sort(c);
	if (!rc)
		rc = shared_runs(c);
	if (!rc && !c->same_machine)
		rc = mp_compare_note(c, "A and B are different machines: the ratios compare the "
					"machines and are no regressions of one");
	if (!rc)
		rc = side_notes(c, c->a, "A");
	if (!rc)
		rc = side_notes(c, c->b, "B");
	if (!rc)
		rc = clock_notes(c, c->a, "A");
	if (!rc)
		rc = clock_notes(c, c->b, "B");
	return rc ? rc : page_size_note(c);
}
