/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is this machine fit to measure on? Read-only: each finding has a severity, evidence, and the command that
 * changes it. Takes a few seconds.
 */
#ifndef RUNNER_MACHINE_DOCTOR_H
#define RUNNER_MACHINE_DOCTOR_H

#include "runner/machine/clocksource.h"
#include "runner/machine/machine.h"
#include "runner/machine/quiet.h"

enum mp_severity { MP_SEVERITY_GOOD, MP_SEVERITY_NOTE, MP_SEVERITY_WARNING, MP_SEVERITY_FATAL };
const char *mp_severity_name(enum mp_severity severity); /* "good", "note", "warning", "fatal" */

struct mp_finding {
	enum mp_severity severity;
	char subject[48]; /* "jitter", "clock", "governor" */
	char evidence[192]; /* what was seen, with numbers */
	char remedy[256]; /* the command that helps; empty: nothing to do */
};

/*
 * Calls `each` for every finding, worst last is not promised: order is fixed. `ret_cpus`, or NULL: the gaps of every CPU in the
 * order of use, *ret_n of them; the caller frees them. 0 or negative errno.
 *
 * What is fatal, so that a night on this machine would mean nothing: a CPU that is not at full speed for one per cent of the
 * time and loses half of it; a clock that moves in steps of a millisecond or cannot be read; a kernel built with a sanitizer or a lock prover.
 */
int mp_doctor(const struct mp_machine *machine,
	      void (*each)(void *user, const struct mp_finding *finding), void *user,
	      struct mp_cpu_quiet **ret_cpus, size_t *ret_n, struct mp_err *err);

/* The findings about load and settings alone: files are read, nothing is measured. */
void mp_doctor_read(const struct mp_machine *machine,
		    void (*each)(void *user, const struct mp_finding *finding), void *user);

/* How many CPUs may be kept busy together: those that this process may use, or what a quota leaves of them. */
unsigned mp_doctor_at_once(const struct mp_machine *machine);

#endif
