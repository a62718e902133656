/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the doctor share: findings, kept and asked about; captured machines. */
#ifndef TESTS_RUNNER_DOCTOR_MADE_H
#define TESTS_RUNNER_DOCTOR_MADE_H

#include "runner/machine/doctor_internal.h"
#include "runner/machine/internal.h"
#include "tests/runner/tree.h"

#define MACHINES MEMPERF_TESTS "/data/machines/"

/* A finding's texts live as long as the call that hands it out. */
struct kept {
	enum mp_severity severity;
	char subject[48], evidence[1024], remedy[512];
};

struct findings {
	struct kept items[64];
	size_t n;
};

static void keep(void *user, const struct mp_finding *finding)
{
	struct findings *f = user;
	struct kept *kept = &f->items[f->n++];

	assert_true(f->n <= 64);
	kept->severity = finding->severity;
	snprintf(kept->subject, sizeof(kept->subject), "%s", finding->subject);
	snprintf(kept->evidence, sizeof(kept->evidence), "%s", finding->evidence);
	snprintf(kept->remedy, sizeof(kept->remedy), "%s", finding->remedy ? finding->remedy : "");
}

static const struct kept *about(const struct findings *f, const char *subject)
{
	for (size_t i = 0; i < f->n; i++) {
		if (!strcmp(f->items[i].subject, subject))
			return &f->items[i];
	}
	fail_msg("no finding about '%s'", subject);
	return NULL;
}

static void assert_finding(const struct findings *f, const char *subject, enum mp_severity want,
			   const char *evidence, const char *remedy)
{
	const struct kept *got = about(f, subject);

	if (got->severity != want)
		fail_msg("%s is '%s', not '%s': %s", subject, mp_severity_name(got->severity),
			 mp_severity_name(want), got->evidence);
	if (!strstr(got->evidence, evidence))
		fail_msg("%s: '%s' says nothing of '%s'", subject, got->evidence, evidence);
	if (remedy ? !strstr(got->remedy, remedy) : *got->remedy != '\0')
		fail_msg("%s: the remedy is '%s'", subject, got->remedy);
}

#endif
