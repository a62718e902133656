/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A night for people: what is wrong by cause, what to type, what changed, then the cases. See show_nightly.h. */
#include "report/format/show_nightly.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/format/show_internal.h"
#include "report/format/show_nightly_internal.h"

#define NAMED 5 /* cases of one cause that the message names */

/* What is said of cases in each state; in the order of the report. */
static const struct {
	enum mp_nightly_state state;
	const char *title;
	bool cause; /* stands in the message */
} parts[] = {
	{ MP_NIGHTLY_SLOWER, "slower, confirmed by fresh processes", true },
	{ MP_NIGHTLY_STILL, "slower since an earlier night, and not accepted", true },
	{ MP_NIGHTLY_DRIFT, "slower than the baseline", true },
	{ MP_NIGHTLY_ENVIRONMENT, "on another level since the machine changed", true },
	{ MP_NIGHTLY_UNCONFIRMABLE, "standing out, and the confirm run gave no answer", true },
	{ MP_NIGHTLY_SUSPECT, "standing out, not measured again", true },
	{ MP_NIGHTLY_LOST, "without a value, which the night before had", true },
	{ MP_NIGHTLY_FASTER, "faster, confirmed by fresh processes", false },
	{ MP_NIGHTLY_CLEARED, "stood out, cleared by fresh processes", false },
	{ MP_NIGHTLY_UNSTABLE, "unstable: one night says nothing", false },
	{ MP_NIGHTLY_SHORT, "too few nights to judge", false },
	{ MP_NIGHTLY_NO_VALUE, "without a value, as before", false },
};

double mp_nightly_ratio(const struct mp_nightly_case *c)
{
	if (c->state == MP_NIGHTLY_DRIFT)
		return c->series->drift;
	if (c->n_confirm && !c->control)
		return c->confirm.ratio;
	if (c->change)
		return c->tonight->value / c->change->value_before;
	return c->tonight->ratio;
}

static int worse(const void *a, const void *b)
{
	double x = mp_nightly_ratio(*(const struct mp_nightly_case *const *)a);
	double y = mp_nightly_ratio(*(const struct mp_nightly_case *const *)b);

	return (x < y) - (x > y);
}

/*
 * Are two cases of one cause? What most cases do at once has one, the machine; what began on another night has another; else
 * a family.
 */
static bool one_cause(const struct mp_nightly_judgement *j, const struct mp_nightly_case *a,
		      const struct mp_nightly_case *b)
{
	if (a->state != b->state)
		return false;
	if (a->state == MP_NIGHTLY_ENVIRONMENT || j->machine_moved)
		return true;
	if (a->change && b->change && a->change->alert != b->change->alert)
		return false;
	return !strcmp(a->series->family, b->series->family);
}

/* The cases of that state and of the same cause as `like` (NULL: any), the worst first. Heap of the caller. */
static const struct mp_nightly_case **pick(const struct mp_nightly_judgement *j,
					   enum mp_nightly_state state,
					   const struct mp_nightly_case *like, size_t *ret_count)
{
	const struct mp_nightly_case **list = calloc(j->n_cases + 1, sizeof(void *));
	size_t n = 0;

	for (size_t i = 0; list && i < j->n_cases; i++) {
		const struct mp_nightly_case *c = &j->cases[i];

		if (c->state == state && (!like || one_cause(j, c, like)))
			list[n++] = c;
	}
	if (list)
		qsort(list, n, sizeof(*list), worse);
	*ret_count = n;
	return list;
}

static void change_text(double ratio, char buf[MP_UNITS_LEN])
{
	if (isfinite(ratio))
		snprintf(buf, MP_UNITS_LEN, ratio >= 10 ? "x%.3g" : "%+.1f %%",
			 ratio >= 10 ? ratio : mp_shown((ratio - 1) * 100, 1));
	else
		strcpy(buf, "-");
}

static bool one_family(const struct mp_nightly_case *const *list, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (strcmp(list[0]->series->family, list[i]->series->family))
			return false;
	return true;
}

static void add_run(struct mp_str *command, const char *path, const struct mp_night *night)
{
	struct mp_str run = MP_STR_INIT;

	mp_str_printf(&run, "%s:#%lld", path, (long long)night->id);
	mp_str_addc(command, ' ');
	mp_str_add_word(command, run.text);
	command->failed = command->failed || run.failed;
	mp_str_done(&run);
}

/* A command that is told so far becomes the document's line. */
static void command(const struct mp_doc *doc, const char *label, struct mp_str *text)
{
	mp_doc_field(doc, label, "%s", text->text);
	doc->out->failed = doc->out->failed || text->failed;
	mp_str_done(text);
}

/* How two of the file's runs are compared. */
static void compare(const struct mp_show_nightly *s, const struct mp_doc *doc,
		    const struct mp_night *a, const struct mp_night *b)
{
	struct mp_str text = MP_STR_INIT;

	mp_str_add(&text, "memperf compare");
	add_run(&text, s->path, a);
	add_run(&text, s->path, b);
	command(doc, "compare", &text);
}

/* The runs on both sides of an earlier change, and how it is accepted. */
static void since(const struct mp_show_nightly *s, const struct mp_doc *doc,
		  const struct mp_nightly_case *c, size_t n)
{
	const struct mp_history *h = &s->judgement->history;
	const struct mp_step *change = c->change;
	struct mp_str accept = MP_STR_INIT;

	if (!change)
		return;
	compare(s, doc, &h->nights[change->before], &h->nights[change->night]);
	mp_str_add(&accept, "memperf db accept ");
	mp_str_add_word(&accept, s->path);
	mp_str_addc(&accept, ' ');
	mp_str_add_word(&accept, n > 1 ? "*" : c->series->case_text);
	mp_str_printf(&accept, " --at '#%lld' --reason TEXT",
		      (long long)h->nights[change->night].id);
	command(doc, "accept", &accept);
}

/* One cause: the cases of the same as `like`. */
static bool cause(const struct mp_show_nightly *s, const struct mp_doc *doc, size_t part,
		  const struct mp_nightly_case *like)
{
	const struct mp_nightly_case **list;
	struct mp_str again = MP_STR_INIT;
	char worst[MP_UNITS_LEN];
	size_t n = 0;

	list = pick(s->judgement, parts[part].state, like, &n);
	if (!list)
		return false;
	change_text(mp_nightly_ratio(list[0]), worst);
	mp_doc_heading(doc, "%s: %zu case%s %s (worst %s)",
		       one_family(list, n) ? like->series->family : "the machine", n,
		       n == 1 ? "" : "s", parts[part].title, worst);
	for (size_t i = 0; i < n && i < NAMED; i++) {
		char change[MP_UNITS_LEN];

		change_text(mp_nightly_ratio(list[i]), change);
		mp_doc_field(doc, change, "%s%s%s", list[i]->series->case_text,
			     list[i]->reason[0] ? ": " : "", list[i]->reason);
	}
	if (n > NAMED)
		mp_doc_line(doc, "and %zu more", n - NAMED);
	mp_str_add(&again, "memperf run --bench ");
	mp_str_add_word(&again, list[0]->series->case_text);
	mp_str_add(&again, " --invocations 10 --db again.db");
	command(doc, "reproduce", &again);
	since(s, doc, list[0], n);
	free(list);
	return true;
}

/* By state, then by cause in the order of the cases. */
static bool causes(const struct mp_show_nightly *s, const struct mp_doc *doc)
{
	const struct mp_nightly_judgement *j = s->judgement;
	bool fine = true;

	for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]) && parts[p].cause; p++) {
		for (size_t i = 0; fine && i < j->n_cases; i++) {
			bool seen = false;

			if (j->cases[i].state != parts[p].state)
				continue;
			for (size_t k = 0; k < i && !seen; k++)
				seen = one_cause(j, &j->cases[i], &j->cases[k]);
			if (!seen)
				fine = cause(s, doc, p, &j->cases[i]);
		}
	}
	return fine;
}

/* What changed on the nights after the last good one. */
static void environment(const struct mp_show_nightly *s, const struct mp_doc *doc)
{
	const struct mp_nightly_judgement *j = s->judgement;
	const struct mp_night *night = j->last_good ? j->last_good + 1 : j->night;
	bool any = false;

	for (; night <= j->night; night++) {
		if (!night->environment)
			continue;
		mp_doc_field(doc, "changed", "run #%lld: %s", (long long)night->id,
			     night->environment);
		any = true;
	}
	if (!any)
		mp_doc_field(doc, "changed", "nothing that is recorded of the machine, since %s",
			     j->last_good ? "the last good night" : "the night before");
}

static void runs(const struct mp_show_nightly *s, const struct mp_doc *doc)
{
	const struct mp_nightly_judgement *j = s->judgement;
	char when[64];

	mp_show_when(j->night->started_ns, when);
	mp_doc_field(doc, "tonight", "%s:#%lld, %s", s->path, (long long)j->night->id, when);
	if (!j->last_good) {
		mp_doc_field(doc, "last good", "none yet");
		return;
	}
	mp_show_when(j->last_good->started_ns, when);
	mp_doc_field(doc, "last good", "%s:#%lld, %s", s->path, (long long)j->last_good->id, when);
	compare(s, doc, j->last_good, j->night);
}

static bool message(const struct mp_show_nightly *s, const struct mp_doc *doc)
{
	const struct mp_nightly_judgement *j = s->judgement;
	static const char *const words[] = { "good", "REGRESSION", "could not judge" };
	bool fine;

	mp_doc_title(doc, "memperf %s on %s: %s", s->name, mp_show_text(j->night->host),
		     words[j->result]);
	mp_doc_line(doc, "%s", j->why);
	fine = causes(s, doc);
	mp_doc_gap(doc);
	environment(s, doc);
	runs(s, doc);
	return fine;
}

int mp_show_nightly_message(const struct mp_show_nightly *night, struct mp_str *out)
{
	const struct mp_doc doc = { .format = &mp_format_text, .out = out };

	return message(night, &doc) && !out->failed ? 0 : -ENOMEM;
}

static bool show_part(const struct mp_show_nightly *s, const struct mp_doc *doc, size_t part)
{
	static const struct mp_column columns[] = {
		{ .key = "case", .title = "case" },
		{ .key = "change", .title = "change", .right = true },
		{ .key = "value", .title = "tonight", .kind = MP_COLUMN_DURATION },
		{ .key = "reference", .title = "reference", .kind = MP_COLUMN_DURATION },
		{ .key = "nights", .title = "nights", .kind = MP_COLUMN_INTEGER },
		{ .key = "reason", .title = "reason" },
	};
	size_t n = 0;
	const struct mp_nightly_case **list = pick(s->judgement, parts[part].state, NULL, &n);
	struct mp_table *table = mp_table_new(columns, 6);
	bool fine = list;

	for (size_t i = 0; i < n; i++) {
		char change[MP_UNITS_LEN];

		change_text(mp_nightly_ratio(list[i]), change);
		mp_table_text(table, list[i]->series->case_text);
		mp_table_text(table, change);
		mp_table_number(table, list[i]->tonight->value);
		mp_table_number(table, list[i]->tonight->reference);
		mp_table_integer(table, (int64_t)list[i]->tonight->n_reference);
		mp_table_text(table, list[i]->reason);
		mp_nightly_row(table, list[i]);
	}
	if (n) {
		mp_doc_heading(doc, "%zu: %s", n, parts[part].title);
		mp_doc_table(doc, table);
	}
	fine = fine && !mp_table_failed(table);
	mp_table_free(table);
	free(list);
	return fine;
}

static void totals(const struct mp_show_nightly *s, const struct mp_doc *doc)
{
	const struct mp_nightly_judgement *j = s->judgement;

	mp_doc_heading(doc, "How sure this is");
	mp_doc_line(doc, "%zu cases; %zu are as in the nights before", j->n_cases,
		    j->counts[MP_NIGHTLY_NORMAL]);
	if (isfinite(j->calm))
		mp_doc_line(doc, "the core ran at full speed for %.0f %% of the samples",
			    j->calm * 100);
	if (j->confirmed)
		mp_doc_line(doc,
			    "%zu suspects and %zu controls were measured again; the controls %s",
			    j->n_suspects, j->n_controls,
			    j->controls_moved ? "moved" : "stayed where they were");
	mp_doc_line(doc, "false alarms to expect in 30 nights: %.2g", j->false_alarms);
}

int mp_show_nightly(const struct mp_show_nightly *night, const struct mp_show *show,
		    struct mp_str *out)
{
	const struct mp_doc doc = { .format = show->format, .wide = show->wide, .out = out };
	bool fine;

	if (!show->format->prose)
		return mp_show_nightly_data(night, show, out);
	fine = message(night, &doc);
	for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]) && fine; p++)
		fine = show_part(night, &doc, p);
	totals(night, &doc);
	mp_doc_end(&doc);
	return fine && !out->failed ? 0 : -ENOMEM;
}
