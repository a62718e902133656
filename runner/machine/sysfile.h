/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading procfs, sysfs and /etc below a root folder: "" is the live machine, anything else a captured one.
 * Only regular text files, read whole, those of one line up to 4 KiB and without allocating. Paths are printf formats and begin
 * with '/'.
 */
#ifndef RUNNER_MACHINE_SYSFILE_H
#define RUNNER_MACHINE_SYSFILE_H

#include "common/err.h"
#include "common/str.h"

#include <stdint.h>

#define MP_SYSFILE_PATH 512

/* Appends the whole file to `text`. 0 or negative errno (-ENAMETOOLONG for a path over MP_SYSFILE_PATH). */
int mp_sysfile_read(const char *root, struct mp_str *text, const char *path, ...)
	__attribute__((format(printf, 3, 4)));

/* The first line without the blanks at its ends, cut to fit (`size` includes the NUL). 0 or negative errno;
 * an empty file is an empty line. */
int mp_sysfile_line(const char *root, char *buf, size_t size, const char *path, ...)
	__attribute__((format(printf, 4, 5)));

/* A file that holds one non-negative decimal number. 0, negative errno, -EINVAL when it holds anything
 * else, -ERANGE over 64 bit. */
int mp_sysfile_number(const char *root, uint64_t *ret_number, const char *path, ...)
	__attribute__((format(printf, 3, 4)));

/* The chosen word of a file like "always [madvise] never". 0, negative errno, -EINVAL without brackets. */
int mp_sysfile_choice(const char *root, char *buf, size_t size, const char *path, ...)
	__attribute__((format(printf, 4, 5)));

/* The value of `key` in text of lines "key:   value" or "key value" (meminfo, status, cpuinfo, limits), the
 * first one, blanks trimmed and cut to fit. 0 or -ENOENT. */
int mp_sysfile_field(const char *text, const char *key, char *buf, size_t size);

/* The same for a number at the start of the value; kB is turned into bytes. 0, -ENOENT or -EINVAL. */
int mp_sysfile_field_number(const char *text, const char *key, uint64_t *ret_number);

/*
 * What could not be read for want of memory or of file descriptors (ENOMEM, EMFILE, ENFILE) looks like what is not there. Every such
 * failure in this process is counted; who asks the machine takes the count before and has the difference judged: 0, or -ENOMEM with
 * a sentence.
 */
unsigned mp_sysfile_wants(void);
int mp_sysfile_whole(unsigned before, struct mp_err *err);

/* Counts `code`, of something else that is read of the machine, where it is such a failure. Returns it. */
int mp_sysfile_want(int code);

/* Is `number` in a list like "0-3,8,10-11"? A malformed rest is not. */
bool mp_sysfile_list_has(const char *list, unsigned number);

#endif
