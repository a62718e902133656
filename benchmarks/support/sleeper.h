/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A child made by fork(2) that does nothing but share memory with its parent. It dies with the parent.
 */
#ifndef BENCHMARKS_SUPPORT_SLEEPER_H
#define BENCHMARKS_SUPPORT_SLEEPER_H

#include "common/err.h"

#include <stdbool.h>

struct mp_sleeper {
	int pid; /* 0: none */
};

/* Forks; afterwards the pages of the caller's own stack and frame are private again, so that the first thing
 * it does next is not copying those. 0, or a negative errno with a sentence. */
int mp_sleeper_start(struct mp_sleeper *sleeper, struct mp_err *err);

/* What such a child does: nothing, until it is killed or `parent`, which forked it, is gone. */
void mp_sleeper_sleep(long parent) __attribute__((noreturn));

/* Is the child there, and neither dead nor dying? */
bool mp_sleeper_alive(const struct mp_sleeper *sleeper);

/* Ends the child and waits until its memory is gone; accepts none. */
void mp_sleeper_stop(struct mp_sleeper *sleeper);

#endif
