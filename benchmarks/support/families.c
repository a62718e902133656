/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every family there is: first those that are compiled in, then one for each allocator that the loaded kernel module describes, with
 * the benchmarks that none of them has. The module is asked when somebody looks beyond the former: a worker, which looks its benchmark up by
 * name, does so for a described one alone.
 */
#include "benchmarks/support/families.h"

#include <stdlib.h>
#include <string.h>

#include "benchmarks/support/kalloc.h"
#include "common/vec.h"

static struct {
	const struct mp_family **items;
	size_t count, cap;
	bool asked;
} described;

static bool compiled_in(const char *bench)
{
	for (size_t i = 0; i < mp_n_families; i++)
		for (size_t b = 0; b < mp_families[i]->n_benches; b++)
			if (!strcmp(mp_families[i]->benches[b].name, bench))
				return true;
	return false;
}

static bool add(void *user, const struct mpk_describe *d)
{
	const struct mp_family **slot;
	struct mp_kalloc *k;

	(void)user;
	k = calloc(1, sizeof(*k));
	if (!k || !mp_kalloc_make(k, d, compiled_in)) {
		free(k);
		return true;
	}
	slot = mp_vec_push((void **)&described.items, &described.count, &described.cap,
			   sizeof(*slot));
	if (slot)
		*slot = &k->family;
	else
		free(k);
	return true;
}

const struct mp_family *mp_family_at(size_t i)
{
	if (i < mp_n_families)
		return mp_families[i];
	if (!described.asked) {
		described.asked = true;
		mp_kernel_describe(add, NULL);
	}
	i -= mp_n_families;
	return i < described.count ? described.items[i] : NULL;
}
