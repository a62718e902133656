/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run counts, as the command line says it: see run_counters.h. */
#include "cli/run_counters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "runner/config/countergroup.h"

#define METRICS_MAX 64
#define BY_ITSELF   "default"

/* "a,b,c" into ids that point into `copy`. */
static size_t split(char *copy, const char *ids[METRICS_MAX])
{
	size_t n = 0;

	for (char *rest = NULL, *id = strtok_r(copy, ",", &rest); id && n < METRICS_MAX;
	     id = strtok_r(NULL, ",", &rest))
		ids[n++] = id;
	return n;
}

/* A list of metrics, or the metrics of a group. */
static int choose(const char *text, struct mp_counter_group *group, char *copy, const char **ids,
		  size_t *ret_n, struct mp_err *err)
{
	int ret;

	if (strchr(text, ',') || mp_counter_metric_find(text)) {
		*ret_n = split(copy, ids);
		return 0;
	}
	ret = mp_counter_group_load(text, group, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < group->n_metrics && i < METRICS_MAX; i++)
		ids[i] = group->metrics[i];
	*ret_n = group->n_metrics < METRICS_MAX ? group->n_metrics : METRICS_MAX;
	return 0;
}

char *mp_run_counters_kept(const char *text)
{
	MP_CLEANUP(mp_counter_group_done) struct mp_counter_group group = { 0 };
	MP_CLEANUP(mp_str_done) struct mp_str list = MP_STR_INIT;

	if (strchr(text, ',') || !mp_config_is_path(text))
		return strdup(text);
	if (mp_counter_group_load(text, &group, NULL))
		return NULL;
	/* A comma behind the last, so that one alone is a list, too. */
	for (size_t i = 0; i < group.n_metrics; i++)
		mp_str_printf(&list, "%s,", group.metrics[i]);
	return mp_str_take(&list);
}

int mp_run_counters(const char *text, struct mp_run *run, struct mp_countings *ret_countings,
		    struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) char *copy = NULL;
	MP_CLEANUP(mp_counter_group_done) struct mp_counter_group group = { 0 };
	const char *ids[METRICS_MAX];
	struct mp_counting_wish wish = { .group = text ? text : BY_ITSELF,
					 .metrics = ids,
					 .timing_only = !text,
					 .ops = &mp_perf_kernel };
	int ret;

	*ret_countings = (struct mp_countings){ 0 };
	if (text && !strcmp(text, "none"))
		return 0;
	copy = strdup(wish.group);
	if (!copy)
		return mp_err_env(err, -ENOMEM, "out of memory");
	ret = choose(wish.group, &group, copy, ids, &wish.n_metrics, err);
	return ret ? ret : mp_countings_make(&wish, run, ret_countings, err);
}
