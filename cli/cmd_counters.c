/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf counters: what can be counted on this machine, by what, and what stands in the way of the rest. */
#include "cli/counters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/vec.h"
#include "runner/counters/pmu.h"
#include "runner/machine/machine.h"

static const struct mp_option options[] = {
	{ .name = "cpu", .value = "N", .help = "the CPU that the measured thread is pinned to" },
	{ .name = "json", .help = "everything that was found out, as JSON" },
	{ .name = "calibrate",
	  .help = "stream known bytes and compare with what memory controllers count" },
	{ .name = "encode",
	  .value = "EVENT",
	  .help = "show how an event is encoded, such as 'cpu/cache-misses/'",
	  .repeats = true },
	{ .name = "sysfs",
	  .value = "DIR",
	  .help = "a captured folder of PMUs: encode only, nothing can be opened there" },
	{ .name = "cpu-id",
	  .value = "ID",
	  .help = "with --sysfs: the CPU model, such as GenuineIntel-6-BA or arm-41-d4f" },
};

/* What is asked for: ids, and the folders of a captured machine. */
struct asked {
	const char **ids; /* of the groups */
	size_t n, cap;
	struct mp_counter_group *groups; /* owned, and their texts; a metric alone is one */
	size_t n_groups, cap_groups;
	char folder[4096]; /* of PMUs; "" live */
	const char *cpu_id;
	int cpu; /* -1: one per core type */
};

/* An operand is a metric, or else a group. */
static int add_word(struct asked *a, const char *word, struct mp_err *err)
{
	struct mp_counter_group *group =
		mp_vec_push((void **)&a->groups, &a->n_groups, &a->cap_groups, sizeof(*group));
	int rc = group ? mp_counter_group_choose(word, group, err) : -ENOMEM;

	if (!rc && !group->n_metrics)
		return mp_err_usage(err, -EINVAL, "'%s' is no metric and no group of them", word);
	for (size_t i = 0; !rc && i < group->n_metrics; i++) {
		const char **slot = mp_vec_push((void **)&a->ids, &a->n, &a->cap, sizeof(*slot));

		if (slot)
			*slot = group->metrics[i];
		rc = slot ? 0 : -ENOMEM;
	}
	return rc == -ENOMEM ? mp_err_env(err, rc, "out of memory") : rc;
}

/* The folder of PMUs in a captured tree: given itself, or below sys/ or the root. */
static int find_folder(const char *given, struct asked *a, struct mp_err *err)
{
	static const char *const below[] = { "/sys/bus/event_source/devices",
					     "/bus/event_source/devices", "" };

	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		snprintf(a->folder, sizeof(a->folder), "%.3900s%s", given, below[i]);
		if (!access(a->folder, R_OK | X_OK))
			return 0;
	}
	return mp_err_usage(err, -errno, "cannot read the folder '%s': %s", given, strerror(errno));
}

static int parse_cpu(const char *text, int *ret_cpu, struct mp_err *err)
{
	char *end;
	long cpu = strtol(text, &end, 10);

	if (end == text || *end || cpu < 0 || cpu > 65535)
		return mp_err_usage(err, -EINVAL, "--cpu wants the number of a CPU, not '%s'",
				    text);
	*ret_cpu = (int)cpu;
	return 0;
}

static int ask(const struct mp_args *args, struct asked *a, struct mp_err *err)
{
	const char *sysfs = mp_args_get(args, "sysfs"), *cpu = mp_args_get(args, "cpu");
	int rc = 0;

	a->cpu = -1;
	a->cpu_id = mp_args_get(args, "cpu-id");
	if (sysfs)
		rc = find_folder(sysfs, a, err);
	if (!rc && a->cpu_id && !sysfs)
		rc = mp_err_usage(err, -EINVAL,
				  "--cpu-id is for a captured machine: name its folder with "
				  "--sysfs");
	if (!rc && mp_args_has(args, "calibrate") && (sysfs || mp_args_has(args, "encode")))
		rc = mp_err_usage(err, -EINVAL,
				  "--calibrate runs on this machine, without --sysfs and --encode");
	if (!rc && cpu)
		rc = parse_cpu(cpu, &a->cpu, err);
	for (size_t i = 0; !rc && i < args->n_words; i++)
		rc = add_word(a, args->words[i], err);
	return rc;
}

static int look_at(const struct asked *a, int cpu, struct mp_counters_view *view,
		   struct mp_err *err)
{
	struct mp_counters_seen *seen;
	struct mp_counter_query query = {
		.metrics = a->ids,
		.n_metrics = a->n,
		.cpus = &cpu,
		.n_cpus = 1,
		.cpu_id = a->cpu_id,
		.ops = &mp_perf_kernel,
	};

	if (*a->folder) {
		/* Nothing of this machine belongs to that one. */
		query.roots = (struct mp_counter_roots){ .event_source = a->folder,
							 .cpu = "/nonexistent",
							 .tracefs = "/nonexistent",
							 .proc = "/nonexistent",
							 .resctrl = "/nonexistent" };
		query.ops = NULL;
	}
	seen = mp_vec_push((void **)&view->seen, &view->n, &view->cap, sizeof(*seen));
	if (!seen)
		return mp_err_env(err, -ENOMEM, "out of memory");
	seen->cpu = cpu;
	return mp_counters_resolve(&query, &seen->counters, err);
}

/* The CPU that a run of one thread would use. */
static int default_cpu(int *ret_cpu, struct mp_err *err)
{
	struct mp_machine *machine = NULL;
	int rc = mp_machine_open(&machine, err);

	if (!rc)
		rc = mp_machine_place(machine, 1, ret_cpu, err);
	mp_machine_close(machine);
	return rc;
}

/* One CPU of each core type where there are several, else the one that a run would use. */
static int look(const struct asked *a, struct mp_counters_view *view, struct mp_err *err)
{
	struct mp_pmus pmus = { 0 };
	int cpu = a->cpu, rc = 0;

	if (cpu < 0 && mp_pmus_read(*a->folder ? a->folder : MP_EVENT_SOURCE, &pmus, NULL))
		pmus.n_core = 0;
	for (size_t i = 0; !rc && i < pmus.n && pmus.n_core > 1; i++)
		if (pmus.items[i].core && pmus.items[i].n_cpus)
			rc = look_at(a, pmus.items[i].cpus[0], view, err);
	mp_pmus_done(&pmus);
	if (rc || view->n)
		return rc;
	if (cpu < 0 && *a->folder)
		cpu = 0;
	else if (cpu < 0)
		rc = default_cpu(&cpu, err);
	return rc ? rc : look_at(a, cpu, view, err);
}

static int show(const struct mp_counters_view *view, bool json)
{
	struct mp_str out = MP_STR_INIT;
	struct mp_err err;
	int code;

	if (json)
		mp_counters_json(view, &out);
	else
		mp_counters_people(view, mp_terminal_width(), &out);
	if (out.failed) {
		mp_err_internal(&err, -ENOMEM, "no memory for the list of counters");
		code = mp_fail(&err);
	} else {
		code = mp_print_str(&out);
	}
	mp_str_done(&out);
	return code;
}

static int run(const struct mp_args *args)
{
	struct mp_counters_view view = { 0 };
	struct asked a = { 0 };
	struct mp_err err;
	int rc = ask(args, &a, &err), code;

	if (!rc && mp_args_has(args, "encode")) {
		code = mp_counters_encode(args, *a.folder ? a.folder : NULL);
	} else if (!rc && mp_args_has(args, "calibrate")) {
		rc = a.cpu < 0 ? default_cpu(&a.cpu, &err) : 0;
		code = rc ? mp_fail(&err) : mp_counters_calibrate(a.cpu, mp_args_has(args, "json"));
	} else {
		view.captured = *a.folder ? a.folder : NULL;
		view.groups = a.groups;
		view.n_groups = a.n_groups;
		if (!rc)
			rc = look(&a, &view, &err);
		code = rc ? mp_fail(&err) : show(&view, mp_args_has(args, "json"));
	}
	for (size_t i = 0; i < view.n; i++)
		mp_counters_done(&view.seen[i].counters);
	free(view.seen);
	for (size_t i = 0; i < a.n_groups; i++)
		mp_counter_group_done(&a.groups[i]);
	free(a.groups);
	free(a.ids);
	return code;
}

const struct mp_cmd mp_cmd_counters = {
	.name = "counters",
	.summary = "what can be counted here, by what, and why the rest cannot",
	.synopsis = "[METRIC|GROUP]... [--cpu N] [--json] [--calibrate] [--encode EVENT]... "
		    "[--sysfs DIR [--cpu-id ID]]",
	.about =
		"Tries every metric on one CPU of each core type: each source in its order, until "
		"one "
		"encodes, opens, and moves under a known load. What was refused is listed with its "
		"reason and the remedy. A metric that nothing vouches for is unavailable, never "
		"0. Groups are the files of configs/counters.\n\n"
		"--encode shows an event as perf_event_open(2) gets it: PMU/TERMS/ by the PMU's "
		"own files, PMU::EVENT by libpfm4, generic names such as cache-misses by the "
		"kernel. --calibrate streams known bytes (reads, writes, non-temporal writes) "
		"and compares them with the memory controllers' counts. With --sysfs, a captured "
		"folder of PMUs is encoded; nothing can be opened there.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.max_words = 64,
	.order = 5,
	.run = run,
};
