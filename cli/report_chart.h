/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `memperf report --chart`. */
#ifndef CLI_REPORT_CHART_H
#define CLI_REPORT_CHART_H

#include "cli/cmd.h"

/* Prints the chart of --chart, --kind and --axis; an enum mp_exit. */
int mp_report_chart(const struct mp_args *args);

#endif
