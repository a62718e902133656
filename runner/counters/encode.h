/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One event that a person names, encoded by whoever understands the name. */
#ifndef RUNNER_COUNTERS_ENCODE_H
#define RUNNER_COUNTERS_ENCODE_H

#include "runner/counters/counters.h"

struct mp_encoded {
	enum mp_counter_encoder encoder;
	struct mp_perf_event event;
	double scale; /* of one count, in `unit` */
	char unit[16]; /* "" none */
};

/*
 * "uncore_imc_0/cas_count_read/" by sysfs, "spr::LONGEST_LAT_CACHE:MISS" by libpfm4, "cache-misses", "dTLB-load-misses" and
 * "page-faults" by the kernel, once for each core PMU where there are several. `event_source`: the folder of PMUs, NULL:
 * the live one (libpfm4 knows no other). 0, or a negative errno with a sentence.
 */
int mp_encode_event(const char *name, const char *event_source,
		    void (*each)(void *user, const char *name, const struct mp_encoded *encoded),
		    void *user, struct mp_err *err);

#endif
