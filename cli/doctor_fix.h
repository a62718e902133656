/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of memperf doctor that changes something. Used by cmd_doctor.c alone. */
#ifndef CLI_DOCTOR_FIX_H
#define CLI_DOCTOR_FIX_H

#include "cli/cmd.h"

/* --fix, with or without --apply, and --undo. An exit code. */
int mp_doctor_fix(const struct mp_args *args);

#endif
