/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine as the plan and the workers need it: what may be used (CPUs, memory, nodes), how big its pages and
 * caches are, and which CPU a worker gets. hwloc describes the topology, libnuma the memory of nodes; what
 * neither knows is read from procfs and sysfs.
 */
#include "runner/machine/machine.h"

#include <errno.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/machine/affinity.h"
#include "runner/machine/cgroup.h"
#include "runner/machine/internal.h"
#include "runner/machine/kinds.h"
#include "runner/machine/facthelp.h"
#include "runner/machine/module.h"
#include "runner/machine/nodes.h"
#include "runner/machine/setup_paths.h"
#include "runner/machine/sysfile.h"

struct mp_machine {
	struct mp_machine_map map;
	char *root;
	bool live; /* the topology is this system's */
	struct mp_host host;
};

static int load_failed(const struct mp_machine_source *source, struct mp_err *err)
{
	if (source->xml)
		return mp_err_usage(
			err, -EINVAL,
			"'%s' is no topology that hwloc %d reads; 'lstopo --of xml FILE' writes "
			"one on the other machine (with --export-xml-flags v2 from hwloc 3 on)",
			source->xml, HWLOC_API_VERSION >> 16);
	return mp_err_env(err, -EIO,
			  "hwloc cannot read the topology of this machine: see what 'lstopo' says");
}

/* The length of a text includes its end. */
static int set_xml(hwloc_topology_t topology, const struct mp_machine_source *source)
{
	return source->text ? hwloc_topology_set_xmlbuffer(topology, source->text->text,
							   (int)source->text->len + 1)
			    : hwloc_topology_set_xml(topology, source->xml);
}

static int another_machine(struct mp_err *err)
{
	return mp_err_env(err, -EIO,
			  "hwloc is told to describe another machine than this one: unset "
			  "HWLOC_XMLFILE, HWLOC_SYNTHETIC, HWLOC_FSROOT and HWLOC_THISSYSTEM");
}

static int load_topology(struct mp_machine *m, const struct mp_machine_source *source,
			 struct mp_err *err)
{
	if (hwloc_topology_init(&m->map.topology)) {
		m->map.topology = NULL;
		return mp_err_env(err, -ENOMEM, "no memory for the topology of this machine");
	}
	m->live = !source->synthetic && !source->xml;
	/* What they name would be read without a bound, and is not asked of this machine. */
	if (m->live &&
	    (getenv("HWLOC_XMLFILE") || getenv("HWLOC_SYNTHETIC") || getenv("HWLOC_FSROOT")))
		return another_machine(err);
	if (source->synthetic && hwloc_topology_set_synthetic(m->map.topology, source->synthetic))
		return mp_err_usage(err, -EINVAL, "'%s' is not an hwloc synthetic topology",
				    source->synthetic);
	if (source->xml && set_xml(m->map.topology, source))
		return mp_err_usage(err, -EINVAL, "'%s' is not an hwloc XML file", source->xml);
	if (hwloc_topology_load(m->map.topology))
		return load_failed(source, err);
	/* Bindings computed on another machine's map would fail one by one in the workers. */
	if (m->live && !hwloc_topology_is_thissystem(m->map.topology))
		return another_machine(err);
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

/* Where this kernel is asked about CPUs; NULL: it has nothing to say about a captured topology. */
static const char *cpu_root(const struct mp_machine *m)
{
	return m->live || *m->root ? m->root : NULL;
}

/* Every usable CPU with all that placement goes by, in the order of the policy auto. */
static int map_places(struct mp_machine *m, hwloc_const_bitmap_t usable)
{
	struct mp_machine_map *map = &m->map;
	char isolated[256] = "";
	int code;

	if (cpu_root(m))
		mp_sysfile_line(m->root, isolated, sizeof(isolated),
				"/sys/devices/system/cpu/isolated");
	code = mp_placement_list(map->topology, usable, isolated, &map->places, &map->n_places);
	if (!code)
		code = mp_kinds_set(map->topology, cpu_root(m), map->places, map->n_places);
	if (!code)
		code = mp_nodes_find(map->topology, m->live, &map->nodes);
	if (code)
		return code;
	mp_nodes_set(&map->nodes, map->places, map->n_places);
	mp_placement_sort(map->places, map->n_places);
	return 0;
}

static int find_places(struct mp_machine *m, struct mp_err *err)
{
	hwloc_bitmap_t usable =
		hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(m->map.topology));
	int code = usable ? 0 : -ENOMEM;

	if (!code && m->live)
		code = restrict_to_affinity(usable);
	if (!code)
		code = map_places(m, usable);
	hwloc_bitmap_free(usable);
	if (code == -ENOMEM)
		return mp_err_env(err, code, "no memory for the list of CPUs");
	if (code)
		return mp_err_env(err, -EIO,
				  "no CPU of hwloc's topology may be used by this process: compare "
				  "'taskset -p $$' with 'lstopo'");
	return 0;
}

/* Memory that a worker may fill: what is built in, on the nodes it may use, under the limits of its groups. */
static void measure_memory(struct mp_machine *m, const struct mp_str *meminfo)
{
	const struct mp_nodes *nodes = &m->map.nodes;
	/* A node's own total misses memory that the kernel has not initialised yet: it counts where only some of
	 * them may be used. */
	uint64_t total = 0, of_nodes = !m->live || nodes->closed ? nodes->bytes : 0, limit;

	if (mp_sysfile_field_number(meminfo->text, "MemTotal", &total))
		total = of_nodes;
	else if (of_nodes && of_nodes < total)
		total = of_nodes;
	if (!mp_cgroup_memory_limit(m->root, &limit) && limit < total)
		total = limit;
	m->host.memory_bytes = total;
	m->host.nodes = nodes->count ? (unsigned)nodes->count : 1;
}

/* The sizes, or-ed, that folders "hugepages-<KiB>kB" of `folder` are called by. */
static uint64_t page_sizes(const char *root, const char *folder)
{
	char **names = NULL;
	uint64_t sizes = 0;
	unsigned long long kib;
	size_t count = 0;

	mp_fact_names(root, folder, "hugepages-*kB", &names, &count);
	for (size_t i = 0; i < count; i++)
		if (sscanf(names[i], "hugepages-%llukB", &kib) == 1)
			sizes |= kib * 1024;
	mp_fact_names_free(names, count);
	return sizes;
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
	m->host.hugetlb_sizes = page_sizes(m->root, MP_SETUP_HUGEPAGES);
	m->host.thp_sizes = page_sizes(m->root, MP_SETUP_THP);
	m->host.llc_bytes = m->map.places[0].llc_bytes;
	m->host.cpus = (unsigned)m->map.n_places;
	for (size_t i = 0; i < m->map.n_places; i++)
		m->host.cores += m->map.places[i].thread == 0;
	measure_memory(m, &meminfo);
	if (m->live && !*m->root)
		mp_module_ask(&m->host);
	mp_str_done(&meminfo);
	return 0;
}

int mp_machine_open_from(const struct mp_machine_source *source, struct mp_machine **ret_machine,
			 struct mp_err *err)
{
	struct mp_machine *m = calloc(1, sizeof(*m));
	unsigned wants = mp_sysfile_wants();
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
	if (!code)
		code = mp_sysfile_whole(wants, err);
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

bool mp_machine_is_live(const struct mp_machine *machine)
{
	return machine->live;
}

void mp_machine_close(struct mp_machine *machine)
{
	if (!machine)
		return;
	if (machine->map.topology)
		hwloc_topology_destroy(machine->map.topology);
	mp_nodes_done(&machine->map.nodes);
	free(machine->map.places);
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

const struct mp_machine_map *mp_machine_map(const struct mp_machine *machine)
{
	return &machine->map;
}
