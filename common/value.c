/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters of a case and its canonical text: see value.h. */
#include "common/value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct mp_param *mp_params_find(const struct mp_params *params, const char *axis)
{
	for (size_t i = 0; i < params->count; i++)
		if (!strcmp(params->items[i].axis, axis))
			return &params->items[i];
	return NULL;
}

uint64_t mp_params_number(const struct mp_params *params, const char *axis, uint64_t otherwise)
{
	const struct mp_param *p = mp_params_find(params, axis);

	return p ? p->number : otherwise;
}

bool mp_params_is(const struct mp_params *params, const char *axis, const char *word)
{
	const struct mp_param *p = mp_params_find(params, axis);

	return p && !strcmp(p->word, word);
}

unsigned mp_params_workers(const struct mp_params *params)
{
	const struct mp_param *threads = mp_params_find(params, "threads");
	const struct mp_param *aggressors = mp_params_find(params, "aggressors");

	if (threads)
		return (unsigned)threads->number;
	return aggressors ? (unsigned)aggressors->number + 1 : 1;
}

int mp_case_text(const char *bench, const struct mp_params *params, char buf[MP_CASE_TEXT_MAX])
{
	char text[MP_CASE_TEXT_MAX];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s", bench);

	for (size_t i = 0; i < params->count && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "/%s=%s",
					 params->items[i].axis, params->items[i].word);
	if (used >= sizeof(text))
		return -ENAMETOOLONG;
	memcpy(buf, text, used + 1);
	return 0;
}
