/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libpfm4, the only place that includes it: event names to register codes. It says nothing about whether anything can
 * be counted (`is_present` means that the CPU's identity matches, also in a guest without a PMU), and its version number
 * says nothing about what it knows (4.0 in every build): it is asked by name.
 */
#ifndef RUNNER_COUNTERS_PFM_H
#define RUNNER_COUNTERS_PFM_H

#include "common/str.h"
#include "runner/counters/perf.h"

/* 0, or -ENOSYS with a sentence when the library cannot start. The first call takes up to 0.2 s as root. */
int mp_pfm_start(struct mp_err *err);

/* Encodes "pmu::EVENT:UMASK", or "EVENT:UMASK" for an active PMU, user and kernel side. Sets type, config, config1,
 * config2 and the exclude bits; `pmu` to libpfm4's own name of the PMU. -ENOENT event, umask or PMU unknown to this
 * version, -ENOTSUP known but its PMU is not in sysfs; with libpfm4's words. */
int mp_pfm_encode(const char *name, struct mp_perf_event *ret_event, struct mp_err *err);

/* Calls `each` with the name of every PMU that libpfm4 finds on this machine, those of cores ("spr", "adl_glc",
 * "ix86arch") or those of the uncore ("amd64_fam19h_zen3_l3"); stops at its first non-zero return and returns it. */
int mp_pfm_pmus(bool core, int (*each)(void *user, const char *pmu), void *user);

/* One line for people: the PMUs found, and the LIBPFM_* variables of the environment, which change what it says. */
void mp_pfm_describe(struct mp_str *out);

#endif
