/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What may stand next on a command line, for the completion of shells (configs/completion/), from the tables that parse it and
 * print its help. The shells ask at the time, so that they always know what the installed memperf does.
 */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli/cmd.h"

/*
 * `words`: the words behind "memperf", of which the last is being typed and may be "". Appends one candidate a line, "WORD" or
 * "WORD<tab>what it is", of which the shell keeps those that begin as the last word does; a line ":files" or ":folders" stands
 * for names of files or folders. Nothing where memperf knows of none.
 */
void mp_complete(const char *const *words, size_t n, struct mp_str *out);

/* As candidates: every command. For mp_cmd.operands. */
void mp_complete_commands(struct mp_str *out);

#endif
