/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A series in one line of characters: the shape of a history beside its name, in text reports and in the viewer.
 * Layer: report.
 */
#ifndef REPORT_CHART_SPARK_H
#define REPORT_CHART_SPARK_H

#include "common/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends one character for each value, or for each few of them, `cells` at most. Heights are logarithmic, the lowest
 * value is the lowest bar, and what lies within 2 % is flat. Of values that share a character the one farthest from the
 * median of all is shown, so that a spike survives; NaN is a gap (a blank). Values must be above 0. */
void mp_spark(const double *values, size_t n, size_t cells, bool ascii, struct mp_str *out);

#endif
