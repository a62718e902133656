/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units of sizes and times, for parsing and for people: see units.h. */
#include "common/units.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit sizes[] = {
	{ "T", 1ULL << 40 }, { "G", 1ULL << 30 }, { "M", 1ULL << 20 },
	{ "K", 1ULL << 10 }, { "", 1 },
};

static const struct unit durations[] = {
	{ "h", 3600000000000ULL }, { "m", 60000000000ULL }, { "s", 1000000000ULL },
	{ "ms", 1000000ULL },	   { "us", 1000ULL },	    { "ns", 1ULL },
};

/* Number, then one of the unit names. */
static int parse(const char *text, const struct unit *units, size_t count, uint64_t *ret)
{
	char *end;
	uint64_t number;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno == ERANGE)
		return -ERANGE;
	for (size_t i = 0; i < count; i++) {
		uint64_t product;

		if (strcmp(end, units[i].name))
			continue;
		if (__builtin_mul_overflow(number, units[i].factor, &product))
			return -ERANGE;
		*ret = product;
		return 0;
	}
	return -EINVAL;
}

int mp_size_parse(const char *text, uint64_t *ret_bytes)
{
	return parse(text, sizes, sizeof(sizes) / sizeof(sizes[0]), ret_bytes);
}

char *mp_size_format(uint64_t bytes, char buf[MP_UNITS_LEN])
{
	size_t i = 0;

	while (bytes == 0 ? sizes[i].factor != 1 : bytes % sizes[i].factor)
		i++;
	snprintf(buf, MP_UNITS_LEN, "%llu%s", (unsigned long long)(bytes / sizes[i].factor),
		 sizes[i].name);
	return buf;
}

int mp_duration_parse(const char *text, uint64_t *ret_ns)
{
	return parse(text, durations, sizeof(durations) / sizeof(durations[0]), ret_ns);
}

/* Four significant digits of `value`, which is below 10000. */
static void significant(double value, const char *unit, char buf[MP_UNITS_LEN])
{
	double magnitude = fabs(value);
	int decimals = magnitude < 9.9995 ? 3 : magnitude < 99.995 ? 2 : magnitude < 999.95 ? 1 : 0;

	snprintf(buf, MP_UNITS_LEN, "%.*f%s%s", decimals, value, *unit ? " " : "", unit);
}

double mp_shown(double value, int decimals)
{
	return fabs(value) < 0.5 * pow(10, -decimals) ? 0 : value;
}

char *mp_duration_format(double ns, char buf[MP_UNITS_LEN])
{
	static const char *const names[] = { "ns", "us", "ms", "s" };
	size_t i = 0;

	if (!(fabs(ns) <= 1e21)) {
		snprintf(buf, MP_UNITS_LEN, "-");
		return buf;
	}
	while (i < 3 && fabs(ns) >= 999.95) {
		ns /= 1000;
		i++;
	}
	significant(ns, names[i], buf);
	return buf;
}

char *mp_period_format(double seconds, char buf[MP_UNITS_LEN])
{
	unsigned long long s;

	if (!isfinite(seconds) || seconds > 1e15) {
		snprintf(buf, MP_UNITS_LEN, "-");
		return buf;
	}
	s = seconds > 0 ? (unsigned long long)(seconds + 0.5) : 0;
	if (s < 60)
		snprintf(buf, MP_UNITS_LEN, "%llu s", s);
	else if (s < 3600)
		snprintf(buf, MP_UNITS_LEN, "%llu min %02llu s", s / 60, s % 60);
	else
		snprintf(buf, MP_UNITS_LEN, "%llu h %02llu min", s / 3600, s / 60 % 60);
	return buf;
}

char *mp_number_format(double value, char buf[MP_UNITS_LEN])
{
	static const char *const names[] = { "", "k", "M", "G", "T" };
	size_t i = 0;

	if (!isfinite(value)) {
		snprintf(buf, MP_UNITS_LEN, "-");
		return buf;
	}
	while (i < 4 && fabs(value) >= 999.95) {
		value /= 1000;
		i++;
	}
	significant(value, names[i], buf);
	return buf;
}
