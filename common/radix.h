/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sorting by numbers of 64 bits, which a hundred thousand of them take a millisecond for: comparisons would take ten.
 *
 * Layer: ground, libc only.
 */
#ifndef COMMON_RADIX_H
#define COMMON_RADIX_H

#include <stddef.h>
#include <stdint.h>

struct mp_radix_item {
	uint64_t key;
	uint32_t index; /* what the key is of */
};

/* Smallest key first; those that are equal stay in their order. `spare` has room for n. */
void mp_radix_sort(struct mp_radix_item *items, struct mp_radix_item *spare, size_t n);

#endif
