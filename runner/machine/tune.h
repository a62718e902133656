/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reversible changes of the machine: settings that make it quiet, and what a run sets up for its benchmarks (setup.h). A
 * plan says what would change; applying it first writes an undo record that survives a kill and a reboot, and only then
 * touches anything. Undoing puts back what is still as memperf set it: a value that somebody else wrote since (or a boot)
 * stays.
 *
 * A thing that can be changed is named by a path and has a state in words: the value of a file, "on" or "off" of a swap
 * device, the file system at a mount point (tune_things.c has the table). So every change is undone alike.
 *
 * Records are files in the folder STATE, one for each owner. STATE must belong to the caller (root) and be writable by
 * nobody else; nothing in it is followed that is a link, and nothing is changed that is not in the table.
 */
#ifndef RUNNER_MACHINE_TUNE_H
#define RUNNER_MACHINE_TUNE_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

#define MP_TUNE_STATE "/var/lib/memperf"

/* Who changes things, and undoes its own: the later ones on top of the earlier ones. */
enum mp_tune_owner {
	MP_TUNE_DOCTOR, /* doctor --fix: until doctor --undo */
	MP_TUNE_RUN, /* a run, until it ends */
	MP_TUNE_CASE, /* one invocation */
};

struct mp_change {
	const char *name, *why; /* of the thing; static */
	char path[192]; /* without the root */
	char before[64], after[64]; /* states */
};

enum mp_tune_outcome {
	MP_TUNE_DONE, /* written, and read back as wanted */
	MP_TUNE_KEPT, /* undo: it was as before already */
	MP_TUNE_FOREIGN, /* undo: somebody else set it since; left alone */
	MP_TUNE_FAILED, /* the kernel refused; `err` says why */
};
const char *mp_tune_outcome_name(enum mp_tune_outcome outcome);

typedef void mp_tune_each(void *user, const struct mp_change *change, enum mp_tune_outcome outcome,
			  int err);

/*
 * What would change on the machine at `root` ("" is the live one). `thp`: the word for transparent_hugepage/enabled, or
 * NULL to leave it. Settings that are not there, or as wanted, are no changes. *ret_changes is the caller's to free. 0,
 * -ENOMEM, or -EINVAL for a word that the kernel does not offer.
 */
int mp_tune_plan(const char *root, const char *thp, struct mp_change **ret_changes, size_t *ret_n,
		 struct mp_err *err);

/*
 * Writes the record, adds to one that is there already, then makes the changes in their order. The doctor's do not depend on
 * each other; those of a run or case do, and end at the first that fails. `each` is called after every one that was tried.
 * 0, also when some failed; negative errno with the sentence when nothing was changed: the record could not be written safely.
 */
int mp_tune_apply(const char *root, const char *state, enum mp_tune_owner owner,
		  const struct mp_change *changes, size_t n, mp_tune_each *each, void *user,
		  struct mp_err *err);

/* Is there a record, whoever may read it? */
bool mp_tune_recorded(const char *state, enum mp_tune_owner owner);

/* Puts everything of the record back, the last change first. What failed stays in the record, which is removed when nothing
 * did. 0, -ENOENT without a record, or negative errno as above. */
int mp_tune_undo(const char *root, const char *state, enum mp_tune_owner owner, mp_tune_each *each,
		 void *user, struct mp_err *err);

/* The state of the thing with that path now, in words. 0 or negative errno; -ENOENT: there is no such thing. */
int mp_tune_read(const char *root, const char *path, char ret_value[64]);

#endif
