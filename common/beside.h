/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What belongs to memperf, found from its executable: in a build beside it, in an installation below the same prefix. */
#ifndef COMMON_BESIDE_H
#define COMMON_BESIDE_H

#include <limits.h>
#include <stddef.h>

/* Writes to `path` the first of `n` places that access(2) allows in `mode` (R_OK, X_OK). A place begins with a slash and
 * is relative to the folder of the executable: "/../share/memperf". 0; -ENOENT when there is none, with the first place
 * in `path`; else a negative errno: /proc is not mounted (-ENOENT with an empty `path`), or a path is too long. */
int mp_beside(const char *const *places, size_t n, int mode, char path[PATH_MAX]);

/* The measured process: beside memperf in a build; where that is installed, no command for people, but here. As mp_beside(), by the mode
 * X_OK. */
#define MP_BESIDE_INSTALLED "/../libexec/memperf/memperf-worker"
int mp_beside_worker(char path[PATH_MAX]);

#endif
