/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run counts, as the command line or its suite says it: see run_counters.h. */
#include "cli/run_counters.h"

#include <jansson.h>
#include <string.h>

#include "common/str.h"

#define BY_ITSELF "default"

int mp_run_counters(const char *words, struct mp_run *run, struct mp_counter_group *ret_group,
		    struct mp_countings *ret_countings, struct mp_err *err)
{
	struct mp_counting_wish wish = { .timing_only = !words, .ops = &mp_perf_kernel };
	int ret = mp_counter_group_choose(words ? words : BY_ITSELF, ret_group, err);

	*ret_countings = (struct mp_countings){ 0 };
	if (ret || !ret_group->n_metrics)
		return ret;
	wish.group = ret_group->name;
	wish.metrics = (const char *const *)ret_group->metrics;
	wish.n_metrics = ret_group->n_metrics;
	return mp_countings_make(&wish, run, ret_countings, err);
}

json_t *mp_run_counters_json(const struct mp_counter_group *group, bool asked)
{
	json_t *left = json_array();

	if (!group->title) {
		json_decref(left);
		return json_null();
	}
	for (size_t i = 0; i < group->n_metrics && !asked; i++) {
		const struct mp_counter_metric *m = mp_counter_metric_find(group->metrics[i]);

		if (!mp_counter_metric_in(m, MP_PASS_TIMING))
			json_array_append_new(left, json_pack("{s:s, s:s}", "metric", m->id, "pass",
							      mp_counter_pass_name(m->pass)));
	}
	return json_pack("{s:s, s:s, s:s, s:o}", "group", group->name, "title", group->title,
			 "about", group->about, "not_asked", left);
}

char *mp_run_counters_kept(const char *asked, const struct mp_counter_group *group)
{
	struct mp_str list = MP_STR_INIT;

	if (strchr(asked, ',') || !mp_config_is_path(asked))
		return strdup(asked);
	/* A comma behind the last, so that one alone is a list, too. */
	for (size_t i = 0; i < group->n_metrics; i++)
		mp_str_printf(&list, "%s,", group->metrics[i]);
	return mp_str_take(&list);
}
