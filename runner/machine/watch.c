/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two looks and what lies between them: see watch.h. */
#include "runner/machine/watch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "common/vec.h"
#include "runner/machine/facthelp.h"
#include "runner/machine/internal.h"

#define LOOK_SECONDS  0.25
#define SPEED_SECONDS 0.2
#define MOST_CPUS     64 /* of a larger machine, the first ones in the order of use */

unsigned mp_watch_cpus(const struct mp_machine *machine)
{
	unsigned n = mp_doctor_at_once(machine);

	return n < MOST_CPUS ? n : MOST_CPUS;
}

static void look_at_gaps(struct mp_look *look, const struct mp_machine *machine,
			 const struct mp_clocksource *source)
{
	struct mp_cpu_quiet quiet[MOST_CPUS];
	int cpus[MOST_CPUS];
	unsigned n = mp_watch_cpus(machine);

	look->lost = look->longest_ns = NAN;
	if (mp_machine_place(machine, n, cpus, NULL) ||
	    mp_quiet_measure(source, cpus, n, LOOK_SECONDS, n, quiet))
		return;
	for (unsigned i = 0; i < n; i++) {
		look->lost = fmax(look->lost, quiet[i].jitter.lost_share);
		look->longest_ns = fmax(look->longest_ns, quiet[i].jitter.longest_ns);
	}
}

static void keep_finding(void *user, const struct mp_finding *finding)
{
	struct mp_watch *watch = user;
	struct mp_watch_finding *slot = mp_vec_push((void **)&watch->findings, &watch->n_findings,
						    &watch->cap_findings, sizeof(*slot));
	struct mp_str key = MP_STR_INIT, value = MP_STR_INIT;

	mp_fitness_add(&watch->fitness, finding);
	if (!slot)
		return;
	mp_str_printf(&key, "finding_%s", finding->subject);
	for (char *c = key.text; (c = strchr(c, ' '));)
		*c = '_';
	mp_str_printf(&value, "%s: %s%s%s", mp_severity_name(finding->severity), finding->evidence,
		      finding->remedy ? "; remedy: " : "", finding->remedy ? finding->remedy : "");
	slot->key = mp_str_take(&key);
	slot->value = mp_str_take(&value);
}

void mp_watch_begin(struct mp_watch *watch, const struct mp_machine *machine,
		    const struct mp_clocksource *source, double calm)
{
	*watch = (struct mp_watch){ .before = { .calm = calm },
				    .fitness = { .reason = MP_STR_INIT } };
	mp_doctor_read(machine, source, keep_finding, watch);
	look_at_gaps(&watch->before, machine, source);
	watch->has_throttle = !mp_throttle_read(mp_machine_root(machine), &watch->throttle);
	watch->has_time = !mp_cpu_time_read(mp_machine_root(machine), &watch->time);
}

void mp_watch_done(struct mp_watch *watch)
{
	for (size_t i = 0; i < watch->n_findings; i++) {
		free(watch->findings[i].key);
		free(watch->findings[i].value);
	}
	free(watch->findings);
	mp_str_done(&watch->fitness.reason);
	*watch = (struct mp_watch){ 0 };
}

static void add_reason(struct mp_str *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add_reason(struct mp_str *text, const char *fmt, ...)
{
	va_list ap;

	mp_str_add(text, text->len ? ", " : "yes: ");
	va_start(ap, fmt);
	mp_str_vprintf(text, fmt, ap);
	va_end(ap);
}

bool mp_watch_judge(const struct mp_look looks[2], double others, double stolen,
		    const struct mp_throttle *throttled, const char *unfit, struct mp_str *ret_text)
{
	static const char *const when[] = { "before", "after" };
	bool known = !isnan(others) || !isnan(stolen) || throttled || *unfit;

	if (*unfit)
		add_reason(ret_text, "%s", unfit);
	for (int i = 0; i < 2; i++) {
		if (looks[i].calm < MP_NOISY_CALM)
			add_reason(ret_text, "full speed for %.0f %% of the time %s it",
				   looks[i].calm * 100, when[i]);
		if (looks[i].lost > MP_NOISY_LOST)
			add_reason(ret_text, "%.0f %% of a CPU's time lost in gaps %s it",
				   looks[i].lost * 100, when[i]);
		known = known || !isnan(looks[i].calm) || !isnan(looks[i].lost);
	}
	if (stolen > MP_NOISY_STOLEN)
		add_reason(ret_text, "the hypervisor took %.0f %% of the CPUs", stolen * 100);
	if (others > MP_NOISY_OTHERS)
		add_reason(ret_text, "others used %.0f %% of the CPUs", others * 100);
	if (throttled && throttled->cores + throttled->packages)
		add_reason(ret_text, "heat slowed the processor %llu times",
			   (unsigned long long)throttled->cores + throttled->packages);
	if (known && !ret_text->len)
		mp_str_add(ret_text, "no");
	return known;
}

struct doctor_facts {
	struct mp_fact_group group;
	unsigned part;
};

static void put(const struct doctor_facts *f, const char *key, int weight, const char *why,
		const char *value, const char *origin)
{
	char full[48];
	struct mp_fact_line line = { full, MP_FACT_NOW, weight, why };

	snprintf(full, sizeof(full), f->part ? "%s_%u" : "%s", key, f->part + 1);
	mp_fact_put(&f->group, &line, value, origin);
}

static void put_look(const struct doctor_facts *f, const char *key, const struct mp_look *look)
{
	char value[128];

	snprintf(value, sizeof(value), "full speed %.0f %%, lost in gaps %.2f %%, longest %.0f us",
		 look->calm * 100, look->lost * 100, look->longest_ns / 1e3);
	put(f, key, MP_WEIGHT_NONE, "how quiet the CPUs were then",
	    isnan(look->calm) || isnan(look->lost) ? NULL : value,
	    isnan(look->calm) || isnan(look->lost) ? "the look could not be taken" : "the doctor");
}

static void put_share(const struct doctor_facts *f, const char *key, const char *why, double share)
{
	char value[32];

	snprintf(value, sizeof(value), "%.2f %%", share * 100);
	put(f, key, MP_WEIGHT_NONE, why, isnan(share) ? NULL : value,
	    isnan(share) ? "/proc/stat: cannot be read, or no tick passed" : "/proc/stat");
}

void mp_watch_end(struct mp_watch *watch, const struct mp_machine *machine,
		  const struct mp_clocksource *source, unsigned part,
		  const struct mp_fact_sink *sink)
{
	struct doctor_facts f = { { mp_machine_root(machine), "doctor", sink }, part };
	MP_CLEANUP(mp_str_done) struct mp_str noisy = MP_STR_INIT;
	struct mp_look *after = &watch->after;
	struct mp_throttle throttle = { 0 };
	struct mp_cpu_time now;
	bool has_throttle = watch->has_throttle && !mp_throttle_read(f.group.root, &throttle);
	bool has_time = watch->has_time && !mp_cpu_time_read(f.group.root, &now);
	double others = has_time ? mp_cpu_time_others(&watch->time, &now) : NAN;
	double stolen = has_time ? mp_cpu_time_stolen(&watch->time, &now) : NAN;
	double mul, add;
	char value[64];
	int cpu;
	bool known;

	throttle.cores -= watch->throttle.cores;
	throttle.packages -= watch->throttle.packages;
	look_at_gaps(after, machine, source);
	if (mp_machine_place(machine, 1, &cpu, NULL) ||
	    mp_speed_reference(source, cpu, SPEED_SECONDS, &mul, &add, &after->calm))
		after->calm = NAN;
	known = mp_watch_judge((struct mp_look[]){ watch->before, *after }, others, stolen,
			       has_throttle ? &throttle : NULL, watch->fitness.reason.text, &noisy);
	put(&f, "noisy", MP_WEIGHT_NONE, "yes: nothing is judged by this run",
	    known ? noisy.text : NULL, known ? "the facts beside it" : "nothing could be measured");
	put_look(&f, "before", &watch->before);
	put_look(&f, "after", after);
	put_share(&f, "others", "CPU time that others used during the run", others);
	put_share(&f, "stolen", "CPU time that the hypervisor took during the run", stolen);
	snprintf(value, sizeof(value), "%llu times, packages %llu times",
		 (unsigned long long)throttle.cores, (unsigned long long)throttle.packages);
	put(&f, "throttled", MP_WEIGHT_NONE, "heat slowed the cores that often during the run",
	    has_throttle ? value : NULL,
	    has_throttle ? MP_THROTTLE_FILES : MP_THROTTLE_FILES ": no such file");
	for (size_t i = 0; i < watch->n_findings; i++) {
		const struct mp_watch_finding *finding = &watch->findings[i];

		if (finding->key)
			put(&f, finding->key, MP_WEIGHT_NONE,
			    "what the doctor found before the run, and what helps", finding->value,
			    finding->value ? "memperf doctor" : "no memory");
	}
}
