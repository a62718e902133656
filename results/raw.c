/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The raw blob: blocks and samples of one invocation.
 *
 *	byte	version, 1
 *	varint	size of the payload
 *	zstd frame with checksum; its payload:
 *		varint	number of blocks
 *		varint	number of samples
 *		for each field of struct mp_block, in the order of fields[]: for each block one varint, the
 *			zigzag difference to the block before (the first: to 0)
 *		four planes of n_samples bytes: the lowest byte of every sample, then the second, ...
 *
 * Columns and planes put like beside like, so zstd finds what repeats: most fields hardly change from block to
 * block, and the upper bytes of samples are nearly constant.
 */
#include "results/invocation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "results/frame.h"
#include "results/varint.h"

#define VERSION 1
/* 3 costs 0.2 ms for 8192 samples. */
#define LEVEL 3

struct field {
	size_t offset, size;
};

#define FIELD(name)                                                                                \
	{                                                                                          \
		offsetof(struct mp_block, name), sizeof(((struct mp_block *)0)->name)              \
	}
static const struct field fields[] = {
	FIELD(start),	     FIELD(ticks),	  FIELD(ops),	       FIELD(errors),
	FIELD(first_sample), FIELD(minflt),	  FIELD(majflt),       FIELD(nvcsw),
	FIELD(nivcsw),	     FIELD(probe_mul[0]), FIELD(probe_mul[1]), FIELD(probe_add[0]),
	FIELD(probe_add[1]), FIELD(worker),	  FIELD(cpu),	       FIELD(mode),
	FIELD(phase),	     FIELD(flags),
};
#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

/* Most bytes that the blocks can take in a payload. */
#define BLOCK_BYTES_MAX (N_FIELDS * MP_VARINT_MAX)

static uint64_t field_get(const struct mp_block *block, const struct field *f)
{
	const char *at = (const char *)block + f->offset;
	uint64_t value = 0;

	switch (f->size) {
	case 1:
		value = *(const uint8_t *)at;
		break;
	case 2:
		value = *(const uint16_t *)(const void *)at;
		break;
	case 4:
		value = *(const uint32_t *)(const void *)at;
		break;
	default:
		value = *(const uint64_t *)(const void *)at;
	}
	return value;
}

static bool field_set(struct mp_block *block, const struct field *f, uint64_t value)
{
	char *at = (char *)block + f->offset;

	if (f->size < 8 && value >> (8 * f->size))
		return false;
	switch (f->size) {
	case 1:
		*(uint8_t *)at = (uint8_t)value;
		break;
	case 2:
		*(uint16_t *)(void *)at = (uint16_t)value;
		break;
	case 4:
		*(uint32_t *)(void *)at = (uint32_t)value;
		break;
	default:
		*(uint64_t *)(void *)at = value;
	}
	return true;
}

static bool within_limits(uint64_t n_blocks, uint64_t n_samples)
{
	return n_blocks <= MP_RAW_BLOCKS_MAX && n_samples <= MP_RAW_SAMPLES_MAX;
}

static size_t payload_put(const struct mp_invocation *inv, unsigned char *out)
{
	size_t used = mp_varint_put(out, inv->n_blocks);

	used += mp_varint_put(out + used, inv->n_samples);
	for (size_t f = 0; f < N_FIELDS; f++) {
		uint64_t before = 0;

		for (size_t i = 0; i < inv->n_blocks; i++) {
			uint64_t value = field_get(&inv->blocks[i], &fields[f]);

			used += mp_varint_put(out + used, mp_zigzag(value - before));
			before = value;
		}
	}
	for (unsigned shift = 0; shift < 32; shift += 8)
		for (size_t i = 0; i < inv->n_samples; i++)
			out[used++] = (unsigned char)(inv->samples[i] >> shift);
	return used;
}

int mp_raw_encode(const struct mp_invocation *inv, void **ret_blob, size_t *ret_size)
{
	MP_CLEANUP(mp_free_ptr) unsigned char *payload = NULL;
	MP_CLEANUP(mp_free_ptr) unsigned char *blob = NULL;
	size_t size, head, used, room;

	if (!within_limits(inv->n_blocks, inv->n_samples))
		return -E2BIG;
	for (size_t i = 0; i < inv->n_blocks; i++)
		if (!mp_block_valid(&inv->blocks[i], inv->n_samples))
			return -EINVAL;
	room = 2 * MP_VARINT_MAX + inv->n_blocks * BLOCK_BYTES_MAX + 4 * inv->n_samples;
	payload = malloc(room);
	if (!payload)
		return -ENOMEM;
	size = payload_put(inv, payload);
	room = 1 + MP_VARINT_MAX + mp_frame_room(size);
	blob = malloc(room);
	if (!blob)
		return -ENOMEM;
	blob[0] = VERSION;
	head = 1 + mp_varint_put(blob + 1, size);
	used = mp_frame_put(payload, size, LEVEL, blob + head, room - head);
	if (!used)
		return -ENOMEM;
	*ret_blob = blob;
	*ret_size = head + used;
	blob = NULL;
	return 0;
}

static bool blocks_get(struct mp_bytes *in, struct mp_block *blocks, size_t n_blocks,
		       size_t n_samples)
{
	for (size_t f = 0; f < N_FIELDS; f++) {
		uint64_t value = 0, coded;

		for (size_t i = 0; i < n_blocks; i++) {
			if (!mp_varint_get(in, &coded))
				return false;
			value += mp_unzigzag(coded);
			if (!field_set(&blocks[i], &fields[f], value))
				return false;
		}
	}
	for (size_t i = 0; i < n_blocks; i++)
		if (!mp_block_valid(&blocks[i], n_samples))
			return false;
	return (size_t)(in->end - in->at) == 4 * n_samples;
}

static int payload_get(struct mp_bytes in, struct mp_invocation *inv)
{
	MP_CLEANUP(mp_free_ptr) struct mp_block *blocks = NULL;
	MP_CLEANUP(mp_free_ptr) uint32_t *samples = NULL;
	uint64_t n_blocks, n_samples;

	if (!mp_varint_get(&in, &n_blocks) || !mp_varint_get(&in, &n_samples) ||
	    !within_limits(n_blocks, n_samples))
		return -EBADMSG;
	/* Every block takes at least one byte per field: a short payload cannot claim much memory. */
	if ((uint64_t)(in.end - in.at) < n_blocks * N_FIELDS + 4 * n_samples)
		return -EBADMSG;
	blocks = calloc(n_blocks + 1, sizeof(*blocks));
	if (!blocks)
		return -ENOMEM;
	if (!blocks_get(&in, blocks, n_blocks, n_samples))
		return -EBADMSG;
	samples = malloc((n_samples + 1) * sizeof(*samples));
	if (!samples)
		return -ENOMEM;
	for (size_t i = 0; i < n_samples; i++)
		samples[i] = in.at[i] | (uint32_t)in.at[n_samples + i] << 8 |
			     (uint32_t)in.at[2 * n_samples + i] << 16 |
			     (uint32_t)in.at[3 * n_samples + i] << 24;
	inv->blocks = blocks;
	inv->n_blocks = n_blocks;
	inv->samples = samples;
	inv->n_samples = n_samples;
	blocks = NULL;
	samples = NULL;
	return 0;
}

int mp_raw_decode(const void *blob, size_t size, struct mp_invocation *inv)
{
	MP_CLEANUP(mp_free_ptr) char *payload = NULL;
	struct mp_bytes in = { blob, NULL };
	uint64_t payload_size;
	int rc;

	if (!blob || !size)
		return -EBADMSG;
	in.end = in.at + size;
	if (*in.at++ != VERSION || !mp_varint_get(&in, &payload_size))
		return -EBADMSG;
	if (payload_size > 2 * MP_VARINT_MAX + (uint64_t)MP_RAW_BLOCKS_MAX * BLOCK_BYTES_MAX +
				   4ULL * MP_RAW_SAMPLES_MAX)
		return -EBADMSG;
	rc = mp_frame_get(in.at, (size_t)(in.end - in.at), payload_size, &payload);
	if (rc)
		return rc;
	in = (struct mp_bytes){ (unsigned char *)payload, (unsigned char *)payload + payload_size };
	return payload_get(in, inv);
}
