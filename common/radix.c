/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Radix sort: see radix.h. */
#include "common/radix.h"

#include <stdbool.h>
#include <string.h>

#define DIGIT  11 /* bits */
#define DIGITS (1u << DIGIT)
/* Up to so many, moving them one by one takes less than counting digits. */
#define FEW 128

static void sort_few(struct mp_radix_item *items, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const struct mp_radix_item item = items[i];
		size_t at = i;

		for (; at && items[at - 1].key > item.key; at--)
			items[at] = items[at - 1];
		items[at] = item;
	}
}

/* By one digit, from one array into the other; false: all share it, and stay where they are. */
static bool sort_digit(const struct mp_radix_item *from, struct mp_radix_item *to, size_t n,
		       unsigned shift)
{
	size_t places[DIGITS] = { 0 }, place = 0;

	for (size_t i = 0; i < n; i++)
		places[from[i].key >> shift & (DIGITS - 1)]++;
	if (places[from[0].key >> shift & (DIGITS - 1)] == n)
		return false;
	for (size_t d = 0; d < DIGITS; d++) {
		const size_t count = places[d];

		places[d] = place;
		place += count;
	}
	for (size_t i = 0; i < n; i++)
		to[places[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
	return true;
}

void mp_radix_sort(struct mp_radix_item *items, struct mp_radix_item *spare, size_t n)
{
	struct mp_radix_item *from = items, *to = spare;

	if (n <= FEW) {
		sort_few(items, n);
		return;
	}
	/* Least digit first, and each keeps the order of those before it. */
	for (unsigned shift = 0; shift < 64; shift += DIGIT) {
		struct mp_radix_item *sorted = to;

		if (!sort_digit(from, to, n, shift))
			continue;
		to = from;
		from = sorted;
	}
	if (from != items)
		memcpy(items, from, n * sizeof(*items));
}
