/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's command line, fit to be stored. */
#ifndef RUNNER_MACHINE_CMDLINE_H
#define RUNNER_MACHINE_CMDLINE_H

#include "common/str.h"

/*
 * Appends `cmdline` without anything that identifies a machine or a person: parameters known to matter to a
 * measurement are kept whole, of all others only the name is kept ("root=..."), what is not even shaped like a
 * name becomes "...", and so does everything after "--", which belongs to init. A list of what may pass, not of
 * what may not: nobody knows all secrets in advance.
 */
void mp_cmdline_filter(const char *cmdline, struct mp_str *out);

#endif
