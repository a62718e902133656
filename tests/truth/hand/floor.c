/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The null system call, at the alignment of the loop where the machine is fastest, as floor.getppid has it
 * (benchmarks/loop.h): 116 ns there, 153 ns at half of the others on Zen 4.
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

#define CALLS 640

#define LOOP_AT(bytes)                                                                             \
	static __attribute__((noinline)) void loop_at_##bytes(void)                                \
	{                                                                                          \
		__asm__ volatile(".p2align 6\n\t.rept " #bytes "\n\tnop\n\t.endr");                \
		for (int i = 0; i < CALLS; i++)                                                    \
			null_call();                                                               \
	}
LOOP_AT(0)
LOOP_AT(8)
LOOP_AT(16)
LOOP_AT(24)
LOOP_AT(28)
LOOP_AT(40)
LOOP_AT(48)
LOOP_AT(56)

static void (*fastest(void))(void)
{
	static void (*const loops[])(void) = { loop_at_0,  loop_at_8,  loop_at_16, loop_at_24,
					       loop_at_28, loop_at_40, loop_at_48, loop_at_56 };
	void (*found)(void) = loops[0];
	uint64_t least = UINT64_MAX;

	for (size_t k = 0; k < sizeof(loops) / sizeof(loops[0]); k++) {
		for (int again = 0; again < 20; again++) {
			uint64_t begin = now(), took;

			loops[k]();
			took = then() - begin;
			if (took < least) {
				least = took;
				found = loops[k];
			}
		}
	}
	return found;
}

static size_t do_null(uint32_t *out)
{
	static void (*loop)(void);
	size_t n = 0;

	if (!loop)
		loop = fastest();
	for (int g = 0; g < 8; g++) {
		uint64_t begin = now();

		loop();
		out[n++] = (uint32_t)((then() - begin) * 16 / CALLS); /* sixteenths of a tick */
	}
	return n;
}

HAND_OPS({ .name = "null", .bench = "floor.getppid", .state = "", .run = do_null, .divide = 16 });
