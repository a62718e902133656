/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growing arrays: see vec.h. */
#include "common/vec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *mp_vec_push(void **data, size_t *len, size_t *cap, size_t size)
{
	char *slot;

	if (*len == *cap) {
		size_t grown = *cap ? *cap * 2 : 8;
		void *moved;

		if (grown > SIZE_MAX / size)
			return NULL;
		moved = realloc(*data, grown * size);
		if (!moved)
			return NULL;
		*data = moved;
		*cap = grown;
	}
	slot = (char *)*data + *len * size;
	memset(slot, 0, size);
	(*len)++;
	return slot;
}
