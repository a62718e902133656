/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `memperf list` shows, between choosing (cmd_list.c) and showing it (list_people.c, list_json.c). */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "benchmarks/bench.h"
#include "common/str.h"

struct mp_listed {
	const struct mp_family *family;
	const struct mp_bench *bench;
	char *why_not; /* owned; why this machine cannot run it, with the remedy; NULL: it can */
};

struct mp_listing {
	struct mp_listed *items; /* in the order of the families */
	size_t count, cap;
};

/* "thp, memlock": the short names of the needs, `separator` in between; nothing for none. */
void mp_list_needs(unsigned needs, const char *separator, struct mp_str *out);
/* "call, batch" */
void mp_list_modes(unsigned modes, const char *separator, struct mp_str *out);

/* Append to `out`; memory running out shows in out->failed. */
void mp_list_table(const struct mp_listing *listing, unsigned width, struct mp_str *out);
void mp_list_description(const struct mp_listed *listed, unsigned width, struct mp_str *out);
void mp_list_json(const struct mp_listing *listing, struct mp_str *out);

#endif
