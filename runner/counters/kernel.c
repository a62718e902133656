/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The events that the kernel's interface names itself (linux/perf_event.h): software events, generic hardware and cache
 * events, tracepoints by their number in tracefs.
 */
#include "runner/counters/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/str.h"

static const struct {
	const char *name;
	uint32_t type;
	uint64_t config;
} events[] = {
	{ "software/cpu-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK },
	{ "software/task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK },
	{ "software/alignment-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_ALIGNMENT_FAULTS },
	{ "software/emulation-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_EMULATION_FAULTS },
	{ "software/page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS },
	{ "software/context-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES },
	{ "software/cpu-migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS },
	{ "software/minor-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN },
	{ "software/major-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ },
	{ "hardware/cpu-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	{ "hardware/cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	{ "hardware/instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS },
	{ "hardware/cache-references", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES },
	{ "hardware/cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES },
	{ "hardware/branch-instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS },
	{ "hardware/branches", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS },
	{ "hardware/branch-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES },
	{ "hardware/bus-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BUS_CYCLES },
	{ "hardware/stalled-cycles-frontend", PERF_TYPE_HARDWARE,
	  PERF_COUNT_HW_STALLED_CYCLES_FRONTEND },
	{ "hardware/stalled-cycles-backend", PERF_TYPE_HARDWARE,
	  PERF_COUNT_HW_STALLED_CYCLES_BACKEND },
	{ "hardware/ref-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_REF_CPU_CYCLES },
};

/* The folder of a mounted tracefs below which events/ is. 0, or a negative errno when it is mounted nowhere. */
static int find_tracefs(struct mp_resolving *r)
{
	int fs, rc;

	if (r->roots.tracefs)
		return 0;
	rc = mp_access_tracefs("", r->tracefs, sizeof(r->tracefs));
	if (!rc) {
		r->roots.tracefs = r->tracefs;
		return 0;
	}
	/* A mount that is attached nowhere changes nothing for anybody else, and ends with its descriptor. */
	fs = fsopen("tracefs", FSOPEN_CLOEXEC);
	if (fs < 0)
		return rc;
	if (!fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		r->tracefs_fd = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	close(fs);
	if (r->tracefs_fd < 0)
		return rc;
	snprintf(r->tracefs, sizeof(r->tracefs), "/proc/self/fd/%d", r->tracefs_fd);
	r->roots.tracefs = r->tracefs;
	return 0;
}

/* "group:event" to its number. */
static int tracepoint(struct mp_resolving *r, const char *name, uint64_t *ret_id,
		      struct mp_refusal *refusal)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	const char *colon = strchr(name, ':');
	char path[512], *end;
	int rc = find_tracefs(r);

	if (rc)
		return mp_refuse(refusal, rc, mp_access_tracefs_remedy(rc),
				 "tracepoint %s: tracefs is %s", name,
				 rc == -EACCES ? "closed to this user" : "not mounted");
	snprintf(path, sizeof(path), "%s/events/%.*s/%s/id", r->roots.tracefs, (int)(colon - name),
		 name, colon + 1);
	rc = mp_str_read_file(&text, path);
	if (rc == -ENOENT)
		return mp_refuse(refusal, rc, "", "this kernel has no tracepoint %s", name);
	if (rc)
		return mp_refuse(refusal, rc, mp_access_tracefs_remedy(-EACCES),
				 "cannot read the number of tracepoint %s: %s", name,
				 strerror(-rc));
	*ret_id = strtoull(text.text, &end, 10);
	if (end == text.text)
		return mp_refuse(refusal, -EINVAL, "", "tracepoint %s has no number in tracefs",
				 name);
	return 0;
}

#define MISS (PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

/* "cache/dTLB-load-misses": a cache, an operation, and whether only its misses, by perf(1)'s
 * names. 0 or -EINVAL. */
static int cache_event(const char *name, uint64_t *ret_config)
{
	static const struct {
		const char *name;
		uint64_t id;
	} caches[] = {
		{ "cache/L1-dcache-", PERF_COUNT_HW_CACHE_L1D },
		{ "cache/L1-icache-", PERF_COUNT_HW_CACHE_L1I },
		{ "cache/LLC-", PERF_COUNT_HW_CACHE_LL },
		{ "cache/dTLB-", PERF_COUNT_HW_CACHE_DTLB },
		{ "cache/iTLB-", PERF_COUNT_HW_CACHE_ITLB },
		{ "cache/branch-", PERF_COUNT_HW_CACHE_BPU },
		{ "cache/node-", PERF_COUNT_HW_CACHE_NODE },
	}, operations[] = {
		{ "loads", PERF_COUNT_HW_CACHE_OP_READ << 8 },
		{ "load-misses", PERF_COUNT_HW_CACHE_OP_READ << 8 | MISS },
		{ "stores", PERF_COUNT_HW_CACHE_OP_WRITE << 8 },
		{ "store-misses", PERF_COUNT_HW_CACHE_OP_WRITE << 8 | MISS },
		{ "prefetches", PERF_COUNT_HW_CACHE_OP_PREFETCH << 8 },
		{ "prefetch-misses", PERF_COUNT_HW_CACHE_OP_PREFETCH << 8 | MISS },
	};

	for (size_t c = 0; c < sizeof(caches) / sizeof(caches[0]); c++) {
		const size_t len = strlen(caches[c].name);

		if (strncmp(name, caches[c].name, len) != 0)
			continue;
		for (size_t o = 0; o < sizeof(operations) / sizeof(operations[0]); o++) {
			if (strcmp(name + len, operations[o].name) != 0)
				continue;
			*ret_config = caches[c].id | operations[o].id;
			return 0;
		}
	}
	return -EINVAL;
}

int mp_generic_event(const struct mp_pmus *pmus, const struct mp_pmu *core, const char *name,
		     struct mp_perf_event *ret_event)
{
	if (!cache_event(name, &ret_event->config)) {
		ret_event->type = PERF_TYPE_HW_CACHE;
	} else {
		size_t i = 0;

		while (i < sizeof(events) / sizeof(events[0]) && strcmp(events[i].name, name) != 0)
			i++;
		if (i == sizeof(events) / sizeof(events[0]))
			return -EINVAL;
		ret_event->type = events[i].type;
		ret_event->config = events[i].config;
	}
	if (ret_event->type == PERF_TYPE_SOFTWARE) {
		snprintf(ret_event->pmu, sizeof(ret_event->pmu), "software");
		return 0;
	}
	if (!core)
		return -ENODEV;
	snprintf(ret_event->pmu, sizeof(ret_event->pmu), "%s", core->name);
	/* With several core PMUs the plain types mean one of them (PERF_PMU_TYPE_SHIFT, perf_event_open(2)). */
	if (pmus->n_core > 1)
		ret_event->config |= (uint64_t)core->type << PERF_PMU_TYPE_SHIFT;
	return 0;
}

static int encode(struct mp_resolving *r, const struct mp_counter_source *source, const char *name,
		  struct mp_perf_event *event, struct mp_refusal *refusal)
{
	static const char prefix[] = "tracepoint/";
	int rc;

	event->cpu = -1;
	snprintf(event->name, sizeof(event->name), "%s", strchr(name, '/') + 1);
	if (!strncmp(name, prefix, strlen(prefix))) {
		event->type = PERF_TYPE_TRACEPOINT;
		snprintf(event->pmu, sizeof(event->pmu), "tracepoint");
		snprintf(event->filter, sizeof(event->filter), "%s",
			 source->filter ? source->filter : "");
		return tracepoint(r, name + strlen(prefix), &event->config, refusal);
	}
	rc = mp_generic_event(&r->pmus, r->core, name, event);
	if (rc == -ENODEV)
		return mp_refuse_core(r, refusal);
	return rc ? mp_refuse(refusal, rc, "", "the kernel's interface has no event '%s'", name)
		  : 0;
}

int mp_encode_kernel(struct mp_resolving *r, const struct mp_counter_source *source,
		     struct mp_counter *counter, struct mp_refusal *refusal)
{
	const char *at = source->event;
	char name[96];
	int rc = 0;

	mp_set_text(&counter->event, "%s", source->event);
	while (!rc && mp_next_word(&at, name, sizeof(name))) {
		struct mp_perf_event *event = mp_counter_add_event(counter);

		rc = event ? encode(r, source, name, event, refusal)
			   : mp_refuse(refusal, -ENOMEM, "", "no memory");
	}
	return rc;
}
