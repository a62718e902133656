/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory for many small things that end together: a million small allocations cost more than what is put into them.
 *
 * Zeroed is empty. Layer: ground, libc only.
 */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include <stddef.h>

struct mp_arena {
	struct mp_arena_chunk *chunks; /* newest first */
};

/* Room for `size` bytes, aligned to `align` (a power of two, at most 16), until mp_arena_done(); NULL when memory ran out. */
void *mp_arena_take(struct mp_arena *arena, size_t size, size_t align);
/* A copy of the text; NULL when memory ran out. */
const char *mp_arena_text(struct mp_arena *arena, const char *text);
void mp_arena_done(struct mp_arena *arena); /* accepts zeroed */

#endif
