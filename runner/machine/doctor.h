/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is this machine fit to measure on? Read-only: each finding has a severity, evidence, and the command that
 * changes it. Takes a few seconds.
 */
#ifndef RUNNER_MACHINE_DOCTOR_H
#define RUNNER_MACHINE_DOCTOR_H

#include "runner/machine/clocksource.h"
#include "runner/machine/machine.h"

enum mp_severity { MP_SEVERITY_GOOD, MP_SEVERITY_NOTE, MP_SEVERITY_WARNING, MP_SEVERITY_FATAL };
const char *mp_severity_name(enum mp_severity severity); /* "good", "note", "warning", "fatal" */

struct mp_finding {
	enum mp_severity severity;
	char subject[48]; /* "jitter", "clock", "governor" */
	char evidence[192]; /* what was seen, with numbers */
	char remedy[192]; /* the command that helps; empty: nothing to do */
};

/* Calls `each` for every finding, worst last is not promised: order is fixed. 0 or negative errno. */
int mp_doctor(const struct mp_machine *machine,
	      void (*each)(void *user, const struct mp_finding *finding), void *user,
	      struct mp_err *err);

#endif
