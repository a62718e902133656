/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The decoder of histogram blobs. Promises: what decodes adds up, encodes to the very same bytes (every number has
 * one spelling), and merges with itself.
 */
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "results/histogram.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mp_histogram h = { 0 };
	uint64_t total = 0;
	void *again;
	size_t again_size;

	if (mp_histogram_decode(data, size, &h)) {
		must(!h.counts && !h.n);
		return 0;
	}
	for (size_t i = 0; i < h.n_buckets; i++)
		total += h.counts[i];
	must(total == h.n);
	must(!mp_histogram_encode(&h, &again, &again_size));
	must(again_size == size && !memcmp(again, data, size));
	free(again);
	must(!mp_histogram_merge(&h, &h) && h.n == 2 * total);
	must(!h.n || mp_histogram_quantile(&h, 1) >= (double)h.max);
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
		must(!mp_histogram_add(&h, 100 + i * i * i * index, 1 + i % 200));
	must(!mp_histogram_encode(&h, &blob, &size));
	mp_histogram_done(&h);
	*ret_data = blob;
	return size;
}
