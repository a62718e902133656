/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Temporary files without a name, for what is too large to be kept in memory: gone when they are closed.
 *
 * Layer: ground, libc only.
 */
#ifndef COMMON_TEMPORARY_H
#define COMMON_TEMPORARY_H

#include <stddef.h>
#include <stdint.h>

/* In $TMPDIR, else in /tmp; in memory where that cannot have one. A descriptor of the caller, or negative errno. */
int mp_temporary_file(void);

/* All `len` bytes at `at`, by any thread. 0 or negative errno; -EIO: the file ends before. */
int mp_temporary_read(int file, void *ret_bytes, size_t len, uint64_t at);
int mp_temporary_write(int file, const void *bytes, size_t len, uint64_t at);

#endif
