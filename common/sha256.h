/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 (FIPS 180-4) of a text in memory. Layer: ground. */
#ifndef COMMON_SHA256_H
#define COMMON_SHA256_H

#include <stddef.h>
#include <stdint.h>

void mp_sha256(const void *data, size_t len, uint8_t ret_digest[32]);

#endif
