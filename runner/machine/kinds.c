/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Performance and efficiency cores: see kinds.h. */
#include "runner/machine/kinds.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/machine/sysfile.h"

#define PMUS	  "/sys/bus/event_source/devices"
#define KINDS_MAX 256
#define ONE_KIND  0.9 /* of the speed of the fastest core of a kind */

/* CPUs that some source calls one kind. */
struct group {
	hwloc_bitmap_t cpus;
	double speed; /* any unit; 0: unknown */
	enum mp_core_kind kind; /* ONLY: to be told by the speed */
};

struct groups {
	struct group items[KINDS_MAX];
	size_t count;
};

static struct group *add_group(struct groups *g)
{
	struct group *new = &g->items[g->count];

	if (g->count == KINDS_MAX)
		return NULL;
	*new = (struct group){ .cpus = hwloc_bitmap_alloc() };
	if (!new->cpus)
		return NULL;
	g->count++;
	return new;
}

static void groups_done(struct groups *g)
{
	for (size_t i = 0; i < g->count; i++)
		hwloc_bitmap_free(g->items[i].cpus);
	g->count = 0;
}

/* ---- hwloc's kinds ---- */

static double info_number(const struct hwloc_info_s *infos, unsigned count, const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (!strcmp(infos[i].name, name))
			return strtod(infos[i].value, NULL);
	return 0;
}

static enum mp_core_kind type_of(const struct hwloc_info_s *infos, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(infos[i].name, "CoreType"))
			continue;
		if (!strcmp(infos[i].value, "IntelCore"))
			return MP_CORE_P;
		if (!strcmp(infos[i].value, "IntelAtom"))
			return MP_CORE_E;
	}
	return MP_CORE_ONLY;
}

static int read_hwloc(hwloc_topology_t topology, struct groups *g)
{
	int count = hwloc_cpukinds_get_nr(topology, 0);

	for (int i = 0; i < count; i++) {
		struct hwloc_info_s *infos = NULL;
		struct group *new = add_group(g);
		unsigned n = 0;
		int efficiency = -1;

		if (!new)
			return -ENOMEM;
		if (hwloc_cpukinds_get_info(topology, (unsigned)i, new->cpus, &efficiency, &n,
					    &infos, 0))
			continue;
		new->kind = type_of(infos, n);
		new->speed = info_number(infos, n, "LinuxCapacity");
		if (!(new->speed > 0))
			new->speed = info_number(infos, n, "FrequencyMaxMHz");
		if (!(new->speed > 0))
			new->speed = efficiency + 1;
	}
	return 0;
}

/* The speed of a set of CPUs: that of its fastest kind by hwloc. */
static double speed_of(const struct groups *hwloc, hwloc_const_bitmap_t cpus)
{
	double speed = 0;

	for (size_t i = 0; i < hwloc->count; i++)
		if (hwloc_bitmap_intersects(hwloc->items[i].cpus, cpus) &&
		    hwloc->items[i].speed > speed)
			speed = hwloc->items[i].speed;
	return speed;
}

/* ---- the kernel's core PMUs ---- */

static bool core_pmu(const char *name, enum mp_core_kind *ret_kind)
{
	static const struct {
		const char *name;
		enum mp_core_kind kind;
	} intel[] = { { "cpu_core", MP_CORE_P },
		      { "cpu_atom", MP_CORE_E },
		      { "cpu_lowpower", MP_CORE_LP } };

	for (size_t i = 0; i < sizeof(intel) / sizeof(intel[0]); i++)
		if (!strcmp(name, intel[i].name)) {
			*ret_kind = intel[i].kind;
			return true;
		}
	*ret_kind = MP_CORE_ONLY;
	return !strncmp(name, "armv", 4) || !strncmp(name, "apple_", 6);
}

/* Kinds by PMU; none when there are not two of them with CPUs. */
static int read_pmus(const char *root, const struct groups *hwloc, struct groups *g)
{
	struct mp_str path = MP_STR_INIT;
	struct dirent *entry;
	DIR *folder;
	int code = 0;

	mp_str_printf(&path, "%s" PMUS, root);
	folder = opendir(path.text);
	mp_str_done(&path);
	while (folder && !code && (entry = readdir(folder))) {
		enum mp_core_kind kind;
		struct group *new;
		char cpus[1024];

		if (!core_pmu(entry->d_name, &kind) ||
		    mp_sysfile_line(root, cpus, sizeof(cpus), PMUS "/%s/cpus", entry->d_name) ||
		    !*cpus)
			continue;
		new = add_group(g);
		if (!new) {
			code = -ENOMEM;
		} else if (hwloc_bitmap_list_sscanf(new->cpus, cpus) ||
			   hwloc_bitmap_iszero(new->cpus)) {
			hwloc_bitmap_free(new->cpus);
			g->count--;
		} else {
			new->kind = kind;
			new->speed = speed_of(hwloc, new->cpus);
		}
	}
	if (folder)
		closedir(folder);
	if (g->count < 2)
		groups_done(g);
	return code;
}

/* ---- from groups to kinds ---- */

static int by_speed(const void *left, const void *right)
{
	const struct group *a = left, *b = right;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->speed > b->speed ? -1 : a->speed < b->speed;
}

static void set_place(struct mp_place_at *places, size_t count, const struct group *g,
		      unsigned tier, enum mp_core_kind kind)
{
	for (size_t i = 0; i < count; i++)
		if (hwloc_bitmap_isset(g->cpus, (unsigned)places[i].cpu)) {
			places[i].tier = tier;
			places[i].kind = kind;
		}
}

/* Told by type: P, E, LP are the tiers. A group of unknown type beside them keeps ONLY. */
static void by_type(const struct groups *g, struct mp_place_at *places, size_t count)
{
	for (size_t i = 0; i < g->count; i++)
		set_place(places, count, &g->items[i],
			  g->items[i].kind > MP_CORE_P ? g->items[i].kind - MP_CORE_P : 0,
			  g->items[i].kind);
}

/* Told by speed: sorted downwards; within ONE_KIND of the first of a tier is the same one. `apart`: PMUs differ by
 * microarchitecture, so each is a tier whatever its speed. */
static void by_tier(const struct groups *g, bool apart, struct mp_place_at *places, size_t count)
{
	unsigned tiers[KINDS_MAX] = { 0 }, tier = 0;
	double first = g->count ? g->items[0].speed : 0;

	for (size_t i = 1; i < g->count; i++) {
		if (apart || g->items[i].speed < ONE_KIND * first) {
			tier++;
			first = g->items[i].speed;
		}
		tiers[i] = tier;
	}
	for (size_t i = 0; tier && i < g->count; i++)
		set_place(places, count, &g->items[i], tiers[i],
			  !tiers[i]	     ? MP_CORE_P
			  : tiers[i] == tier ? MP_CORE_E
					     : MP_CORE_MIDDLE);
}

/* Efficiency cores without an L3 while others of them have one. */
static void find_island(struct mp_place_at *places, size_t count)
{
	bool any = false;

	for (size_t i = 0; i < count; i++)
		any |= places[i].kind == MP_CORE_E && places[i].l3 >= 0;
	for (size_t i = 0; any && i < count; i++)
		if (places[i].kind == MP_CORE_E && places[i].l3 < 0) {
			places[i].kind = MP_CORE_LP;
			places[i].tier++;
		}
}

/* ---- names ---- */

static double rank_of(const struct groups *hwloc, int cpu)
{
	for (size_t i = 0; i < hwloc->count; i++)
		if (hwloc_bitmap_isset(hwloc->items[i].cpus, (unsigned)cpu))
			return hwloc->items[i].speed;
	return 0;
}

static bool ranked(const struct groups *hwloc, const struct mp_place_at *places, size_t count,
		   const struct mp_place_at *place)
{
	double rank = rank_of(hwloc, place->cpu);

	for (size_t i = 0; i < count; i++)
		if (places[i].kind == place->kind && places[i].tier == place->tier &&
		    rank_of(hwloc, places[i].cpu) != rank)
			return true;
	return false;
}

static void name_places(const struct groups *hwloc, struct mp_place_at *places, size_t count)
{
	static const char *const words[] = { [MP_CORE_ONLY] = "",
					     [MP_CORE_P] = "p",
					     [MP_CORE_MIDDLE] = "m",
					     [MP_CORE_E] = "e",
					     [MP_CORE_LP] = "lp" };

	for (size_t i = 0; i < count; i++) {
		struct mp_place_at *at = &places[i];
		char tier[8] = "", rank[10] = "";

		if (at->kind == MP_CORE_MIDDLE)
			snprintf(tier, sizeof(tier), "%u", at->tier % 1000);
		if (ranked(hwloc, places, count, at))
			snprintf(rank, sizeof(rank), ":%.0f", fmod(rank_of(hwloc, at->cpu), 1e8));
		snprintf(at->speed, sizeof(at->speed), "%s%.3s%s", words[at->kind], tier, rank);
	}
}

int mp_kinds_set(hwloc_topology_t topology, const char *root, struct mp_place_at *places,
		 size_t count)
{
	struct groups hwloc = { 0 }, pmus = { 0 };
	const struct groups *g = &hwloc;
	bool typed = false;
	int code = read_hwloc(topology, &hwloc);

	if (!code && root)
		code = read_pmus(root, &hwloc, &pmus);
	if (!code && pmus.count)
		g = &pmus;
	if (!code) {
		qsort(((struct groups *)g)->items, g->count, sizeof(g->items[0]), by_speed);
		for (size_t i = 0; i < g->count; i++)
			typed |= g->items[i].kind != MP_CORE_ONLY;
		if (typed && g->count > 1)
			by_type(g, places, count);
		else if (!typed)
			by_tier(g, g == &pmus, places, count);
		find_island(places, count);
		name_places(&hwloc, places, count);
	}
	groups_done(&hwloc);
	groups_done(&pmus);
	return code;
}
