/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory in large pieces: see arena.h. */
#include "common/arena.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK (1u << 20)

struct mp_arena_chunk {
	struct mp_arena_chunk *next;
	size_t used, size;
	_Alignas(16) char data[];
};

void *mp_arena_take(struct mp_arena *arena, size_t size, size_t align)
{
	struct mp_arena_chunk *chunk = arena->chunks;
	size_t at = chunk ? (chunk->used + align - 1) / align * align : 0;

	if (!chunk || at + size > chunk->size) {
		size_t room = size > CHUNK ? size : CHUNK;

		chunk = malloc(sizeof(*chunk) + room);
		if (!chunk)
			return NULL;
		*chunk = (struct mp_arena_chunk){ .next = arena->chunks, .size = room };
		arena->chunks = chunk;
		at = 0;
	}
	chunk->used = at + size;
	return chunk->data + at;
}

const char *mp_arena_text(struct mp_arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = mp_arena_take(arena, size, 1);

	return copy ? memcpy(copy, text, size) : NULL;
}

void mp_arena_done(struct mp_arena *arena)
{
	while (arena->chunks) {
		struct mp_arena_chunk *next = arena->chunks->next;

		free(arena->chunks);
		arena->chunks = next;
	}
}
