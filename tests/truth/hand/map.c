/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mmap and munmap of one page.
 */
#include "hand.h"

#include <sys/mman.h>

/* A page in use right above where the next mapping comes to lie: the two merge. Gaps that are nearer to the top are filled first. */
static int neighbour(void)
{
	char *above = MAP_FAILED;

	for (int i = 0; i < 1000; i++) {
		char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			       0);

		if (p == MAP_FAILED)
			return -1;
		if (p + 4096 == above) {
			*(volatile char *)above = 1;
			return munmap(p, 4096);
		}
		above = p;
	}
	return -1;
}

/* The lowest page table of where the next mapping comes to lie, kept by a page that is too unlike it to merge. */
static int table(void)
{
	char *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : *(volatile char *)p;
}

static size_t do_mmap(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		void *p;

		TIMED(p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			       0));
		munmap(p, 4096);
	}
	return n;
}

static size_t do_munmap(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			       0);

		TIMED(munmap(p, 4096));
	}
	return n;
}

static size_t do_munmap_touched(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			       0);

		p[0] = 1;
		TIMED(munmap(p, 4096));
	}
	return n;
}

static size_t do_pair(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(munmap(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0),
			     4096));
	return n;
}

HAND_OPS({ .name = "mmap",
	   .bench = "mmap.anon",
	   .state = "size=4K and outstanding=1 and neighbourhood=isolated",
	   .run = do_mmap },
	 { .name = "mmap_merge",
	   .bench = "mmap.anon",
	   .state = "size=4K and outstanding=1 and neighbourhood=merge",
	   .prepare = neighbour,
	   .run = do_mmap },
	 { .name = "munmap",
	   .bench = "munmap.untouched",
	   .state = "size=4K and outstanding=1 and page_tables=warm and neighbourhood=isolated",
	   .prepare = table,
	   .run = do_munmap },
	 { .name = "munmap_merge",
	   .bench = "munmap.untouched",
	   .state = "size=4K and outstanding=1 and page_tables=warm and neighbourhood=merge",
	   .prepare = neighbour,
	   .run = do_munmap },
	 { .name = "munmap_touched",
	   .bench = "munmap.touched",
	   .state = "size=4K and outstanding=1 and touch=write",
	   .run = do_munmap_touched },
	 { .name = "pair",
	   .bench = "mmap.pair",
	   .state = "size=4K and threads=1 and neighbourhood=isolated",
	   .run = do_pair },
	 { .name = "pair_merge",
	   .bench = "mmap.pair",
	   .state = "size=4K and threads=1 and neighbourhood=merge",
	   .prepare = neighbour,
	   .run = do_pair });
