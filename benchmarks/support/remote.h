/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Subjects in another address space: a child made by fork(2) after the objects were mapped and before anything of them was
 * touched, which performs the steps of the plan when it is asked and sleeps in between. It runs on the caller's CPU, so that
 * its address space is in use nowhere while the call is timed, and dies with the caller.
 */
#ifndef BENCHMARKS_SUPPORT_REMOTE_H
#define BENCHMARKS_SUPPORT_REMOTE_H

#include "benchmarks/support/subject.h"

/* Starts the child, which performs the first steps on all subjects. 0, or a negative errno with a sentence. */
int mp_remote_start(struct mp_subject *s, struct mp_err *err);
void mp_remote_stop(struct mp_subject *s); /* also one that was not started */

/* Has the child bring all subjects into the state that the call meets; 0, or a negative errno. */
long mp_remote_prepare(struct mp_subject *s);

#endif
