/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The heap, a page up and a page down.
 */
#include "hand.h"

#include <sys/syscall.h>
#include <unistd.h>

static size_t do_brk_grow(uint32_t *out)
{
	char *base = sbrk(0);
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(syscall(SYS_brk, base + 4096));
		syscall(SYS_brk, base);
	}
	return n;
}

static size_t do_brk_shrink(uint32_t *out)
{
	char *base = sbrk(0);
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		syscall(SYS_brk, base + 4096);
		TIMED(syscall(SYS_brk, base));
	}
	return n;
}

HAND_OPS({ .name = "brk_grow",
	   .bench = "brk.grow",
	   .state = "size=4K and outstanding=1",
	   .run = do_brk_grow },
	 { .name = "brk_shrink",
	   .bench = "brk.shrink",
	   .state = "size=4K and outstanding=1 and touched=no",
	   .run = do_brk_shrink });
