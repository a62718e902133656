/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Results files with other bytes: the first byte chooses the file (one of the current version, or of an older one), the rest
 * says where other bytes stand. Promises: refused with a sentence, or read; see hostile_read.c.
 * Runs: 300
 */
#include "tests/fuzz/hostile.h"

#include <stdlib.h>
#include <string.h>

#define BASES 3
static struct {
	uint8_t *bytes;
	size_t size;
} bases[BASES];

static void begin(void)
{
	static const char *const old[] = { "tests/data/results/v1.db", "tests/data/results/v2.db" };
	struct mp_str made = MP_STR_INIT;

	if (bases[0].bytes)
		return;
	fuzz_must(!mp_str_read_file(&made, hostile_make("made.db", "whole")));
	bases[0].size = made.len;
	bases[0].bytes = (uint8_t *)mp_str_take(&made);
	for (unsigned i = 1; i < BASES; i++)
		bases[i].size = fuzz_seed_file(0, &old[i - 1], 1, &bases[i].bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes in = { data, data + size };
	size_t which;

	begin();
	which = fuzz_number(&in, 1) % BASES;
	hostile_all(hostile_bytes(bases[which].bytes, bases[which].size, "fuzz.db", &in));
	return 0;
}

/* The head of one page after the other, where its tree is. */
size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	enum { PAGE = 4096, HEAD = 48 };
	unsigned which = 0;
	uint8_t *seed;
	size_t at;

	begin();
	while (which < BASES && index >= bases[which].size / PAGE)
		index -= (unsigned)(bases[which++].size / PAGE);
	if (which == BASES)
		return 0;
	at = index * PAGE;
	seed = malloc(6 + HEAD);
	fuzz_must(seed);
	memcpy(seed,
	       (uint8_t[]){ (uint8_t)which, (uint8_t)at, (uint8_t)(at >> 8), (uint8_t)(at >> 16),
			    HEAD, 0 },
	       6);
	memcpy(seed + 6, bases[which].bytes + at, HEAD);
	*ret_data = seed;
	return 6 + HEAD;
}
