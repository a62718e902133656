/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The decoder of raw blobs. An even first byte: the rest is a blob. Odd: the rest is a payload, and is put into a
 * frame of its own, because zstd's checksum keeps mutations of a blob away from the decoder.
 * Promises: what decodes is consistent, encodes again, and decodes to the same.
 * Runs: 100000
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "results/invocation.h"

static void decode(const uint8_t *blob, size_t size)
{
	struct mp_invocation a = { 0 }, b = { 0 };
	void *again;
	size_t again_size;

	if (mp_raw_decode(blob, size, &a)) {
		fuzz_must(!a.blocks && !a.samples);
		return;
	}
	for (size_t i = 0; i < a.n_blocks; i++)
		fuzz_must(mp_block_valid(&a.blocks[i], a.n_samples));
	fuzz_must(!mp_raw_encode(&a, &again, &again_size));
	fuzz_must(!mp_raw_decode(again, again_size, &b));
	fuzz_must(a.n_blocks == b.n_blocks && a.n_samples == b.n_samples);
	fuzz_must(!a.n_blocks || !memcmp(a.blocks, b.blocks, a.n_blocks * sizeof(*a.blocks)));
	fuzz_must(!a.n_samples || !memcmp(a.samples, b.samples, a.n_samples * sizeof(*a.samples)));
	free(again);
	mp_invocation_done(&a);
	mp_invocation_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *blob;

	if (size && data[0] & 1) {
		size = fuzz_pack(data + 1, size - 1, &blob);
		decode(blob, size);
		free(blob);
	} else if (size) {
		decode(data + 1, size - 1);
	}
	return 0;
}

/* An honest blob, and its payload as the second kind. */
static size_t make(unsigned blocks, unsigned ops, bool payload, uint8_t **ret_data)
{
	struct mp_invocation inv = { .n_blocks = blocks, .n_samples = (size_t)blocks * ops };
	void *blob;
	uint8_t *bytes;
	size_t size;

	inv.blocks = calloc(blocks + 1, sizeof(*inv.blocks));
	inv.samples = calloc(inv.n_samples + 1, sizeof(*inv.samples));
	fuzz_must(inv.blocks && inv.samples);
	for (unsigned i = 0; i < blocks; i++)
		inv.blocks[i] = (struct mp_block){ .start = i * 1000,
						   .ticks = 300 * ops,
						   .ops = ops,
						   .first_sample = i * ops,
						   .probe_mul = { 1000, 1001 + i },
						   .probe_add = { 500, 502 },
						   .cpu = 1,
						   .mode = MP_MODE_CALL,
						   .phase = MP_PHASE_MEASURE };
	for (size_t i = 0; i < inv.n_samples; i++)
		inv.samples[i] = (uint32_t)(300 + i % 3 * 24);
	fuzz_must(!mp_raw_encode(&inv, &blob, &size));
	mp_invocation_done(&inv);
	bytes = blob;
	if (payload) {
		size = fuzz_unpack(blob, size, &bytes);
		free(blob);
	}
	*ret_data = malloc(1 + size);
	fuzz_must(bytes && *ret_data);
	(*ret_data)[0] = payload;
	memcpy(*ret_data + 1, bytes, size);
	free(bytes);
	return 1 + size;
}

size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	return index < 8 ? make(index / 2 * 3, 1 + index, index % 2, ret_data) : 0;
}
