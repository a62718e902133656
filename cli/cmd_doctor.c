/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf doctor: prints what the machine's doctor finds, and whether measuring here means anything. */
#include "cli/cmd.h"
#include "cli/doctor_fix.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "report/format/table.h"
#include "report/format/width.h"
#include "runner/machine/doctor.h"
#include "runner/machine/tune.h"

static const struct mp_option options[] = {
	{ .name = "json",
	  .help = "an object: verdict (fit, noisy, unfit), its reason, and the table" },
	{ .name = "cpus",
	  .help = "instead of the findings, the gaps and stolen time of every CPU" },
	{ .name = "fix", .help = "shows which settings would be changed; changes nothing" },
	{ .name = "apply", .help = "with --fix: changes them, after an undo record is written" },
	{ .name = "thp",
	  .value = "WORD",
	  .help = "with --fix: transparent huge pages, too: always, madvise or never" },
	{ .name = "undo",
	  .help = "puts back what --fix --apply changed, and what a killed run left" },
	{ .name = "state",
	  .value = "FOLDER",
	  .help = "where the undo record is; " MP_TUNE_STATE " by default" },
};

static const struct mp_column columns[] = {
	{ .key = "severity", .title = "Severity" },
	{ .key = "subject", .title = "Subject" },
	{ .key = "evidence", .title = "Evidence" },
	{ .key = "remedy", .title = "Remedy" },
};

static const struct mp_column cpu_columns[] = {
	{ .key = "cpu", .title = "CPU", .kind = MP_COLUMN_INTEGER },
	{ .key = "seconds", .title = "Seconds", .kind = MP_COLUMN_NUMBER },
	{ .key = "over_1us", .title = ">1 us", .kind = MP_COLUMN_INTEGER },
	{ .key = "over_10us", .title = ">10 us", .kind = MP_COLUMN_INTEGER },
	{ .key = "over_100us", .title = ">100 us", .kind = MP_COLUMN_INTEGER },
	{ .key = "longest", .title = "Longest", .kind = MP_COLUMN_DURATION },
	{ .key = "lost", .title = "Lost", .kind = MP_COLUMN_PERCENT },
	{ .key = "steal", .title = "Stolen", .kind = MP_COLUMN_PERCENT },
};

/* Gaps over 10 us are over 1 us, too. */
static void add_cpu(struct mp_table *table, const struct mp_cpu_quiet *cpu)
{
	const struct mp_jitter *j = &cpu->jitter;

	mp_table_integer(table, cpu->cpu);
	mp_table_number(table, j->seconds);
	mp_table_integer(table, (int64_t)(j->over_1us + j->over_10us + j->over_100us));
	mp_table_integer(table, (int64_t)(j->over_10us + j->over_100us));
	mp_table_integer(table, (int64_t)j->over_100us);
	mp_table_number(table, j->longest_ns);
	mp_table_number(table, j->lost_share);
	mp_table_number(table, cpu->steal);
}

struct findings {
	struct mp_table *table;
	unsigned count[MP_SEVERITY_FATAL + 1];
	struct mp_fitness fitness;
};

static void add(void *user, const struct mp_finding *finding)
{
	struct findings *findings = user;

	findings->count[finding->severity]++;
	mp_fitness_add(&findings->fitness, finding);
	mp_table_text(findings->table, mp_severity_name(finding->severity));
	mp_table_text(findings->table, finding->subject);
	mp_table_text(findings->table, finding->evidence);
	mp_table_text(findings->table, finding->remedy);
}

/* "fit to measure, with 1 warning, 2 notes" */
static void summarise(const struct findings *f, struct mp_str *out)
{
	static const char *const words[] = { [MP_SEVERITY_NOTE] = "note",
					     [MP_SEVERITY_WARNING] = "warning",
					     [MP_SEVERITY_NOISY] = "noisy finding",
					     [MP_SEVERITY_FATAL] = "fatal finding" };
	const enum mp_severity worst = f->fitness.worst;
	const char *before = worst >= MP_SEVERITY_NOISY ? ":" : ", with";

	mp_str_printf(out, "\n%sfit to measure%s", worst >= MP_SEVERITY_NOISY ? "not " : "",
		      worst == MP_SEVERITY_NOISY ? " now" : "");
	for (int s = MP_SEVERITY_FATAL; s >= MP_SEVERITY_NOTE; s--) {
		if (!f->count[s])
			continue;
		mp_str_printf(out, "%s %u %s%s", before, f->count[s], words[s],
			      f->count[s] == 1 ? "" : "s");
		before = ",";
	}
	mp_str_addc(out, '\n');
}

/* {"verdict": ..., "reason": ..., "findings" or "cpus": the table} */
static void add_json(const struct findings *f, const char *key, const struct mp_table *table,
		     struct mp_str *out)
{
	const enum mp_severity worst = f->fitness.worst;
	MP_CLEANUP(mp_str_done) struct mp_str reason = MP_STR_INIT;
	json_t *all;

	mp_text_clean(&reason, f->fitness.reason.text, true);
	all = json_pack("{s:s, s:s?, s:o}", "verdict",
			worst == MP_SEVERITY_FATAL   ? "unfit"
			: worst == MP_SEVERITY_NOISY ? "noisy"
						     : "fit",
			"reason", reason.len ? reason.text : NULL, key, mp_table_json(table));
	out->failed |= !all || json_dump_callback(all, mp_str_sink, out, JSON_INDENT(1)) ||
		       reason.failed || f->fitness.reason.failed;
	json_decref(all);
	mp_str_addc(out, '\n');
}

/* `cpus` NULL: the findings. */
static int print(const struct findings *findings, const struct mp_table *cpus, bool json)
{
	const struct mp_table *table = cpus ? cpus : findings->table;
	struct mp_str out = MP_STR_INIT;
	int code;

	if (json) {
		add_json(findings, cpus ? "cpus" : "findings", table, &out);
	} else {
		mp_table_render(table, &mp_format_text, mp_terminal_width(), &out);
		summarise(findings, &out);
	}
	if (out.failed || mp_table_failed(table)) {
		struct mp_err err;

		mp_err_internal(&err, -1, "no memory for the table of findings");
		code = mp_fail(&err);
	} else {
		code = mp_print_str(&out);
	}
	mp_str_done(&out);
	return code;
}

static int look(const struct mp_args *args, struct findings *findings, struct mp_table *cpus)
{
	struct mp_machine *machine = NULL;
	struct mp_cpu_quiet *quiet = NULL;
	struct mp_err err;
	size_t n = 0;
	int code;

	if (isatty(STDERR_FILENO))
		fputs("looking at this machine for about four seconds\n", stderr);
	if (mp_machine_open(&machine, &err) ||
	    mp_doctor(machine, add, findings, &quiet, &n, &err)) {
		code = mp_fail(&err);
	} else {
		for (size_t i = 0; i < n; i++)
			add_cpu(cpus, &quiet[i]);
		code = print(findings, mp_args_has(args, "cpus") ? cpus : NULL,
			     mp_args_has(args, "json"));
	}
	if (code == MP_EXIT_DONE && findings->fitness.worst >= MP_SEVERITY_NOISY)
		code = MP_EXIT_ENVIRONMENT;
	free(quiet);
	mp_machine_close(machine);
	return code;
}

static int run(const struct mp_args *args)
{
	static const char *const fixing[] = { "fix", "apply", "thp", "undo", "state" };
	struct findings findings = { .fitness = { .reason = MP_STR_INIT } };
	struct mp_table *cpus;
	struct mp_err err;
	int code;

	for (size_t i = 0; i < sizeof(fixing) / sizeof(fixing[0]); i++) {
		if (mp_args_has(args, fixing[i]))
			return mp_doctor_fix(args);
	}
	findings.table = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	cpus = mp_table_new(cpu_columns, sizeof(cpu_columns) / sizeof(cpu_columns[0]));
	if (findings.table && cpus) {
		code = look(args, &findings, cpus);
	} else {
		mp_err_internal(&err, -1, "no memory for the table of findings");
		code = mp_fail(&err);
	}
	mp_table_free(cpus);
	mp_table_free(findings.table);
	mp_str_done(&findings.fitness.reason);
	return code;
}

const struct mp_cmd mp_cmd_doctor = {
	.name = "doctor",
	.summary = "is this machine fit to measure on, and what to change",
	.synopsis = "[--json] [--cpus] [--fix [--apply] [--thp WORD] | --undo] [--state FOLDER]",
	.about = "Measures the clock, the speed and frequency of the CPU that a single worker "
		 "gets, the gaps and the "
		 "stolen time of every CPU, and what others use; and reads the settings that move "
		 "memory-management results. Nothing is changed. Every finding has a severity "
		 "(good, "
		 "note, warning, noisy, fatal), what was seen, and the command that helps.\n\n"
		 "Exit code 0: fit to measure, also with notes and warnings. 3: a noisy or a fatal "
		 "finding, and a night could not be judged. Noisy is what may pass: the CPU is at "
		 "full speed for less than 5 % of the time, 10 % of it are lost in gaps, the "
		 "hypervisor takes 10 % of the CPUs, others use 25 %, or heat slows the processor. "
		 "Fatal is what stays: the clock moves in steps of a millisecond or cannot be "
		 "used, or the kernel has a sanitizer or lock prover built in.\n\n"
		 "A run takes a short form of it before and after and stores what it saw as facts, "
		 "one for each finding; it is 'noisy' by the same limits, or by a fatal finding. "
		 "Nothing is judged by a noisy run: a gate ends with 5.\n\n"
		 "--fix sets governor and energy preference to performance, turbo, page merging, "
		 "NUMA "
		 "balancing and the NMI watchdog off, and perf_event_paranoid to 0, where they are "
		 "not "
		 "so. It changes nothing without --apply; before the first change an undo record "
		 "is on "
		 "the disk. --undo puts back what is still as it was set. Settings that a "
		 "benchmark is "
		 "there to measure (swappiness, watermarks) and the random layout of address "
		 "spaces are "
		 "never touched; transparent huge pages only with --thp.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.order = 4,
	.run = run,
};
