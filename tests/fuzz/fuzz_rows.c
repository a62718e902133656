/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Results files with other rows, of the current version or of an older one: the first byte chooses the file, and whether it is
 * read, checked, merged, or opened for writing. Promises: every function that reads answers or refuses with a sentence; what a
 * merge takes over is sound; see hostile_read.c.
 * Runs: 1000
 */
#include "tests/fuzz/hostile.h"

#include <stdlib.h>

#define BASES 4
#define HEAD  1

static struct hostile bases[BASES];
/* Of the same files; they see every change. One for each thing that is done, because a store keeps some statements alone. */
enum { READ, CHECK, MERGE, TASKS };
static struct mp_store *readers[BASES][TASKS];

static void begin(void)
{
	static const char *const old[] = { "tests/data/results/v1.db", "tests/data/results/v2.db" };
	struct mp_err err = { 0 };

	if (bases[0].bytes)
		return;
	hostile_load(hostile_make("whole.db", "whole"), &bases[0]);
	hostile_load(hostile_make("counted.db", "counted 3 2 3"), &bases[1]);
	for (unsigned i = 2; i < BASES; i++) {
		uint8_t *bytes;
		size_t size = fuzz_seed_file(0, &old[i - 2], 1, &bytes);

		hostile_load(fuzz_file(i == 2 ? "v1.db" : "v2.db", bytes, size), &bases[i]);
		free(bytes);
	}
	for (unsigned i = 0; i < BASES * TASKS; i++)
		fuzz_must(!mp_store_open(bases[i / TASKS].path, MP_STORE_READ,
					 &readers[i / TASKS][i % TASKS], &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes in = { data, data + size };
	const char *path;
	size_t which, what;

	begin();
	what = fuzz_number(&in, 1);
	which = what % BASES;
	path = hostile_rows(&bases[which], &in);
	switch (what / BASES % 8) {
	case 0:
		hostile_write(path);
		break;
	case 1:
	case 2:
		hostile_check(readers[which][CHECK]);
		break;
	case 3:
	case 4:
		hostile_merge(readers[which][MERGE]);
		break;
	default:
		hostile_read(readers[which][READ], false);
	}
	return 0;
}

size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	/* Of every file all rows, and of each row one of the things that are done. */
	size_t size = 0;
	uint8_t head;

	begin();
	for (unsigned i = 0; i < BASES && !size; i++)
		for (unsigned row = 0;; row++) {
			head = (uint8_t)(i + BASES * (row % 8));
			size = hostile_seed(&bases[i], row, &head, HEAD, ret_data);
			if (!size || !index--)
				break;
			free(*ret_data);
		}
	return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return hostile_mutate(data, size, room, seed, HEAD);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t room, unsigned seed)
{
	return hostile_cross(a, a_size, b, b_size, out, room, seed, HEAD);
}
