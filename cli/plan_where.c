/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the workers of a plan would sit: see plan_where.h. */
#include "cli/plan_where.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "runner/machine/policy.h"

static const char *word_of(const struct mp_planned *c, const char *axis, const char *otherwise)
{
	const struct mp_param *p = mp_params_find(&c->params, axis);

	return p ? p->word : otherwise;
}

static unsigned workers_of(const struct mp_planned *c)
{
	return mp_params_workers(&c->params);
}

static bool said(const struct mp_planned *c)
{
	return mp_params_find(&c->params, MP_AXIS_PLACE) || mp_params_find(&c->params, MP_AXIS_MEM);
}

static bool same_where(const struct mp_planned *a, const struct mp_planned *b)
{
	return workers_of(a) == workers_of(b) &&
	       !strcmp(word_of(a, MP_AXIS_PLACE, ""), word_of(b, MP_AXIS_PLACE, "")) &&
	       !strcmp(word_of(a, MP_AXIS_MEM, ""), word_of(b, MP_AXIS_MEM, ""));
}

/* Heap memory of the caller, NULL: no such seats (a case that runs has them). 0 or -ENOMEM. */
static int seats_of(const struct mp_machine *machine, const struct mp_planned *c,
		    struct mp_seat **ret_seats)
{
	struct mp_seat *seats = calloc(workers_of(c) + 1, sizeof(*seats));
	int rc =
		seats ? mp_machine_seats(machine, &c->params, workers_of(c), seats, NULL) : -ENOMEM;

	if (rc) {
		free(seats);
		seats = NULL;
	}
	if (rc != -ENOMEM)
		*ret_seats = seats;
	return rc == -ENOMEM ? rc : 0;
}

/* "bind 0", "default": one worker's memory. */
static void add_memory(struct mp_str *out, const struct mp_mempolicy *p)
{
	char list[256];

	mp_node_list(p, list, sizeof(list));
	mp_str_printf(out, "%s%s%s%s", mp_memory_name((enum mp_memory)p->mode), *list ? " " : "",
		      list, p->per_mapping ? " of its mappings" : "");
}

static void add_line(struct mp_str *out, const struct mp_machine *machine,
		     const struct mp_planned *c)
{
	MP_CLEANUP(mp_free_ptr) struct mp_seat *seats = NULL;
	unsigned workers = workers_of(c);
	bool alike = true;

	if (seats_of(machine, c, &seats))
		out->failed = true;
	mp_str_printf(out, "  %u worker%s, place=%s, mem=%s: CPU%s ", workers,
		      workers == 1 ? "" : "s", word_of(c, MP_AXIS_PLACE, "auto"),
		      word_of(c, MP_AXIS_MEM, "default"), workers == 1 ? "" : "s");
	for (unsigned i = 0; seats && i < workers; i++) {
		mp_str_printf(out, "%s%d", i ? "," : "", seats[i].cpu);
		alike &= !memcmp(&seats[i].memory, &seats[0].memory, sizeof(seats[0].memory));
	}
	mp_str_add(out, "; memory ");
	for (unsigned i = 0; seats && i < (alike ? 1 : workers); i++) {
		mp_str_add(out, i ? ", " : "");
		add_memory(out, &seats[i].memory);
	}
	mp_str_add(out, "\n");
}

int mp_plan_where_people(struct mp_str *out, const struct mp_machine *machine,
			 const struct mp_plan *plan)
{
	bool live = mp_machine_is_live(machine), any = false;

	if (!live)
		mp_str_add(
			out,
			"\nthis is another machine's topology: nothing can be bound there, and "
			"'memperf "
			"run' refuses it;\npage sizes, kernel settings and needs are those of this "
			"machine\n");
	for (size_t i = 0; i < plan->n_cases; i++) {
		const struct mp_planned *c = &plan->cases[i];
		bool told = c->skip_reason || (live && !said(c));

		for (size_t j = 0; j < i && !told; j++)
			told = !plan->cases[j].skip_reason && same_where(&plan->cases[j], c);
		if (told)
			continue;
		if (!any)
			mp_str_add(out, "\nwhere workers run\n");
		any = true;
		add_line(out, machine, c);
	}
	return out->failed ? -ENOMEM : 0;
}

static json_t *seat_json(const struct mp_seat *seat)
{
	char list[256];

	mp_node_list(&seat->memory, list, sizeof(list));
	return json_pack("{s:i, s:s, s:o, s:s, s:b, s:s}", "cpu", seat->cpu, "kind", seat->kind,
			 "node", seat->node < 0 ? json_null() : json_integer(seat->node), "memory",
			 mp_memory_name((enum mp_memory)seat->memory.mode), "per_mapping",
			 (int)seat->memory.per_mapping, "nodes", list);
}

int mp_plan_where_json(json_t *one, const struct mp_machine *machine, const struct mp_planned *c)
{
	MP_CLEANUP(mp_free_ptr) struct mp_seat *seats = NULL;
	json_t *list;
	int bad = 0;

	if (!c)
		return json_object_set_new(one, "bindable",
					   json_boolean(mp_machine_is_live(machine)));
	if (!c->skip_reason && seats_of(machine, c, &seats))
		return -1;
	list = seats ? json_array() : json_null();
	for (unsigned w = 0; seats && w < workers_of(c); w++)
		bad |= json_array_append_new(list, seat_json(&seats[w]));
	return bad | json_object_set_new(one, "seats", list);
}
