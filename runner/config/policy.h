/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Policies: libconfig files that say what counts as a change (results/policy.h).
 *
 *	policy: {
 *	  title = "what matters on my machine";
 *	  q = 0.05;                                   // false discovery rate
 *	  invocations = 4;                            // fewest a side that are tested
 *	  thresholds: { location = 0.01; tail = 0.25; shape = 0.05; };
 *	  rules = ( { bench = "fault.*"; location = 0.03; } );
 *	  gate: { tail = true; shape = false; unsure = 0.5; missing = true; };
 *	};
 *
 * What is not said is as in the default policy. Unknown settings are errors with file:line and did-you-mean. Layer:
 * runner.
 */
#ifndef RUNNER_CONFIG_POLICY_H
#define RUNNER_CONFIG_POLICY_H

#include "common/err.h"
#include "results/policy.h"

/* A name (looked up as policies/NAME.cfg in the configuration folder) or a path. The caller ends with
 * mp_policy_done(). 0 or negative errno. */
int mp_policy_load(const char *name_or_file, struct mp_policy *ret_policy, struct mp_err *err);

#endif
