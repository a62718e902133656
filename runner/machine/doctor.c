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
#include <unistd.h>

#include "common/cleanup.h"
#include "runner/machine/doctor_internal.h"
#include "runner/machine/internal.h"
#include "runner/machine/sysfile.h"

#define MEASURE_SECONDS 1.0

const char *mp_severity_name(enum mp_severity severity)
{
	static const char *const names[] = { "good", "note", "warning", "fatal" };

	return names[severity];
}

void mp_doctor_find(const struct mp_doctor *doctor, enum mp_severity severity, const char *subject,
		    const char *remedy, const char *evidence, ...)
{
	struct mp_finding finding = { .severity = severity };
	va_list ap;

	snprintf(finding.subject, sizeof(finding.subject), "%s", subject);
	snprintf(finding.remedy, sizeof(finding.remedy), "%s", remedy ? remedy : "");
	va_start(ap, evidence);
	vsnprintf(finding.evidence, sizeof(finding.evidence), evidence, ap);
	va_end(ap);
	doctor->each(doctor->user, &finding);
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
			       "%s: %.120s; an empty pair costs %.0f ns", source->name, source->why,
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
	/* Nothing is left to measure with: the CPU is neither ours nor at full speed when it is. */
	bool hopeless = speed->calm_share < 0.01 && jitter->lost_share > 0.5;
	unsigned long long over_10us = jitter->over_10us, over_100us = jitter->over_100us;
	enum mp_severity severity = MP_SEVERITY_GOOD;
	char rest[64] = "";

	if (!isnan(speed->rest_slowness))
		snprintf(rest, sizeof(rest), ", the rest typically %.2f times slower",
			 speed->rest_slowness);
	/* Verdicts use calm samples; below a half a run needs more time, below one in twenty it may miss some. */
	if (hopeless)
		severity = MP_SEVERITY_FATAL;
	else if (speed->calm_share < 0.05)
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
	if (hopeless)
		severity = MP_SEVERITY_FATAL;
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

/* Stolen ticks of one CPU and of all so far, and the ticks of all kinds (proc_stat(5)). */
struct steal {
	unsigned long long here, all, total;
};

static int read_steal(const struct mp_doctor *doctor, struct steal *ret_steal)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	struct steal steal = { 0 };
	int err = mp_sysfile_read(doctor->root, &text, "/proc/stat");
	char name[16], line[512];

	if (err)
		return err;
	snprintf(name, sizeof(name), "cpu%d", doctor->cpu);
	for (unsigned i = 0; i < 2; i++) {
		unsigned long long t[8];

		err = mp_sysfile_field(text.text, i ? name : "cpu", line, sizeof(line));
		if (err)
			return err;
		if (sscanf(line, "%llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2],
			   &t[3], &t[4], &t[5], &t[6], &t[7]) != 8)
			return -EINVAL;
		if (i) {
			steal.here = t[7];
			continue;
		}
		steal.all = t[7];
		for (unsigned k = 0; k < 8; k++)
			steal.total += t[k];
	}
	*ret_steal = steal;
	return 0;
}

static void judge_steal(const struct mp_doctor *doctor, const struct steal *before,
			const struct steal *after)
{
	double hz = (double)sysconf(_SC_CLK_TCK);
	double now = (double)(after->here - before->here) / hz / (2 * MEASURE_SECONDS);
	double boot = after->total ? (double)after->all / (double)after->total : 0;
	enum mp_severity severity = MP_SEVERITY_GOOD;

	if (now > 0.05)
		severity = MP_SEVERITY_WARNING;
	else if (now > 0.005 || boot > 0.01)
		severity = MP_SEVERITY_NOTE;
	mp_doctor_find(doctor, severity, "steal",
		       severity == MP_SEVERITY_GOOD ? NULL
						    : "ask for dedicated CPUs, or run when the "
						      "host is quiet",
		       "the hypervisor took %.1f %% of CPU %d while it was measured, %.2f %% of "
		       "all CPUs since boot",
		       now * 100, doctor->cpu, boot * 100);
}

static int measure(const struct mp_doctor *doctor, struct mp_err *err)
{
	struct mp_clocksource source;
	struct steal before, after;
	struct mp_jitter jitter;
	struct mp_speed speed;
	struct mp_err why;
	int code = mp_clocksource_choose(NULL, &source, &why);
	int no_steal = read_steal(doctor, &before);

	if (code) {
		mp_doctor_find(doctor, MP_SEVERITY_FATAL, "clock", "boot with another clock source",
			       "%.180s", why.text);
		return 0;
	}
	mp_doctor_judge_clock(doctor, &source);
	code = mp_speed_measure(&source, doctor->cpu, MEASURE_SECONDS, &speed);
	if (!code)
		code = mp_jitter_measure(&source, doctor->cpu, MEASURE_SECONDS, &jitter);
	if (code)
		return mp_err_env(err, code, "cannot measure on CPU %d (%s)", doctor->cpu,
				  strerror(-code));
	mp_doctor_judge_speed(doctor, &speed, &jitter);
	if (!no_steal)
		no_steal = read_steal(doctor, &after);
	if (no_steal)
		mp_doctor_find(doctor, MP_SEVERITY_NOTE, "steal", NULL,
			       "unknown: /proc/stat cannot be read (%s)", strerror(-no_steal));
	else
		judge_steal(doctor, &before, &after);
	return 0;
}

int mp_doctor(const struct mp_machine *machine,
	      void (*each)(void *user, const struct mp_finding *finding), void *user,
	      struct mp_err *err)
{
	struct mp_doctor doctor = {
		.machine = machine, .root = mp_machine_root(machine), .each = each, .user = user
	};
	int code = mp_machine_place(machine, 1, &doctor.cpu, err);

	if (code)
		return code;
	mp_doctor_load(&doctor);
	code = measure(&doctor, err);
	if (code)
		return code;
	mp_doctor_settings(&doctor);
	return 0;
}
