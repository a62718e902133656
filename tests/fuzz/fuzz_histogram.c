/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The decoder of histogram blobs. Promises: what decodes adds up, encodes to the very same bytes (every number has
 * one spelling), and merges with itself.
 * Runs: 100000
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "results/histogram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mp_histogram h = { 0 };
	uint64_t total = 0;
	void *again;
	size_t again_size;

	if (mp_histogram_decode(data, size, &h)) {
		fuzz_must(!h.counts && !h.n);
		return 0;
	}
	for (size_t i = 0; i < h.n_buckets; i++)
		total += h.counts[i];
	fuzz_must(total == h.n);
	fuzz_must(!mp_histogram_encode(&h, &again, &again_size));
	fuzz_must(again_size == size && !memcmp(again, data, size));
	free(again);
	fuzz_must(!mp_histogram_merge(&h, &h) && h.n == 2 * total);
	fuzz_must(!h.n || mp_histogram_quantile(&h, 1) >= (double)h.max);
	mp_histogram_done(&h);
	return 0;
}

size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	struct mp_histogram h = { 0 };
	void *blob;
	size_t size;

	if (index >= 6)
		return 0;
	for (uint64_t i = 0; i < index * 10; i++)
		fuzz_must(!mp_histogram_add(&h, 100 + i * i * i * index, 1 + i % 200));
	fuzz_must(!mp_histogram_encode(&h, &blob, &size));
	mp_histogram_done(&h);
	*ret_data = blob;
	return size;
}
