/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Units as people write them, one table each, walked both ways: parse and format.
 *
 * Sizes are binary (4K = 4096 bytes, as in every mm text); durations are SI. Formatters write into
 * a caller's buffer (MP_UNITS_LEN is always enough) and return it. Layer: ground, libc only.
 */
#ifndef COMMON_UNITS_H
#define COMMON_UNITS_H

#include <stddef.h>
#include <stdint.h>

#define MP_UNITS_LEN 32

/* "4096", "4K", "2M", "1G", "1T" to bytes. 0, -EINVAL (malformed) or -ERANGE (over 64 bit). */
int mp_size_parse(const char *text, uint64_t *ret_bytes);

/* The exact canonical form: the largest unit that divides, "4K", "2M", "2044K", "4097". It is part of
 * a case's identity and never rounds. */
char *mp_size_format(uint64_t bytes, char buf[MP_UNITS_LEN]);

/* "90s", "10m", "1h", "500ms", "20us", "100ns" to nanoseconds; a number without a unit is refused.
 * 0, -EINVAL or -ERANGE. */
int mp_duration_parse(const char *text, uint64_t *ret_ns);

/* For people: four significant digits, "130.0 ns", "4.799 us", "1.2 s" style; NaN and more than 1e12 s give "-". */
char *mp_duration_format(double ns, char buf[MP_UNITS_LEN]);

/* For people, whole seconds upward: "45 s", "3 min 10 s", "1 h 05 min"; NaN and infinity give "-". */
char *mp_period_format(double seconds, char buf[MP_UNITS_LEN]);

/* `value` for "%.*f" with so many decimals: 0 where it is shown as that, so that it never reads "-0.0". */
double mp_shown(double value, int decimals);

/* For people: "1.204 G", "33.1 k" with SI prefixes; NaN gives "-". */
char *mp_number_format(double value, char buf[MP_UNITS_LEN]);

#endif
