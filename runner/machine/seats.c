/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the workers of a case run and where their memory comes from: mp_machine_seats() in machine.h. */
#include "runner/machine/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/machine/internal.h"
#include "runner/machine/nodes.h"

static const char *word_of(const struct mp_params *params, const char *axis)
{
	const struct mp_param *p = params ? mp_params_find(params, axis) : NULL;

	return p ? p->word : NULL;
}

/* CPUs in the order of the policy. */
static int take_cpus(const struct mp_machine_map *map, const char *place, unsigned threads,
		     struct mp_seat *seats, struct mp_err *err)
{
	size_t *order = calloc(map->n_places + 1, sizeof(*order)), n = 0;
	struct mp_place_policy policy;
	char canonical[MP_WORD_MAX];
	int code = order ? mp_place_parse(place, &policy, canonical, err)
			 : mp_err_env(err, -ENOMEM, "no memory for the list of CPUs");

	if (!code)
		code = mp_placement_choose(map->places, map->n_places, &policy, order, &n, err);
	if (code)
		mp_err_prefix(err, code, "place=%s", place ? place : "auto");
	else if (threads > n && place)
		code = mp_err_env(
			err, -ERANGE,
			"place=%s: %u workers need as many CPUs, and it has %zu here: ask for "
			"fewer threads or another placement",
			place, threads, n);
	else if (threads > n)
		code = mp_err_env(err, -ERANGE,
				  "%u workers need as many CPUs, and this process may use %zu: ask "
				  "for fewer threads, or start memperf with a wider 'taskset -c'",
				  threads, n);
	for (unsigned i = 0; !code && i < threads; i++) {
		const struct mp_place_at *at = &map->places[order[i]];

		seats[i] = (struct mp_seat){ .cpu = at->cpu, .node = at->node, .tier = at->tier };
		memcpy(seats[i].kind, at->speed, sizeof(seats[i].kind));
	}
	free(order);
	return code;
}

int mp_machine_seats(const struct mp_machine *machine, const struct mp_params *params,
		     unsigned threads, struct mp_seat *ret_seats, struct mp_err *err)
{
	const struct mp_machine_map *map = mp_machine_map(machine);
	const char *mem = word_of(params, MP_AXIS_MEM);
	char canonical[MP_WORD_MAX];
	struct mp_mem_policy policy;
	bool share_node = true;
	int code = mp_mem_parse(mem, &policy, canonical, err);

	if (!code)
		code = take_cpus(map, word_of(params, MP_AXIS_PLACE), threads, ret_seats, err);
	for (unsigned i = 1; !code && i < threads; i++)
		share_node &= ret_seats[i].node == ret_seats[0].node;
	for (unsigned i = 0; !code && i < threads; i++) {
		code = mp_nodes_resolve(map->topology, &map->nodes, &policy, ret_seats[i].cpu,
					share_node, &ret_seats[i].memory, err);
		if (code)
			mp_err_prefix(err, code, "mem=%s", mem ? mem : "default");
	}
	return code;
}

int mp_machine_place(const struct mp_machine *machine, unsigned threads, int *ret_cpus,
		     struct mp_err *err)
{
	struct mp_seat *seats = calloc(threads + 1, sizeof(*seats));
	int code = seats ? take_cpus(mp_machine_map(machine), NULL, threads, seats, err)
			 : mp_err_env(err, -ENOMEM, "no memory for the list of CPUs");

	for (unsigned i = 0; !code && i < threads; i++)
		ret_cpus[i] = seats[i].cpu;
	free(seats);
	return code;
}

int mp_machine_node_of(const struct mp_machine *machine, int cpu)
{
	return mp_nodes_near(&mp_machine_map(machine)->nodes, cpu);
}
