/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The front door: one file cmd_<name>.c per subcommand, exporting mp_cmd_<name>; the build writes the list.
 * Only cli/ prints to the terminal (outside the viewer) and only cli/ decides exit codes.
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include "common/err.h"
#include "common/str.h"

#include <stdbool.h>
#include <stddef.h>

/* A contract: see `memperf help`. */
enum mp_exit {
	MP_EXIT_DONE = 0,
	MP_EXIT_REGRESSION = 1,
	MP_EXIT_USAGE = 2,
	MP_EXIT_ENVIRONMENT = 3,
	MP_EXIT_INTERNAL = 4,
	MP_EXIT_UNJUDGED = 5,
	MP_EXIT_INTERRUPTED = 130,
};

/* One option of a subcommand: parsing, `memperf help NAME` and the did-you-mean all come from this table. */
struct mp_option {
	const char *name; /* "budget", given as --budget VALUE or --budget=VALUE */
	const char *value; /* placeholder in the help, "TIME"; NULL: a switch without value */
	const char *help; /* one line */
	bool repeats; /* may be given several times */
	bool hidden; /* not in the short help: for tests */
};

struct mp_given {
	const char *name, *value; /* value NULL for switches */
};

/* The parsed command line of one subcommand. Texts point into argv. */
struct mp_args {
	const struct mp_option *options;
	size_t n_options;
	struct mp_given *given; /* in order */
	size_t n_given, cap_given;
	const char **words; /* operands */
	size_t n_words, cap_words;
};

const char *mp_args_get(const struct mp_args *args, const char *name); /* last one, or NULL */
bool mp_args_has(const struct mp_args *args, const char *name);
/* The index'th value of a repeated option, or NULL. */
const char *mp_args_nth(const struct mp_args *args, const char *name, size_t index);

struct mp_cmd {
	const char *name;
	const char *summary; /* one line */
	const char *synopsis; /* operands and the main options, as in the design's command line */
	const char *about; /* a paragraph or two for `memperf help NAME`; may be NULL */
	const struct mp_option *options;
	size_t n_options;
	size_t min_words, max_words; /* operands allowed */
	/* Appends the words that the first operand may be, each in a line of mp_complete(); NULL: operands are files. */
	void (*operands)(struct mp_str *out);
	int order; /* position in `memperf help` */
	/* The exit code of every failure in place of 2, 3 and 4, for a caller to whom those say something else; 0: none. */
	int failure;
	const char *failure_option; /* the switch that makes it so; NULL: it always is */
	/* Returns an enum mp_exit. `err` holds the sentence when the code comes from mp_fail(). */
	int (*run)(const struct mp_args *args);
};

extern const struct mp_cmd *const mp_cmds[];
extern const size_t mp_n_cmds;

/* Parts of other commands. */
extern const struct mp_cmd mp_cmd_run; /* its options are read back by --resume */
extern const struct mp_cmd mp_cmd_compare;

/* "memperf: <sentence>" to stderr; the exit code of the error's kind. */
int mp_fail(const struct mp_err *err);
/* The sentence of the last mp_fail(); "" before the first. */
const char *mp_failure(void);

/* Width of stdout for printing: COLUMNS, or the terminal's; 0: not a terminal. */
unsigned mp_terminal_width(void);

/* Writes all of `text` to stdout; 0 or an exit code after a message (a full disk, a closed pipe). */
int mp_print(const char *text);
/* The same; a text that memory ran out for is an error, not a shorter output. */
int mp_print_str(const struct mp_str *text);
/* To a file ("-o FILE", written whole or not at all), to the device or pipe of that name, or, when `path` is NULL, to
 * stdout. */
int mp_print_to(const char *path, const char *text);
/* The same of anything: `len` bytes, always to a file, device or pipe. */
int mp_write_to(const char *path, const void *bytes, size_t len);
/* May `path` be written over? 0, or a negative errno with a sentence: an empty name, or a database. */
int mp_output_allowed(const char *path, struct mp_err *err);

#endif
