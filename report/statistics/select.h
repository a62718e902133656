/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several ranks of one array without sorting it.
 *
 * The values are dealt into buckets of equal width, which takes no branch that depends on them; a rank is then looked
 * for in one bucket, of a few values unless some lie far out. Layer: report.
 */
#ifndef REPORT_STATISTICS_SELECT_H
#define REPORT_STATISTICS_SELECT_H

#include <stddef.h>
#include <stdint.h>

#define MP_SELECT_BUCKETS 128

struct mp_select {
	double *values; /* borrowed; bucket after bucket */
	size_t start[MP_SELECT_BUCKETS + 1]; /* of each bucket */
};

/* n values, at least one, of which the smallest is `low` and the largest `high` (with a finite difference), are dealt into
 * `room` (of n, which `ret_select` borrows and reorders). `where`: room for n bytes, needed no longer afterwards. */
void mp_select_deal(const double *values, size_t n, double low, double high, double *room,
		    uint8_t *where, struct mp_select *ret_select);

/* The value of rank k, 0 .. n - 1 from the smallest. */
double mp_select_rank(struct mp_select *select, size_t k);

#endif
