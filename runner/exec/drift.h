/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Was the warm-up long enough? */
#ifndef RUNNER_EXEC_DRIFT_H
#define RUNNER_EXEC_DRIFT_H

#include "results/invocation.h"

/* True when the measured blocks still drifted: the median time per operation of the first eighth lies more
 * than 2 % and more than three standard errors (by MAD) from that of the second half. Judged on calm blocks of
 * one mode (batch, else call); false when there are fewer than 32. */
bool mp_drift_present(const struct mp_invocation *inv);

#endif
