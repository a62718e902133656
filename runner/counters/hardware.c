/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events of a PMU, by the three who know encodings: the PMU's own files, memperf's table, libpfm4. Which PMU it is, where
 * it is opened and what one count is worth always comes from sysfs.
 */
#include "runner/counters/internal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "runner/counters/pfm.h"

int mp_refuse_core(const struct mp_resolving *r, struct mp_refusal *refusal)
{
	return mp_refuse(refusal, -ENODEV,
			 r->pmus.n_core ? "pin the threads to CPUs of one type"
					: "measure on bare metal, or let the hypervisor show the "
					  "guest a PMU",
			 "%s", r->no_core);
}

bool mp_next_word(const char **at, char *buf, size_t size)
{
	size_t len;

	*at += strspn(*at, " ");
	len = strcspn(*at, " ");
	snprintf(buf, size, "%.*s", (int)len, *at);
	*at += len;
	return len > 0;
}

/* What one count is worth in the metric's unit, by the PMU's files or the source. */
static int worth(const struct mp_resolving *r, const struct mp_counter_source *source,
		 struct mp_counter *c, const struct mp_pmu_unit *unit, const char *pmu,
		 double *ret_per_count, struct mp_refusal *refusal)
{
	const bool bytes = !strcmp(c->metric->unit, "bytes");
	const double known =
		source->line_size && r->cache.line_size ? r->cache.line_size : source->per_count;
	double per_count = known;

	if (bytes && unit->scaled) {
		per_count = unit->scale * mp_unit_bytes(unit->unit);
		if (!(per_count > 0))
			return mp_refuse(refusal, -EINVAL, "",
					 "PMU %s gives its event in '%s', which is no number of "
					 "bytes",
					 pmu, unit->unit);
	} else if (bytes && !(per_count > 0)) {
		return mp_refuse(refusal, -ENODATA, "",
				 "PMU %s has no scale file: what one count stands for is unknown",
				 pmu);
	}
	if (bytes && known > 0 && fabs(per_count - known) > 1e-6)
		mp_add_note(c, "the scale file of %s says %g bytes per count, its documentation %g",
			    pmu, per_count, known);
	*ret_per_count = per_count > 0 ? per_count : 1;
	return 0;
}

/* What libpfm4's PMUs make of one event name. */
struct search {
	const char *name;
	uint32_t type; /* that sysfs says */
	struct mp_perf_event
		event; /* of the PMU whose type agrees, else of the last one that encoded */
	unsigned encoded;
	bool agrees;
	struct mp_err err; /* of the last one that did not */
};

static int search_pmu(void *user, const char *pmu)
{
	struct search *s = user;
	struct mp_perf_event event = { 0 };
	char full[MP_PERF_NAME_MAX + MP_PERF_PMU_MAX];

	/* Architectural events are named by themselves, after what knows this CPU. */
	if (!strcmp(pmu, "ix86arch") && strncmp(s->name, "ix86arch::", 10) != 0)
		return 0;
	if (strstr(s->name, "::"))
		snprintf(full, sizeof(full), "%s", s->name);
	else
		snprintf(full, sizeof(full), "%s::%s", pmu, s->name);
	if (mp_pfm_encode(full, &event, &s->err))
		return 0;
	s->encoded++;
	s->event = event;
	s->agrees = event.type == s->type;
	return s->agrees;
}

/* What libpfm4 says of the event for that PMU of sysfs. A type that differs is libpfm4's mistake when one core PMU alone
 * knows the event (it falls back to 4 where it does not find the kernel's PMU); with several, nobody knows which one is
 * meant, and an uncore PMU is another one. */
static int ask_libpfm(const struct mp_pmu *pmu, const char *name, struct search *ret_search,
		      struct mp_refusal *refusal)
{
	struct search s = { .name = name, .type = pmu->type };

	snprintf(s.err.text, sizeof(s.err.text), "libpfm4 has no %s PMU for this CPU",
		 pmu->core ? "core" : "uncore");
	mp_pfm_pmus(pmu->core, search_pmu, &s);
	if (!s.encoded)
		return mp_refuse(refusal, -ENOENT, "", "%s", s.err.text);
	if (!s.agrees && (s.encoded > 1 || !pmu->core))
		return mp_refuse(refusal, -EINVAL, "",
				 "libpfm4 encodes %s for %u PMUs, none of them of type %u, which "
				 "%s has",
				 name, s.encoded, s.type, pmu->name);
	*ret_search = s;
	return 0;
}

static int libpfm_event(const struct mp_resolving *r, const struct mp_counter_source *source,
			struct mp_counter *c, const struct mp_pmu *pmu, const char *name,
			struct mp_perf_event *event, struct mp_refusal *refusal)
{
	struct mp_perf_event beside = { 0 };
	struct search s;
	struct mp_err err;
	int rc = ask_libpfm(pmu, name, &s, refusal);

	if (rc)
		return rc;
	rc = source->beside ? mp_pmu_encode(&r->pmus, pmu, source->beside, &beside, NULL, &err) : 0;
	if (rc)
		return mp_refuse(refusal, rc, "", "%s", err.text);
	if (!s.agrees && !c->n_events)
		mp_add_note(c, "libpfm4 says PMU type %u, sysfs says %u: sysfs wins", s.event.type,
			    s.type);
	s.event.cpu = event->cpu;
	s.event.whole = event->whole;
	s.event.type = s.type;
	s.event.config |= beside.config;
	snprintf(s.event.pmu, sizeof(s.event.pmu), "%s", pmu->name);
	*event = s.event;
	return 0;
}

static int terms_event(const struct mp_resolving *r, const struct mp_pmu *pmu, const char *terms,
		       struct mp_perf_event *event, struct mp_pmu_unit *unit,
		       struct mp_refusal *refusal)
{
	struct mp_err err;
	int rc = mp_pmu_encode(&r->pmus, pmu, terms, event, unit, &err);

	return rc ? mp_refuse(refusal, rc, "", "%s", err.text) : 0;
}

/* One event of one PMU on one of its CPUs. */
static int add_one(struct mp_resolving *r, const struct mp_counter_source *source,
		   struct mp_counter *c, const struct mp_pmu *pmu, int cpu, const char *terms,
		   struct mp_refusal *refusal)
{
	struct mp_perf_event event = { .cpu = cpu, .whole = cpu >= 0 };
	struct mp_perf_event *slot;
	struct mp_pmu_unit unit = { 0 };
	double per_count = 1;
	int rc = source->encoder == MP_ENCODER_LIBPFM
			 ? libpfm_event(r, source, c, pmu, terms, &event, refusal)
			 : terms_event(r, pmu, terms, &event, &unit, refusal);

	if (!rc)
		rc = worth(r, source, c, &unit, pmu->name, &per_count, refusal);
	if (rc)
		return rc;
	snprintf(event.name, sizeof(event.name), "%s", terms);
	if (c->n_events && fabs(per_count - c->per_count) > 1e-9)
		return mp_refuse(refusal, -EINVAL, "",
				 "PMU %s counts in another unit than the ones before it",
				 pmu->name);
	c->per_count = per_count;
	slot = mp_counter_add_event(c);
	if (!slot)
		return mp_refuse(refusal, -ENOMEM, "", "no memory");
	*slot = event;
	return 0;
}

/* Does the CPU share that cache? Also when it is unknown who does. */
static bool shares(const struct mp_cpu_cache *cache, int cpu)
{
	int *shared = NULL;
	size_t n = 0;
	bool found = false;

	if (mp_cpulist_parse(cache->shared, &shared, &n) || !n) {
		free(shared);
		return true;
	}
	for (size_t i = 0; i < n; i++)
		found |= shared[i] == cpu;
	free(shared);
	return found;
}

/* Does the CPU where the PMU is opened share the last-level cache of a pinned one? */
static bool in_domain(const struct mp_resolving *r, int cpu)
{
	for (size_t i = 0; i < r->n_pinned; i++) {
		struct mp_cpu_cache cache;

		mp_cpu_last_cache(r->roots.cpu, r->pinned[i], &cache);
		if (shares(&cache, cpu))
			return true;
	}
	return false;
}

/* Terms, separated by `separator`, on one PMU and all its CPUs. */
static int add_pmu(struct mp_resolving *r, const struct mp_counter_source *source,
		   struct mp_counter *c, const struct mp_pmu *pmu, const char *all, char separator,
		   struct mp_refusal *refusal)
{
	const char stop[] = { separator, '\0' };
	const size_t n_cpus = pmu->core ? 1 : pmu->n_cpus;

	if (!n_cpus)
		return mp_refuse(refusal, -ENODATA, "",
				 "PMU %s does not say where it is opened: no cpumask", pmu->name);
	for (size_t i = 0; i < n_cpus; i++) {
		const int cpu = pmu->core ? -1 : pmu->cpus[i];

		if (source->domain && cpu >= 0 && !in_domain(r, cpu))
			continue;
		for (const char *at = all; *at;) {
			char terms[MP_PERF_NAME_MAX];
			size_t len = strcspn(at, stop);
			int rc;

			snprintf(terms, sizeof(terms), "%.*s", (int)len, at);
			rc = add_one(r, source, c, pmu, cpu, terms, refusal);
			if (rc)
				return rc;
			at += len + (at[len] == separator);
		}
	}
	return 0;
}

/* Are all names of "a+b" in the PMU's events/? */
static bool has_events(struct mp_resolving *r, const struct mp_pmu *pmu, const char *names)
{
	while (*names) {
		char name[MP_PERF_NAME_MAX];
		size_t len = strcspn(names, "+");

		snprintf(name, sizeof(name), "%.*s", (int)len, names);
		if (!mp_pmu_has_event(&r->pmus, pmu, name))
			return false;
		names += len + (names[len] == '+');
	}
	return true;
}

/* The first alternative that the PMU's events/ has all names of. */
static int choose_names(struct mp_resolving *r, const struct mp_counter_source *source,
			const struct mp_pmu *pmu, char *buf, size_t size,
			struct mp_refusal *refusal)
{
	const char *at = source->event;

	while (mp_next_word(&at, buf, size))
		if (has_events(r, pmu, buf))
			return 0;
	return mp_refuse(refusal, -ENOENT, "", "PMU %s has no event %s", pmu->name, source->event);
}

/* The PMUs of the source: calls for each; refuses when there is none. */
static int each_pmu(struct mp_resolving *r, const struct mp_counter_source *source,
		    struct mp_counter *c,
		    int (*each)(struct mp_resolving *r, const struct mp_counter_source *source,
				struct mp_counter *c, const struct mp_pmu *pmu,
				struct mp_refusal *refusal),
		    struct mp_refusal *refusal)
{
	char remedy[128] = "";
	bool other = false, elsewhere = false;
	int rc = 0;

	if (!source->pmu)
		return r->core ? each(r, source, c, r->core, refusal) : mp_refuse_core(r, refusal);
	for (size_t i = 0; !rc && i < r->pmus.n; i++) {
		const struct mp_pmu *pmu = &r->pmus.items[i];

		if (!mp_pmu_matches(source->pmu, pmu->name))
			continue;
		/* A core PMU counts on its own CPUs only. */
		if (pmu->core && pmu != r->core) {
			other = true;
		} else {
			rc = each(r, source, c, pmu, refusal);
			elsewhere = true;
		}
	}
	if (rc || c->n_events)
		return rc;
	if (elsewhere)
		return mp_refuse(refusal, -ENXIO, "",
				 "no %s counts the last-level cache of the CPUs measured on",
				 source->pmu);
	if (other)
		return mp_refuse(refusal, -ENXIO, "", "it is for another core type (%s)",
				 source->pmu);
	if (source->module)
		snprintf(remedy, sizeof(remedy), "as root: modprobe %s (not in a guest)",
			 source->module);
	return mp_refuse(refusal, -ENODEV, remedy, "no PMU %s in sysfs", source->pmu);
}

/* "uncore_imc_0/cas_count_read/, 8 instances"; nothing while no instance counts in the domain */
static void describe(struct mp_counter *c, const char *terms)
{
	const struct mp_perf_event *e = c->events;

	if (!c->n_events)
		return;
	if (c->n_events > 1 && e->whole)
		mp_set_text(&c->event, "%s/%s/, %zu instances", e->pmu, terms, c->n_events);
	else
		mp_set_text(&c->event, "%s/%s/", e->pmu, terms);
}

static int sysfs_pmu(struct mp_resolving *r, const struct mp_counter_source *source,
		     struct mp_counter *c, const struct mp_pmu *pmu, struct mp_refusal *refusal)
{
	char names[MP_PERF_NAME_MAX];
	int rc = choose_names(r, source, pmu, names, sizeof(names), refusal);

	if (!rc)
		rc = add_pmu(r, source, c, pmu, names, '+', refusal);
	if (!rc)
		describe(c, names);
	return rc;
}

int mp_encode_sysfs(struct mp_resolving *r, const struct mp_counter_source *source,
		    struct mp_counter *counter, struct mp_refusal *refusal)
{
	return each_pmu(r, source, counter, sysfs_pmu, refusal);
}

static int table_pmu(struct mp_resolving *r, const struct mp_counter_source *source,
		     struct mp_counter *c, const struct mp_pmu *pmu, struct mp_refusal *refusal)
{
	int rc = add_pmu(r, source, c, pmu, source->event, ' ', refusal);

	if (!rc)
		describe(c, source->event);
	return rc;
}

int mp_encode_table(struct mp_resolving *r, const struct mp_counter_source *source,
		    struct mp_counter *counter, struct mp_refusal *refusal)
{
	return each_pmu(r, source, counter, table_pmu, refusal);
}

/* The first alternative all of whose names libpfm4 encodes for the PMU. */
static int libpfm_pmu(struct mp_resolving *r, const struct mp_counter_source *source,
		      struct mp_counter *c, const struct mp_pmu *pmu, struct mp_refusal *refusal)
{
	const size_t before = c->n_events;
	const char *at = source->event;
	char names[MP_PERF_NAME_MAX], first[MP_PERF_NAME_MAX];
	struct search s;
	int rc = -ENOENT;

	while (rc && mp_next_word(&at, names, sizeof(names))) {
		c->n_events = before;
		rc = add_pmu(r, source, c, pmu, names, '+', refusal);
	}
	if (rc)
		return rc;
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(names, "+"), names);
	if (strstr(names, "::"))
		mp_set_text(&c->event, "%s", names);
	else if (!ask_libpfm(pmu, first, &s, refusal))
		mp_set_text(&c->event, "%s::%s", s.event.pmu, names);
	return 0;
}

int mp_encode_libpfm(struct mp_resolving *r, const struct mp_counter_source *source,
		     struct mp_counter *counter, struct mp_refusal *refusal)
{
	if (r->query->roots.event_source)
		return mp_refuse(refusal, -EXDEV, "",
				 "libpfm4 knows the machine that it runs on, not a captured one");
	return each_pmu(r, source, counter, libpfm_pmu, refusal);
}
