/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A history through a file. Writer and reader are one process and its child: structs go as they are, texts as their length
 * and bytes behind the struct that owns them, in the order of its members.
 */
#include "report/viewer/history_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NO_TEXT UINT32_MAX

/* ---- writing ---- */

static void put(FILE *out, const void *data, size_t size)
{
	/* Failures are seen by the job, which asks ferror() at the end. */
	fwrite(data, 1, size, out);
}

static void put_text(FILE *out, const char *text)
{
	uint32_t len = text ? (uint32_t)strlen(text) : NO_TEXT;

	put(out, &len, sizeof(len));
	if (text)
		put(out, text, len);
}

static void put_night(FILE *out, const struct mp_night *n)
{
	put(out, n, sizeof(*n));
	put_text(out, n->uuid);
	put_text(out, n->machine);
	put_text(out, n->host);
	put_text(out, n->label);
	put_text(out, n->file);
	put_text(out, n->version);
	put_text(out, n->environment);
}

static void put_series(FILE *out, const struct mp_series *s)
{
	put(out, s, sizeof(*s));
	put_text(out, s->machine);
	put_text(out, s->case_text);
	put_text(out, s->bench);
	put_text(out, s->family);
	put_text(out, s->unit);
	for (size_t i = 0; i < s->n_points; i++) {
		put(out, &s->points[i], sizeof(s->points[i]));
		put_text(out, s->points[i].reason);
	}
	put(out, s->values, s->n_values * sizeof(*s->values));
	if (s->n_values)
		put(out, s->segments, (s->n_changes + 1) * sizeof(*s->segments));
}

int mp_history_file_write(const struct mp_history *h, FILE *out, struct mp_err *err)
{
	const size_t counts[3] = { h->n_nights, h->n_series, h->n_changes };

	put(out, counts, sizeof(counts));
	for (size_t i = 0; i < h->n_nights; i++)
		put_night(out, &h->nights[i]);
	for (size_t i = 0; i < h->n_series; i++)
		put_series(out, &h->series[i]);
	for (size_t i = 0; i < h->n_changes; i++) {
		put(out, &h->changes[i], sizeof(h->changes[i]));
		/* The kind and whether it was judged are what is shown; the words are the judgement's. */
		put_text(out, h->changes[i].state);
	}
	return ferror(out) ? mp_err_env(err, -EIO, "cannot write the temporary file") : 0;
}

/* ---- reading ---- */

struct reader {
	FILE *in;
	bool failed;
};

static void get(struct reader *r, void *data, size_t size)
{
	if (r->failed || fread(data, 1, size, r->in) == size)
		return;
	memset(data, 0, size);
	r->failed = true;
}

static char *get_text(struct reader *r)
{
	uint32_t len = NO_TEXT;
	char *text;

	get(r, &len, sizeof(len));
	if (r->failed || len == NO_TEXT)
		return NULL;
	text = malloc((size_t)len + 1);
	if (!text) {
		r->failed = true;
		return NULL;
	}
	get(r, text, len);
	text[len] = '\0';
	return text;
}

/* Room for `count` elements, zeroed; the writer was this program, so the count is its own. */
static void *room(struct reader *r, size_t count, size_t size)
{
	void *data = calloc(count + 1, size);

	r->failed = r->failed || !data;
	return data;
}

static void get_night(struct reader *r, struct mp_night *n)
{
	get(r, n, sizeof(*n));
	n->uuid = get_text(r);
	n->machine = get_text(r);
	n->host = get_text(r);
	n->label = get_text(r);
	n->file = get_text(r);
	n->version = get_text(r);
	n->environment = get_text(r);
}

static void get_series(struct reader *r, struct mp_series *s)
{
	size_t n_points;

	get(r, s, sizeof(*s));
	n_points = s->n_points;
	s->n_points = 0;
	s->points = NULL;
	s->values = NULL;
	s->segments = NULL;
	s->drift_baseline = NULL;
	s->machine = get_text(r);
	s->case_text = get_text(r);
	s->bench = get_text(r);
	s->family = get_text(r);
	s->unit = get_text(r);
	s->points = room(r, n_points, sizeof(*s->points));
	s->values = room(r, s->n_values, sizeof(*s->values));
	s->segments = room(r, s->n_changes + 1, sizeof(*s->segments));
	for (size_t i = 0; i < n_points && !r->failed; i++) {
		get(r, &s->points[i], sizeof(s->points[i]));
		s->points[i].reason = get_text(r);
		s->n_points++;
	}
	if (r->failed)
		return;
	get(r, s->values, s->n_values * sizeof(*s->values));
	if (s->n_values)
		get(r, s->segments, (s->n_changes + 1) * sizeof(*s->segments));
}

/* The words of a judgement are constants of the program that the job has, too. */
static const char *state_of(char *text)
{
	static const char *const states[] = { "accepted", "wontfix", "environment", "fixed",
					      "invalid" };
	const char *found = text ? "judged" : NULL;

	for (size_t i = 0; text && i < sizeof(states) / sizeof(states[0]); i++)
		found = !strcmp(states[i], text) ? states[i] : found;
	free(text);
	return found;
}

static void get_all(struct reader *r, struct mp_history *h)
{
	size_t counts[3] = { 0 };

	get(r, counts, sizeof(counts));
	h->nights = room(r, counts[0], sizeof(*h->nights));
	h->series = room(r, counts[1], sizeof(*h->series));
	h->changes = room(r, counts[2], sizeof(*h->changes));
	for (; h->n_nights < counts[0] && !r->failed; h->n_nights++)
		get_night(r, &h->nights[h->n_nights]);
	for (; h->n_series < counts[1] && !r->failed; h->n_series++)
		get_series(r, &h->series[h->n_series]);
	for (; h->n_changes < counts[2] && !r->failed; h->n_changes++) {
		struct mp_step *c = &h->changes[h->n_changes];

		get(r, c, sizeof(*c));
		c->state = state_of(get_text(r));
		c->reason = NULL;
	}
}

int mp_history_file_read(int file, struct mp_history *ret_history, struct mp_err *err)
{
	struct reader r = { 0 };
	struct mp_history h = { 0 };
	int own = dup(file);

	r.in = own >= 0 ? fdopen(own, "r") : NULL;
	if (!r.in) {
		if (own >= 0)
			close(own);
		return mp_err_env(err, -errno, "cannot read the temporary file: %s",
				  strerror(errno));
	}
	rewind(r.in);
	h.notes = (struct mp_str)MP_STR_INIT;
	get_all(&r, &h);
	fclose(r.in);
	if (r.failed) {
		mp_history_done(&h);
		return mp_err_env(err, -EIO, "cannot read the temporary file of the history");
	}
	*ret_history = h;
	return 0;
}
