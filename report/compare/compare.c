/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sides compared: pairing by case text, testing all, then judging with all tests known. See compare.h. */
#include "report/compare/compare.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "common/vec.h"
#include "report/compare/internal.h"

const struct mp_compare_options mp_compare_defaults = {
	.q = 0.05,
	.threshold = 0.01,
	.floor = NAN,
};

const char *mp_verdict_name(enum mp_verdict verdict)
{
	static const char *const names[MP_VERDICT_COUNT] = {
		"faster", "slower", "same", "unsure", "only A", "only B", "failed", "incomparable",
	};

	return names[verdict];
}

int mp_compare_note(struct mp_comparison *c, const char *fmt, ...)
{
	struct mp_str text = MP_STR_INIT;
	char **note = mp_vec_push((void **)&c->notes, &c->n_notes, &c->cap_notes, sizeof(*note));
	va_list ap;

	if (!note)
		return -ENOMEM;
	va_start(ap, fmt);
	mp_str_vprintf(&text, fmt, ap);
	va_end(ap);
	*note = mp_str_take(&text);
	if (*note)
		return 0;
	c->n_notes--;
	return -ENOMEM;
}

/* A case of the comparison, and its sample until the verdicts are spoken. */
struct work {
	struct mp_rank rank;
	struct mp_sample *samples; /* beside the pairs */
	size_t n_samples, cap_samples;
};

static void work_done(struct work *work)
{
	for (size_t i = 0; i < work->n_samples; i++) {
		free(work->samples[i].x);
		free(work->samples[i].y);
	}
	free(work->samples);
	mp_rank_done(&work->rank);
}

static int add_pair(struct mp_comparison *c, struct work *work, const struct mp_side_case *a,
		    const struct mp_side_case *b, struct mp_err *err)
{
	struct mp_pair *pair =
		mp_vec_push((void **)&c->pairs, &c->n_pairs, &c->cap_pairs, sizeof(*pair));
	struct mp_sample *sample = mp_vec_push((void **)&work->samples, &work->n_samples,
					       &work->cap_samples, sizeof(*sample));

	if (!pair || !sample)
		return mp_err_env(err, -ENOMEM, "out of memory");
	return mp_pair_measure(&work->rank, c->a, c->b, a, b, pair, sample, err);
}

/* Merges the two name-ordered lists into pairs. */
static int pair_up(struct mp_comparison *c, struct work *work, const struct mp_filter *filter,
		   struct mp_err *err)
{
	struct mp_side_case *a = NULL, *b = NULL;
	size_t n_a = 0, n_b = 0, i = 0, k = 0, dropped_a = 0, dropped_b = 0;
	int rc = mp_side_index(c->a, &a, &n_a);

	if (!rc)
		rc = mp_side_index(c->b, &b, &n_b);
	if (rc)
		rc = mp_err_env(err, rc, "out of memory");
	while (!rc && (i < n_a || k < n_b)) {
		int order = i == n_a ? 1 : k == n_b ? -1 : strcmp(a[i].text, b[k].text);
		const struct mp_side_case *from_a = order <= 0 ? &a[i++] : NULL;
		const struct mp_side_case *from_b = order >= 0 ? &b[k++] : NULL;

		if (filter && !mp_filter_match(filter, from_a ? from_a->text : from_b->text)) {
			c->left_out++;
			continue;
		}
		dropped_a += from_a ? from_a->dropped : 0;
		dropped_b += from_b ? from_b->dropped : 0;
		rc = add_pair(c, work, from_a, from_b, err);
	}
	if (!rc && dropped_a + dropped_b &&
	    mp_compare_note(c,
			    "%zu results of older runs of A and %zu of B are not pooled with the "
			    "newest: not ok, or another definition version, unit, page size or "
			    "planted fault",
			    dropped_a, dropped_b))
		rc = mp_err_env(err, -ENOMEM, "out of memory");
	mp_side_index_free(a, n_a);
	mp_side_index_free(b, n_b);
	return rc;
}

/* Adjusted p over everything that was tested in this comparison. */
static int adjust(struct mp_comparison *c)
{
	double *p = calloc(c->n_pairs + 1, sizeof(*p));
	double *adjusted = calloc(c->n_pairs + 1, sizeof(*adjusted));
	size_t m = 0;
	int rc = -ENOMEM;

	if (!p || !adjusted)
		goto out;
	for (size_t i = 0; i < c->n_pairs; i++) {
		if (c->pairs[i].tested)
			p[m++] = c->pairs[i].p;
	}
	rc = mp_rank_adjust(p, m, m, adjusted);
	if (rc)
		goto out;
	c->tested = m;
	m = 0;
	for (size_t i = 0; i < c->n_pairs; i++) {
		if (!c->pairs[i].tested)
			continue;
		c->pairs[i].adjusted = adjusted[m++];
		c->selected += c->pairs[i].adjusted <= c->q;
	}
out:
	free(p);
	free(adjusted);
	return rc;
}

static int judge(struct mp_comparison *c, struct work *work)
{
	int rc = adjust(c);

	for (size_t i = 0; !rc && i < c->n_pairs; i++) {
		if (c->pairs[i].tested)
			rc = mp_pair_judge(&work->rank, c, &work->samples[i], &c->pairs[i]);
	}
	for (size_t i = 0; !rc && i < c->n_pairs; i++)
		c->counts[c->pairs[i].verdict]++;
	return rc;
}

int mp_compare(const struct mp_side *a, const struct mp_side *b,
	       const struct mp_compare_options *options, struct mp_comparison *ret_comparison,
	       struct mp_err *err)
{
	struct mp_comparison c = { .a = a, .b = b, .q = options->q, .ratio = NAN };
	struct work work = { 0 };
	int rc;

	c.floor_known = isfinite(options->floor);
	c.threshold =
		fmax(options->threshold, c.floor_known ? options->floor : MP_COMPARE_FLOOR_ASSUMED);
	rc = mp_compare_environment(&c);
	if (rc)
		rc = mp_err_env(err, rc, "out of memory");
	else
		rc = pair_up(&c, &work, options->filter, err);
	if (!rc) {
		rc = judge(&c, &work);
		if (!rc)
			rc = mp_compare_aggregate(&c);
		if (rc == -ENOMEM)
			mp_err_env(err, rc, "out of memory");
		else if (rc)
			mp_err_internal(err, rc, "a tested pair could not be judged");
	}
	work_done(&work);
	if (rc)
		mp_comparison_done(&c);
	else
		*ret_comparison = c;
	return rc;
}

void mp_comparison_done(struct mp_comparison *c)
{
	for (size_t i = 0; i < c->n_pairs; i++)
		free(c->pairs[i].reason);
	for (size_t i = 0; i < c->n_notes; i++)
		free(c->notes[i]);
	free(c->pairs);
	free(c->notes);
	free(c->families);
	free(c->differences);
	*c = (struct mp_comparison){ 0 };
}

static int by_evidence(const void *left, const void *right)
{
	const struct mp_pair *a = *(const struct mp_pair *const *)left;
	const struct mp_pair *b = *(const struct mp_pair *const *)right;
	double size_a = a->measured ? fabs(log(a->ratio)) : -1;
	double size_b = b->measured ? fabs(log(b->ratio)) : -1;

	if (a->tested != b->tested)
		return a->tested ? -1 : 1;
	if (a->tested && a->adjusted != b->adjusted)
		return a->adjusted < b->adjusted ? -1 : 1;
	if (size_a != size_b)
		return size_a > size_b ? -1 : 1;
	return strcmp(a->text, b->text);
}

const struct mp_pair **mp_comparison_pick(const struct mp_comparison *c, enum mp_verdict verdict,
					  size_t *ret_count)
{
	const struct mp_pair **picked = calloc(c->n_pairs + 1, sizeof(struct mp_pair *));
	size_t count = 0;

	if (!picked)
		return NULL;
	for (size_t i = 0; i < c->n_pairs; i++) {
		if (c->pairs[i].verdict == verdict)
			picked[count++] = &c->pairs[i];
	}
	qsort(picked, count, sizeof(picked[0]), by_evidence);
	*ret_count = count;
	return picked;
}
