/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading files that somebody else may have put there. */
#ifndef COMMON_INPUT_H
#define COMMON_INPUT_H

#include <stdio.h>

/* A regular file; the caller closes it. NULL with errno; EINVAL for anything else: a FIFO would wait for its other end, and a device
 * need not have one. */
FILE *mp_input_open(const char *path);

#endif
