/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Moving and resizing mappings, between two places in a closed range.
 */
#include "hand.h"

#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

#define PAGE 4096ul
#define MB2  (2ul << 20)
#define GB   (1ul << 30)
#define MOVE (MREMAP_MAYMOVE | MREMAP_FIXED)

static char *from, *to;
static size_t size;

static void touch(char *p, size_t bytes)
{
	for (size_t b = 0; b < bytes; b += PAGE)
		*(volatile char *)(p + b) = 1;
}

static int map(char *at, size_t bytes)
{
	if (mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) == MAP_FAILED)
		return -1;
	madvise(at, bytes, MADV_NOHUGEPAGE);
	return 0;
}

/* A touched mapping at `from`, and room at `to`: reserved until the first move, or malloc would find it. Both are `odd` and twice `odd` beyond a multiple of `unit`, or
 * at multiples of it. */
static int place(size_t bytes, size_t unit, size_t odd)
{
	char *room =
		mmap(NULL, 6 * GB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED)
		return -1;
	room = (char *)(((size_t)room + GB - 1) / GB * GB);
	size = bytes;
	from = room + unit + odd;
	to = from + (bytes + unit - 1) / unit * unit + (odd ? odd : unit);
	if (map(from, bytes))
		return -1;
	touch(from, bytes);
	return 0;
}

static int page_pte(void)
{
	return place(PAGE, MB2, PAGE);
}

static int mb2_pte(void)
{
	return place(MB2, MB2, PAGE);
}

static int mb2_pmd(void)
{
	return place(MB2, MB2, 0);
}

static int gb_pte(void)
{
	return place(GB, GB, PAGE);
}

static int gb_pmd(void)
{
	return place(GB, GB, MB2);
}

static int gb_pud(void)
{
	return place(GB, GB, 0);
}

static void turn(void)
{
	char *p = from;

	from = to;
	to = p;
}

static size_t moves(uint32_t *out, int count)
{
	size_t n = 0;

	for (int i = 0; i < count; i++) {
		TIMED(mremap(from, size, size, MOVE, to));
		turn();
	}
	return n;
}

static size_t do_move(uint32_t *out)
{
	return moves(out, AROUND);
}

static size_t do_move_long(uint32_t *out)
{
	return moves(out, 1);
}

/* Another mapping, touched, in the way of the next move. */
static int obstruct(void)
{
	if (map(to, size))
		return -1;
	touch(to, size);
	return 0;
}

static int page_over(void)
{
	return page_pte() ? -1 : obstruct();
}

static int mb2_over(void)
{
	return mb2_pte() ? -1 : obstruct();
}

static size_t do_over(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(mremap(from, size, size, MOVE, to));
		turn();
		obstruct();
	}
	return n;
}

static size_t do_dontunmap(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(mremap(from, size, size, MOVE | MREMAP_DONTUNMAP, to));
		turn();
		munmap(to, size);
	}
	return n;
}

/* Room for as much again. */
static int page_gap(void)
{
	return page_pte() ? -1 : munmap(from + size, size);
}

static int mb2_gap(void)
{
	return mb2_pte() ? -1 : munmap(from + size, size);
}

static size_t do_grow(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(mremap(from, size, 2 * size, 0));
		mremap(from, 2 * size, size, 0);
	}
	return n;
}

/* The next page is taken. */
static size_t do_grow_move(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		char *p;

		TIMED(p = mremap(from, size, 2 * size, MREMAP_MAYMOVE));
		mremap(p, 2 * size, size, 0);
		mremap(p, size, size, MOVE, from);
	}
	return n;
}

static size_t shrink(uint32_t *out, size_t rest)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(mremap(from, size, rest, 0));
		mremap(from, rest, size, 0);
		touch(from + rest, size - rest);
	}
	return n;
}

static size_t do_shrink_half(uint32_t *out)
{
	return shrink(out, size / 2);
}

static size_t do_shrink_page(uint32_t *out)
{
	return shrink(out, size - PAGE);
}

static size_t do_same(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(mremap(from, size, size, 0));
	return n;
}

static int three_pages(void)
{
	return place(3 * PAGE, MB2, PAGE);
}

static size_t do_part(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(mremap(from + PAGE, PAGE, PAGE, MOVE, to));
		mremap(to, PAGE, PAGE, MOVE, from + PAGE);
	}
	return n;
}

#define FIXED(label, words, prepare_it, run_it)                                                    \
	{                                                                                          \
		.name = (label), .bench = "mremap.fixed",                                          \
		.state = words " and touch=write and huge=none and backing=anon",                  \
		.prepare = (prepare_it), .run = (run_it)                                           \
	}

HAND_OPS(FIXED("move_4k", "size=4K and align=pte", page_pte, do_move),
	 FIXED("move_2m_pte", "size=2M and align=pte", mb2_pte, do_move),
	 FIXED("move_2m_pmd", "size=2M and align=pmd", mb2_pmd, do_move),
	 FIXED("move_1g_pte", "size=1G and align=pte", gb_pte, do_move_long),
	 FIXED("move_1g_pmd", "size=1G and align=pmd", gb_pmd, do_move),
	 FIXED("move_1g_pud", "size=1G and align=pud", gb_pud, do_move),
	 { .name = "move_over_4k",
	   .bench = "mremap.fixed_over",
	   .state = "size=4K and align=pte and touch=write",
	   .prepare = page_over,
	   .run = do_over },
	 { .name = "move_over_2m",
	   .bench = "mremap.fixed_over",
	   .state = "size=2M and align=pte and touch=write",
	   .prepare = mb2_over,
	   .run = do_over },
	 { .name = "dontunmap_4k",
	   .bench = "mremap.dontunmap",
	   .state = "size=4K and align=pte and touch=write",
	   .prepare = page_pte,
	   .run = do_dontunmap },
	 { .name = "dontunmap_2m",
	   .bench = "mremap.dontunmap",
	   .state = "size=2M and align=pte and touch=write",
	   .prepare = mb2_pte,
	   .run = do_dontunmap },
	 { .name = "remap_grow_4k",
	   .bench = "mremap.grow_inplace",
	   .state = "size=4K and neighbourhood=isolated and touch=write",
	   .prepare = page_gap,
	   .run = do_grow },
	 { .name = "remap_grow_2m",
	   .bench = "mremap.grow_inplace",
	   .state = "size=2M and neighbourhood=isolated and touch=write",
	   .prepare = mb2_gap,
	   .run = do_grow },
	 { .name = "remap_grow_move",
	   .bench = "mremap.grow_move",
	   .state = "size=4K and align=pte and touch=write",
	   .prepare = page_pte,
	   .run = do_grow_move },
	 { .name = "remap_shrink_half",
	   .bench = "mremap.shrink",
	   .state = "size=2M and by=half and touch=write and huge=none",
	   .prepare = mb2_pte,
	   .run = do_shrink_half },
	 { .name = "remap_shrink_page",
	   .bench = "mremap.shrink",
	   .state = "size=2M and by=page and touch=write and huge=none",
	   .prepare = mb2_pte,
	   .run = do_shrink_page },
	 { .name = "remap_same",
	   .bench = "mremap.same",
	   .state = "size=4K and touch=write",
	   .prepare = page_pte,
	   .run = do_same },
	 { .name = "remap_part",
	   .bench = "mremap.part",
	   .state = "size=4K and position=middle and touch=write",
	   .prepare = three_pages,
	   .run = do_part });
