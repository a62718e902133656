/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The places of each policy, from the list in the order of auto: see mp_placement_choose() in placement.h. */
#include "runner/machine/placement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* An arrangement in the making: indices into places, sorted by their keys. */
struct slot {
	size_t at;
	unsigned keys[4]; /* ascending, the first one first */
};

struct arrangement {
	const struct mp_place_at *places;
	size_t count;
	struct slot *slots;
	size_t n;
};

static int by_keys(const void *left, const void *right)
{
	const struct slot *a = left, *b = right;

	for (size_t k = 0; k < sizeof(a->keys) / sizeof(a->keys[0]); k++)
		if (a->keys[k] != b->keys[k])
			return a->keys[k] < b->keys[k] ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static void sort(struct arrangement *a)
{
	qsort(a->slots, a->n, sizeof(*a->slots), by_keys);
}

/* ---- spreading ---- */

static int part_of(const struct mp_place_at *p, enum mp_place level)
{
	switch (level) {
	case MP_PLACE_SPREAD_L3:
		return p->l3;
	case MP_PLACE_SPREAD_PACKAGE:
		return p->package;
	case MP_PLACE_SPREAD_NODE:
		return p->node;
	default:
		return (int)p->core;
	}
}

static bool has_parts(const struct arrangement *a, enum mp_place level)
{
	for (size_t i = 0; i < a->count; i++)
		if (part_of(&a->places[i], level) >= 0)
			return true;
	return false;
}

/* Deals the slots, as they stand, round the parts of a level: first the first of each part, then the second of
 * each. First threads come before all second ones, and what is under no part comes last. Parts keep the order of
 * their first slots, so that dealing by a level and then by a higher one nests the rounds. */
static void deal(struct arrangement *a, enum mp_place level)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct mp_place_at *p = &a->places[a->slots[i].at];
		int part = part_of(p, level);
		unsigned before = 0, first = (unsigned)i;

		for (size_t j = i; j-- > 0;) {
			const struct mp_place_at *q = &a->places[a->slots[j].at];

			if (part_of(q, level) != part)
				continue;
			first = (unsigned)j;
			before += q->thread == p->thread;
		}
		a->slots[i].keys[0] = part < 0;
		a->slots[i].keys[1] = p->thread;
		a->slots[i].keys[2] = before;
		a->slots[i].keys[3] = first;
	}
	sort(a);
}

static int spread(struct arrangement *a, enum mp_place level, struct mp_err *err)
{
	if (level == MP_PLACE_SPREAD) {
		if (has_parts(a, MP_PLACE_SPREAD_L3))
			deal(a, MP_PLACE_SPREAD_L3);
		if (has_parts(a, MP_PLACE_SPREAD_PACKAGE))
			deal(a, MP_PLACE_SPREAD_PACKAGE);
		return 0;
	}
	if (!has_parts(a, level))
		return mp_err_env(
			err, -ENODEV,
			"hwloc sees no %s above any CPU here: use spread:core, or name CPUs "
			"with cpus:LIST",
			level == MP_PLACE_SPREAD_L3	   ? "L3 cache"
			: level == MP_PLACE_SPREAD_PACKAGE ? "package"
							   : "NUMA node");
	deal(a, level);
	return 0;
}

/* ---- the others ---- */

static void compact(struct arrangement *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct mp_place_at *p = &a->places[a->slots[i].at];

		a->slots[i].keys[0] = p->tier;
		a->slots[i].keys[1] = p->rank;
	}
	sort(a);
}

/* Cores with siblings, in the order of auto, their threads together. */
static int siblings(struct arrangement *a, struct mp_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++) {
		const struct mp_place_at *p = &a->places[i];
		unsigned first = 0;
		bool alone = true;

		for (size_t j = a->count; j-- > 0;)
			if (a->places[j].core == p->core) {
				alone &= j == i;
				first = (unsigned)j;
			}
		if (alone)
			continue;
		a->slots[n++] = (struct slot){ .at = i, .keys = { first, p->thread } };
	}
	a->n = n;
	sort(a);
	return n ? 0
		 : mp_err_env(err, -ENODEV,
			      "no core has two threads that this process may use: SMT is off or "
			      "absent "
			      "(/sys/devices/system/cpu/smt/control), or its cpuset holds one of "
			      "each");
}

static int of_kind(struct arrangement *a, enum mp_core_kind kind, struct mp_err *err)
{
	static const char *const names[] = {
		[MP_CORE_P] = "performance", [MP_CORE_E] = "efficiency", [MP_CORE_LP] = "low-power"
	};
	bool hybrid = false;
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++) {
		hybrid |= a->places[i].kind != MP_CORE_ONLY;
		if (a->places[i].kind == kind)
			a->slots[n++] = (struct slot){ .at = i };
	}
	a->n = n;
	if (n)
		return 0;
	if (hybrid)
		return mp_err_env(err, -ENODEV,
				  "this machine has no %s cores that this process may use",
				  names[kind]);
	return mp_err_env(
		err, -ENODEV,
		"there are no %s cores: all are of one kind, by the kernel's core PMUs and by "
		"hwloc; name CPUs with cpus:LIST",
		names[kind]);
}

/* "0-3,8" of the usable CPUs. */
static void list_usable(const struct arrangement *a, char *buf, size_t size)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();

	*buf = '\0';
	for (size_t i = 0; set && i < a->count; i++)
		hwloc_bitmap_set(set, (unsigned)a->places[i].cpu);
	if (set)
		hwloc_bitmap_list_snprintf(buf, size, set);
	hwloc_bitmap_free(set);
}

static int listed(struct arrangement *a, const struct mp_place_policy *policy, struct mp_err *err)
{
	char usable[160];

	for (unsigned i = 0; i < policy->n_cpus; i++) {
		size_t at = 0;

		while (at < a->count && a->places[at].cpu != policy->cpus[i])
			at++;
		if (at == a->count) {
			list_usable(a, usable, sizeof(usable));
			return mp_err_env(
				err, -EINVAL,
				"CPU %d is absent, offline, or outside the cpuset or affinity "
				"mask of this process, which may use %s",
				policy->cpus[i], usable);
		}
		a->slots[i] = (struct slot){ .at = at };
	}
	a->n = policy->n_cpus;
	return 0;
}

static int arrange(struct arrangement *a, const struct mp_place_policy *policy, struct mp_err *err)
{
	switch (policy->how) {
	case MP_PLACE_COMPACT:
		compact(a);
		return 0;
	case MP_PLACE_SPREAD:
	case MP_PLACE_SPREAD_CORE:
	case MP_PLACE_SPREAD_L3:
	case MP_PLACE_SPREAD_PACKAGE:
	case MP_PLACE_SPREAD_NODE:
		return spread(a, policy->how, err);
	case MP_PLACE_SMT:
		return siblings(a, err);
	case MP_PLACE_P_CORES:
		return of_kind(a, MP_CORE_P, err);
	case MP_PLACE_E_CORES:
		return of_kind(a, MP_CORE_E, err);
	case MP_PLACE_LP_CORES:
		return of_kind(a, MP_CORE_LP, err);
	case MP_PLACE_CPUS:
		return listed(a, policy, err);
	default:
		return 0;
	}
}

int mp_placement_choose(const struct mp_place_at *places, size_t count,
			const struct mp_place_policy *policy, size_t *ret_order, size_t *ret_n,
			struct mp_err *err)
{
	struct arrangement a = { .places = places, .count = count, .n = count };
	size_t room = count > MP_POLICY_CPUS ? count : MP_POLICY_CPUS;
	int code;

	a.slots = calloc(room, sizeof(*a.slots));
	if (!a.slots)
		return mp_err_env(err, -ENOMEM, "no memory for the list of CPUs");
	for (size_t i = 0; i < count; i++)
		a.slots[i].at = i;
	code = arrange(&a, policy, err);
	for (size_t i = 0; !code && i < a.n; i++)
		ret_order[i] = a.slots[i].at;
	if (!code)
		*ret_n = a.n;
	free(a.slots);
	return code;
}
