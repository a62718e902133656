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

const struct mp_compare_options mp_compare_defaults = { .policy = &mp_policy_default };

const char *mp_verdict_name(enum mp_verdict verdict)
{
	static const char *const names[MP_VERDICT_COUNT] = {
		"faster", "slower", "same", "unsure", "only A", "only B", "failed", "incomparable",
	};

	return names[verdict];
}

const char *mp_verdict_meaning(enum mp_verdict verdict)
{
	static const char *const meanings[MP_VERDICT_COUNT] = {
		[MP_VERDICT_FASTER] = "the same, and B takes less time",
		[MP_VERDICT_SLOWER] =
			("the whole interval of the change lies beyond the threshold, and it "
			 "stands out of all that were tested: B takes longer"),
		[MP_VERDICT_SAME] =
			"the whole interval lies inside the threshold: evidence of no change",
		[MP_VERDICT_UNSURE] = "no evidence either way: too few invocations, or too noisy",
		[MP_VERDICT_ONLY_A] = "B does not have the case",
		[MP_VERDICT_ONLY_B] = "A does not have the case",
		[MP_VERDICT_FAILED] = "not ok on at least one side, with the reason",
		[MP_VERDICT_INCOMPARABLE] =
			"ok on both sides, but not the same measurement, with the reason",
	};

	return meanings[verdict];
}

const char *mp_aside_name(enum mp_aside aside)
{
	static const char *const names[MP_ASIDE_COUNT] = {
		"not judged", "faster", "slower", "changed", "same", "unsure",
	};

	return names[aside];
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

int mp_compare_note_dropped(struct mp_comparison *c, size_t dropped_a, size_t dropped_b)
{
	if (!(dropped_a + dropped_b))
		return 0;
	return mp_compare_note(
		c,
		"%zu results of older runs of A and %zu of B are not pooled with the "
		"newest: not ok, or another definition version, unit, page size or "
		"planted fault",
		dropped_a, dropped_b);
}

/* Merges the two name-ordered lists into pairs. `user`: the filter, or NULL. */
static int pair_up(struct mp_comparison *c, void *user, struct mp_err *err)
{
	const struct mp_filter *filter = user;
	size_t n_a = 0, n_b = 0, i = 0, k = 0, dropped_a = 0, dropped_b = 0;
	int rc = mp_side_index(c->a, &c->cases_a, &n_a);

	if (!rc)
		rc = mp_side_index(c->b, &c->cases_b, &n_b);
	while (!rc && (i < n_a || k < n_b)) {
		int order = i == n_a   ? 1
			    : k == n_b ? -1
				       : strcmp(c->cases_a[i].text, c->cases_b[k].text);
		const struct mp_side_case *a = order <= 0 ? &c->cases_a[i++] : NULL;
		const struct mp_side_case *b = order >= 0 ? &c->cases_b[k++] : NULL;
		struct mp_pair *pair;

		if (a && b)
			mp_control_offer(c, a, b);
		if (filter && !mp_filter_match(filter, a ? a->text : b->text)) {
			c->left_out++;
			continue;
		}
		dropped_a += a ? a->dropped : 0;
		dropped_b += b ? b->dropped : 0;
		pair = mp_vec_push((void **)&c->pairs, &c->n_pairs, &c->cap_pairs, sizeof(*pair));
		rc = pair ? mp_pair_init(c, a, b, pair) : -ENOMEM;
	}
	if (!rc)
		rc = mp_compare_note_dropped(c, dropped_a, dropped_b);
	return rc ? mp_err_env(err, rc, "out of memory") : 0;
}

/* What runs with nothing changed differ by, on both machines. Sides made by hand have no file to learn from. */
static int load_floors(struct mp_comparison *c, struct mp_err *err)
{
	int rc = 0;

	if (c->a->store)
		rc = mp_floors_load(c->a->store, &c->a->runs[0], c->b, &c->floors_a, err);
	if (!rc && c->b->store)
		rc = mp_floors_load(c->b->store, &c->b->runs[0], c->b, &c->floors_b, err);
	return rc;
}

int mp_compare_failed(int rc, struct mp_err *err)
{
	return rc == -ENOMEM ? mp_err_env(err, rc, "out of memory")
			     : mp_err_internal(err, rc, "a pair could not be judged");
}

int mp_compare_prepare(struct mp_comparison *c,
		       int (*make_pairs)(struct mp_comparison *c, void *user, struct mp_err *err),
		       void *user, struct mp_err *err)
{
	int rc = mp_compare_scales(c);

	if (!rc)
		rc = mp_compare_environment(c);
	if (rc)
		return mp_err_env(err, rc, "out of memory");
	rc = make_pairs(c, user, err);
	if (!rc)
		rc = load_floors(c, err);
	if (rc)
		return rc;
	rc = mp_control_measure(c);
	return rc ? mp_compare_failed(rc, err) : 0;
}

int mp_compare_adjust(const struct mp_comparison *c, double *p, size_t n, size_t *ret_tested,
		      size_t *ret_selected)
{
	double *tested = calloc(2 * n + 1, sizeof(*tested));
	size_t m = 0, selected = 0;
	int rc = tested ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < n; i++) {
		if (!isnan(p[i]))
			tested[m++] = p[i];
	}
	if (!rc)
		rc = mp_rank_adjust(tested, m, m, tested + m);
	for (size_t i = 0, k = m; !rc && i < n; i++) {
		if (isnan(p[i]))
			continue;
		p[i] = tested[k++];
		selected += p[i] <= c->policy->q;
	}
	free(tested);
	if (rc)
		return rc;
	*ret_tested = m;
	*ret_selected = selected;
	return 0;
}

/* The changes of one aspect of all comparisons, in a list; NULL when memory ran out. */
static struct mp_change **tested_changes(struct mp_comparison *c, size_t n, enum mp_aspect aspect,
					 size_t *ret_count)
{
	size_t count = 0, cap = 0;
	struct mp_change **list = NULL;

	for (size_t i = 0; i < n; i++)
		cap += c[i].n_pairs * (aspect == MP_ASPECT_TAIL	   ? MP_TAILS
				       : aspect == MP_ASPECT_SHAPE ? MP_SHAPES
								   : 1);
	list = malloc((cap + 1) * sizeof(struct mp_change *));
	for (size_t i = 0; list && i < n; i++) {
		for (size_t k = 0; k < c[i].n_pairs; k++) {
			struct mp_pair *pair = &c[i].pairs[k];
			struct mp_beside *j = aspect == MP_ASPECT_TAIL	  ? &pair->tail
					      : aspect == MP_ASPECT_SHAPE ? &pair->shape
									  : NULL;
			struct mp_change *changes = j ? j->changes : &pair->location;
			size_t n_changes = j ? j->n_changes : 1;

			for (size_t m = 0; m < n_changes; m++) {
				if (changes[m].tested &&
				    (aspect != MP_ASPECT_FLOOR || !isnan(changes[m].joint)))
					list[count++] = &changes[m];
			}
		}
	}
	*ret_count = count;
	return list;
}

/* Adjusted p over everything of that aspect that was tested. 0 or -ENOMEM. */
static int adjust(struct mp_comparison *c, size_t n, enum mp_aspect aspect)
{
	size_t m = 0, tested = 0, selected = 0;
	struct mp_change **list = tested_changes(c, n, aspect, &m);
	double *p = calloc(m + 1, sizeof(*p));
	int rc = list && p ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < m; i++)
		p[i] = aspect == MP_ASPECT_FLOOR ? list[i]->joint : list[i]->p;
	if (!rc)
		rc = mp_compare_adjust(c, p, m, &tested, &selected);
	for (size_t i = 0; !rc && i < m; i++)
		*(aspect == MP_ASPECT_FLOOR ? &list[i]->joint_adjusted : &list[i]->adjusted) = p[i];
	for (size_t i = 0; i < n; i++) {
		c[i].tests[aspect].tested = tested;
		c[i].tests[aspect].selected = selected;
	}
	free(list);
	free(p);
	return rc;
}

/* A step for every pair of all comparisons. */
static int each_pair(struct mp_comparison *c, size_t n, mp_pair_step *step)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = mp_each_pair(&c[i], step);
	return rc;
}

/* Measures, adjusts and judges the location, then tail and shape beside it. */
static int judge(struct mp_comparison *c, size_t n)
{
	int rc = each_pair(c, n, mp_pair_measure);

	if (!rc)
		rc = each_pair(c, n, mp_aside_measure);
	for (int aspect = 0; !rc && aspect < MP_ASPECT_COUNT; aspect++)
		rc = adjust(c, n, (enum mp_aspect)aspect);
	if (!rc)
		rc = each_pair(c, n, mp_pair_judge);
	if (!rc)
		rc = each_pair(c, n, mp_aside_judge);
	for (size_t i = 0; !rc && i < n; i++) {
		struct mp_tally tally = { 0 };

		c[i].asides = true;
		for (size_t k = 0; !rc && k < c[i].n_pairs; k++)
			rc = mp_tally_add(&tally, &c[i], &c[i].pairs[k]);
		mp_tally_end(&tally, &c[i]);
	}
	return rc;
}

int mp_compare_several(const struct mp_side *a, const struct mp_side *b, size_t n,
		       const struct mp_compare_options *options,
		       struct mp_comparison *ret_comparisons, struct mp_err *err)
{
	struct mp_comparison *c = calloc(n, sizeof(*c));
	int rc = 0;

	if (!c)
		return mp_err_env(err, -ENOMEM, "out of memory");
	for (size_t i = 0; !rc && i < n; i++) {
		c[i] = (struct mp_comparison){ .a = a,
					       .b = &b[i],
					       .policy = options->policy,
					       .filter = options->filter,
					       .unit = options->unit,
					       .ratio = NAN };
		rc = mp_compare_prepare(&c[i], pair_up, (void *)options->filter, err);
	}
	if (!rc) {
		rc = judge(c, n);
		if (rc)
			mp_compare_failed(rc, err);
	}
	for (size_t i = 0; i < n; i++) {
		if (rc)
			mp_comparison_done(&c[i]);
		else
			ret_comparisons[i] = c[i];
	}
	free(c);
	return rc;
}

int mp_compare(const struct mp_side *a, const struct mp_side *b,
	       const struct mp_compare_options *options, struct mp_comparison *ret_comparison,
	       struct mp_err *err)
{
	return mp_compare_several(a, b, 1, options, ret_comparison, err);
}

void mp_comparison_done(struct mp_comparison *c)
{
	for (size_t i = 0; i < c->n_pairs; i++) {
		free(c->pairs[i].reason);
		free(c->pairs[i].changes);
	}
	for (size_t i = 0; i < c->n_notes; i++)
		free(c->notes[i]);
	free(c->pairs);
	free(c->notes);
	free(c->families);
	free(c->differences);
	mp_scale_done(&c->scale_a);
	mp_scale_done(&c->scale_b);
	mp_side_index_free(c->cases_a);
	mp_side_index_free(c->cases_b);
	mp_floors_free(c->floors_a);
	mp_floors_free(c->floors_b);
	*c = (struct mp_comparison){ 0 };
}

static int by_evidence(const void *left, const void *right)
{
	const struct mp_pair *a = *(const struct mp_pair *const *)left;
	const struct mp_pair *b = *(const struct mp_pair *const *)right;
	double size_a = a->measured ? fabs(log(a->location.ratio)) : -1;
	double size_b = b->measured ? fabs(log(b->location.ratio)) : -1;

	if (a->location.tested != b->location.tested)
		return a->location.tested ? -1 : 1;
	if (a->location.tested && a->location.adjusted != b->location.adjusted)
		return a->location.adjusted < b->location.adjusted ? -1 : 1;
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
