/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a fuzz target offers, and what targets share. A target links with libFuzzer (clang -fsanitize=fuzzer), or with
 * driver.c, which mutates the seeds for a few seconds without any tool. Seeds are what fuzz_seed() gives, and the files of
 * tests/data/fuzz/<target>/: inputs that once found a fault.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "common/err.h"
#include "common/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the target's ---- */

/* libFuzzer's entry; aborts on a broken promise. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The index'th honest input, heap memory of the caller; 0 when there are no more. */
size_t fuzz_seed(unsigned index, uint8_t **ret_data);

/* Optional: how inputs are mutated that have a structure, in place of bytes anywhere. The new size, at most `room`. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t room, unsigned seed);

/* ---- the fuzzer's ---- */

/* Mutates bytes anywhere. The new size, at most `room`. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);

/* ---- for all (support.c) ---- */

/* Aborts unless it holds. */
void fuzz_must(bool holds);

/* A text that a terminal can be given: UTF-8 without control characters, but those of `besides`, and without Bidi_Control's. */
void fuzz_shown(const char *text, const char *besides);
/* The same of a sentence, which there is one of. */
void fuzz_sentence(const struct mp_err *err);

/* The input as a text of the caller's (free()); it ends at the first zero byte. */
char *fuzz_text(const uint8_t *data, size_t size);

/* The path of a file of that name in a folder of this process, which goes when it ends. Static; valid until the next call. */
const char *fuzz_path(const char *name);
/* Writes that file anew; the same path. */
const char *fuzz_file(const char *name, const void *data, size_t size);

/* The index'th file, in name order, that matches one of the patterns (glob(7)) below the source's folder. As fuzz_seed(). */
size_t fuzz_seed_file(unsigned index, const char *const *patterns, size_t n, uint8_t **ret_data);
/* Files with a byte in front of them: the index of the pattern that they match. */
size_t fuzz_seed_kinds(unsigned index, const char *const *patterns, uint8_t kinds,
		       uint8_t **ret_data);
/* The index'th of some texts. As fuzz_seed(). */
size_t fuzz_seed_text(unsigned index, const char *const *texts, size_t n, uint8_t **ret_data);

/* A blob of raw data that has this payload, and the payload of one: zstd's checksum keeps mutations of a blob away from what
 * decodes it. Size of the heap memory of the caller. Of what is no such blob nothing, and NULL. */
size_t fuzz_pack(const uint8_t *payload, size_t size, uint8_t **ret_blob);
size_t fuzz_unpack(const uint8_t *blob, size_t size, uint8_t **ret_payload);

/* Takes an input apart: 0 or nothing behind its end. */
struct fuzz_bytes {
	const uint8_t *at, *end;
};
uint64_t fuzz_number(struct fuzz_bytes *in, unsigned bytes); /* little-endian, at most 8 bytes */
/* What two bytes give the length of. Borrowed; NULL: they are 0xffff. */
const uint8_t *fuzz_piece(struct fuzz_bytes *in, size_t *ret_size);

#endif
