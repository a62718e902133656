/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The null system call.
 */
#include "hand.h"

#include <sys/syscall.h>

#if defined(__x86_64__)
static inline long null_call(void)
{
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "a"(SYS_getppid) : "rcx", "r11", "memory");
	return ret;
}
#else
static inline long null_call(void)
{
	register long x8 __asm__("x8") = SYS_getppid;
	register long x0 __asm__("x0");

	__asm__ volatile("svc 0" : "=r"(x0) : "r"(x8) : "memory");
	return x0;
}
#endif

static size_t do_null(uint32_t *out)
{
	size_t n = 0;

	for (int g = 0; g < 8; g++) {
		uint64_t begin = now();

		for (int i = 0; i < 640; i++)
			null_call();
		out[n++] = (uint32_t)((then() - begin) * 16 / 640); /* sixteenths of a tick */
	}
	return n;
}

HAND_OPS({ .name = "null", .bench = "floor.getppid", .state = "", .run = do_null, .divide = 16 });
