/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of modes and outcomes: see mode.h. */
#include "common/mode.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct {
	enum mp_mode mode;
	const char *name;
} modes[] = {
	{ MP_MODE_CALL, "call" },
	{ MP_MODE_BATCH, "batch" },
	{ MP_MODE_RATE, "rate" },
};

static const char *const outcomes[] = {
	[MP_OUTCOME_PENDING] = "pending", [MP_OUTCOME_OK] = "ok",
	[MP_OUTCOME_INVALID] = "invalid", [MP_OUTCOME_FAILED] = "failed",
	[MP_OUTCOME_SKIPPED] = "skipped", [MP_OUTCOME_TIMED_OUT] = "timed_out",
};

const char *mp_mode_name(enum mp_mode mode)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (modes[i].mode == mode)
			return modes[i].name;
	return "?";
}

int mp_mode_parse(const char *name, enum mp_mode *ret_mode)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!strcmp(modes[i].name, name)) {
			*ret_mode = modes[i].mode;
			return 0;
		}
	}
	return -EINVAL;
}

const char *mp_outcome_name(enum mp_outcome outcome)
{
	if ((size_t)outcome >= sizeof(outcomes) / sizeof(outcomes[0]))
		return "?";
	return outcomes[outcome];
}

int mp_outcome_parse(const char *name, enum mp_outcome *ret_outcome)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		if (!strcmp(outcomes[i], name)) {
			*ret_outcome = (enum mp_outcome)i;
			return 0;
		}
	}
	return -EINVAL;
}
