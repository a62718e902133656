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

static bool parse_what(const char *word, struct mp_sabotage *ret)
{
	if (!strncmp(word, "spin=", 5))
		return parse_spin(word + 5, ret);
	if (!strncmp(word, "tail=", 5))
		return parse_tail(word + 5, ret);
	ret->faults = !strcmp(word, "skip")    ? MP_FAULT_SKIP
		      : !strcmp(word, "touch") ? MP_FAULT_TOUCH
		      : !strcmp(word, "thp")   ? MP_FAULT_THP
					       : 0;
	return ret->faults;
}

int mp_sabotage_parse(const char *text, struct mp_sabotage_order *ret_order, struct mp_err *err)
{
	struct mp_sabotage_order order = { 0 };
	size_t len = strcspn(text, "@");
	char word[WORD_MAX];

	if (snprintf(word, sizeof(word), "%.*s", (int)len, text) >= WORD_MAX ||
	    !parse_what(word, &order.what) || !strcmp(text + len, "@"))
		return mp_err_usage(
			err, -EINVAL,
			"--sabotage '%s' is none of skip, touch, thp, spin=5%%, spin=20ns, "
			"tail=1%%x10, each with @GLOB to name benchmarks",
			text);
	order.where = text[len] ? text + len + 1 : NULL;
	*ret_order = order;
	return 0;
}

bool mp_sabotage_meant(const struct mp_sabotage_order *order, const struct mp_planned *c)
{
	return !order->where || mp_str_glob(order->where, c->bench->name) ||
	       mp_str_glob(order->where, c->text);
}
