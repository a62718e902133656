/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the text of --sabotage to what a worker is asked to spoil: see sabotage.h. */
#include "runner/exec/sabotage.h"

#include "common/str.h"
#include "common/units.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 32

/* A number at *at, followed by `unit`; *at moves behind it. */
static bool number(const char **at, const char *unit, double *ret)
{
	size_t digits = strspn(*at, "0123456789.");
	char *end;
	double value = strtod(*at, &end);

	if (!digits || end != *at + digits || strncmp(end, unit, strlen(unit)) || !(value > 0))
		return false;
	*at = end + strlen(unit);
	*ret = value;
	return true;
}

static bool parse_spin(const char *at, struct mp_sabotage *ret)
{
	const char *percent = at;
	uint64_t ns;

	if (number(&percent, "%", &ret->spin_share) && !*percent) {
		ret->spin_share /= 100;
		return true;
	}
	ret->spin_share = 0;
	if (mp_duration_parse(at, &ns) || !ns)
		return false;
	ret->spin_ns = (double)ns;
	return true;
}

static bool parse_tail(const char *at, struct mp_sabotage *ret)
{
	if (!number(&at, "%x", &ret->tail_share) || !number(&at, "", &ret->tail_factor) || *at)
		return false;
	ret->tail_share /= 100;
	return ret->tail_share <= 1 && ret->tail_factor > 1;
}

static bool parse_major(const char *at, struct mp_sabotage *ret)
{
	ret->major_share = 100;
	if (*at && (*at != '=' || (at++, !number(&at, "%", &ret->major_share)) || *at))
		return false;
	ret->major_share /= 100;
	return ret->major_share <= 1;
}

static bool parse_what(const char *word, struct mp_sabotage *ret)
{
	if (!strncmp(word, "spin=", 5))
		return parse_spin(word + 5, ret);
	if (!strncmp(word, "tail=", 5))
		return parse_tail(word + 5, ret);
	if (!strncmp(word, "major", 5))
		return parse_major(word + 5, ret);
	ret->faults = !strcmp(word, "skip")    ? MP_FAULT_SKIP
		      : !strcmp(word, "touch") ? MP_FAULT_TOUCH
		      : !strcmp(word, "thp")   ? MP_FAULT_THP
					       : 0;
	return ret->faults;
}

/* `text` is one of them: "WHAT" or "WHAT@GLOB". */
static bool parse_order(const char *text, size_t size, struct mp_sabotage_order *ret)
{
	const char *at = memchr(text, '@', size);
	size_t what = at ? (size_t)(at - text) : size, where = at ? size - what - 1 : 0;
	char word[WORD_MAX];

	if (what >= sizeof(word) || where >= sizeof(ret->where) || (at && !where))
		return false;
	snprintf(word, sizeof(word), "%.*s", (int)what, text);
	if (at)
		snprintf(ret->where, sizeof(ret->where), "%.*s", (int)where, at + 1);
	return parse_what(word, &ret->what);
}

int mp_sabotage_parse(const char *text, struct mp_sabotage_orders *ret_orders, struct mp_err *err)
{
	struct mp_sabotage_orders orders = { .n = 0 };
	const char *at = text;
	bool good = true;

	while (good && at) {
		size_t size = strcspn(at, ",");

		good = orders.n < MP_SABOTAGES_MAX && parse_order(at, size, &orders.of[orders.n++]);
		at = at[size] ? at + size + 1 : NULL;
	}
	if (!good)
		return mp_err_usage(
			err, -EINVAL,
			"--sabotage '%s' is none of skip, touch, thp, major, major=5%%, spin=5%%, "
			"spin=20ns, tail=1%%x10, each with @GLOB to name benchmarks, nor up to %d "
			"of "
			"them with commas",
			text, MP_SABOTAGES_MAX);
	*ret_orders = orders;
	return 0;
}

const struct mp_sabotage *mp_sabotage_of(const struct mp_sabotage_orders *orders,
					 const struct mp_planned *c)
{
	for (size_t i = 0; i < orders->n; i++) {
		const struct mp_sabotage_order *order = &orders->of[i];

		if (!*order->where || mp_str_glob(order->where, c->bench->name) ||
		    mp_str_glob(order->where, c->text))
			return &order->what;
	}
	return NULL;
}
