/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files tune*.c share. */
#ifndef RUNNER_MACHINE_TUNE_INTERNAL_H
#define RUNNER_MACHINE_TUNE_INTERNAL_H

#include "runner/machine/tune.h"

#include <stdbool.h>

/* A kind of thing that can be changed. `path` is one that the table allows. */
struct mp_tune_kind {
	/* The state in words. 0 or negative errno, -ENOENT when it is not there. */
	int (*read)(const char *root, const char *path, char ret_value[64]);
	/* Brings it into that state. 0 or negative errno. */
	int (*write)(const char *root, const char *path, const char *value);
};
extern const struct mp_tune_kind mp_tune_file, mp_tune_zram, mp_tune_swap, mp_tune_mount;

/* One row of the table of things: a path, which may be a pattern, and what it stands for. */
struct mp_tune_thing {
	const char *name, *path, *why;
	const struct mp_tune_kind *kind;
	/* A number that the kernel may reach in part only: what lies between before and after is ours, too. */
	bool in_part;
};

/* The thing of that path, or NULL: nothing of ours. */
const struct mp_tune_thing *mp_tune_find(const char *path);

/* The setting of the doctor with that path, for mp_tune_find(); NULL: none. */
const struct mp_tune_thing *mp_tune_find_setting(const char *path);

/* Does `path` fit the pattern of a thing, and name nothing above it? */
bool mp_tune_fits(const char *pattern, const char *path);

/* Brings the thing into that state, and looks whether it is. 0, negative errno, -EBUSY when it kept another one. */
int mp_tune_write(const char *root, const char *path, const char *value);

/* The owner's record in that folder; *ret_changes is the caller's to free. 0, -ENOENT: there is none, else negative errno with the
 * sentence (a link, another owner, a path that is no thing of ours). */
int mp_tune_record_read(const char *state, enum mp_tune_owner owner, struct mp_change **ret_changes,
			size_t *ret_n, struct mp_err *err);

/* Replaces the record as a whole, on the disk when the call returns; the folder is made when it is missing. `n` 0 removes it. */
int mp_tune_record_write(const char *state, enum mp_tune_owner owner,
			 const struct mp_change *changes, size_t n, struct mp_err *err);

#endif
