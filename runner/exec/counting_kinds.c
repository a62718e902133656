/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kind of core each CPU of the workers is, as far as counters are concerned: see counting.h. */
#include "runner/exec/counting_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"

static const struct mp_known_cpu *known(const struct mp_counting *c, int cpu)
{
	for (size_t i = 0; i < c->n_cpus; i++)
		if (c->cpus[i].cpu == cpu)
			return &c->cpus[i];
	return NULL;
}

/* The kind of that name, found or made, from 1 on; takes the name. 0: out of memory. */
static size_t kind_named(struct mp_counting *c, char *name, int cpu)
{
	struct mp_counting_core *kind;

	for (size_t k = 0; k < c->n_kinds; k++)
		if (!strcmp(c->kinds[k].name, name)) {
			free(name);
			return k + 1;
		}
	kind = mp_vec_push((void **)&c->kinds, &c->n_kinds, &c->cap_kinds, sizeof(*kind));
	if (!kind) {
		free(name);
		return 0;
	}
	kind->name = name;
	kind->cpu = cpu;
	return c->n_kinds;
}

int mp_counting_know(struct mp_counting *c, const struct mp_counter_roots *roots, const int *cpus,
		     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct mp_known_cpu *slot;
		char *name;
		size_t kind;

		if (known(c, cpus[i]))
			continue;
		name = mp_counter_domains(roots, &cpus[i], 1, false);
		kind = name ? kind_named(c, name, cpus[i]) : 0;
		slot = kind ? mp_vec_push((void **)&c->cpus, &c->n_cpus, &c->cap_cpus,
					  sizeof(*slot))
			    : NULL;
		if (!slot)
			return -ENOMEM;
		*slot = (struct mp_known_cpu){ .cpu = cpus[i], .kind = (uint8_t)kind };
	}
	return 0;
}

uint8_t mp_counting_kind(const struct mp_counting *c, int cpu)
{
	const struct mp_known_cpu *at = c->n_kinds > 1 ? known(c, cpu) : NULL;

	return at ? at->kind : 0;
}
