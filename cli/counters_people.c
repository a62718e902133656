/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metrics for people: what each is counted by, or every source that was tried and why it was refused. */
#include "cli/counters.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "report/format/width.h"

#define WIDTH_MAX 110 /* of running text, however wide the terminal is */
#define INDENT	  4

static void paragraph(struct mp_str *out, unsigned width, const char *name, const char *text)
{
	struct mp_str line = MP_STR_INIT;

	mp_str_pad(&line, ' ', INDENT);
	mp_str_printf(&line, "%s: %s", name, text);
	mp_text_wrap(out, line.text, width, (size_t)2 * INDENT);
	out->failed |= line.failed;
	mp_str_done(&line);
}

/* "sysfs uncore_imc_0/cas_count_read/, 16 instances; 64 bytes per count; package" */
static void add_source(const struct mp_counter *c, unsigned width, struct mp_str *out)
{
	struct mp_str text = MP_STR_INIT;

	mp_str_printf(&text, "%s (%s)", c->event, mp_counter_encoder_name(c->encoder));
	if (c->n_events) {
		const struct mp_perf_event *e = c->events;

		mp_str_printf(&text, ", type %u config 0x%llx", e->type,
			      (unsigned long long)e->config);
		if (e->config1)
			mp_str_printf(&text, " config1 0x%llx", (unsigned long long)e->config1);
	}
	mp_str_printf(&text, "; %s", mp_counter_scope_name(c->scope));
	if (c->encoder == MP_ENCODER_KERNEL || c->encoder == MP_ENCODER_LIBPFM ||
	    c->scope == MP_SCOPE_THREAD)
		mp_str_printf(&text, ", %s", mp_counter_side_name(c->side));
	if (c->per_count < 1 || c->per_count > 1)
		mp_str_printf(&text, "; %g %s per count", c->per_count, c->metric->unit);
	paragraph(out, width, c->source->name, text.text);
	out->failed |= text.failed;
	mp_str_done(&text);
}

/* Is a source of that name chosen, or refused for a reason of its own? Some have rows for several makers. */
static bool told(const struct mp_counter *c, const char *name)
{
	bool found = c->source && !strcmp(c->source->name, name);

	for (size_t i = 0; i < c->n_attempts; i++)
		found |= c->attempts[i].error != -ENXIO &&
			 !strcmp(c->attempts[i].source->name, name);
	return found;
}

static void add_attempts(const struct mp_counter *c, unsigned width, struct mp_str *out)
{
	struct mp_str others = MP_STR_INIT, name = MP_STR_INIT;

	for (size_t i = 0; i < c->n_attempts; i++) {
		const struct mp_counter_attempt *a = &c->attempts[i];

		if (a->error == -ENXIO) {
			if (!strstr(others.text, a->source->name) && !told(c, a->source->name))
				mp_str_printf(&others, "%s%s", others.len ? ", " : "",
					      a->source->name);
			continue;
		}
		mp_str_clear(&name);
		mp_str_printf(&name, "not %s", a->source->name);
		paragraph(out, width, name.text, a->why);
	}
	if (others.len)
		paragraph(out, width, "not for this CPU", others.text);
	out->failed |= others.failed | name.failed;
	mp_str_done(&others);
	mp_str_done(&name);
}

static const char *state(const struct mp_counter *c, bool captured)
{
	if (!c->source)
		return "unavailable";
	if (captured)
		return c->estimate ? "encodes, an estimate" : "encodes";
	if (c->estimate)
		return "estimated";
	return c->zero_proven ? "counts" : "counts, but its zeros are not believed";
}

static void add_metric(const struct mp_counter *c, bool captured, unsigned width,
		       struct mp_str *out)
{
	const enum mp_counter_pass pass =
		c->source ? mp_counter_source_pass(c->metric, c->source) : c->metric->pass;
	struct mp_str line = MP_STR_INIT;

	mp_str_printf(&line, "%s: %s; %s (%s pass)", c->metric->id, state(c, captured),
		      c->metric->means, mp_counter_pass_name(pass));
	mp_text_wrap(out, line.text, width, INDENT);
	out->failed |= line.failed;
	mp_str_done(&line);
	if (c->source)
		add_source(c, width, out);
	if (c->source && c->proof)
		paragraph(out, width, c->zero_proven ? "seen" : "not seen", c->proof);
	if (c->note)
		paragraph(out, width, "note", c->note);
	add_attempts(c, width, out);
	if (c->remedy)
		paragraph(out, width, "remedy", c->remedy);
	else if (!c->source)
		paragraph(out, width, "remedy", "none on this machine");
}

static void add_seen(const struct mp_counters_seen *seen, bool captured, unsigned width,
		     struct mp_str *out)
{
	const struct mp_counters *k = &seen->counters;
	size_t available = 0;

	mp_str_printf(out, "CPU %d: %s, %s%s\n\n", seen->cpu,
		      *k->cpu_id ? k->cpu_id : "unknown model",
		      *k->core_pmu ? "core PMU " : "no core PMU", k->core_pmu);
	for (size_t i = 0; i < k->n; i++) {
		add_metric(&k->items[i], captured, width, out);
		available += k->items[i].source != NULL;
	}
	mp_str_printf(out, "\n%zu of %zu metrics %s\n", available, k->n,
		      captured ? "encode" : "can be counted");
}

void mp_counters_people(const struct mp_counters_view *view, unsigned width, struct mp_str *out)
{
	const struct mp_counter_group *groups = view->groups;
	const unsigned wide = width && width < WIDTH_MAX ? width : WIDTH_MAX;
	const struct mp_counters *first = &view->seen[0].counters;
	struct mp_str line = MP_STR_INIT;

	for (size_t i = 0; i < view->n_groups; i++) {
		if (!groups[i].title)
			continue;
		mp_str_clear(&line);
		mp_str_printf(&line, "%s: %s. %s", groups[i].name, groups[i].title,
			      groups[i].about);
		mp_text_wrap(out, line.text, wide, INDENT);
		mp_str_addc(out, '\n');
	}
	mp_str_clear(&line);
	if (view->captured)
		mp_str_printf(&line,
			      "captured machine '%s': events are encoded as they would be there, "
			      "and nothing can be opened or seen to count",
			      view->captured);
	else if (first->paranoid != INT_MIN)
		mp_str_printf(&line, "perf_event_paranoid %d", first->paranoid);
	else
		mp_str_add(&line, "perf_event_paranoid unknown: a kernel without perf events?");
	mp_text_wrap(out, line.text, wide, INDENT);
	mp_str_clear(&line);
	mp_str_printf(&line, "libpfm4: %s", first->libpfm);
	mp_text_wrap(out, line.text, wide, INDENT);
	out->failed |= line.failed;
	mp_str_done(&line);
	for (size_t i = 0; i < view->n; i++) {
		mp_str_addc(out, '\n');
		add_seen(&view->seen[i], view->captured != NULL, wide, out);
	}
}
