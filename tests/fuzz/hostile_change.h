/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One change of a row, as inputs of hostile_rows() spell it: for hostile.c and what makes and mutates inputs. */
#ifndef TESTS_FUZZ_HOSTILE_CHANGE_H
#define TESTS_FUZZ_HOSTILE_CHANGE_H

#include "tests/fuzz/fuzz.h"

enum hostile_what {
	HOSTILE_NULL,
	HOSTILE_INTEGER, /* 8 bytes */
	HOSTILE_REAL, /* 8 bytes */
	HOSTILE_TEXT, /* a piece, as of fuzz_piece() */
	HOSTILE_BLOB, /* a piece */
	HOSTILE_PACKED, /* a piece, which is put into a frame as the blobs of raw data have */
	HOSTILE_STEERING, /* a text that would steer a terminal */
	HOSTILE_DELETE,
	HOSTILE_REPEAT,
	HOSTILE_WHATS
};

struct hostile_change {
	uint16_t column; /* of all columns of all tables; taken modulo, as is the row */
	uint8_t row;
	enum hostile_what what;
	const uint8_t *value; /* borrowed of the input */
	size_t size; /* of the value */
};

#define HOSTILE_HEAD 4 /* bytes before the value, or before the length of a piece */

/* Takes the next one from the input; false at its end. */
bool hostile_next(struct fuzz_bytes *in, struct hostile_change *ret_change);
/* Spells it; how many bytes, 0: there is no room for them. */
size_t hostile_put(const struct hostile_change *change, uint8_t *out, size_t room);

#endif
