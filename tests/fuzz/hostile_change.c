/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inputs that change rows: how they are spelt, mutated change by change, and begun with. See hostile.h. */
#include "tests/fuzz/hostile_change.h"

#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "tests/fuzz/hostile.h"

#define LIST_MAX  64 /* changes of an input that a mutation looks at */
#define PIECE_MAX 0xfffe

static bool is_piece(enum hostile_what what)
{
	return what == HOSTILE_TEXT || what == HOSTILE_BLOB || what == HOSTILE_PACKED;
}

static bool is_number(enum hostile_what what)
{
	return what == HOSTILE_INTEGER || what == HOSTILE_REAL;
}

bool hostile_next(struct fuzz_bytes *in, struct hostile_change *ret_change)
{
	struct hostile_change *c = ret_change;

	if (in->at == in->end)
		return false;
	*c = (struct hostile_change){ .column = (uint16_t)fuzz_number(in, 2) };
	c->row = (uint8_t)fuzz_number(in, 1);
	c->what = (enum hostile_what)(fuzz_number(in, 1) % HOSTILE_WHATS);
	if (is_piece(c->what)) {
		c->value = fuzz_piece(in, &c->size);
	} else if (is_number(c->what)) {
		c->value = in->at;
		c->size = (size_t)(in->end - in->at) < 8 ? (size_t)(in->end - in->at) : 8;
		in->at += c->size;
	}
	if (!c->value)
		c->value = (const uint8_t *)"";
	return true;
}

size_t hostile_put(const struct hostile_change *change, uint8_t *out, size_t room)
{
	const size_t size = change->size < PIECE_MAX ? change->size : PIECE_MAX;
	uint64_t number = 0;
	size_t at = HOSTILE_HEAD;

	if (room < HOSTILE_HEAD + 8 + size)
		return 0;
	out[0] = (uint8_t)change->column;
	out[1] = (uint8_t)(change->column >> 8);
	out[2] = change->row;
	out[3] = (uint8_t)change->what;
	if (is_number(change->what)) {
		memcpy(&number, change->value, size < 8 ? size : 8);
		memcpy(out + at, &number, 8);
		return at + 8;
	}
	if (!is_piece(change->what))
		return at;
	out[at++] = (uint8_t)size;
	out[at++] = (uint8_t)(size >> 8);
	memmove(out + at, change->value, size);
	return at + size;
}

/* ---- mutations ---- */

struct list {
	struct hostile_change of[LIST_MAX];
	size_t n;
};

static void take(const uint8_t *data, size_t size, size_t head, struct list *ret_list)
{
	struct fuzz_bytes in = { data + (head < size ? head : size), data + size };

	for (ret_list->n = 0; ret_list->n < LIST_MAX; ret_list->n++)
		if (!hostile_next(&in, &ret_list->of[ret_list->n]))
			break;
}

static size_t put(const struct list *list, uint8_t *out, size_t at, size_t room)
{
	for (size_t i = 0; i < list->n; i++)
		at += hostile_put(&list->of[i], out + at, room - at);
	return at;
}

static const uint8_t *numbers(struct mp_random *r)
{
	static const uint64_t telling[] = { 0,
					    1,
					    2,
					    3,
					    7,
					    255,
					    1u << 16,
					    INT32_MAX,
					    UINT32_MAX,
					    INT64_MAX,
					    UINT64_MAX,
					    1ull << 63,
					    0x7ff0000000000000, /* infinity */
					    0x3ff0000000000000 /* 1.0 */ };

	return (const uint8_t *)&telling[mp_random_below(r, sizeof(telling) / sizeof(telling[0]))];
}

/* Another value of the same kind, in `space`. */
static void other_value(struct hostile_change *c, uint8_t *space, size_t room, struct mp_random *r)
{
	size_t size = c->size < room ? c->size : room;

	if (is_number(c->what) && mp_random_below(r, 3) == 0) {
		c->value = numbers(r);
		c->size = 8;
		return;
	}
	memcpy(space, c->value, size);
	c->value = space;
	c->size = LLVMFuzzerMutate(space, size, is_number(c->what) ? 8 : room);
}

static void other_change(struct hostile_change *c, uint8_t *space, size_t room, struct mp_random *r)
{
	switch (mp_random_below(r, 8)) {
	case 0:
		c->column = (uint16_t)mp_random_next(r);
		return;
	case 1:
		c->row = (uint8_t)mp_random_below(r, 16);
		return;
	case 2:
		c->what = (enum hostile_what)mp_random_below(r, HOSTILE_WHATS);
		if (is_number(c->what))
			other_value(c, space, room, r);
		return;
	case 3:
		/* The columns of a table stand side by side. */
		c->column = (uint16_t)(c->column + mp_random_below(r, 9) - 4);
		return;
	default:
		other_value(c, space, room, r);
	}
}

size_t hostile_mutate(uint8_t *data, size_t size, size_t room, unsigned seed, size_t head)
{
	static uint8_t space[65536], out[1 << 20];
	struct mp_random r = { seed };
	struct list list;
	size_t which;

	if (size < head || room > sizeof(out))
		return LLVMFuzzerMutate(data, size, room);
	take(data, size, head, &list);
	memcpy(out, data, head);
	which = list.n ? mp_random_below(&r, list.n) : 0;
	switch (list.n ? mp_random_below(&r, 10) : 0) {
	case 0:
		if (list.n == LIST_MAX)
			break;
		memmove(&list.of[which + 1], &list.of[which],
			(list.n++ - which) * sizeof(list.of[0]));
		list.of[which] = (struct hostile_change){ .column = (uint16_t)mp_random_next(&r),
							  .row = (uint8_t)mp_random_below(&r, 16),
							  .what = HOSTILE_INTEGER,
							  .value = numbers(&r),
							  .size = 8 };
		break;
	case 1:
		list.n--;
		memmove(&list.of[which], &list.of[which + 1],
			(list.n - which) * sizeof(list.of[0]));
		break;
	case 2:
		if (head)
			out[mp_random_below(&r, head)] = (uint8_t)mp_random_next(&r);
		break;
	default:
		other_change(&list.of[which], space, sizeof(space) < room ? sizeof(space) : room,
			     &r);
	}
	size = put(&list, out, head, room);
	memcpy(data, out, size);
	return size;
}

size_t hostile_cross(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
		     size_t room, unsigned seed, size_t head)
{
	struct mp_random r = { seed };
	struct list list, other;

	if (a_size < head || room < head)
		return 0;
	take(a, a_size, head, &list);
	take(b, b_size, head, &other);
	memcpy(out, a, head);
	list.n = mp_random_below(&r, list.n + 1);
	for (size_t i = mp_random_below(&r, other.n + 1); i < other.n && list.n < LIST_MAX; i++)
		list.of[list.n++] = other.of[i];
	return put(&list, out, head, room);
}

/* ---- seeds ---- */

/* The value of the column in that row, as a change; what does not fit is left out. */
static size_t seed_value(struct hostile *base, unsigned index, unsigned row, uint8_t *out,
			 size_t room)
{
	const struct hostile_column *column = &base->columns[index];
	struct hostile_change c = { .column = (uint16_t)index, .row = (uint8_t)row };
	sqlite3_stmt *stmt = NULL;
	uint8_t *payload = NULL;
	sqlite3_int64 number;
	double real;
	size_t size = 0;
	char *sql = sqlite3_mprintf("SELECT \"%w\" FROM \"%w\" LIMIT 1 OFFSET %u", column->name,
				    column->table, row);

	fuzz_must(sqlite3_prepare_v2(base->db, sql, -1, &stmt, NULL) == SQLITE_OK);
	sqlite3_free(sql);
	if (sqlite3_step(stmt) != SQLITE_ROW) {
		sqlite3_finalize(stmt);
		return 0;
	}
	number = sqlite3_column_int64(stmt, 0);
	real = sqlite3_column_double(stmt, 0);
	switch (sqlite3_column_type(stmt, 0)) {
	case SQLITE_INTEGER:
		c.what = HOSTILE_INTEGER;
		c.value = (const uint8_t *)&number;
		c.size = 8;
		break;
	case SQLITE_FLOAT:
		c.what = HOSTILE_REAL;
		c.value = (const uint8_t *)&real;
		c.size = 8;
		break;
	case SQLITE_TEXT:
	case SQLITE_BLOB:
		c.what = sqlite3_column_type(stmt, 0) == SQLITE_TEXT ? HOSTILE_TEXT : HOSTILE_BLOB;
		c.value = sqlite3_column_blob(stmt, 0);
		c.size = (size_t)sqlite3_column_bytes(stmt, 0);
		if (!strcmp(column->table, "raw")) {
			c.what = HOSTILE_PACKED;
			c.size = fuzz_unpack(c.value, c.size, &payload);
			c.value = payload;
		}
		break;
	default:
		break;
	}
	if (!c.value)
		c.value = (const uint8_t *)"";
	if (c.size <= PIECE_MAX)
		size = hostile_put(&c, out, room);
	free(payload);
	sqlite3_finalize(stmt);
	return size;
}

/* One per table and row, of the first two of each: all that stands in it. */
size_t hostile_seed(struct hostile *base, unsigned index, const uint8_t *head, size_t head_size,
		    uint8_t **ret_data)
{
	enum { ROOM = 65536, ROWS = 2 };
	struct fuzz_bytes none = { 0 };
	size_t size = head_size, first = 0;

	hostile_rows(base, &none);
	while (first < base->n_columns && index >= ROWS) {
		const char *table = base->columns[first].table;

		while (first < base->n_columns && !strcmp(base->columns[first].table, table))
			first++;
		index -= ROWS;
	}
	if (first == base->n_columns)
		return 0;
	*ret_data = malloc(ROOM);
	fuzz_must(*ret_data);
	memcpy(*ret_data, head, head_size);
	for (size_t i = first; i < base->n_columns; i++) {
		if (strcmp(base->columns[i].table, base->columns[first].table))
			break;
		size += seed_value(base, (unsigned)i, index, *ret_data + size, ROOM - size);
	}
	return size;
}
