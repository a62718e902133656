/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine as the plan and the workers need it: what may be used (CPUs, memory, nodes), how big its pages and
 * caches are, and which CPU a worker gets. hwloc describes the topology, libnuma the memory of nodes; what
 * neither knows is read from procfs and sysfs.
 */
#include "runner/machine/machine.h"

#include <errno.h>
#include <hwloc.h>
#include <numa.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/machine/affinity.h"
#include "runner/machine/cgroup.h"
#include "runner/machine/internal.h"
#include "runner/machine/placement.h"
#include "runner/machine/sysfile.h"

struct mp_machine {
	hwloc_topology_t topology;
	char *root;
	bool live; /* the topology is this system's */
	struct mp_host host;
	struct mp_place *places; /* in order of use */
	size_t n_places;
};

static int load_topology(struct mp_machine *m, const struct mp_machine_source *source,
			 struct mp_err *err)
{
	if (hwloc_topology_init(&m->topology)) {
		m->topology = NULL;
		return mp_err_env(err, -ENOMEM, "no memory for the topology of this machine");
	}
	m->live = !source->synthetic && !source->xml;
	if (source->synthetic && hwloc_topology_set_synthetic(m->topology, source->synthetic))
		return mp_err_usage(err, -EINVAL, "'%s' is not an hwloc synthetic topology",
				    source->synthetic);
	if (source->xml && hwloc_topology_set_xml(m->topology, source->xml))
		return mp_err_usage(err, -EINVAL, "'%s' is not an hwloc XML file", source->xml);
	if (hwloc_topology_load(m->topology))
		return mp_err_env(err, -EIO,
				  "hwloc cannot read the topology of this machine: see what "
				  "'lstopo' says");
	/* Bindings computed on another machine's map would fail one by one in the workers. */
	if (m->live && !hwloc_topology_is_thissystem(m->topology))
		return mp_err_env(err, -EIO,
				  "hwloc describes another machine than this one: unset "
				  "HWLOC_XMLFILE, HWLOC_SYNTHETIC and HWLOC_FSROOT");
	return 0;
}

/* CPUs that this process may run on: cpusets, offline CPUs and a caller's taskset are all in its mask. */
static int restrict_to_affinity(hwloc_bitmap_t usable)
{
	struct mp_affinity affinity;
	int err = mp_affinity_get(&affinity);

	if (err)
		return err;
	for (int cpu = 0; cpu <= hwloc_bitmap_last(usable); cpu++) {
		if (!mp_affinity_has(&affinity, cpu))
			hwloc_bitmap_clr(usable, (unsigned)cpu);
	}
	mp_affinity_done(&affinity);
	return 0;
}

static int find_places(struct mp_machine *m, struct mp_err *err)
{
	hwloc_bitmap_t usable = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(m->topology));
	char isolated[256] = "";
	int code = usable ? 0 : -ENOMEM;

	if (!code && m->live)
		code = restrict_to_affinity(usable);
	if (!code) {
		mp_sysfile_line(m->root, isolated, sizeof(isolated),
				"/sys/devices/system/cpu/isolated");
		code = mp_placement_order(m->topology, usable, isolated, &m->places, &m->n_places);
	}
	hwloc_bitmap_free(usable);
	if (code == -ENOMEM)
		return mp_err_env(err, code, "no memory for the list of CPUs");
	if (code)
		return mp_err_env(err, -EIO,
				  "no CPU of hwloc's topology may be used by this process: compare "
				  "'taskset -p $$' with 'lstopo'");
	return 0;
}

/* Nodes with memory that this process may use, by libnuma. *ret_bytes is their memory together when there are
 * others that it may not use, else 0: a node's own total misses memory that the kernel has not initialised yet.
 * 0: no NUMA kernel. */
static unsigned live_nodes(uint64_t *ret_bytes)
{
	struct bitmask *allowed = numa_available() < 0 ? NULL : numa_get_mems_allowed();
	unsigned nodes = 0, closed = 0;
	uint64_t bytes = 0;

	for (int node = 0; allowed && node <= numa_max_node(); node++) {
		long long size = numa_node_size64(node, NULL);

		if (size <= 0)
			continue;
		if (!numa_bitmask_isbitset(allowed, (unsigned)node)) {
			closed++;
			continue;
		}
		nodes++;
		bytes += (uint64_t)size;
	}
	if (allowed)
		numa_bitmask_free(allowed);
	*ret_bytes = closed ? bytes : 0;
	return nodes;
}

static unsigned captured_nodes(hwloc_topology_t topology, uint64_t *ret_bytes)
{
	hwloc_obj_t node = NULL;
	unsigned nodes = 0;
	uint64_t bytes = 0;

	while ((node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node))) {
		nodes += node->attr->numanode.local_memory > 0;
		bytes += node->attr->numanode.local_memory;
	}
	*ret_bytes = bytes;
	return nodes;
}

/* Memory that a worker may fill: what is built in, on the nodes it may use, under the limits of its groups. */
static void measure_memory(struct mp_machine *m, const struct mp_str *meminfo)
{
	uint64_t total = 0, of_nodes = 0, limit;
	unsigned nodes = m->live ? live_nodes(&of_nodes) : captured_nodes(m->topology, &of_nodes);

	if (mp_sysfile_field_number(meminfo->text, "MemTotal", &total))
		total = of_nodes;
	else if (of_nodes && of_nodes < total)
		total = of_nodes;
	if (!mp_cgroup_memory_limit(m->root, &limit) && limit < total)
		total = limit;
	m->host.memory_bytes = total;
	m->host.nodes = nodes ? nodes : 1;
}

static int fill_host(struct mp_machine *m, struct mp_err *err)
{
	struct mp_str meminfo = MP_STR_INIT;
	uint64_t number;
	int code = mp_sysfile_read(m->root, &meminfo, "/proc/meminfo");

	if (code && m->live) {
		mp_str_done(&meminfo);
		return mp_err_env(err, -EIO, "cannot read '%s/proc/meminfo' (%s): mount procfs",
				  m->root, strerror(-code));
	}
	m->host.page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	if (!mp_sysfile_number(m->root, &number,
			       "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"))
		m->host.hugepage_size = number;
	if (!mp_sysfile_field_number(meminfo.text, "Hugepagesize", &number))
		m->host.hugetlb_size = number;
	m->host.llc_bytes = m->places[0].llc_bytes;
	m->host.cpus = (unsigned)m->n_places;
	for (size_t i = 0; i < m->n_places; i++)
		m->host.cores += m->places[i].thread == 0;
	measure_memory(m, &meminfo);
	mp_str_done(&meminfo);
	return 0;
}

int mp_machine_open_from(const struct mp_machine_source *source, struct mp_machine **ret_machine,
			 struct mp_err *err)
{
	struct mp_machine *m = calloc(1, sizeof(*m));
	int code;

	if (!m)
		return mp_err_env(err, -ENOMEM, "no memory for the description of this machine");
	m->root = strdup(source->root);
	code = m->root ? load_topology(m, source, err)
		       : mp_err_env(err, -ENOMEM, "no memory for the description of this machine");
	if (!code)
		code = find_places(m, err);
	if (!code)
		code = fill_host(m, err);
	if (code) {
		mp_machine_close(m);
		return code;
	}
	*ret_machine = m;
	return 0;
}

int mp_machine_open(struct mp_machine **ret_machine, struct mp_err *err)
{
	return mp_machine_open_from(&(struct mp_machine_source){ .root = "" }, ret_machine, err);
}

void mp_machine_close(struct mp_machine *machine)
{
	if (!machine)
		return;
	if (machine->topology)
		hwloc_topology_destroy(machine->topology);
	free(machine->places);
	free(machine->root);
	free(machine);
}

const struct mp_host *mp_machine_host(const struct mp_machine *machine)
{
	return &machine->host;
}

const char *mp_machine_root(const struct mp_machine *machine)
{
	return machine->root;
}

int mp_machine_place(const struct mp_machine *machine, unsigned threads, int *ret_cpus,
		     struct mp_err *err)
{
	if (threads > machine->n_places)
		return mp_err_env(err, -ERANGE,
				  "%u workers need as many CPUs, and this process may use %zu: ask "
				  "for fewer threads, or start memperf with a wider 'taskset -c'",
				  threads, machine->n_places);
	for (unsigned i = 0; i < threads; i++)
		ret_cpus[i] = machine->places[i].cpu;
	return 0;
}

int mp_machine_node_of(const struct mp_machine *machine, int cpu)
{
	hwloc_obj_t node = NULL;
	int best = -1, best_weight = 0;

	/* The smallest set of CPUs that holds it is the nearest; memory that only a far set shares is not local. */
	while ((node = hwloc_get_next_obj_by_type(machine->topology, HWLOC_OBJ_NUMANODE, node))) {
		int weight = hwloc_bitmap_weight(node->cpuset);

		if (!hwloc_bitmap_isset(node->cpuset, (unsigned)cpu) ||
		    (machine->live && !node->attr->numanode.local_memory))
			continue;
		if (best < 0 || weight < best_weight) {
			best = (int)node->os_index;
			best_weight = weight;
		}
	}
	return best;
}
