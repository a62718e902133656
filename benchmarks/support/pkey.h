/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory protection keys: every page carries one of a few keys, and a register of the thread says what each key allows.
 * pkeys(7). The register is written without a system call: WRPKRU, or POR_EL0 of arm64 (FEAT_S1POE).
 */
#ifndef BENCHMARKS_SUPPORT_PKEY_H
#define BENCHMARKS_SUPPORT_PKEY_H

#include "benchmarks/support/syscall.h"

#include <stdint.h>

#define MP_PKEY_BARRED 1 /* PKEY_DISABLE_ACCESS: neither load nor store */

/* A fresh key that allows everything, or a negative errno: this CPU or kernel has none. */
static inline int mp_pkey_alloc(void)
{
	return (int)mp_syscall3(SYS_pkey_alloc, 0, 0, 0);
}

static inline void mp_pkey_free(int key)
{
	mp_syscall3(SYS_pkey_free, key, 0, 0);
}

#if defined(__x86_64__)

#define MP_PKEY_REGISTER 1

/* Intel SDM vol. 2, RDPKRU and WRPKRU: ECX and EDX are zero; written as bytes, for assemblers that lack them. */
static inline __attribute__((always_inline)) uint32_t mp_pkey_read(void)
{
	uint32_t value, high;

	__asm__ volatile(".byte 0x0f,0x01,0xee" : "=a"(value), "=d"(high) : "c"(0));
	return value;
}

static inline __attribute__((always_inline)) void mp_pkey_write(uint32_t value)
{
	__asm__ volatile(".byte 0x0f,0x01,0xef" ::"a"(value), "c"(0), "d"(0) : "memory");
}

/* The register's value with that key allowing everything (0), or barred. Two bits per key: SDM vol. 3, 4.6.2. */
static inline uint32_t mp_pkey_with(uint32_t value, int key, uint32_t rights)
{
	return (value & ~(3u << (2 * key))) | rights << (2 * key);
}

#else
#define MP_PKEY_REGISTER 0
#endif

#endif
