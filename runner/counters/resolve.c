/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks the sources of each metric in their order and keeps what was tried: see counters.h. */
#include "runner/counters/internal.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/str.h"
#include "common/vec.h"
#include "runner/counters/pfm.h"

const char *mp_counter_pass_name(enum mp_counter_pass pass)
{
	return pass == MP_PASS_TIMING	 ? "timing"
	       : pass == MP_PASS_EXPLAIN ? "explain"
					 : "bandwidth";
}

const char *mp_counter_encoder_name(enum mp_counter_encoder encoder)
{
	static const char *const names[] = { "kernel", "libpfm", "sysfs",  "table",
					     "rusage", "file",	 "formula" };

	return names[encoder];
}

const char *mp_counter_side_name(enum mp_counter_side side)
{
	return side == MP_SIDE_USER ? "user" : "user+kernel";
}

int mp_refuse(struct mp_refusal *refusal, int error, const char *remedy, const char *fmt, ...)
{
	va_list ap;

	refusal->error = error;
	snprintf(refusal->remedy, sizeof(refusal->remedy), "%s", remedy);
	va_start(ap, fmt);
	vsnprintf(refusal->why, sizeof(refusal->why), fmt, ap);
	va_end(ap);
	return error;
}

void mp_set_text(char **text, const char *fmt, ...)
{
	struct mp_str s = MP_STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	mp_str_vprintf(&s, fmt, ap);
	va_end(ap);
	free(*text);
	*text = mp_str_take(&s);
}

void mp_add_note(struct mp_counter *counter, const char *fmt, ...)
{
	struct mp_str s = MP_STR_INIT;
	va_list ap;

	if (counter->note)
		mp_str_printf(&s, "%s; ", counter->note);
	va_start(ap, fmt);
	mp_str_vprintf(&s, fmt, ap);
	va_end(ap);
	free(counter->note);
	counter->note = mp_str_take(&s);
}

struct mp_perf_event *mp_counter_add_event(struct mp_counter *counter)
{
	return mp_vec_push((void **)&counter->events, &counter->n_events, &counter->cap_events,
			   sizeof(*counter->events));
}

enum mp_counter_pass mp_counter_source_pass(const struct mp_counter_metric *metric,
					    const struct mp_counter_source *source)
{
	if (source->pass)
		return (enum mp_counter_pass)source->pass;
	return source->scope == MP_SCOPE_THREAD || source->scope == MP_SCOPE_PROCESS
		       ? metric->pass
		       : MP_PASS_BANDWIDTH;
}

bool mp_counter_metric_in(const struct mp_counter_metric *metric, enum mp_counter_pass pass)
{
	for (size_t i = 0; i < metric->n_sources; i++)
		if (mp_counter_source_pass(metric, &metric->sources[i]) == pass)
			return true;
	return false;
}

const struct mp_counter_metric *mp_counter_metric_find(const char *id)
{
	for (size_t f = 0; f < mp_n_counter_families; f++)
		for (size_t i = 0; i < mp_counter_families[f]->n_metrics; i++)
			if (!strcmp(mp_counter_families[f]->metrics[i].id, id))
				return &mp_counter_families[f]->metrics[i];
	return NULL;
}

const struct mp_counter *mp_counters_find(const struct mp_counters *counters, const char *id)
{
	for (size_t i = 0; i < counters->n; i++)
		if (!strcmp(counters->items[i].metric->id, id))
			return &counters->items[i];
	return NULL;
}

struct mp_counter_rule mp_counter_rule_of(const struct mp_counter *counter)
{
	return (struct mp_counter_rule){
		.per_count = counter->per_count,
		.expected = counter->n_events ? (uint32_t)counter->n_events : 1,
		.estimate = counter->estimate,
		.zero_proven = counter->zero_proven,
		.zero_reason = counter->proof,
	};
}

static void clear_counter(struct mp_counter *c)
{
	for (size_t i = 0; i < c->n_files; i++) {
		free(c->files[i].path);
		free(c->files[i].fields);
	}
	free(c->files);
	free(c->events);
	free(c->proof);
	free(c->note);
	free(c->event);
	free(c->remedy);
	free(c->reason);
	*c = (struct mp_counter){ .metric = c->metric,
				  .attempts = c->attempts,
				  .n_attempts = c->n_attempts,
				  .cap_attempts = c->cap_attempts };
}

static void done_counter(struct mp_counter *c)
{
	clear_counter(c);
	for (size_t a = 0; a < c->n_attempts; a++) {
		free(c->attempts[a].why);
		free(c->attempts[a].remedy);
	}
	free(c->attempts);
}

void mp_counters_done(struct mp_counters *counters)
{
	for (size_t i = 0; i < counters->n; i++)
		done_counter(&counters->items[i]);
	free(counters->items);
	free(counters->libpfm);
	*counters = (struct mp_counters){ 0 };
}

static int resolve_metric(struct mp_resolving *r, const struct mp_counter_metric *metric);

/* An estimate from another metric, which is resolved first and stands before it. */
static int encode_formula(struct mp_resolving *r, const struct mp_counter_source *source,
			  struct mp_counter *c, struct mp_refusal *refusal)
{
	const struct mp_counter_metric *base = mp_counter_metric_find(source->event);
	const struct mp_counter *found;

	/* Whenever its base can be read. */
	r->pass = 0;
	if (resolve_metric(r, base))
		return mp_refuse(refusal, -ENOMEM, "", "no memory");
	r->pass = r->query->pass;
	found = mp_counters_find(r->out, base->id);
	if (!found->source)
		return mp_refuse(refusal, -ENODATA, found->remedy ? found->remedy : "",
				 "%s is unavailable: %.*s", base->id,
				 (int)strcspn(found->reason, ";"), found->reason);
	if (source->line_size && !r->cache.line_size)
		return mp_refuse(refusal, -ENODATA, "",
				 "the line size of the last-level cache is unknown");
	c->base = base;
	c->scope = found->scope;
	c->side = found->side;
	c->zero_proven = found->zero_proven;
	if (found->proof)
		mp_set_text(&c->proof, "%s: %s", base->id, found->proof);
	if (source->line_size) {
		c->per_count = r->cache.line_size;
		mp_set_text(&c->event, "%s * %u", base->id, r->cache.line_size);
	}
	return 0;
}

static int admit_l3(const struct mp_resolving *r, struct mp_refusal *refusal)
{
	for (size_t i = 0; i < r->n_pinned; i++) {
		struct mp_cpu_cache cache;

		mp_cpu_last_cache(r->roots.cpu, r->pinned[i], &cache);
		if (mp_cpu_lacks_l3(&cache))
			return mp_refuse(refusal, -ENODEV, "", "there is no L3 above CPU %d",
					 r->pinned[i]);
	}
	return 0;
}

/* What needs no look at the event: the wrong CPU, a source that is known to be none. */
static int admit(struct mp_resolving *r, const struct mp_counter_source *source,
		 const struct mp_counter *c, struct mp_refusal *refusal)
{
	const char *id = r->out->cpu_id;

	if (source->cpu && !*id)
		return mp_refuse(refusal, -ENXIO, "",
				 "it is for %s, and which CPU this is is unknown", source->cpu);
	if (!mp_cpu_matches(source->cpu, id))
		return mp_refuse(refusal, -ENXIO, "", "it is for other CPUs (%s)", source->cpu);
	if (source->refuse)
		return mp_refuse(refusal, -ENOTSUP, "", "%s", source->refuse);
	return c->metric->needs_l3 ? admit_l3(r, refusal) : 0;
}

static int encode(struct mp_resolving *r, const struct mp_counter_source *source,
		  struct mp_counter *c, struct mp_refusal *refusal)
{
	static int (*const encoders[])(struct mp_resolving * r,
				       const struct mp_counter_source *source, struct mp_counter *c,
				       struct mp_refusal *refusal) = {
		[MP_ENCODER_KERNEL] = mp_encode_kernel, [MP_ENCODER_LIBPFM] = mp_encode_libpfm,
		[MP_ENCODER_SYSFS] = mp_encode_sysfs,	[MP_ENCODER_TABLE] = mp_encode_table,
		[MP_ENCODER_RUSAGE] = mp_encode_rusage, [MP_ENCODER_FILE] = mp_encode_file,
		[MP_ENCODER_FORMULA] = encode_formula,
	};
	int rc = admit(r, source, c, refusal);

	return rc ? rc : encoders[source->encoder](r, source, c, refusal);
}

static int try_source(struct mp_resolving *r, const struct mp_counter_source *source,
		      struct mp_counter *c, struct mp_refusal *refusal)
{
	int rc;

	c->source = source;
	c->scope = source->scope;
	c->encoder = source->encoder;
	c->estimate = source->estimate;
	c->per_count = source->per_count > 0 ? source->per_count : 1;
	if (source->note)
		mp_set_text(&c->note, "%s", source->note);
	rc = encode(r, source, c, refusal);
	return rc ? rc : mp_counter_prove(r, c, refusal);
}

static int note_attempt(struct mp_counter *c, const struct mp_counter_source *source,
			const struct mp_refusal *refusal)
{
	struct mp_counter_attempt *a =
		mp_vec_push((void **)&c->attempts, &c->n_attempts, &c->cap_attempts, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->source = source;
	a->error = refusal->error;
	a->why = strdup(refusal->why);
	if (refusal->remedy[0])
		a->remedy = strdup(refusal->remedy);
	return a->why && (a->remedy || !refusal->remedy[0]) ? 0 : -ENOMEM;
}

/* One sentence over everything that was tried and could have been, and the first remedy there is. */
static int give_up(struct mp_counter *c, const char *cpu_id)
{
	struct mp_str reason = MP_STR_INIT;

	for (size_t i = 0; i < c->n_attempts; i++) {
		const struct mp_counter_attempt *a = &c->attempts[i];

		if (a->error != -ENXIO && !strstr(reason.text, a->why))
			mp_str_printf(&reason, "%s%s: %s", reason.len ? "; " : "", a->source->name,
				      a->why);
		if (a->remedy && !c->remedy) {
			c->remedy = strdup(a->remedy);
			reason.failed |= !c->remedy;
		}
	}
	if (!c->n_attempts)
		mp_str_add(&reason, "it is not read in this pass");
	else if (!reason.len)
		mp_str_printf(&reason, "no source for this CPU (%s)", *cpu_id ? cpu_id : "unknown");
	c->reason = mp_str_take(&reason);
	return c->reason ? 0 : -ENOMEM;
}

static int try_sources(struct mp_resolving *r, struct mp_counter *c)
{
	const struct mp_counter_metric *metric = c->metric;

	for (size_t i = 0; i < metric->n_sources; i++) {
		struct mp_refusal refusal = { 0 };

		if (r->pass && r->pass != mp_counter_source_pass(metric, &metric->sources[i]))
			continue;
		if (!try_source(r, &metric->sources[i], c, &refusal))
			return 0;
		clear_counter(c);
		if (note_attempt(c, &metric->sources[i], &refusal))
			return -ENOMEM;
	}
	return give_up(c, r->out->cpu_id);
}

/* Adds the metric unless it is there. */
static int resolve_metric(struct mp_resolving *r, const struct mp_counter_metric *metric)
{
	struct mp_counters *out = r->out;
	struct mp_counter c = { .metric = metric }, *slot;

	if (mp_counters_find(out, metric->id))
		return 0;
	if (!try_sources(r, &c)) {
		slot = mp_vec_push((void **)&out->items, &out->n, &out->cap, sizeof(*slot));
		if (slot) {
			*slot = c;
			return 0;
		}
	}
	done_counter(&c);
	return -ENOMEM;
}

const char *mp_counter_metric_nearest(const char *id)
{
	const char *words[256];
	size_t n = 0;

	for (size_t f = 0; f < mp_n_counter_families; f++)
		for (size_t i = 0; i < mp_counter_families[f]->n_metrics && n < 256; i++)
			words[n++] = mp_counter_families[f]->metrics[i].id;
	return mp_str_nearest(id, words, n);
}

int mp_counter_metric_check(const char *id, struct mp_err *err)
{
	const char *near = mp_counter_metric_nearest(id);

	if (mp_counter_metric_find(id))
		return 0;
	if (near)
		return mp_err_usage(err, -EINVAL, "no metric '%s'; did you mean '%s'?", id, near);
	return mp_err_usage(err, -EINVAL, "no metric '%s'; 'memperf counters' lists them", id);
}

static int resolve_all(struct mp_resolving *r, struct mp_err *err)
{
	const struct mp_counter_query *q = r->query;
	int rc = 0;

	for (size_t i = 0; !rc && i < q->n_metrics; i++) {
		rc = mp_counter_metric_check(q->metrics[i], err);
		if (rc)
			return rc;
		rc = resolve_metric(r, mp_counter_metric_find(q->metrics[i]));
	}
	for (size_t f = 0; !rc && !q->n_metrics && f < mp_n_counter_families; f++)
		for (size_t i = 0; !rc && i < mp_counter_families[f]->n_metrics; i++)
			rc = resolve_metric(r, &mp_counter_families[f]->metrics[i]);
	return rc ? mp_err_env(err, rc, "no memory for the counters") : 0;
}

/* The core PMU of all pinned CPUs, or the reason why there is none. */
static void find_core(struct mp_resolving *r)
{
	r->core = mp_pmus_core(&r->pmus, r->pinned[0]);
	if (!r->core)
		snprintf(r->no_core, sizeof(r->no_core), "%s",
			 r->pmus.n_core ? "no core PMU lists this CPU"
					: "there is no core PMU in sysfs (a virtual machine "
					  "without one?)");
	for (size_t i = 1; r->core && i < r->n_pinned; i++) {
		const struct mp_pmu *other = mp_pmus_core(&r->pmus, r->pinned[i]);

		if (other == r->core)
			continue;
		snprintf(r->no_core, sizeof(r->no_core),
			 "CPUs %d and %d are of different types (%s, %s), whose counts do not add "
			 "up",
			 r->pinned[0], r->pinned[i], r->core->name, other ? other->name : "none");
		r->core = NULL;
	}
	snprintf(r->out->core_pmu, sizeof(r->out->core_pmu), "%s", r->core ? r->core->name : "");
}

static int prepare(struct mp_resolving *r)
{
	const struct mp_counter_query *q = r->query;
	struct mp_str libpfm = MP_STR_INIT;

	r->roots = q->roots;
	r->pass = q->pass;
	if (!r->roots.event_source)
		r->roots.event_source = MP_EVENT_SOURCE;
	if (!r->roots.cpu)
		r->roots.cpu = MP_CPU_ROOT;
	if (!r->roots.proc)
		r->roots.proc = "/proc";
	if (!r->roots.resctrl)
		r->roots.resctrl = "/sys/fs/resctrl";
	r->cpus[0] = sched_getcpu();
	r->pinned = q->n_cpus ? q->cpus : r->cpus;
	r->n_pinned = q->n_cpus ? q->n_cpus : 1;
	mp_access_read(r->roots.proc, &r->access);
	r->out->paranoid = r->access.paranoid;
	if (q->cpu_id)
		snprintf(r->out->cpu_id, sizeof(r->out->cpu_id), "%s", q->cpu_id);
	else
		mp_cpu_identity(r->roots.proc, r->pinned[0], r->out->cpu_id);
	mp_cpu_last_cache(r->roots.cpu, r->pinned[0], &r->cache);
	/* A kernel without perf events has no such folder: then there is no PMU. */
	if (mp_pmus_read(r->roots.event_source, &r->pmus, NULL) == -ENOMEM)
		return -ENOMEM;
	find_core(r);
	if (q->roots.event_source)
		mp_str_add(&libpfm, "not asked: it knows the machine that it runs on");
	else
		mp_pfm_describe(&libpfm);
	r->out->libpfm = mp_str_take(&libpfm);
	return r->out->libpfm ? 0 : -ENOMEM;
}

/* Onto the first pinned CPU. */
static int pin(struct mp_resolving *r, struct mp_err *err)
{
	const int cpu = r->pinned[0];
	cpu_set_t one;

	if (cpu < 0 || cpu >= CPU_SETSIZE || !CPU_ISSET((size_t)cpu, &r->allowed))
		return mp_err_usage(err, -EINVAL,
				    "CPU %d is not one that this process may run on: name one of "
				    "those that 'taskset -cp $$' lists",
				    cpu);
	CPU_ZERO(&one);
	CPU_SET((size_t)cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		return mp_err_env(err, -errno, "cannot run on CPU %d to try the counters: %s", cpu,
				  strerror(errno));
	return 0;
}

int mp_counters_resolve(const struct mp_counter_query *query, struct mp_counters *ret_counters,
			struct mp_err *err)
{
	struct mp_counters out = { 0 };
	struct mp_resolving r = { .query = query, .out = &out, .tracefs_fd = -1 };
	int rc;

	CPU_ZERO(&r.allowed);
	sched_getaffinity(0, sizeof(r.allowed), &r.allowed);
	rc = prepare(&r) ? mp_err_env(err, -ENOMEM, "no memory for the counters") : 0;
	if (!rc && query->ops)
		rc = pin(&r, err);
	if (!rc)
		rc = resolve_all(&r, err);
	if (query->ops)
		sched_setaffinity(0, sizeof(r.allowed), &r.allowed);
	if (r.tracefs_fd >= 0)
		close(r.tracefs_fd);
	mp_pmus_done(&r.pmus);
	if (rc)
		mp_counters_done(&out);
	else
		*ret_counters = out;
	return rc;
}
