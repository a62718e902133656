/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Other programs: started without a shell, waited for, and how they ended in words.
 *
 * Layer: ground, libc only.
 */
#ifndef COMMON_SPAWN_H
#define COMMON_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

/* A program and what it is given. Everything is borrowed. */
struct mp_spawn {
	const char *const *argv; /* ends with NULL; without a slash argv[0] is looked for in PATH */
	char *const *environment; /* ends with NULL; NULL: that of this process */
	/* Its standard input, output and error: descriptors of this process; 0: /dev/null. */
	int in, out, err;
};

/* Starts it, with no signal blocked and SIGPIPE as programs expect it. 0, or negative errno when there is no such program or it cannot be
 * started. */
int mp_spawn_start(const struct mp_spawn *what, pid_t *ret_pid);

/* Waits for its end. 0: it exited with 0; above 0: its wait status, as waitpid(2) has it; or negative errno. */
int mp_spawn_wait(pid_t pid);

/* Both. The program did what it was asked to when 0 comes back. */
int mp_spawn(const struct mp_spawn *what);

/* What the others returned that is not 0, in words: "exit status 3", "killed by signal 9 (Killed)", "No such file or directory". Returns
 * `buf`. */
#define MP_SPAWN_SAID 96
const char *mp_spawn_said(int rc, char buf[MP_SPAWN_SAID]);

#endif
