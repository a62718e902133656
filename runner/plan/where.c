/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Placement and memory policies as axes: see where.h. */
#include "runner/plan/where.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "runner/config/valueset.h"
#include "runner/machine/policy.h"

const struct mp_axis mp_where_axes[MP_WHERE_AXES] = {
	{ .name = MP_AXIS_MEM,
	  .kind = MP_AXIS_CHOICE,
	  .values = "default",
	  .help = "memory policy: default, local, remote, interleave[:LIST], bind:LIST or "
		  "preferred-many:LIST of nodes; with @map of the mappings instead of the worker" },
	{ .name = MP_AXIS_PLACE,
	  .kind = MP_AXIS_CHOICE,
	  .values = "auto",
	  .help = "CPUs of the workers: auto, compact, spread, spread:core, spread:l3, "
		  "spread:package, spread:node, smt, p-cores, e-cores, lp-cores or cpus:LIST" },
};

static bool is_where(const struct mp_axis *axis)
{
	return axis >= mp_where_axes && axis < mp_where_axes + MP_WHERE_AXES;
}

const struct mp_axis *mp_where_axis(const struct mp_bench *bench, const char *name)
{
	for (size_t i = 0; i < MP_WHERE_AXES; i++)
		if (!strcmp(mp_where_axes[i].name, name))
			return &mp_where_axes[i];
	return mp_bench_axis(bench, name);
}

char *mp_where_set(const struct mp_axis *axis, const char *values)
{
	return is_where(axis) ? mp_policy_set(values) : strdup(values);
}

int mp_where_expand(const char *item, const struct mp_axis *axis, const struct mp_host *host,
		    void (*drop)(void *user, const char *value, const char *reason), void *user,
		    struct mp_param **ret_items, size_t *ret_count, struct mp_err *err)
{
	struct mp_param param = { .kind = MP_AXIS_CHOICE };
	struct mp_place_policy place;
	struct mp_mem_policy mem;
	int rc;

	if (!is_where(axis))
		return mp_valueset_expand(item, axis, host, drop, user, ret_items, ret_count, err);
	strcpy(param.axis, axis->name);
	if (!strcmp(axis->name, MP_AXIS_PLACE)) {
		rc = mp_place_parse(item, &place, param.word, err);
		param.number = rc ? 0 : place.how;
	} else {
		rc = mp_mem_parse(item, &mem, param.word, err);
		param.number = rc ? 0 : mem.how;
	}
	if (rc)
		return rc;
	*ret_items = malloc(sizeof(param));
	if (!*ret_items)
		return -ENOMEM;
	**ret_items = param;
	*ret_count = 1;
	return 0;
}

bool mp_where_said(const struct mp_params *params)
{
	return mp_params_find(params, MP_AXIS_PLACE) || mp_params_find(params, MP_AXIS_MEM);
}

int mp_where_note(struct mp_plan_maker *m, const struct mp_params *params)
{
	const struct mp_param *place = mp_params_find(params, MP_AXIS_PLACE);
	const char *word = place ? place->word : "auto";
	size_t len = strlen(word);

	for (const char *at = m->places.text; (at = strstr(at, word)); at += len)
		if ((at == m->places.text || at[-1] == ',') && (!at[len] || at[len] == ','))
			return 0;
	mp_str_printf(&m->places, "%s%s", m->places.len ? "," : "", word);
	return m->places.failed ? -ENOMEM : 0;
}

void mp_where_unmet(const struct mp_plan_maker *m, const struct mp_bench *bench,
		    const struct mp_params *params, struct mp_str *ret)
{
	const struct mp_plan_options *o = m->options;
	const struct mp_param *mem = mp_params_find(params, MP_AXIS_MEM);
	MP_CLEANUP(mp_free_ptr) char *why = NULL;

	if (mem && strchr(mem->word, '@') && !bench->binds_mappings)
		mp_str_printf(ret,
			      "%smem=%s: '%s' does not map all that it touches by itself; leave "
			      "@map out, "
			      "for the whole worker",
			      ret->len ? "; " : "", mem->word, bench->name);
	if (!o || !o->seats_unmet || !mp_where_said(params))
		return;
	why = o->seats_unmet(o->seats_user, params);
	if (why)
		mp_str_printf(ret, "%s%s", ret->len ? "; " : "", why);
}
