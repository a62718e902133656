/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sides made by hand, and their comparison: what the tests of verdicts share. */
#ifndef TESTS_REPORT_COMPARE_MADE_H
#define TESTS_REPORT_COMPARE_MADE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "report/compare/compare.h"
#include "tests/report/side_made.h"

/* Ten invocations of a quiet machine. */
static const double base[10] = { 1000, 1002, 998, 1001, 999, 1003, 997, 1000.5, 999.5, 1001.5 };

static inline void scaled(double factor, double *out)
{
	for (int i = 0; i < 10; i++)
		out[i] = base[i] * factor;
}

static inline void one(struct made *a, struct made *b)
{
	made_init(a, (char *)"A", 1);
	made_init(b, (char *)"B", 1);
	made_case(a, 0, (char *)"x.y/size=4K");
	made_case(b, 0, (char *)"x.y/size=4K");
}

static inline void both(struct made *a, struct made *b, const double *x, size_t n, const double *y,
			size_t m)
{
	made_set(a, 0, MP_MODE_BATCH, MP_POPULATION_ALL, x, n);
	made_set(b, 0, MP_MODE_BATCH, MP_POPULATION_ALL, y, m);
}

static inline void done(struct made *a, struct made *b)
{
	made_done(a);
	made_done(b);
}

/* Compares one pair and hands out the comparison. */
static inline struct mp_comparison compared(struct made *a, struct made *b,
					    const struct mp_compare_options *options)
{
	struct mp_comparison c;
	struct mp_err err;

	assert_int_equal(mp_compare(&a->side, &b->side, options, &c, &err), 0);
	return c;
}

#endif
