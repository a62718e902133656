/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What counts as a change, and what a gate demands: plain data, read by report/ and loaded from configs/policies by
 * runner/config. All shares and changes are relative: 0.02 is 2 %. Texts are owned by the struct. Layer: results.
 */
#ifndef RESULTS_POLICY_H
#define RESULTS_POLICY_H

#include <stdbool.h>
#include <stddef.h>

/* The smallest changes of practical interest; NaN in a rule: as without the rule. */
struct mp_thresholds {
	double location; /* of the value that stands for the case */
	double tail; /* of p99, p99.5 and p99.9 of single calls */
	double shape; /* of a decile of single calls against their median */
};

/* Thresholds of some benchmarks. Of several rules that match, the last one that names a threshold decides it. */
struct mp_policy_rule {
	char *bench; /* glob over "family.variant" */
	struct mp_thresholds at;
};

struct mp_policy {
	char *name; /* "default" */
	char *given; /* by which it is loaded again: a name, or the path of a file */
	char *title; /* one line for people */
	double q; /* false discovery rate, over everything of one kind that a comparison tests */
	unsigned least; /* fewest invocations a side that are tested, at least 4 */
	struct mp_thresholds at;
	struct mp_policy_rule *rules;
	size_t n_rules, cap_rules;
	struct {
		bool tail; /* a slower tail fails it, as a slower case always does */
		bool shape; /* so does a changed shape */
		double unsure; /* most of the cases judged or unsure that may be unsure; more: could not judge */
		bool missing; /* a case that A measured and B did not: could not judge */
	} gate;
};

/* Fewer invocations a side than this cannot be tested: three against three show p = 0.1 at best. */
#define MP_POLICY_LEAST 4

/* What holds when no policy is named; configs/policies/default.cfg says the same, and a test compares. */
extern const struct mp_policy mp_policy_default;

/* Those of the benchmark. */
struct mp_thresholds mp_policy_thresholds(const struct mp_policy *policy, const char *bench);

/* Frees what a loaded policy owns; never for mp_policy_default. Accepts zeroed. */
void mp_policy_done(struct mp_policy *policy);

#endif
