/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is this machine fit to measure on? Read-only: each finding has a severity, evidence, and the command that
 * changes it. Takes a few seconds.
 *
 * A noisy or a fatal finding means that a night measured here now could not be judged. Noisy goes by the limits of quiet.h, by
 * which a run calls itself noisy; a fatal finding makes it so.
 */
#ifndef RUNNER_MACHINE_DOCTOR_H
#define RUNNER_MACHINE_DOCTOR_H

#include "common/str.h"
#include "runner/machine/clocksource.h"
#include "runner/machine/machine.h"
#include "runner/machine/quiet.h"

enum mp_severity {
	MP_SEVERITY_GOOD,
	MP_SEVERITY_NOTE,
	MP_SEVERITY_WARNING,
	MP_SEVERITY_NOISY, /* nothing can be judged now; it may be over in an hour */
	MP_SEVERITY_FATAL, /* nor later, until somebody changes the machine */
};
const char *mp_severity_name(enum mp_severity severity); /* "good", "note", ... */

/* Texts live as long as the call that hands them out. */
struct mp_finding {
	enum mp_severity severity;
	const char *subject; /* "jitter", "clock", "governor" */
	const char *evidence; /* what was seen, with numbers */
	const char *remedy; /* the command that helps; NULL: nothing to do */
};

/* What findings mean together. Begins as { .reason = MP_STR_INIT }; the owner ends with mp_str_done(&reason). */
struct mp_fitness {
	enum mp_severity worst;
	struct mp_str reason; /* "subject: evidence; ..." of what is noisy or fatal; empty: fit */
};
void mp_fitness_add(struct mp_fitness *fitness, const struct mp_finding *finding);

/*
 * Calls `each` for every finding, worst last is not promised: order is fixed. `ret_cpus`, or NULL: the gaps of every CPU in the
 * order of use, *ret_n of them; the caller frees them. 0 or negative errno.
 *
 * Fatal are a clock that moves in steps of a millisecond or cannot be read, and a kernel built with a sanitizer or a lock prover.
 */
int mp_doctor(const struct mp_machine *machine,
	      void (*each)(void *user, const struct mp_finding *finding), void *user,
	      struct mp_cpu_quiet **ret_cpus, size_t *ret_n, struct mp_err *err);

/* The findings about load, settings and the clock `source` alone: files are read, nothing is measured. */
void mp_doctor_read(const struct mp_machine *machine, const struct mp_clocksource *source,
		    void (*each)(void *user, const struct mp_finding *finding), void *user);

/* What a process may be allowed to do beyond what every user may. Each is a finding of that subject; manual pages list them. */
struct mp_privilege {
	const char *subject;
	const char *buys; /* what can be measured with it alone */
	const char *gain; /* who has it, and how others get it */
};
extern const struct mp_privilege mp_privileges[];
extern const size_t mp_n_privileges;

/* How many CPUs may be kept busy together: those that this process may use, or what a quota leaves of them. */
unsigned mp_doctor_at_once(const struct mp_machine *machine);

#endif
