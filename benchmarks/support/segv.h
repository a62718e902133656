/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A page that nobody may touch, and a SIGSEGV handler that gets past it: by siglongjmp(3) out of the handler,
 * or by returning behind the store. One at a time in a process: handlers know no context.
 */
#ifndef BENCHMARKS_SUPPORT_SEGV_H
#define BENCHMARKS_SUPPORT_SEGV_H

#include "common/err.h"

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct mp_segv {
	char *page; /* may not be touched */
	int code; /* si_code of the signal for it */
	volatile uint64_t hits; /* signals for a store to `page`, with that code */
	bool open;
	sigjmp_buf back;
	struct sigaction before; /* restored by mp_segv_done */
};

/* Installs the handler. Touching `page` must raise SIGSEGV with that code: SEGV_ACCERR where its protection forbids it,
 * SEGV_MAPERR for a guard. 0, or a negative errno with a sentence. */
int mp_segv_open(struct mp_segv *segv, char *page, int code, bool jump, struct mp_err *err);
void mp_segv_done(struct mp_segv *segv); /* accepts a closed one */

enum mp_segv_access { MP_SEGV_LOAD, MP_SEGV_STORE, MP_SEGV_EXEC };

/* For checks: does that access to the byte at `at` go through, or does it raise SIGSEGV? A store writes the byte that a
 * load finds there; EXEC calls it as a function. With a handler of its own, gone when this returns. */
bool mp_segv_allows(char *at, enum mp_segv_access access);

/* The shortest function: it returns. What EXEC may call; written to a page that may be executed later. */
void mp_segv_write_return(char *at);

/* One round trip with siglongjmp: 1 when it came back that way. */
uint64_t mp_segv_jump(struct mp_segv *segv);

/* One store of an instruction length that the handler knows. */
static inline __attribute__((always_inline)) void mp_segv_store(char *page)
{
#if defined(__x86_64__)
	__asm__ volatile("movb $1, (%%rax)" ::"a"(page) : "memory");
#else
	__asm__ volatile("strb wzr, [%0]" ::"r"(page) : "memory");
#endif
}

/* Bytes of that instruction: C6 /0 ib with a plain register operand; every arm64 instruction has 4. */
#if defined(__x86_64__)
#define MP_SEGV_STORE_BYTES 3
#else
#define MP_SEGV_STORE_BYTES 4
#endif

#endif
