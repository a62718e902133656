/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The heap, up and down.
 */
#include "hand.h"

#include <sys/mman.h>
#include <sys/resource.h>
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

#define MEG (1l << 20)

/* Calls that are too short for a clock: so many make a sample. */
#define TOGETHER 64

/* A page in use right below, at the beginning of a page table, as every heap that grows has one. */
static int foundation(void)
{
	uintptr_t base = ((uintptr_t)sbrk(0) + 2 * MEG - 1) & ~(uintptr_t)(2 * MEG - 1);

	if (brk((void *)(base + 4096)))
		return -1;
	*(volatile char *)base = 1;
	return 0;
}

static size_t do_grow_1m(uint32_t *out)
{
	char *base = sbrk(0);
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(syscall(SYS_brk, base + MEG));
		syscall(SYS_brk, base);
	}
	return n;
}

static size_t shrink(uint32_t *out, long size)
{
	char *base = sbrk(0);
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		syscall(SYS_brk, base + size);
		for (long at = 0; at < size; at += 4096)
			*(volatile char *)(base + at) = 1;
		TIMED(syscall(SYS_brk, base));
	}
	return n;
}

static size_t do_shrink_touched(uint32_t *out)
{
	return shrink(out, 4096);
}

static size_t do_shrink_1m(uint32_t *out)
{
	return shrink(out, MEG);
}

static size_t do_pair(uint32_t *out)
{
	char *base = sbrk(0);
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(syscall(SYS_brk, base + 4096); syscall(SYS_brk, base));
	return n;
}

static size_t do_query(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(for (int k = 0; k < TOGETHER; k++) syscall(SYS_brk, 0));
	return n;
}

static size_t do_grow_libc(uint32_t *out)
{
	char *base = sbrk(0);
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(sbrk(4096));
		brk(base);
	}
	return n;
}

static int block(void)
{
	return foundation() || mmap(sbrk(0), 4096, PROT_NONE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED
		       ? -1
		       : 0;
}

static size_t do_blocked(uint32_t *out)
{
	char *base = sbrk(0);
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(syscall(SYS_brk, base + 4096));
	return n;
}

static size_t do_limit(uint32_t *out)
{
	struct rlimit before, tight;
	char *base = sbrk(0);
	size_t n = 0;

	getrlimit(RLIMIT_DATA, &before);
	tight = before;
	tight.rlim_cur = 4096;
	setrlimit(RLIMIT_DATA, &tight);
	for (int i = 0; i < AROUND; i++)
		TIMED(for (int k = 0; k < TOGETHER; k++) syscall(SYS_brk, base + 4096));
	setrlimit(RLIMIT_DATA, &before);
	return n;
}

static int lock_future(void)
{
	return mlockall(MCL_FUTURE) || foundation() ? -1 : 0;
}

#define PAGE "size=4K and outstanding=1"

HAND_OPS({ .name = "brk_grow",
	   .bench = "brk.grow",
	   .state = "size=4K and outstanding=1",
	   .prepare = foundation,
	   .run = do_brk_grow },
	 { .name = "brk_shrink",
	   .bench = "brk.shrink",
	   .state = "size=4K and outstanding=1 and touched=no",
	   .prepare = foundation,
	   .run = do_brk_shrink },
	 { .name = "brk_grow_1m",
	   .bench = "brk.grow",
	   .state = "size=1M and outstanding=1",
	   .prepare = foundation,
	   .run = do_grow_1m },
	 { .name = "brk_touched",
	   .bench = "brk.shrink",
	   .state = PAGE " and touched=yes",
	   .prepare = foundation,
	   .run = do_shrink_touched },
	 { .name = "brk_touched_1m",
	   .bench = "brk.shrink",
	   .state = "size=1M and outstanding=1 and touched=yes",
	   .prepare = foundation,
	   .run = do_shrink_1m },
	 { .name = "brk_pair",
	   .bench = "brk.pair1_resident",
	   .state = "",
	   .prepare = foundation,
	   .run = do_pair },
	 { .name = "brk_query",
	   .bench = "brk.query",
	   .state = "",
	   .run = do_query,
	   .divide = TOGETHER },
	 { .name = "brk_libc",
	   .bench = "brk.grow_libc",
	   .state = PAGE,
	   .prepare = foundation,
	   .run = do_grow_libc },
	 { .name = "brk_blocked",
	   .bench = "brk.blocked",
	   .state = "",
	   .prepare = block,
	   .run = do_blocked },
	 { .name = "brk_limit",
	   .bench = "brk.limit",
	   .state = "",
	   .prepare = foundation,
	   .run = do_limit,
	   .divide = TOGETHER },
	 { .name = "brk_locked",
	   .bench = "brk.grow_locked",
	   .state = PAGE,
	   .prepare = lock_future,
	   .run = do_brk_grow });
