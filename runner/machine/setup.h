/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run sets up because its benchmarks need it (needs.h), and that it is put back.
 *
 * Nothing is changed without consent and root. Then a need is met for the run when a planned case asks for it, or for the
 * case around every invocation (enum mp_need says which). Everything is recorded on the disk before it is changed
 * (tune.h); closing puts it back, and what a killed run left is put back by the next mp_setup_open() of a run, or by
 * memperf doctor --undo. One run at a time: the caller holds the lock of runs.
 */
#ifndef RUNNER_MACHINE_SETUP_H
#define RUNNER_MACHINE_SETUP_H

#include "runner/machine/machine.h"

struct mp_setup;

enum mp_setup_mode {
	MP_SETUP_LOOK, /* says what could be set up, and changes nothing, ever */
	MP_SETUP_CHANGE,
};

/* Borrows machine and state (the folder of the record, tune.h). MP_SETUP_CHANGE as root first puts back what a killed run
 * left: -EIO when that fails. 0 or negative errno with the sentence. */
int mp_setup_open(const struct mp_machine *machine, const char *state, enum mp_setup_mode mode,
		  struct mp_setup **ret_setup, struct mp_err *err);

/* Puts back what is set up. 0, or negative errno with the sentence: what is left stays in the record. Accepts NULL. */
int mp_setup_close(struct mp_setup *setup, struct mp_err *err);

/* How many things of a killed run were put back. */
size_t mp_setup_replayed(const struct mp_setup *setup);

/* The user consents: --setup, or the suite. */
void mp_setup_allow(struct mp_setup *setup);

/* Why a need is not met, and will not be by setting up: heap text with the remedy; NULL: it is, or will be when the
 * case runs. In mode MP_SETUP_CHANGE and with consent, a need for the run is met before this returns. */
char *mp_setup_unmet(struct mp_setup *setup, enum mp_need need, const char *word);

/* Around an invocation of that case. A failure of the first is the case's, and it has been undone; one of the second ends
 * the run. 0 or negative errno with the sentence. */
int mp_setup_enter(struct mp_setup *setup, const struct mp_bench *bench,
		   const struct mp_params *params, struct mp_err *err);
int mp_setup_leave(struct mp_setup *setup, struct mp_err *err);

#endif
