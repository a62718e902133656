/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chooses the run's clock and measures what it is worth. The CPU's counter is used only when every check holds;
 * its factor always comes from CLOCK_MONOTONIC_RAW, because neither CPUID nor CNTFRQ_EL0 is told the truth in
 * every guest, and 1 % claims over long blocks need 1e-6.
 */
#include "runner/machine/clocksource.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "common/cleanup.h"
#include "runner/machine/internal.h"
#include "runner/machine/sysfile.h"

#define PAIRS		  100000
#define BRACKETS	  100
#define FIRST_WINDOW_NS	  10000000u
#define CALIBRATION_NS	  2550000000u /* of all windows together: 10, 20, 40 .. 1280 ms */
#define CALIBRATION_LIMIT 1e-6 /* two successive windows, relative */
#define CNTFRQ_LIMIT	  100e-6 /* firmware's frequency against the measured one */
#define SYSCALL_NS	  100.0 /* a vDSO read is well below, a system call well above */

#if defined(__x86_64__)
#define KERNEL_NAME "tsc" /* the counter in the kernel's list of clock sources */
#else
#define KERNEL_NAME "arch_sys_counter"
#endif

/* ---- the checks ---- */

__attribute__((format(printf, 3, 4))) static int refuse(char *why, size_t size, const char *fmt,
							...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, size, fmt, ap);
	va_end(ap);
	return -ENOTSUP;
}

#if defined(__x86_64__)
/* AMD64 Architecture Programmer's Manual vol. 3, appendix E.4; Intel SDM vol. 2A, CPUID: leaf 80000001h EDX
 * bit 27 is RDTSCP, leaf 80000007h EDX bit 8 the invariant TSC (constant rate, also in deep idle). */
static int check_instructions(char *why, size_t size)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(0x80000001u, &a, &b, &c, &d) || !(d >> 27 & 1))
		return refuse(why, size, "this CPU has no RDTSCP");
	if (!__get_cpuid(0x80000007u, &a, &b, &c, &d) || !(d >> 8 & 1))
		return refuse(why, size, "the TSC is not invariant (CPUID 80000007h EDX bit 8)");
	return 0;
}
#else
/* The architecture makes the counter constant and nonstop (Arm ARM D11.1.2), and Linux opens it to user space. */
static int check_instructions(char *why, size_t size)
{
	(void)why;
	(void)size;
	return 0;
}
#endif

/* User-mode-linux has a clock of its own, but one CPU alone: there is nothing to be synchronised with. */
static bool is_user_mode_linux(const char *root)
{
	MP_CLEANUP(mp_str_done) struct mp_str cpuinfo = MP_STR_INIT;
	char vendor[64];

	return !mp_sysfile_read(root, &cpuinfo, "/proc/cpuinfo") &&
	       !mp_sysfile_field(cpuinfo.text, "vendor_id", vendor, sizeof(vendor)) &&
	       !strncmp(vendor, "User Mode Linux", 15);
}

/* The kernel watches its clock source at run time: its choice is the verdict on synchronisation. */
static int check_kernel(const char *root, char *why, size_t size)
{
	char current[64];
	int err = mp_sysfile_line(root, current, sizeof(current),
				  "/sys/devices/system/clocksource/clocksource0/"
				  "current_clocksource");

	if (err)
		return refuse(why, size, "the kernel's clock source cannot be read (%s)",
			      strerror(-err));
	if (strcmp(current, KERNEL_NAME) && !is_user_mode_linux(root))
		return refuse(why, size, "the kernel's clock source is '%s', not '" KERNEL_NAME "'",
			      current);
	return 0;
}

/* ---- calibration ---- */

struct moment {
	uint64_t ticks, raw_ns;
};

/* Both clocks at one moment: the tightest of many brackets counter, RAW, counter. */
static struct moment bracket(void)
{
	struct moment best = { 0 };
	uint64_t tightest = UINT64_MAX;

	for (unsigned i = 0; i < BRACKETS; i++) {
		uint64_t before = mp_counter_start();
		uint64_t raw = mp_clock_raw_ns();
		uint64_t after = mp_counter_stop();

		if (after - before < tightest) {
			tightest = after - before;
			best.ticks = before + (after - before) / 2;
			best.raw_ns = raw;
		}
	}
	return best;
}

static double factor(const struct moment *from, const struct moment *to)
{
	return (double)(to->raw_ns - from->raw_ns) / (double)(to->ticks - from->ticks);
}

/* A moment at least `ns` later. Waits asleep: the counter is nonstop, and a busy wait would warm up one CPU of a
 * machine that is about to be looked at. */
static struct moment moment_after(const struct moment *from, uint64_t ns)
{
	struct timespec wait = { .tv_sec = (time_t)(ns / 1000000000u),
				 .tv_nsec = (long)(ns % 1000000000u) };

	while (mp_clock_raw_ns() - from->raw_ns < ns) {
		clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL);
		wait = (struct timespec){ .tv_nsec = 1000000 };
	}
	return bracket();
}

/* Windows of 10, 20, 40 ... ms, each starting where the last one ended, until two in a row agree. */
static int calibrate(struct mp_clocksource *s, char *why, size_t size)
{
	struct moment first = bracket(), from = first;
	double last = NAN;

	if (bracket().ticks == first.ticks)
		return refuse(why, size, "the counter stands still");
	s->first_ticks = first.ticks;
	s->first_raw_ns = first.raw_ns;
	for (uint64_t window = FIRST_WINDOW_NS;; window *= 2) {
		uint64_t used = from.raw_ns - first.raw_ns;
		struct moment to;
		double now, apart;

		if (used + FIRST_WINDOW_NS > CALIBRATION_NS)
			break;
		if (window > CALIBRATION_NS - used)
			window = CALIBRATION_NS - used;
		to = moment_after(&from, window);
		now = factor(&from, &to);
		apart = fabs(now / last - 1);
		from = to;
		last = now;
		s->ns_per_tick = now;
		s->calibration_ppm = apart * 1e6;
		if (apart <= CALIBRATION_LIMIT)
			return 0;
	}
	return refuse(why, size,
		      "two successive calibration windows differ by %.3g ppm after 2.5 s (limit "
		      "1 ppm)",
		      s->calibration_ppm);
}

#if defined(__aarch64__)
static int check_frequency(const struct mp_clocksource *s, char *why, size_t size)
{
	uint64_t hz;
	double apart;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	apart = fabs(s->ns_per_tick * (double)hz / 1e9 - 1);
	if (apart > CNTFRQ_LIMIT)
		return refuse(why, size, "CNTFRQ_EL0 and CLOCK_MONOTONIC_RAW differ by %.0f ppm",
			      apart * 1e6);
	return 0;
}
#else
static int check_frequency(const struct mp_clocksource *s, char *why, size_t size)
{
	(void)s;
	(void)why;
	(void)size;
	return 0;
}
#endif

/* ---- step and cost ---- */

static int compare_ticks(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

struct group {
	uint64_t low, high; /* neighbouring differences, without a hole */
	double sum, count; /* of the pairs that show them */
};

/* The next group of `sorted` from index *at that enough pairs show; false: there is none. */
static bool next_group(const uint64_t *sorted, size_t n, size_t *at, struct group *ret_group)
{
	struct group g = { 0 };

	while (*at < n) {
		uint64_t value = sorted[*at];
		size_t end = *at;

		while (end < n && sorted[end] == value)
			end++;
		if (end - *at > n / 1000) {
			if (g.count > 0 && value != g.high + 1)
				break;
			if (g.count <= 0)
				g.low = value;
			g.high = value;
			g.sum += (double)value * (double)(end - *at);
			g.count += (double)(end - *at);
		}
		*at = end;
	}
	*ret_group = g;
	return g.count > 0;
}

double mp_clocksource_step(const uint64_t *sorted, size_t n)
{
	double step = 0, before = NAN, least = 0;
	struct group g;
	size_t at = 0;

	while (next_group(sorted, n, &at, &g)) {
		double middle = g.sum / g.count;

		if (g.high - g.low >= 2)
			return 1;
		if (!isnan(before) && (step <= 0 || middle - before < step))
			step = middle - before;
		if (least <= 0)
			least = g.low ? (double)g.low : (double)g.high;
		before = middle;
	}
	if (step > 0)
		return step;
	for (size_t i = 0; least <= 0 && i < n; i++)
		least = (double)sorted[i];
	return least;
}

static int measure_worth(struct mp_clocksource *s, struct mp_err *err)
{
	uint64_t *pairs = malloc(PAIRS * sizeof(*pairs));
	double step;

	if (!pairs)
		return mp_err_env(err, -ENOMEM, "no memory for the calibration of the clock");
	for (unsigned i = 0; i < PAIRS; i++) {
		uint64_t start = mp_clock_start(s->clock);

		pairs[i] = mp_clock_stop(s->clock) - start;
	}
	qsort(pairs, PAIRS, sizeof(*pairs), compare_ticks);
	s->pair_p50_ns = (double)pairs[PAIRS / 2] * s->ns_per_tick;
	s->pair_p99_ns = (double)pairs[PAIRS / 100 * 99] * s->ns_per_tick;
	step = mp_clocksource_step(pairs, PAIRS);
	free(pairs);
	if (step <= 0)
		return mp_err_env(err, -EIO,
				  "clock '%s' did not move in %d pairs of reads: this machine has "
				  "no clock to measure with",
				  s->name, PAIRS);
	s->step_ns = step * s->ns_per_tick;
	return 0;
}

/* ---- the choice ---- */

/* All checks of the counter; 0 or -ENOTSUP and why not. Fills clock, name and factor. */
static int try_counter(const char *root, struct mp_clocksource *s, char *why, size_t size)
{
	int err = check_kernel(root, why, size);

	s->clock = MP_CLOCK_COUNTER;
	s->name = MP_CLOCK_COUNTER_NAME;
	if (!err)
		err = check_instructions(why, size);
	if (!err)
		err = calibrate(s, why, size);
	if (!err)
		err = check_frequency(s, why, size);
	return err;
}

static void take_raw(struct mp_clocksource *s)
{
	struct moment now = bracket();

	*s = (struct mp_clocksource){ .clock = MP_CLOCK_RAW,
				      .name = "monotonic_raw",
				      .ns_per_tick = 1,
				      .first_ticks = now.raw_ns,
				      .first_raw_ns = now.raw_ns };
}

int mp_clocksource_choose_from(const char *root, const char *force,
			       struct mp_clocksource *ret_source, struct mp_err *err)
{
	struct mp_clocksource s = { 0 };
	char why[160] = "asked for";
	int code;

	if (force && strcmp(force, "counter") && strcmp(force, "raw"))
		return mp_err_usage(err, -EINVAL,
				    "unknown clock '%s': use 'counter' or 'raw', or leave the "
				    "choice to memperf",
				    force);
	if (force && !strcmp(force, "raw")) {
		take_raw(&s);
	} else {
		code = try_counter(root, &s, why, sizeof(why));
		if (code && force)
			return mp_err_env(err, code,
					  "clock 'counter' cannot be used here: %s; use 'raw'",
					  why);
		if (code)
			take_raw(&s);
	}
	code = measure_worth(&s, err);
	if (code)
		return code;
	if (s.clock == MP_CLOCK_COUNTER)
		snprintf(s.why, sizeof(s.why),
			 "%s%s, its rate is constant and nonstop, ordered reads are there, two "
			 "calibrations differ by %.3f ppm",
			 force ? "asked for; " : "",
			 is_user_mode_linux(root) ? "user-mode Linux has one CPU alone"
						  : "the kernel's clock source is '" KERNEL_NAME
						    "'",
			 s.calibration_ppm);
	else
		snprintf(s.why, sizeof(s.why), "%s%s", why,
			 s.pair_p50_ns > SYSCALL_NS ? "; every read is a system call" : "");
	*ret_source = s;
	return 0;
}

int mp_clocksource_choose(const char *force, struct mp_clocksource *ret_source, struct mp_err *err)
{
	return mp_clocksource_choose_from("", force, ret_source, err);
}

double mp_clocksource_drift_ppm(const struct mp_clocksource *source)
{
	struct moment first = { source->first_ticks, source->first_raw_ns };
	struct moment now;

	if (source->clock != MP_CLOCK_COUNTER)
		return 0;
	now = bracket();
	return (factor(&first, &now) / source->ns_per_tick - 1) * 1e6;
}
