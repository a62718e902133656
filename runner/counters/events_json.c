/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a counter is made of, for machines: mp_counter_events_json() in counters.h. */
#include "runner/counters/counters.h"

#include <jansson.h>
#include <stdio.h>

static json_t *hex(uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	return json_string(text);
}

static json_t *event_json(const struct mp_perf_event *e)
{
	return json_pack("{s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:s?, s:b}", "event", e->name, "pmu",
			 *e->pmu ? e->pmu : "unnamed", "type", (json_int_t)e->type, "config",
			 hex(e->config), "config1", hex(e->config1), "config2", hex(e->config2),
			 "cpu", e->cpu < 0 ? json_null() : json_integer(e->cpu), "filter",
			 *e->filter ? e->filter : NULL, "exclude_kernel", (int)e->exclude_kernel);
}

struct json_t *mp_counter_events_json(const struct mp_counter *counter)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < counter->n_events; i++)
		if (json_array_append_new(list, event_json(&counter->events[i]))) {
			json_decref(list);
			list = NULL;
		}
	return list;
}
