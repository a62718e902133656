/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One value of an axis, and a case's parameters: the same plain data from the plan to the worker.
 * Fixed-size so that it can travel through shared memory. Layer: ground.
 */
#ifndef COMMON_VALUE_H
#define COMMON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MP_PARAMS_MAX	 16
#define MP_NAME_MAX	 64 /* benchmark "family.variant", axis key, with NUL */
#define MP_WORD_MAX	 32 /* one word of a choice axis, with NUL */
#define MP_CASE_TEXT_MAX 512 /* canonical case text, with NUL */

enum mp_axis_kind {
	MP_AXIS_SIZE, /* bytes, canonical form "2M" */
	MP_AXIS_COUNT, /* a number, canonical form decimal */
	MP_AXIS_FLAG, /* yes or no */
	MP_AXIS_CHOICE, /* one of the axis's words */
};

struct mp_param {
	char axis[MP_WORD_MAX];
	enum mp_axis_kind kind;
	uint64_t number; /* SIZE, COUNT; FLAG: 0 or 1; CHOICE: index into the axis's words */
	char word[MP_WORD_MAX]; /* the value's canonical text, whatever the kind */
};

struct mp_params {
	size_t count;
	struct mp_param items[MP_PARAMS_MAX]; /* sorted by axis name */
};

/* The parameter of that axis or NULL. */
const struct mp_param *mp_params_find(const struct mp_params *params, const char *axis);

/* Of an axis that may be missing: its number, or `otherwise`; whether it has that word. */
uint64_t mp_params_number(const struct mp_params *params, const char *axis, uint64_t otherwise);
bool mp_params_is(const struct mp_params *params, const char *axis, const char *word);

/* Worker threads of a case: what its axis "threads" says; with an axis "aggressors" one that is measured and so many beside
 * it; else one. */
unsigned mp_params_workers(const struct mp_params *params);

/* "mmap.anon/populate=no/size=2M/threads=4": the case's identity everywhere. The items must be sorted.
 * 0 or -ENAMETOOLONG. */
int mp_case_text(const char *bench, const struct mp_params *params, char buf[MP_CASE_TEXT_MAX]);

#endif
