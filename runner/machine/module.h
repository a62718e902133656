/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memperf's kernel module on this machine: what it offers, or why it cannot be used and the command that helps.
 */
#ifndef RUNNER_MACHINE_MODULE_H
#define RUNNER_MACHINE_MODULE_H

#include "benchmarks/bench.h"
#include "common/str.h"

/* What the module says of this kernel, into the host's fields; they stay 0 where it is not loaded. */
void mp_module_ask(struct mp_host *host);

/* Appends why the module of the system below `root` ("": this one) cannot be used, the remedy last; nothing when it
 * can. With `bench`, also why it does not offer what that benchmark times. */
void mp_module_unmet(const char *root, const char *bench, struct mp_str *why);

#endif
