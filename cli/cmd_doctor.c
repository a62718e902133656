/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf doctor: prints what the machine's doctor finds, and whether measuring here means anything. */
#include "cli/cmd.h"
#include "cli/doctor_fix.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "report/format/table.h"
#include "runner/machine/doctor.h"
#include "runner/machine/tune.h"

static const struct mp_option options[] = {
	{ .name = "json", .help = "the table as a JSON array" },
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
};

static void add(void *user, const struct mp_finding *finding)
{
	struct findings *findings = user;

	findings->count[finding->severity]++;
	mp_table_text(findings->table, mp_severity_name(finding->severity));
	mp_table_text(findings->table, finding->subject);
	mp_table_text(findings->table, finding->evidence);
	mp_table_text(findings->table, *finding->remedy ? finding->remedy : NULL);
}

/* "fit to measure, with 2 notes and 1 warning" */
static void summarise(const struct findings *f, struct mp_str *out)
{
	unsigned notes = f->count[MP_SEVERITY_NOTE], warnings = f->count[MP_SEVERITY_WARNING];
	unsigned fatal = f->count[MP_SEVERITY_FATAL];

	mp_str_add(out, fatal ? "\nnot fit to measure" : "\nfit to measure");
	if (fatal)
		mp_str_printf(out, ": %u fatal finding%s", fatal, fatal == 1 ? "" : "s");
	if (warnings)
		mp_str_printf(out, "%s %u warning%s", fatal ? "," : ", with", warnings,
			      warnings == 1 ? "" : "s");
	if (notes)
		mp_str_printf(out, "%s %u note%s",
			      warnings ? " and"
			      : fatal  ? ","
				       : ", with",
			      notes, notes == 1 ? "" : "s");
	mp_str_addc(out, '\n');
}

/* `cpus` NULL: the findings. */
static int print(const struct findings *findings, const struct mp_table *cpus, bool json)
{
	const struct mp_table *table = cpus ? cpus : findings->table;
	struct mp_str out = MP_STR_INIT;
	int code;

	mp_table_render(table, json ? &mp_format_json : &mp_format_text, mp_terminal_width(), &out);
	if (!json)
		summarise(findings, &out);
	if (out.failed || mp_table_failed(table)) {
		struct mp_err err;

		mp_err_internal(&err, -1, "no memory for the table of findings");
		code = mp_fail(&err);
	} else {
		code = mp_print(out.text);
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
	if (code == MP_EXIT_DONE && findings->count[MP_SEVERITY_FATAL])
		code = MP_EXIT_ENVIRONMENT;
	free(quiet);
	mp_machine_close(machine);
	return code;
}

static int run(const struct mp_args *args)
{
	static const char *const fixing[] = { "fix", "apply", "thp", "undo", "state" };
	struct findings findings = { .table = NULL };
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
		 "note, warning, fatal), what was seen, and the command that helps.\n\n"
		 "Exit code 0: fit to measure, also with notes and warnings. 3: a fatal finding, "
		 "and a "
		 "night on this machine would mean nothing: its CPU is at full speed for less than "
		 "1 % of "
		 "the time and loses more than half of it, or the clock moves in steps of a "
		 "millisecond "
		 "or cannot be used, or the kernel has a sanitizer or lock prover built in.\n\n"
		 "A run takes a short form of it before and after and stores what it saw as facts; "
		 "a run "
		 "is 'noisy' when the CPU was at full speed for less than 5 % of a look, 10 % of a "
		 "look "
		 "were lost in gaps, the hypervisor took 10 % of the CPUs during the run, others "
		 "used "
		 "25 %, or heat slowed the processor. Nothing is judged by a noisy run: a gate "
		 "ends with 5.\n\n"
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
