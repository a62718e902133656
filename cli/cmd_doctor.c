/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf doctor: prints what the machine's doctor finds, and whether measuring here means anything. */
#include "cli/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "report/format/table.h"
#include "runner/machine/doctor.h"

static const struct mp_option options[] = {
	{ .name = "json", .help = "the findings as a JSON array" },
};

static const struct mp_column columns[] = {
	{ .key = "severity", .title = "Severity" },
	{ .key = "subject", .title = "Subject" },
	{ .key = "evidence", .title = "Evidence" },
	{ .key = "remedy", .title = "Remedy" },
};

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

static int print(const struct findings *findings, bool json)
{
	struct mp_str out = MP_STR_INIT;
	int code;

	mp_table_render(findings->table, json ? &mp_format_json : &mp_format_text,
			mp_terminal_width(), &out);
	if (!json)
		summarise(findings, &out);
	if (out.failed || mp_table_failed(findings->table)) {
		struct mp_err err;

		mp_err_internal(&err, -1, "no memory for the table of findings");
		code = mp_fail(&err);
	} else {
		code = mp_print(out.text);
	}
	mp_str_done(&out);
	return code;
}

static int run(const struct mp_args *args)
{
	struct findings findings = { .table = mp_table_new(columns,
							   sizeof(columns) / sizeof(columns[0])) };
	struct mp_machine *machine = NULL;
	struct mp_err err;
	int code;

	if (!findings.table) {
		mp_err_internal(&err, -1, "no memory for the table of findings");
		return mp_fail(&err);
	}
	if (isatty(STDERR_FILENO))
		fputs("looking at this machine for about three seconds\n", stderr);
	if (mp_machine_open(&machine, &err) || mp_doctor(machine, add, &findings, &err))
		code = mp_fail(&err);
	else
		code = print(&findings, mp_args_has(args, "json"));
	if (code == MP_EXIT_DONE && findings.count[MP_SEVERITY_FATAL])
		code = MP_EXIT_ENVIRONMENT;
	mp_machine_close(machine);
	mp_table_free(findings.table);
	return code;
}

const struct mp_cmd mp_cmd_doctor = {
	.name = "doctor",
	.summary = "is this machine fit to measure on, and what to change",
	.synopsis = "[--json]",
	.about = "Measures the clock, the speed and the quiet of the CPU that runs would use, and "
		 "reads the "
		 "settings that move memory-management results. Nothing is changed. Every finding "
		 "has a "
		 "severity (good, note, warning, fatal), what was seen, and the command that "
		 "helps.\n\n"
		 "Exit code 0: fit to measure, also with notes and warnings. 3: a fatal finding "
		 "makes "
		 "measuring meaningless.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.order = 4,
	.run = run,
};
