/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tune.c and the keeper of the undo record share. */
#ifndef RUNNER_MACHINE_TUNE_INTERNAL_H
#define RUNNER_MACHINE_TUNE_INTERNAL_H

#include "runner/machine/tune.h"

/* Fills `name` and `why` of a change whose path is that of a setting known here. 0 or -EINVAL. */
int mp_tune_recognise(struct mp_change *change);

/* The record in that folder; *ret_changes is the caller's to free. 0, -ENOENT: there is none, else negative errno with the
 * sentence (a link, another owner, a path that is no setting). */
int mp_tune_record_read(const char *state, struct mp_change **ret_changes, size_t *ret_n,
			struct mp_err *err);

/* Replaces the record as a whole, on the disk when the call returns; the folder is made when it is missing. `n` 0 removes it. */
int mp_tune_record_write(const char *state, const struct mp_change *changes, size_t n,
			 struct mp_err *err);

#endif
