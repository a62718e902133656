/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The seats of an invocation's workers: see seating.h. */
#include "runner/exec/seating.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/machine/policy.h"

/* Full speed of that kind; zeros where it is unknown. */
static struct mp_full_speed speed_of(const struct mp_full_speeds *references, const char *kind)
{
	const struct mp_full_speed *known = mp_full_speeds_find(references, kind);
	struct mp_full_speed speed = { 0 };

	if (known)
		return *known;
	snprintf(speed.kind, sizeof(speed.kind), "%s", kind);
	return speed;
}

int mp_seating_ask(struct mp_wire *wire, const struct mp_machine *machine,
		   const struct mp_full_speeds *references, const struct mp_params *params,
		   struct mp_err *err)
{
	uint32_t threads = wire->request.threads;
	struct mp_seat *seats;
	int ret;

	if (threads > MP_WIRE_THREADS)
		return mp_err_env(err, -ERANGE,
				  "%u workers are more than the %d that a case may have", threads,
				  MP_WIRE_THREADS);
	seats = calloc(threads + 1, sizeof(*seats));
	if (!seats)
		return mp_err_env(err, -ENOMEM, "out of memory");
	ret = mp_machine_seats(machine, params, threads, seats, err);
	for (uint32_t i = 0; !ret && i < threads; i++) {
		wire->request.cpus[i] = seats[i].cpu;
		wire->seats[i] = (struct mp_wire_seat){
			.memory = seats[i].memory,
			.speed = speed_of(references, seats[i].kind),
			.cpu_end = -1,
		};
	}
	free(seats);
	return ret;
}

void mp_seating_judge(struct mp_wire *wire, double step_ticks, struct mp_invocation *inv)
{
	double mul = wire->seats[0].speed.mul, add = wire->seats[0].speed.add;

	inv->mul_reference = mul;
	inv->add_reference = add;
	for (uint32_t i = 1; i < wire->request.threads; i++) {
		mul = fmin(mul, wire->seats[i].speed.mul);
		add = fmin(add, wire->seats[i].speed.add);
	}
	inv->calm_limit = wire->request.calm_limit = mp_calm_limit(step_ticks, mul, add);
}

void mp_seating_lists(const struct mp_wire *wire, struct mp_invocation *inv)
{
	struct mp_mempolicy all = { 0 };
	size_t used = 0;

	inv->cpus[0] = '\0';
	for (uint32_t i = 0; i < wire->request.threads; i++) {
		if (used < sizeof(inv->cpus))
			used += (size_t)snprintf(inv->cpus + used, sizeof(inv->cpus) - used, "%s%d",
						 i ? "," : "", wire->request.cpus[i]);
		for (int w = 0; w < MP_NODE_WORDS; w++)
			all.nodes[w] |= wire->seats[i].memory.nodes[w];
	}
	mp_node_list(&all, inv->nodes, sizeof(inv->nodes));
}

static void list_pages(const struct mp_wire_seat *from, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (uint32_t i = 0; i < from->n_on && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%d=%u", i ? " " : "",
					 from->on[i].node, from->on[i].pages);
}

int mp_seating_take(const struct mp_wire *wire, struct mp_invocation *inv)
{
	uint32_t threads = wire->request.threads;
	size_t n = 0;

	inv->seats = calloc(threads + 1, sizeof(*inv->seats));
	if (!inv->seats)
		return -ENOMEM;
	for (uint32_t i = 0; i < threads; i++) {
		const struct mp_wire_seat *from = &wire->seats[i];
		struct mp_seating *to = &inv->seats[n];

		/* The rest was not bound, or its thread never came so far. */
		if (!from->bound)
			break;
		if (from->n_on > MP_WIRE_ON || from->astray > from->pages || from->cpu_end < -1 ||
		    !memchr(from->speed.kind, '\0', sizeof(from->speed.kind)))
			return -EBADMSG;
		*to = (struct mp_seating){ .cpu = wire->request.cpus[i],
					   .cpu_end = from->cpu_end,
					   .speed = from->speed,
					   .migrated = from->migrated != 0,
					   .per_mapping = from->memory.per_mapping != 0,
					   .looked = from->looked > 0,
					   .pages = from->pages,
					   .astray = from->astray };
		snprintf(to->memory, sizeof(to->memory), "%s",
			 mp_memory_name((enum mp_memory)from->memory.mode));
		mp_node_list(&from->memory, to->nodes, sizeof(to->nodes));
		list_pages(from, to->page_nodes, sizeof(to->page_nodes));
		/* The first worker's kind is the invocation's. */
		if (!strcmp(to->speed.kind, wire->seats[0].speed.kind))
			to->speed.mul = to->speed.add = 0;
		n++;
	}
	inv->n_seats = n;
	return 0;
}
