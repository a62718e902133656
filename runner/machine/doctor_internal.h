/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the two halves of the doctor share: doctor.c measures this machine, doctor_settings.c reads its settings (and
 * those of a captured machine, which is how it is tested).
 */
#ifndef RUNNER_MACHINE_DOCTOR_INTERNAL_H
#define RUNNER_MACHINE_DOCTOR_INTERNAL_H

#include "runner/machine/doctor.h"

#include "runner/machine/speed.h"
#include "runner/machine/throttle.h"

struct mp_doctor {
	const struct mp_machine *machine;
	const char *root;
	int cpu; /* the one a single worker gets */
	const struct mp_throttle
		*throttle; /* when this look began; NULL: unknown, or nothing is measured */
	void (*each)(void *user, const struct mp_finding *finding);
	void *user;
};

/* Hands out one finding. `remedy` NULL: nothing to do. */
void mp_doctor_find(const struct mp_doctor *doctor, enum mp_severity severity, const char *subject,
		    const char *remedy, const char *evidence, ...)
	__attribute__((format(printf, 5, 6)));

/* The load, before the doctor's own measurements add to it. */
void mp_doctor_load(const struct mp_doctor *doctor);
/* What files tell of settings, of what this process may do, and of what runs beside the measurement. */
void mp_doctor_settings(const struct mp_doctor *doctor);
void mp_doctor_privileges(const struct mp_doctor *doctor);
void mp_doctor_disturbers(const struct mp_doctor *doctor);

/* How the measurements are judged, apart from them for their test. */
void mp_doctor_judge_clock(const struct mp_doctor *doctor, const struct mp_clocksource *source);
void mp_doctor_judge_speed(const struct mp_doctor *doctor, const struct mp_speed *speed,
			   const struct mp_jitter *jitter);
void mp_doctor_judge_frequency(const struct mp_doctor *doctor, const struct mp_speed *speed);
void mp_doctor_judge_cpus(const struct mp_doctor *doctor, const struct mp_cpu_quiet *cpus, size_t n,
			  size_t looked); /* at that many of them a run looks */
void mp_doctor_judge_steal(const struct mp_doctor *doctor, double here, double boot);
void mp_doctor_judge_background(const struct mp_doctor *doctor, double others, double stolen);

#endif
