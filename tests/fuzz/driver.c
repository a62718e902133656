/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mutates a target's seeds: flips, overwrites, inserts, removes, repeats, splices. `driver [runs [seed]]`. The number
 * that gave a crash is printed first, so that it can be run again.
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"

#define SEEDS_MAX 32
#define ROOM	  65536

static uint8_t *seeds[SEEDS_MAX];
static size_t sizes[SEEDS_MAX];
static unsigned n_seeds;

static size_t change(uint8_t *data, size_t size, struct mp_random *r)
{
	static const uint8_t telling[] = { 0, 1, 0x7f, 0x80, 0xff };
	size_t at = size ? mp_random_below(r, size) : 0;
	size_t length = 1 + mp_random_below(r, 16);
	unsigned other = (unsigned)mp_random_below(r, n_seeds);

	switch (size ? mp_random_below(r, 7) : 3) {
	case 0:
		data[at] ^= (uint8_t)(1 << mp_random_below(r, 8));
		return size;
	case 1:
		data[at] = (uint8_t)mp_random_next(r);
		return size;
	case 2:
		data[at] = telling[mp_random_below(r, sizeof(telling))];
		return size;
	case 3:
		if (size + length > ROOM)
			return size;
		memmove(data + at + length, data + at, size - at);
		for (size_t i = 0; i < length; i++)
			data[at + i] = (uint8_t)mp_random_next(r);
		return size + length;
	case 4:
		length = length < size - at ? length : size - at;
		memmove(data + at, data + at + length, size - at - length);
		return size - length;
	case 5:
		return at;
	default:
		length = sizes[other] < size - at ? sizes[other] : size - at;
		memcpy(data + at, seeds[other], length);
		return size;
	}
}

int main(int argc, char **argv)
{
	unsigned long runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct mp_random r = { seed };
	static uint8_t data[ROOM];

	while (n_seeds < SEEDS_MAX && (sizes[n_seeds] = fuzz_seed(n_seeds, &seeds[n_seeds])))
		n_seeds++;
	if (!n_seeds)
		return 1;
	printf("%lu runs from seed %llu\n", runs, (unsigned long long)seed);
	fflush(stdout);
	for (unsigned long i = 0; i < runs; i++) {
		unsigned which = (unsigned)mp_random_below(&r, n_seeds);
		size_t size = sizes[which] < ROOM ? sizes[which] : ROOM;
		uint8_t *exact;

		memcpy(data, seeds[which], size);
		for (uint64_t n = mp_random_below(&r, 6); n; n--)
			size = change(data, size, &r);
		/* Of exactly that size, so that a sanitizer sees the byte behind. */
		exact = malloc(size ? size : 1);
		if (!exact)
			return 1;
		memcpy(exact, data, size);
		LLVMFuzzerTestOneInput(exact, size);
		free(exact);
	}
	for (unsigned i = 0; i < n_seeds; i++)
		free(seeds[i]);
	return 0;
}
