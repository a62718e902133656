/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing a cpio archive of the kind that the kernel unpacks into its first root file system ("newc",
 * Documentation/driver-api/early-userspace/buffer-format.rst of the kernel). Everything in it is root's.
 *
 * The first error is remembered and told by mp_cpio_close(); what is written after it goes nowhere.
 */
#ifndef RUNNER_VM_CPIO_H
#define RUNNER_VM_CPIO_H

#include "common/err.h"

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct mp_cpio {
	FILE *file;
	unsigned entries; /* so far */
	int error; /* the first one, a negative errno */
	struct mp_err why; /* and its sentence */
};

/* Begins the archive `path`. Ended by mp_cpio_close() whatever it returns. */
void mp_cpio_open(struct mp_cpio *c, const char *path);
/* Names in the archive are paths below the root, with or without '/' before; folders on the way are made. */
void mp_cpio_folder(struct mp_cpio *c, const char *name);
void mp_cpio_device(struct mp_cpio *c, const char *name, unsigned major, unsigned minor);
void mp_cpio_bytes(struct mp_cpio *c, const char *name, mode_t mode, const void *bytes, size_t len);
/* The file `from` of this machine, with its permissions. */
void mp_cpio_copy(struct mp_cpio *c, const char *name, const char *from);
/* The folder `from` and all below it; links are followed. */
void mp_cpio_tree(struct mp_cpio *c, const char *name, const char *from);
/* 0 or the first error. */
int mp_cpio_close(struct mp_cpio *c, struct mp_err *err);

#endif
