/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Families and the gate: what the pairs say together.
 *
 * Means are geometric, over the pairs that have a ratio on both sides and over nothing else: first over the cases of
 * a benchmark, then over the benchmarks of a family, then over the families, so that a benchmark with many axis
 * values does not outvote the others (Fleming and Wallace 1986 for the mean). They are shown beside the counts and
 * are never a verdict.
 */
#include "report/compare/internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "common/vec.h"

static struct mp_family_change *family_of(struct mp_comparison *c, const char *name)
{
	struct mp_family_change *family;

	for (size_t i = 0; i < c->n_families; i++) {
		if (!strcmp(c->families[i].family, name))
			return &c->families[i];
	}
	family = mp_vec_push((void **)&c->families, &c->n_families, &c->cap_families,
			     sizeof(*family));
	if (family)
		family->family = name;
	return family;
}

static int by_name(const void *left, const void *right)
{
	const struct mp_family_change *a = left, *b = right;

	return strcmp(a->family, b->family);
}

/* The benchmark whose pairs were counted has its mean in its family. */
static void end_bench(struct mp_tally *tally, struct mp_comparison *c)
{
	struct mp_family_change *family = tally->bench ? &c->families[tally->family] : NULL;

	if (!family || !tally->covered)
		return;
	family->covered += tally->covered;
	family->sum += tally->sum / (double)tally->covered;
	family->benches++;
}

/* A case that A measured, and that B does not have or did not measure, or that is another measurement in B. */
static bool is_lost(const struct mp_pair *pair)
{
	return pair->a && pair->a->outcome == MP_OUTCOME_OK &&
	       (pair->verdict == MP_VERDICT_ONLY_A || pair->verdict == MP_VERDICT_FAILED ||
		pair->verdict == MP_VERDICT_INCOMPARABLE);
}

/* Pairs are in name order, and all cases of a benchmark share its name up to the slash, so they stand together. */
int mp_tally_add(struct mp_tally *tally, struct mp_comparison *c, const struct mp_pair *pair)
{
	struct mp_family_change *family;

	if (!tally->bench || strcmp(tally->bench, pair->bench)) {
		end_bench(tally, c);
		family = family_of(c, pair->family);
		if (!family) {
			*tally = (struct mp_tally){ 0 };
			return -ENOMEM;
		}
		*tally = (struct mp_tally){ .bench = pair->bench,
					    .family = (size_t)(family - c->families) };
	}
	family = &c->families[tally->family];
	family->pairs++;
	family->counts[pair->verdict]++;
	if (pair->measured) {
		tally->sum += log(pair->location.ratio);
		tally->covered++;
	}
	c->counts[pair->verdict]++;
	c->lost += is_lost(pair);
	c->floors += pair->location.tested && isfinite(pair->location.floor.value);
	if (c->asides) {
		c->tails[pair->tail.verdict]++;
		c->shapes[pair->shape.verdict]++;
	}
	return 0;
}

void mp_tally_end(struct mp_tally *tally, struct mp_comparison *c)
{
	double total = 0;

	end_bench(tally, c);
	for (size_t i = 0; i < c->n_families; i++) {
		struct mp_family_change *family = &c->families[i];

		family->ratio = family->benches ? exp(family->sum / (double)family->benches) : NAN;
		if (!family->benches)
			continue;
		total += family->sum / (double)family->benches;
		c->ratio_families++;
	}
	c->ratio = c->ratio_families ? exp(total / (double)c->ratio_families) : NAN;
	if (c->n_families)
		qsort(c->families, c->n_families, sizeof(*c->families), by_name);
}

/* The gate fails by these: what is slower, and what the policy forbids beside it. */
static void regressions(const struct mp_comparison *c, struct mp_str *why)
{
	const struct {
		size_t count;
		const char *text;
	} found[] = {
		{ c->counts[MP_VERDICT_SLOWER], "slower" },
		{ c->policy->gate.tail ? c->tails[MP_ASIDE_SLOWER] : 0, "with a slower tail" },
		{ c->policy->gate.shape ? c->shapes[MP_ASIDE_CHANGED] : 0, "of another shape" },
	};

	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		if (found[i].count)
			mp_str_printf(why, "%s%zu %s", why->len ? ", " : "", found[i].count,
				      found[i].text);
	}
	if (why->len)
		mp_str_printf(why, ", of %zu cases", c->n_pairs);
}

/* Why nothing can be concluded; nothing is appended when it can. */
static void unjudged(const struct mp_comparison *c, struct mp_str *why)
{
	size_t judged = c->counts[MP_VERDICT_FASTER] + c->counts[MP_VERDICT_SLOWER] +
			c->counts[MP_VERDICT_SAME];
	size_t unsure = c->counts[MP_VERDICT_UNSURE], missing = c->lost;

	if (!judged)
		mp_str_printf(why, "none of %zu cases has a verdict", c->n_pairs);
	else if (missing && c->policy->gate.missing)
		mp_str_printf(why,
			      "%zu cases that A measured are missing, not ok or incomparable in B",
			      missing);
	else if (!c->asides && (c->policy->gate.tail || c->policy->gate.shape))
		mp_str_add(why, "tail and shape are not judged yet");
	else if ((double)unsure > c->policy->gate.unsure * (double)(judged + unsure))
		mp_str_printf(why, "%zu cases are unsure and only %zu judged", unsure, judged);
}

/* The first noisy run of either side; nothing is appended when there is none. */
static void noisy(const struct mp_comparison *c, struct mp_str *why)
{
	const struct mp_side *sides[] = { c->a, c->b };

	for (int s = 0; s < 2; s++) {
		for (size_t i = 0; sides[s] && i < sides[s]->n_runs && !why->len; i++) {
			const char *reason = mp_side_noisy(&sides[s]->runs[i]);

			if (reason)
				mp_str_printf(why, "run #%lld of %c was noisy: %s",
					      (long long)sides[s]->runs[i].row.id, "AB"[s], reason);
		}
	}
}

enum mp_gate mp_compare_gate(const struct mp_comparison *c, char **ret_why)
{
	enum mp_gate gate = MP_GATE_UNJUDGED;
	struct mp_str why = MP_STR_INIT, reason = MP_STR_INIT, noise = MP_STR_INIT;

	regressions(c, &why);
	noisy(c, &noise);
	unjudged(c, &reason);
	if (c->shared_run || !c->same_machine) {
		mp_str_clear(&why);
		mp_str_add(&why, c->shared_run ? "could not judge: a run stands on both sides"
					       : "could not judge: ratios of two machines are no "
						 "regressions of one");
	} else if (noise.len) {
		/* Neither an alarm nor its absence. */
		mp_str_clear(&why);
		mp_str_printf(&why, "could not judge: %s", noise.text);
	} else if (why.len) {
		gate = MP_GATE_REGRESSION;
	} else if (reason.len) {
		mp_str_printf(&why, "could not judge: %s", reason.text);
	} else {
		gate = MP_GATE_NONE;
		mp_str_printf(&why, "no case is slower; %zu judged, %zu unsure",
			      c->counts[MP_VERDICT_FASTER] + c->counts[MP_VERDICT_SAME],
			      c->counts[MP_VERDICT_UNSURE]);
	}
	why.failed = why.failed || reason.failed || noise.failed;
	mp_str_done(&reason);
	mp_str_done(&noise);
	*ret_why = mp_str_take(&why);
	return gate;
}

enum mp_gate mp_compare_gate_several(const struct mp_comparison *c, size_t n, char **ret_why)
{
	enum mp_gate worst = MP_GATE_NONE;
	struct mp_str all = MP_STR_INIT;

	if (n == 1)
		return mp_compare_gate(c, ret_why);
	for (size_t i = 0; i < n; i++) {
		char *why;
		enum mp_gate gate = mp_compare_gate(&c[i], &why);

		if (gate == MP_GATE_REGRESSION || (gate && worst == MP_GATE_NONE))
			worst = gate;
		if (!why)
			all.failed = true;
		else
			mp_str_printf(&all, "%sB%zu: %s", i ? "; " : "", i + 1, why);
		free(why);
	}
	*ret_why = mp_str_take(&all);
	return worst;
}
