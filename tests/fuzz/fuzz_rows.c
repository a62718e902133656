/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Results files with other rows, of the current version or (by the first byte) of the first. Promises: every function that reads
 * answers or refuses with a sentence; what a merge takes over is sound; see hostile_read.c.
 * Runs: 500
 */
#include "tests/fuzz/hostile.h"

#include <stdlib.h>

static struct hostile bases[3];

static void begin(void)
{
	static const char *const old[] = { "tests/data/results/v1.db" };
	uint8_t *bytes;
	size_t size;

	if (bases[0].bytes)
		return;
	hostile_load(hostile_make("few.db", "few"), &bases[0]);
	hostile_load(hostile_make("counted.db", "counted 6 2 3"), &bases[1]);
	size = fuzz_seed_file(0, old, 1, &bytes);
	hostile_load(fuzz_file("old.db", bytes, size), &bases[2]);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes in = { data, data + size };
	size_t which;

	begin();
	which = fuzz_number(&in, 1) % 3;
	hostile_read(hostile_rows(&bases[which], "fuzz.db", &in));
	return 0;
}

size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	begin();
	for (uint8_t which = 0; which < 3; index -= (unsigned)bases[which++].n_columns)
		if (index < bases[which].n_columns)
			return hostile_seed(&bases[which], index, &which, 1, ret_data);
	return 0;
}
