/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deliberate faults, so that anyone can see the checks at work: see enum mp_sabotage in wire.h. */
#ifndef RUNNER_WORKER_SABOTAGE_H
#define RUNNER_WORKER_SABOTAGE_H

#include "benchmarks/bench.h"

/* Spoils the arena between arm and run. */
void mp_sabotage_arena(const struct mp_ctx *ctx, unsigned sabotage);

#endif
