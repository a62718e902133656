/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manual pages in the language of man(7), from the descriptors that `memperf help` prints. */
#include "cli/manual.h"

#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "runner/machine/doctor.h"

/* Marks of roff are written out, so that a page shows the text as the terminal does. */
static void add_len(struct mp_str *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case '\\':
			mp_str_add(out, "\\e");
			break;
		case '-':
			mp_str_add(out, "\\-");
			break;
		case '\'':
			mp_str_add(out, "\\(aq");
			break;
		case '`':
			mp_str_add(out, "\\(ga");
			break;
		case '^':
			mp_str_add(out, "\\(ha");
			break;
		case '~':
			mp_str_add(out, "\\(ti");
			break;
		case '.':
			mp_str_add(out, i && text[i - 1] != '\n' ? "." : "\\&.");
			break;
		default:
			mp_str_addc(out, text[i]);
		}
	}
}

static void add(struct mp_str *out, const char *text)
{
	add_len(out, text, strlen(text));
}

/* A paragraph ends at an empty line. One with columns in it, which two blanks part, keeps its lines. */
static void add_paragraphs(struct mp_str *out, const char *text)
{
	for (const char *first = text; *text;) {
		const char *end = strstr(text, "\n\n"), *columns = strstr(text, "  ");
		size_t len = end ? (size_t)(end - text) : strlen(text);
		bool kept = columns && columns < text + len;

		mp_str_add(out, text == first ? "" : ".PP\n");
		mp_str_add(out, kept ? ".nf\n" : "");
		add_len(out, text, len);
		mp_str_add(out, kept ? "\n.fi\n" : "\n");
		text += len;
		text += strspn(text, "\n");
	}
}

static void begin(struct mp_str *out, const char *name, const char *summary)
{
	mp_str_add(out, ".\\\" Generated from the tables that parse the command line.\n.TH ");
	add(out, name);
	mp_str_printf(out, " 1 %s \"memperf %s\" \"memperf manual\"\n.SH NAME\n", MEMPERF_DATE,
		      MEMPERF_VERSION);
	add(out, name);
	mp_str_add(out, " \\- ");
	add(out, summary);
	mp_str_addc(out, '\n');
}

static void add_item(struct mp_str *out, const char *term, const char *value, const char *text)
{
	mp_str_add(out, ".TP\n\\fB");
	add(out, term);
	mp_str_add(out, "\\fR");
	if (value) {
		mp_str_add(out, " \\fI");
		add(out, value);
		mp_str_add(out, "\\fR");
	}
	mp_str_addc(out, '\n');
	add(out, text);
	mp_str_addc(out, '\n');
}

static void add_options(struct mp_str *out, const struct mp_cmd *cmd)
{
	mp_str_add(out, ".SH OPTIONS\n");
	for (size_t i = 0; i < cmd->n_options; i++) {
		const struct mp_option *o = &cmd->options[i];
		char term[64];

		if (o->hidden)
			continue;
		snprintf(term, sizeof(term), "%s%s", o->name[1] ? "--" : "-", o->name);
		add_item(out, term, o->value, o->help);
		if (o->repeats)
			mp_str_add(out, "May be given several times.\n");
	}
	add_item(out, "--help", NULL, "this, in short");
}

static void add_exit_status(struct mp_str *out)
{
	static const struct {
		enum mp_exit code;
		const char *meaning;
	} codes[] = {
		{ MP_EXIT_DONE, "done" },
		{ MP_EXIT_REGRESSION, "a regression was found" },
		{ MP_EXIT_USAGE, "a wrong command line, or a bad configuration" },
		{ MP_EXIT_ENVIRONMENT, "this machine or database cannot do it" },
		{ MP_EXIT_INTERNAL, "an error of memperf itself" },
		{ MP_EXIT_UNJUDGED, "it could not be judged: too noisy, or incomplete" },
		{ MP_EXIT_INTERRUPTED, "interrupted; what was measured is kept" },
	};

	mp_str_add(out, ".SH EXIT STATUS\n");
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		char number[16];

		snprintf(number, sizeof(number), "%d", codes[i].code);
		add_item(out, number, NULL, codes[i].meaning);
	}
}

static void add_privileges(struct mp_str *out)
{
	mp_str_add(
		out,
		".SH PRIVILEGES\nMeasuring needs none; what is skipped without, and who has them. "
		"\\(oqmemperf doctor\\(cq tells which this user has.\n");
	for (size_t i = 0; i < mp_n_privileges; i++) {
		add_item(out, mp_privileges[i].subject, NULL, mp_privileges[i].buys);
		mp_str_add(out, ".br\nFor: ");
		add(out, mp_privileges[i].gain);
		mp_str_addc(out, '\n');
	}
}

void mp_manual_command(struct mp_str *out, const struct mp_cmd *cmd)
{
	char name[64];

	snprintf(name, sizeof(name), "memperf-%s", cmd->name);
	begin(out, name, cmd->summary);
	mp_str_printf(out, ".SH SYNOPSIS\n.B memperf ");
	add(out, cmd->name);
	mp_str_addc(out, '\n');
	add(out, cmd->synopsis);
	mp_str_addc(out, '\n');
	if (cmd->about) {
		mp_str_add(out, ".SH DESCRIPTION\n");
		add_paragraphs(out, cmd->about);
	}
	add_options(out, cmd);
	/* One whose codes mean something else to its caller tells them itself. */
	if (!cmd->failure)
		add_exit_status(out);
	mp_str_add(out, ".SH SEE ALSO\n.BR memperf (1)\n");
}

void mp_manual_overview(struct mp_str *out, const struct mp_cmd *const *cmds, size_t n)
{
	static const char *const files[][2] = {
		{ "HOSTNAME.db",
		  "results, in the folder where a run is started; --db names another" },
		{ "share/memperf", "suites, policies and groups of counters, in the folder above "
				   "memperf's own; $MEMPERF_CONFIGS names another" },
		{ "share/doc/memperf/schema.json", "what --format json writes, as a JSON Schema" },
		{ "share/doc/memperf/schema.sql", "the tables and views of a results file" },
		{ "share/doc/memperf/guide.md", "the guide: method, verdicts, nights, SQL" },
		{ "/var/lib/memperf",
		  "results of nights that systemd begins, and the record of what "
		  "'memperf run --setup' and 'memperf doctor --fix' have to undo" },
		{ "/dev/memperf", "the kernel module" },
	};
	static const char *const environment[][2] = {
		{ "MEMPERF_CONFIGS", "the folder with suites/, policies/ and counters/" },
		{ "NO_COLOR", "no colours" },
		{ "COLUMNS", "the width of tables; default: the terminal's" },
	};

	begin(out, "memperf", "times Linux memory management, call by call");
	mp_str_add(out, ".SH SYNOPSIS\n.B memperf\n.I COMMAND\n.RI [ OPTIONS ]\n.br\n"
			".B memperf \\-\\-version\n.SH DESCRIPTION\n");
	add_paragraphs(out, MP_HELP_SUMMARY " Every command has a page of its own, such as "
					    "memperf-run(1).\n");
	mp_str_add(out, ".SH COMMANDS\n");
	for (size_t i = 0; i < n; i++)
		add_item(out, cmds[i]->name, NULL, cmds[i]->summary);
	add_privileges(out);
	add_exit_status(out);
	mp_str_add(out, ".SH FILES\n");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		add_item(out, files[i][0], NULL, files[i][1]);
	mp_str_add(out, ".SH ENVIRONMENT\n");
	for (size_t i = 0; i < sizeof(environment) / sizeof(environment[0]); i++)
		add_item(out, environment[i][0], NULL, environment[i][1]);
	mp_str_add(out, ".SH SEE ALSO\n");
	for (size_t i = 0; i < n; i++) {
		mp_str_add(out, ".BR memperf\\-");
		add(out, cmds[i]->name);
		mp_str_add(out, i + 1 < n ? " (1),\n" : " (1)\n");
	}
}
