/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies as data: see policy.h. */
#include "results/policy.h"

#include <math.h>
#include <stdlib.h>

#include "common/str.h"

const struct mp_policy mp_policy_default = {
	.name = (char *)"default",
	.given = (char *)"default",
	.title = (char *)"changes that matter in daily work",
	.q = 0.05,
	.least = MP_POLICY_LEAST,
	.at = { .location = 0.01, .tail = 0.25, .shape = 0.1 },
	.gate = { .tail = true, .shape = false, .unsure = 0.5, .missing = true },
};

struct mp_thresholds mp_policy_thresholds(const struct mp_policy *policy, const char *bench)
{
	struct mp_thresholds at = policy->at;

	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct mp_policy_rule *rule = &policy->rules[i];

		if (!mp_str_glob(rule->bench, bench))
			continue;
		at.location = isnan(rule->at.location) ? at.location : rule->at.location;
		at.tail = isnan(rule->at.tail) ? at.tail : rule->at.tail;
		at.shape = isnan(rule->at.shape) ? at.shape : rule->at.shape;
	}
	return at;
}

void mp_policy_done(struct mp_policy *policy)
{
	for (size_t i = 0; i < policy->n_rules; i++)
		free(policy->rules[i].bench);
	free(policy->rules);
	free(policy->name);
	free(policy->given);
	free(policy->title);
	*policy = (struct mp_policy){ 0 };
}
