/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Little-endian base-128 numbers, shared by the two blob codecs. Readers never read past the end, and refuse
 * over-long forms so that every number has exactly one spelling.
 */
#ifndef RESULTS_VARINT_H
#define RESULTS_VARINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MP_VARINT_MAX 10 /* bytes of the longest number */

struct mp_bytes {
	const unsigned char *at, *end;
};

static inline size_t mp_varint_put(unsigned char *out, uint64_t value)
{
	size_t used = 0;

	while (value >= 0x80) {
		out[used++] = (unsigned char)(value | 0x80);
		value >>= 7;
	}
	out[used++] = (unsigned char)value;
	return used;
}

static inline bool mp_varint_get(struct mp_bytes *in, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		unsigned char byte;

		if (in->at == in->end)
			return false;
		byte = *in->at++;
		if (shift == 63 && byte > 1)
			return false;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		if (!byte && shift)
			return false;
		*ret_value = value;
		return true;
	}
	return false;
}

/* Small differences of either sign become small numbers. */
static inline uint64_t mp_zigzag(uint64_t difference)
{
	return difference << 1 ^ (difference >> 63 ? UINT64_MAX : 0);
}

static inline uint64_t mp_unzigzag(uint64_t coded)
{
	return coded >> 1 ^ (coded & 1 ? UINT64_MAX : 0);
}

#endif
