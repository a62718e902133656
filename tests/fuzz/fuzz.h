/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a fuzz target offers. The target links with libFuzzer (clang -fsanitize=fuzzer), or with driver.c, which
 * mutates the target's own seeds for a few seconds without any tool.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's entry; aborts on a broken promise. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The index'th honest input, heap memory of the caller; 0 when there are no more. */
size_t fuzz_seed(unsigned index, uint8_t **ret_data);

#endif
