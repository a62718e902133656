/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CPUs of a topology and the order of the policy auto: see placement.h. */
#include "runner/machine/placement.h"

#include <errno.h>
#include <stdlib.h>

#include "common/vec.h"
#include "runner/machine/sysfile.h"

struct walk {
	hwloc_topology_t topology;
	hwloc_const_cpuset_t usable;
	const char *isolated;
	struct mp_place_at *places;
	size_t n_places, cap_places;
	unsigned n_cores;
	hwloc_obj_t core; /* of the place added last */
	unsigned thread; /* its index within that core */
};

static uint64_t llc_above(hwloc_obj_t obj)
{
	uint64_t bytes = 0;

	for (; obj; obj = obj->parent) {
		if (hwloc_obj_type_is_dcache(obj->type) && obj->attr->cache.size)
			bytes = obj->attr->cache.size;
	}
	return bytes;
}

static int index_above(const struct walk *w, hwloc_obj_t pu, hwloc_obj_type_t type)
{
	hwloc_obj_t obj = hwloc_get_ancestor_obj_by_type(w->topology, type, pu);

	return obj ? (int)obj->logical_index : -1;
}

static int add_place(struct walk *w, hwloc_obj_t pu)
{
	hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(w->topology, HWLOC_OBJ_CORE, pu);
	struct mp_place_at *place;

	if (!hwloc_bitmap_isset(w->usable, pu->os_index))
		return 0;
	place = mp_vec_push((void **)&w->places, &w->n_places, &w->cap_places, sizeof(*place));
	if (!place)
		return -ENOMEM;
	/* A guest may hide its cores: then every PU is one. */
	if (core && core == w->core) {
		w->thread++;
	} else {
		w->thread = 0;
		w->n_cores++;
	}
	w->core = core;
	*place = (struct mp_place_at){
		.cpu = (int)pu->os_index,
		.core = w->n_cores - 1,
		.thread = w->thread,
		.isolated = mp_sysfile_list_has(w->isolated, pu->os_index),
		.l3 = index_above(w, pu, HWLOC_OBJ_L3CACHE),
		.package = index_above(w, pu, HWLOC_OBJ_PACKAGE),
		.node = -1,
		.llc_bytes = llc_above(pu),
		.rank = (unsigned)w->n_places,
	};
	return 0;
}

/* Depth first: the units of a core, of a cache, of a package follow each other; the branch with CPU 0, which
 * takes most interrupts and kernel housekeeping, comes last at every level. Depth is bounded by hwloc. */
static int visit(struct walk *w, hwloc_obj_t obj)
{
	int err;

	if (obj->type == HWLOC_OBJ_PU)
		return add_place(w, obj);
	for (int with_cpu0 = 0; with_cpu0 <= 1; with_cpu0++) {
		for (unsigned i = 0; i < obj->arity; i++) {
			hwloc_obj_t child = obj->children[i];

			if (!child->cpuset || hwloc_bitmap_isset(child->cpuset, 0) != with_cpu0)
				continue;
			err = visit(w, child);
			if (err)
				return err;
		}
	}
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct mp_place_at *a = left, *b = right;

	if (a->thread != b->thread)
		return a->thread < b->thread ? -1 : 1;
	if (a->isolated != b->isolated)
		return a->isolated ? -1 : 1;
	if (a->tier != b->tier)
		return a->tier < b->tier ? -1 : 1;
	if (a->llc_bytes != b->llc_bytes)
		return a->llc_bytes > b->llc_bytes ? -1 : 1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

void mp_placement_sort(struct mp_place_at *places, size_t count)
{
	qsort(places, count, sizeof(*places), compare);
}

int mp_placement_list(hwloc_topology_t topology, hwloc_const_cpuset_t usable,
		      const char *isolated_list, struct mp_place_at **ret_places, size_t *ret_count)
{
	struct walk w = { .topology = topology, .usable = usable, .isolated = isolated_list };
	int err = visit(&w, hwloc_get_root_obj(topology));

	if (!err && !w.n_places)
		err = -ENODEV;
	if (err) {
		free(w.places);
		return err;
	}
	*ret_places = w.places;
	*ret_count = w.n_places;
	return 0;
}
