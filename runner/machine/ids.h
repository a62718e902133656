/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two ids made of other facts (group "machine"): `class`, equal for machines of equal hardware, and `config`, equal while nothing
 * that moves results was set or booted in another way. Both are 16 digits of SHA-256 and say nothing but "equal".
 */
#ifndef RUNNER_MACHINE_IDS_H
#define RUNNER_MACHINE_IDS_H

#include "common/str.h"
#include "runner/machine/facts.h"

struct mp_fact_ids {
	const struct mp_fact_sink *sink;
	struct mp_str text[2];
	bool known[2]; /* something of it could be read */
};

/* Facts go on to `sink`, which must outlive `ids`. */
void mp_fact_ids_init(struct mp_fact_ids *ids, const struct mp_fact_sink *sink);
/* As the callback of a struct mp_fact_sink; `ids` is a struct mp_fact_ids. */
void mp_fact_ids_add(void *ids, const struct mp_fact *fact);
/* Hands out the ids and frees what they were made of. */
void mp_fact_ids_put(struct mp_fact_ids *ids);

#endif
