/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that somebody names to be written, maybe in a folder that others can write, maybe by root.
 *
 * A file is made anew beside its place and renamed into it: what was there, and whatever else is a name of that, stays as it was until
 * then. A symbolic link is followed when it belongs to this user or to root, a FIFO likewise written to; those of anybody else are
 * refused, in every folder and at any place of the path (as fs.protected_symlinks and fs.protected_fifos of proc(5) do in some).
 * Devices, and what /proc/self/fd says that this process has open, are written to where they are.
 *
 * Layer: ground, libc only.
 */
#ifndef COMMON_OUTPUT_H
#define COMMON_OUTPUT_H

#include <stddef.h>

#include "common/err.h"

/* Writes `len` bytes to `path`: all of them, or a file that was there stays as it was. A new file has what umask(2) leaves of mode 0666,
 * one in the place of a file of this user's own that one's mode. 0, or negative errno with the sentence. */
int mp_output_write(const char *path, const void *bytes, size_t len, struct mp_err *err);

/* The same for what comes little by little: an empty file takes the place at once. A descriptor of the caller's to write to, or negative
 * errno with the sentence. */
int mp_output_open(const char *path, struct mp_err *err);

/* For those that open `path` themselves: -EPERM with the sentence when a link of somebody else's is on the way, else 0. Whatever else may be
 * wrong with it, opening it says. */
int mp_output_check(const char *path, struct mp_err *err);

#endif
