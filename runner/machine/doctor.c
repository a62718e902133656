/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor: measures the clock, the speed and the quiet of the CPU that runs would use, then has the settings read
 * (doctor_settings.c). Limits stand beside their use; each says what it is about.
 */
#include "runner/machine/doctor.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "runner/machine/cgroup.h"
#include "runner/machine/doctor_internal.h"
#include "runner/machine/internal.h"
#include "runner/machine/sysfile.h"
#include "runner/machine/watch.h"

#define MEASURE_SECONDS 1.0
#define MOST_SECONDS	6.0 /* for the gaps of all CPUs */

const char *mp_severity_name(enum mp_severity severity)
{
	static const char *const names[] = { "good", "note", "warning", "noisy", "fatal" };

	return names[severity];
}

void mp_doctor_find(const struct mp_doctor *doctor, enum mp_severity severity, const char *subject,
		    const char *remedy, const char *evidence, ...)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	struct mp_finding finding = { .severity = severity, .subject = subject, .remedy = remedy };
	va_list ap;

	va_start(ap, evidence);
	mp_str_vprintf(&text, evidence, ap);
	va_end(ap);
	finding.evidence = text.failed ? "no memory" : text.text;
	doctor->each(doctor->user, &finding);
}

void mp_fitness_add(struct mp_fitness *fitness, const struct mp_finding *finding)
{
	if (finding->severity > fitness->worst)
		fitness->worst = finding->severity;
	if (finding->severity >= MP_SEVERITY_NOISY)
		mp_str_printf(&fitness->reason, "%s%s: %s", fitness->reason.len ? "; " : "",
			      finding->subject, finding->evidence);
}

void mp_doctor_judge_clock(const struct mp_doctor *doctor, const struct mp_clocksource *source)
{
	enum mp_severity severity = MP_SEVERITY_GOOD;

	/* A vDSO read costs some 20 ns, a system call 200: the run still works, small operations suffer. */
	if (source->clock == MP_CLOCK_COUNTER)
		mp_doctor_find(
			doctor, MP_SEVERITY_GOOD, "clock", NULL,
			"%s at %.3f MHz, calibrated to %.2f ppm; an empty pair costs %.0f ns",
			source->name, 1e3 / source->ns_per_tick, source->calibration_ppm,
			source->pair_p50_ns);
	else
		mp_doctor_find(doctor,
			       source->pair_p50_ns > 100 ? MP_SEVERITY_WARNING : MP_SEVERITY_NOTE,
			       "clock",
			       "see /sys/devices/system/clocksource/clocksource0/"
			       "available_clocksource; where the counter is listed, write its name "
			       "to current_clocksource",
			       "%s: %s; an empty pair costs %.0f ns", source->name, source->why,
			       source->pair_p50_ns);

	/* Per-call values need 20 steps to be more than a few distinct numbers. */
	if (source->step_ns >= 1e6)
		severity = MP_SEVERITY_FATAL;
	else if (source->step_ns > 1000)
		severity = MP_SEVERITY_WARNING;
	else if (source->step_ns > 50)
		severity = MP_SEVERITY_NOTE;
	mp_doctor_find(doctor, severity, "clock step",
		       severity == MP_SEVERITY_GOOD ? NULL
						    : "boot with another clock source, or take "
						      "batch mode's means only",
		       "the clock advances by %.1f ns; single operations under %.0f ns are "
		       "quantised",
		       source->step_ns, 20 * source->step_ns);
}

void mp_doctor_judge_speed(const struct mp_doctor *doctor, const struct mp_speed *speed,
			   const struct mp_jitter *jitter)
{
	unsigned long long over_10us = jitter->over_10us, over_100us = jitter->over_100us;
	enum mp_severity severity = MP_SEVERITY_GOOD;
	char rest[64] = "";

	if (!isnan(speed->rest_slowness))
		snprintf(rest, sizeof(rest), ", the rest typically %.2f times slower",
			 speed->rest_slowness);
	/* Verdicts use calm samples; below a half a run needs more time, below a tenth it may miss some. */
	if (speed->calm_share < MP_NOISY_CALM)
		severity = MP_SEVERITY_NOISY;
	else if (speed->calm_share < 0.1)
		severity = MP_SEVERITY_WARNING;
	else if (speed->calm_share < 0.5)
		severity = MP_SEVERITY_NOTE;
	mp_doctor_find(doctor, severity, "speed",
		       severity == MP_SEVERITY_GOOD ? NULL
						    : "stop other load here and on the host, fix "
						      "the frequency, or give runs more --budget",
		       "CPU %d at full speed %.0f %% of the time%s; multiplies %.0f ns, additions "
		       "%.0f ns",
		       doctor->cpu, speed->calm_share * 100, rest, speed->mul_ns, speed->add_ns);

	/* A timer tick of 2 us at 250 Hz is 0.05 %. */
	severity = MP_SEVERITY_GOOD;
	if (jitter->lost_share > MP_NOISY_LOST)
		severity = MP_SEVERITY_NOISY;
	else if (jitter->lost_share > 0.02)
		severity = MP_SEVERITY_WARNING;
	else if (jitter->lost_share > 0.002)
		severity = MP_SEVERITY_NOTE;
	mp_doctor_find(doctor, severity, "jitter",
		       severity == MP_SEVERITY_GOOD ? NULL
						    : "stop other work ('ps -eo pcpu,comm "
						      "--sort=-pcpu'), or boot with 'isolcpus=' "
						      "and start memperf on those CPUs with "
						      "'taskset -c'",
		       "CPU %d lost %.2f %% of %.1f s: %llu gaps over 1 us, %llu over 10 us, %llu "
		       "over 100 us, longest %.0f us",
		       doctor->cpu, jitter->lost_share * 100, jitter->seconds,
		       over_100us + over_10us + jitter->over_1us, over_100us + over_10us,
		       over_100us, jitter->longest_ns / 1e3);
}

void mp_doctor_judge_frequency(const struct mp_doctor *doctor, const struct mp_speed *speed)
{
	enum mp_severity severity = MP_SEVERITY_GOOD;

	if (isnan(speed->mul_spread)) {
		mp_doctor_find(doctor, MP_SEVERITY_NOTE, "frequency", NULL,
			       "unknown: too few probes in a second");
		return;
	}
	/* Two per cent are what the clock's steps and warm-up make of a constant frequency. */
	if (speed->mul_spread > 1.1)
		severity = MP_SEVERITY_WARNING;
	else if (speed->mul_spread > 1.02)
		severity = MP_SEVERITY_NOTE;
	mp_doctor_find(doctor, severity, "frequency",
		       severity == MP_SEVERITY_GOOD ? NULL
						    : "memperf doctor --fix, or ask for a host "
						      "with a fixed frequency",
		       "the best speed of CPU %d moved by %.1f %% between twentieths of a second",
		       doctor->cpu, (speed->mul_spread - 1) * 100);
}

void mp_doctor_judge_cpus(const struct mp_doctor *doctor, const struct mp_cpu_quiet *cpus, size_t n,
			  size_t looked)
{
	const struct mp_cpu_quiet *worst = &cpus[0];
	enum mp_severity severity = MP_SEVERITY_GOOD;
	bool noisy = false;
	size_t bad = 0;

	for (size_t i = 0; i < n; i++) {
		if (cpus[i].jitter.lost_share > worst->jitter.lost_share)
			worst = &cpus[i];
		bad += cpus[i].jitter.lost_share > 0.02;
		noisy |= i < looked && cpus[i].jitter.lost_share > MP_NOISY_LOST;
	}
	/* Cases with as many threads as CPUs run on the worst, too. */
	if (noisy)
		severity = MP_SEVERITY_NOISY;
	else if (worst->jitter.lost_share > 0.02)
		severity = MP_SEVERITY_WARNING;
	else if (worst->jitter.lost_share > 0.002)
		severity = MP_SEVERITY_NOTE;
	mp_doctor_find(doctor, severity, "jitter of all",
		       severity == MP_SEVERITY_GOOD ? NULL : "memperf doctor --cpus",
		       "%zu of %zu CPUs lost over 2 %%; the worst is CPU %d with %.2f %%, longest "
		       "gap %.0f us",
		       bad, n, worst->cpu, worst->jitter.lost_share * 100,
		       worst->jitter.longest_ns / 1e3);
}

void mp_doctor_judge_steal(const struct mp_doctor *doctor, double here, double boot)
{
	enum mp_severity severity = MP_SEVERITY_GOOD;

	if (isnan(here) || isnan(boot)) {
		mp_doctor_find(doctor, MP_SEVERITY_NOTE, "steal", NULL,
			       "unknown: /proc/stat cannot be read");
		return;
	}
	if (here > MP_NOISY_STOLEN)
		severity = MP_SEVERITY_NOISY;
	else if (here > 0.05)
		severity = MP_SEVERITY_WARNING;
	else if (here > 0.005 || boot > 0.01)
		severity = MP_SEVERITY_NOTE;
	mp_doctor_find(doctor, severity, "steal",
		       severity == MP_SEVERITY_GOOD ? NULL
						    : "ask for dedicated CPUs, or run when the "
						      "host is quiet",
		       "the hypervisor took %.1f %% of CPU %d while it was measured, %.2f %% of "
		       "all CPUs since boot",
		       here * 100, doctor->cpu, boot * 100);
}

void mp_doctor_judge_background(const struct mp_doctor *doctor, double others, double stolen)
{
	enum mp_severity severity = MP_SEVERITY_GOOD;

	if (isnan(others)) {
		mp_doctor_find(doctor, MP_SEVERITY_NOTE, "background", NULL,
			       "unknown: /proc/stat cannot be read, or no tick passed");
		return;
	}
	/* A tenth, and a fifth, of one of two CPUs. */
	if (others > MP_NOISY_OTHERS || stolen > MP_NOISY_STOLEN)
		severity = MP_SEVERITY_NOISY;
	else if (others > 0.1)
		severity = MP_SEVERITY_WARNING;
	else if (others > 0.05)
		severity = MP_SEVERITY_NOTE;
	mp_doctor_find(doctor, severity, "background",
		       severity == MP_SEVERITY_GOOD
			       ? NULL
			       : "stop it: 'ps -eo pcpu,comm --sort=-pcpu | head'",
		       "others used %.1f %% of the CPUs for half a second, the hypervisor %.1f %%",
		       others * 100, stolen * 100);
}

/* What others do while memperf does nothing. */
static void look_at_background(const struct mp_doctor *doctor)
{
	struct timespec pause = { .tv_nsec = 500000000 };
	struct mp_cpu_time before, after;
	bool known = !mp_cpu_time_read(doctor->root, &before);

	nanosleep(&pause, NULL);
	known = known && !mp_cpu_time_read(doctor->root, &after);
	mp_doctor_judge_background(doctor, known ? mp_cpu_time_others(&before, &after) : NAN,
				   known ? mp_cpu_time_stolen(&before, &after) : NAN);
}

unsigned mp_doctor_at_once(const struct mp_machine *machine)
{
	unsigned cpus = mp_machine_host(machine)->cpus;
	double quota;

	if (mp_cgroup_cpu_limit(mp_machine_root(machine), &quota) || quota >= cpus)
		return cpus;
	return quota < 1 ? 1 : (unsigned)quota;
}

/* Every CPU, in as little time as the quota allows; large machines under a small quota are looked at more briefly. */
static int measure_cpus(const struct mp_doctor *doctor, const struct mp_clocksource *source,
			struct mp_cpu_quiet **ret_cpus, size_t *ret_n)
{
	size_t n = mp_machine_host(doctor->machine)->cpus;
	unsigned at_once = mp_doctor_at_once(doctor->machine);
	double batches = ceil((double)n / at_once);
	struct mp_cpu_quiet *quiet = calloc(n, sizeof(*quiet));
	int *cpus = calloc(n, sizeof(*cpus));
	int err = quiet && cpus ? mp_machine_place(doctor->machine, (unsigned)n, cpus, NULL)
				: -ENOMEM;

	if (!err)
		err = mp_quiet_measure(source, cpus, n,
				       fmin(MEASURE_SECONDS, MOST_SECONDS / batches), at_once,
				       quiet);
	free(cpus);
	if (err) {
		free(quiet);
		return err;
	}
	*ret_cpus = quiet;
	*ret_n = n;
	return 0;
}

static void judge_steal(const struct mp_doctor *doctor, const struct mp_cpu_quiet *here)
{
	struct mp_cpu_time now;
	double boot = mp_cpu_time_read(doctor->root, &now) || !(now.wall > 0)
			      ? NAN
			      : now.stolen / now.wall;

	mp_doctor_judge_steal(doctor, here->steal, boot);
}

static int measure(const struct mp_doctor *doctor, struct mp_cpu_quiet **ret_cpus, size_t *ret_n,
		   struct mp_err *err)
{
	struct mp_clocksource source;
	struct mp_speed speed;
	struct mp_err why;
	int code = mp_clocksource_choose(NULL, &source, &why);

	if (code) {
		mp_doctor_find(doctor, MP_SEVERITY_FATAL, "clock", "boot with another clock source",
			       "%s", why.text);
		return 0;
	}
	mp_doctor_judge_clock(doctor, &source);
	code = mp_speed_measure(&source, doctor->cpu, MEASURE_SECONDS, &speed);
	if (!code)
		code = measure_cpus(doctor, &source, ret_cpus, ret_n);
	if (code)
		return mp_err_env(err, code, "cannot measure on CPU %d (%s)", doctor->cpu,
				  strerror(-code));
	/* The first in the order of use is the one that a single worker gets. */
	mp_doctor_judge_speed(doctor, &speed, &(*ret_cpus)[0].jitter);
	mp_doctor_judge_cpus(doctor, *ret_cpus, *ret_n, mp_watch_cpus(doctor->machine));
	mp_doctor_judge_frequency(doctor, &speed);
	judge_steal(doctor, &(*ret_cpus)[0]);
	return 0;
}

static int begin(struct mp_doctor *doctor, const struct mp_machine *machine,
		 void (*each)(void *user, const struct mp_finding *finding), void *user,
		 struct mp_err *err)
{
	*doctor = (struct mp_doctor){
		.machine = machine, .root = mp_machine_root(machine), .each = each, .user = user
	};
	return mp_machine_place(machine, 1, &doctor->cpu, err);
}

/* What files tell, in one order. */
static void read_files(const struct mp_doctor *doctor)
{
	mp_doctor_settings(doctor);
	mp_doctor_privileges(doctor);
	mp_doctor_disturbers(doctor);
}

void mp_doctor_read(const struct mp_machine *machine, const struct mp_clocksource *source,
		    void (*each)(void *user, const struct mp_finding *finding), void *user)
{
	struct mp_doctor doctor;

	if (begin(&doctor, machine, each, user, NULL))
		return;
	mp_doctor_load(&doctor);
	mp_doctor_judge_clock(&doctor, source);
	read_files(&doctor);
}

int mp_doctor(const struct mp_machine *machine,
	      void (*each)(void *user, const struct mp_finding *finding), void *user,
	      struct mp_cpu_quiet **ret_cpus, size_t *ret_n, struct mp_err *err)
{
	struct mp_cpu_quiet *cpus = NULL;
	struct mp_throttle throttle;
	unsigned wants = mp_sysfile_wants();
	struct mp_doctor doctor;
	size_t n = 0;
	int code = begin(&doctor, machine, each, user, err);

	if (code)
		return code;
	if (!mp_throttle_read(doctor.root, &throttle))
		doctor.throttle = &throttle;
	mp_doctor_load(&doctor);
	look_at_background(&doctor);
	code = measure(&doctor, &cpus, &n, err);
	if (!code) {
		read_files(&doctor);
		code = mp_sysfile_whole(wants, err);
	}
	if (!code && ret_cpus) {
		*ret_cpus = cpus;
		*ret_n = n;
	} else {
		free(cpus);
	}
	return code;
}
