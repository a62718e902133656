/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The least program that can be executed: it exits with MP_PROGRAM_STATUS. It lives in a memfd, so that executing it does not
 * depend on what is installed, nor on a disk.
 */
#ifndef BENCHMARKS_SUPPORT_PROGRAM_H
#define BENCHMARKS_SUPPORT_PROGRAM_H

#include "common/err.h"

#define MP_PROGRAM_STATUS 42
#define MP_PROGRAM_PATH	  32

struct mp_program {
	int fd; /* read-only; 0 or -1: none */
	char path
		[MP_PROGRAM_PATH]; /* by which this process and its children can execute it: "/proc/self/fd/7" */
};

/* 0, or a negative errno with a sentence. */
int mp_program_open(struct mp_program *program, struct mp_err *err);
void mp_program_close(struct mp_program *program); /* accepts none */

#endif
