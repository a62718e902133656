/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NUMA nodes and memory policies on a topology: see nodes.h. */
#include "runner/machine/nodes.h"

#include <errno.h>
#include <numa.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/machine/sysfile.h"

/* ---- which there are ---- */

static int by_number(const void *left, const void *right)
{
	const struct mp_node *a = left, *b = right;

	return (a->number > b->number) - (a->number < b->number);
}

/* Has the topology any sizes? Those read from CPUID alone have none. */
static bool sized(hwloc_topology_t topology)
{
	hwloc_obj_t node = NULL;

	while ((node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)))
		if (node->attr->numanode.local_memory)
			return true;
	return false;
}

/* Bytes of a node of this machine; 0: it has none, or cannot be read. */
static uint64_t size_of(int node)
{
	long long size;

	errno = 0;
	size = numa_node_size64(node, NULL);
	if (size < 0)
		mp_sysfile_want(-errno);
	return size > 0 ? (uint64_t)size : 0;
}

/* Nodes that the topology leaves out (it holds what this process may use) count as closed when they have memory. */
static void look_for_closed(struct mp_nodes *nodes)
{
	for (int number = 0; number <= numa_max_node(); number++)
		if (!mp_nodes_has(nodes, (unsigned)number) && size_of(number))
			nodes->closed = true;
}

/* Has the node memory that may be used? Its bytes. */
static bool open_node(hwloc_obj_t node, const struct bitmask *allowed, bool sizes,
		      uint64_t *ret_bytes)
{
	if (!allowed) {
		*ret_bytes = node->attr->numanode.local_memory;
		return *ret_bytes || !sizes;
	}
	*ret_bytes = size_of((int)node->os_index);
	return *ret_bytes && numa_bitmask_isbitset(allowed, node->os_index);
}

static void set_own(hwloc_topology_t topology, struct mp_nodes *nodes)
{
	hwloc_obj_t pu = NULL;

	while ((pu = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, pu))) {
		int near = mp_nodes_near(nodes, (int)pu->os_index);

		for (size_t i = 0; i < nodes->count; i++)
			nodes->items[i].own |= nodes->items[i].number == near;
	}
}

int mp_nodes_find(hwloc_topology_t topology, bool live, struct mp_nodes *ret_nodes)
{
	struct bitmask *allowed = live && numa_available() >= 0 ? numa_get_mems_allowed() : NULL;
	int count = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE);
	struct mp_nodes nodes = { .items = calloc((size_t)(count > 0 ? count : 0) + 1,
						  sizeof(*nodes.items)) };
	bool sizes = sized(topology);
	hwloc_obj_t node = NULL;

	if (nodes.items) {
		while ((node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node))) {
			uint64_t bytes = 0;

			if (!open_node(node, allowed, sizes, &bytes))
				continue;
			nodes.items[nodes.count++] =
				(struct mp_node){ .number = (int)node->os_index,
						  .cpus = node->cpuset };
			nodes.bytes += bytes;
		}
		qsort(nodes.items, nodes.count, sizeof(*nodes.items), by_number);
		set_own(topology, &nodes);
		if (allowed)
			look_for_closed(&nodes);
	}
	if (allowed)
		numa_bitmask_free(allowed);
	if (!nodes.items)
		return -ENOMEM;
	*ret_nodes = nodes;
	return 0;
}

void mp_nodes_done(struct mp_nodes *nodes)
{
	free(nodes->items);
	*nodes = (struct mp_nodes){ 0 };
}

bool mp_nodes_has(const struct mp_nodes *nodes, unsigned number)
{
	for (size_t i = 0; i < nodes->count; i++)
		if (nodes->items[i].number == (int)number)
			return true;
	return false;
}

/* ---- near and far ---- */

int mp_nodes_near(const struct mp_nodes *nodes, int cpu)
{
	int best = -1, best_weight = 0;

	for (size_t i = 0; i < nodes->count && cpu >= 0; i++) {
		int weight = hwloc_bitmap_weight(nodes->items[i].cpus);

		if (!hwloc_bitmap_isset(nodes->items[i].cpus, (unsigned)cpu))
			continue;
		if (best < 0 || weight < best_weight) {
			best = nodes->items[i].number;
			best_weight = weight;
		}
	}
	return best;
}

void mp_nodes_set(const struct mp_nodes *nodes, struct mp_place_at *places, size_t count)
{
	for (size_t i = 0; i < count; i++)
		places[i].node = mp_nodes_near(nodes, places[i].cpu);
}

/* The firmware's distance between two nodes; 0: unknown. */
static uint64_t distance(const struct hwloc_distances_s *d, int from, int to)
{
	uint64_t value = 0;

	for (unsigned i = 0; d && i < d->nbobjs; i++)
		for (unsigned j = 0; j < d->nbobjs; j++)
			if (d->objs[i] && d->objs[j] && (int)d->objs[i]->os_index == from &&
			    (int)d->objs[j]->os_index == to)
				value = d->values[i * d->nbobjs + j];
	return value;
}

int mp_nodes_far(hwloc_topology_t topology, const struct mp_nodes *nodes, int cpu)
{
	struct hwloc_distances_s *d = NULL;
	int near = mp_nodes_near(nodes, cpu), best = -1;
	bool best_own = false;
	uint64_t best_distance = 0;
	unsigned one = 1;

	if (hwloc_distances_get_by_name(topology, "NUMALatency", &one, &d, 0) || !one)
		d = NULL;
	for (size_t i = 0; i < nodes->count; i++) {
		const struct mp_node *n = &nodes->items[i];
		uint64_t to = distance(d, near, n->number);

		if (n->number == near || hwloc_bitmap_isset(n->cpus, (unsigned)cpu) ||
		    (best_own && !n->own))
			continue;
		if (best < 0 || (n->own && !best_own) || to > best_distance) {
			best = n->number;
			best_own = n->own;
			best_distance = to;
		}
	}
	if (d)
		hwloc_distances_release(topology, d);
	return best;
}

/* ---- policies ---- */

static int no_such(const struct mp_nodes *nodes, const char *what, int cpu, struct mp_err *err)
{
	if (nodes->count < 2)
		return mp_err_env(
			err, -ENODEV,
			"%s memory wants two NUMA nodes with memory and there is one: boot with "
			"numa=fake=2 to try it, or use a machine that has them",
			what);
	return mp_err_env(err, -ENODEV, "no NUMA node is %s to CPU %d", what, cpu);
}

static int resolve_listed(const struct mp_nodes *nodes, const struct mp_mempolicy *listed,
			  struct mp_mempolicy *policy, struct mp_err *err)
{
	struct mp_mempolicy all = { 0 };
	char usable[128];

	for (size_t i = 0; i < nodes->count; i++)
		mp_mempolicy_add(&all, (unsigned)nodes->items[i].number);
	mp_node_list(&all, usable, sizeof(usable));
	for (unsigned node = 0; node < MP_NODES_MAX; node++)
		if (mp_mempolicy_has(listed, node) && !mp_nodes_has(nodes, node))
			return mp_err_env(
				err, -EINVAL,
				"NUMA node %u is absent, without memory, or outside the cpuset of "
				"this process, which may use %s",
				node, *usable ? usable : "none");
	for (int i = 0; i < MP_NODE_WORDS; i++)
		policy->nodes[i] = listed->nodes[i];
	return 0;
}

static int resolve_own(const struct mp_nodes *nodes, int cpu, struct mp_mempolicy *policy,
		       struct mp_err *err)
{
	int near = mp_nodes_near(nodes, cpu);

	if (near < 0)
		return mp_err_env(err, -ENODEV,
				  "the NUMA node of CPU %d has no memory that this process may use",
				  cpu);
	mp_mempolicy_add(policy, (unsigned)near);
	return 0;
}

static int resolve_far(hwloc_topology_t topology, const struct mp_nodes *nodes, int cpu,
		       struct mp_mempolicy *policy, struct mp_err *err)
{
	int far = mp_nodes_far(topology, nodes, cpu);

	if (far < 0)
		return no_such(nodes, "remote", cpu, err);
	mp_mempolicy_add(policy, (unsigned)far);
	return 0;
}

static int resolve_all(const struct mp_nodes *nodes, int cpu, struct mp_mempolicy *policy,
		       struct mp_err *err)
{
	if (nodes->count < 2)
		return no_such(nodes, "interleaved", cpu, err);
	for (size_t i = 0; i < nodes->count; i++)
		mp_mempolicy_add(policy, (unsigned)nodes->items[i].number);
	return 0;
}

int mp_nodes_resolve(hwloc_topology_t topology, const struct mp_nodes *nodes,
		     const struct mp_mem_policy *policy, int cpu, bool share_node,
		     struct mp_mempolicy *ret_policy, struct mp_err *err)
{
	static const enum mp_memory modes[MP_MEM_COUNT] = {
		[MP_MEM_LOCAL] = MP_MEMORY_LOCAL,
		[MP_MEM_REMOTE] = MP_MEMORY_BIND,
		[MP_MEM_INTERLEAVE] = MP_MEMORY_INTERLEAVE,
		[MP_MEM_BIND] = MP_MEMORY_BIND,
		[MP_MEM_PREFERRED_MANY] = MP_MEMORY_PREFERRED_MANY,
	};
	struct mp_mempolicy p = { .mode = modes[policy->how], .per_mapping = policy->per_mapping };
	int code = 0;

	switch (policy->how) {
	case MP_MEM_DEFAULT:
		/* On a machine of several nodes, memory comes from the workers' own one, and from no other when
		 * that is full. Workers of several nodes keep the kernel's policy: each gets its own node's first. */
		if (nodes->count > 1 && share_node && mp_nodes_near(nodes, cpu) >= 0) {
			p.mode = MP_MEMORY_BIND;
			code = resolve_own(nodes, cpu, &p, err);
		}
		break;
	case MP_MEM_LOCAL:
		code = resolve_own(nodes, cpu, &p, err);
		break;
	case MP_MEM_REMOTE:
		code = resolve_far(topology, nodes, cpu, &p, err);
		break;
	default:
		code = policy->all ? resolve_all(nodes, cpu, &p, err)
				   : resolve_listed(nodes, &policy->listed, &p, err);
	}
	if (!code)
		*ret_policy = p;
	return code;
}
