/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memperf's kernel module on this machine: what it offers, or why it cannot be used and the command that helps.
 */
#ifndef RUNNER_MACHINE_MODULE_H
#define RUNNER_MACHINE_MODULE_H

#include "benchmarks/bench.h"
#include "common/str.h"
#include "runner/machine/machine.h"

/* What the module says of this kernel, into the host's fields; they stay 0 where it is not loaded. */
void mp_module_ask(struct mp_host *host);

/* Appends why the machine's module cannot be used, the remedy last; nothing when it can. With `bench`, also why it does not offer what that benchmark times. */
void mp_module_unmet(const struct mp_machine *machine, const char *bench, struct mp_str *why);

#endif
