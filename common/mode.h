/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The few enumerations that every step of the data's path speaks of, with their stored spellings.
 * Layer: ground.
 */
#ifndef COMMON_MODE_H
#define COMMON_MODE_H

/* How one definition is timed. Values are bits (a benchmark names the set that is legal for it) and are
 * stored in raw blobs: never renumber. */
enum mp_mode {
	MP_MODE_CALL = 1, /* one operation per sample: the full distribution */
	MP_MODE_BATCH = 2, /* n operations between two clock reads: the unbiased mean */
	MP_MODE_RATE = 4, /* all workers free-run for a window: scaling and contention */
};
#define MP_MODE_COUNT 3 /* bits in use */

/* "call", "batch", "rate"; a single mode only. */
const char *mp_mode_name(enum mp_mode mode);
/* 0 and the mode, or -EINVAL. */
int mp_mode_parse(const char *name, enum mp_mode *ret_mode);

/* What became of a case, or of one invocation of it. Stored by name. */
enum mp_outcome {
	MP_OUTCOME_PENDING, /* planned, not finished (an interrupted run) */
	MP_OUTCOME_OK,
	MP_OUTCOME_INVALID, /* measured, but a check failed: shown, never compared */
	MP_OUTCOME_FAILED, /* the operation or the worker failed */
	MP_OUTCOME_SKIPPED, /* this machine lacks something; the reason names the remedy */
	MP_OUTCOME_TIMED_OUT, /* the watchdog ended the worker */
};

/* "pending", "ok", "invalid", "failed", "skipped", "timed_out" */
const char *mp_outcome_name(enum mp_outcome outcome);
int mp_outcome_parse(const char *name, enum mp_outcome *ret_outcome);

#endif
