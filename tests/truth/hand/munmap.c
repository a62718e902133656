/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * munmap in its kinds: larger, huge, in parts, many at once, of files, of nothing.
 */
#include "hand.h"

#include <sys/mman.h>
#include <unistd.h>

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define MEG  (1ul << 20)

static char *slot; /* at the boundary of a huge page, in a reservation */

static int reserve(void)
{
	char *at = mmap(NULL, 8 * MEG, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return -1;
	slot = (char *)(((uintptr_t)at + 4 * MEG) & ~(2 * MEG - 1));
	return 0;
}

static int neighbour(void)
{
	char *p = mmap(NULL, 4096, RW, ANON, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	*(volatile char *)p = 1;
	return mprotect(p, 4096, PROT_NONE);
}

static void touch(char *p, size_t size, size_t step)
{
	for (size_t at = 0; at < size; at += step)
		*(volatile char *)(p + at) = 1;
}

static size_t touched(uint32_t *out, size_t size)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		char *p = mmap(NULL, size, RW, ANON, -1, 0);

		touch(p, size, 4096);
		TIMED(munmap(p, size));
	}
	return n;
}

static size_t do_2m(uint32_t *out)
{
	return touched(out, 2 * MEG);
}

static size_t do_thp(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		mmap(slot, 2 * MEG, RW, ANON | MAP_FIXED, -1, 0);
		madvise(slot, 2 * MEG, MADV_HUGEPAGE);
		*(volatile char *)slot = 1;
		TIMED(munmap(slot, 2 * MEG));
	}
	return n;
}

/* One page of three, or one of 512. */
static size_t part(uint32_t *out, size_t whole, size_t offset)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		char *p = mmap(NULL, whole, RW, ANON, -1, 0);

		touch(p, whole, 4096);
		TIMED(munmap(p + offset, 4096));
		munmap(p, whole);
	}
	return n;
}

static size_t do_head(uint32_t *out)
{
	return part(out, 3 * 4096, 0);
}

static size_t do_middle(uint32_t *out)
{
	return part(out, 3 * 4096, 4096);
}

static size_t do_tail(uint32_t *out)
{
	return part(out, 3 * 4096, 8192);
}

static size_t do_page(uint32_t *out)
{
	return part(out, 2 * MEG, MEG);
}

static size_t do_multi(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		char *p = mmap(NULL, 32 * 4096, RW, ANON, -1, 0);

		for (int k = 1; k < 32; k += 2)
			mprotect(p + k * 4096, 4096, PROT_WRITE);
		touch(p, 32 * 4096, 4096);
		TIMED(munmap(p, 32 * 4096));
	}
	return n;
}

static size_t do_gaps(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		char *p = mmap(NULL, 63 * 4096, RW, ANON, -1, 0);

		for (int k = 1; k < 63; k += 2)
			munmap(p + k * 4096, 4096);
		touch(p, 63 * 4096, 8192);
		TIMED(munmap(p, 63 * 4096));
	}
	return n;
}

static size_t do_hole(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(munmap(slot, 4096));
	return n;
}

static int reserve_hole(void)
{
	if (reserve())
		return -1;
	slot += MEG;
	return munmap(slot, 4096);
}

static int file = -1;

static int get_file(void)
{
	static char page[4096] = { 1 };

	file = memfd_create("hand", 0);
	for (int i = 0; file >= 0 && i < 16; i++)
		if (pwrite(file, page, sizeof(page), i * 4096) != sizeof(page))
			return -1;
	return file < 0 ? -1 : neighbour();
}

static size_t file_pages(uint32_t *out, int write)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		char *p = mmap(NULL, 16 * 4096, RW, MAP_SHARED, file, 0);

		for (int k = 0; k < 16; k++)
			if (write)
				*(volatile char *)(p + k * 4096) = 1;
			else
				(void)*(volatile char *)(p + k * 4096);
		TIMED(munmap(p, 16 * 4096));
	}
	return n;
}

static size_t do_file_clean(uint32_t *out)
{
	return file_pages(out, 0);
}

static size_t do_file_dirty(uint32_t *out)
{
	return file_pages(out, 1);
}

static int get_shared_file(void)
{
	char *p;

	if (get_file())
		return -1;
	p = mmap(NULL, 16 * 4096, PROT_READ, MAP_SHARED, file, 0);
	if (p == MAP_FAILED)
		return -1;
	for (int k = 0; k < 16; k++)
		(void)*(volatile char *)(p + k * 4096);
	return neighbour();
}

#define TOUCHED "size=2M and outstanding=1 and touch=write and huge=none and neighbourhood=isolated"
#define PART	"size=4K and outstanding=1 and touch=write"

HAND_OPS({ .name = "munmap_2m", .bench = "munmap.touched", .state = TOUCHED, .run = do_2m },
	 { .name = "munmap_thp",
	   .bench = "munmap.touched",
	   .state = "size=2M and outstanding=1 and touch=write and huge=thp and "
		    "neighbourhood=isolated",
	   .prepare = reserve,
	   .run = do_thp },
	 { .name = "munmap_head",
	   .bench = "munmap.part_head",
	   .state = PART,
	   .prepare = neighbour,
	   .run = do_head },
	 { .name = "munmap_middle",
	   .bench = "munmap.part_middle",
	   .state = PART,
	   .prepare = neighbour,
	   .run = do_middle },
	 { .name = "munmap_tail",
	   .bench = "munmap.part_tail",
	   .state = PART,
	   .prepare = neighbour,
	   .run = do_tail },
	 { .name = "munmap_page",
	   .bench = "munmap.part_page",
	   .state = "touch=write and outstanding=1",
	   .run = do_page },
	 { .name = "munmap_multi",
	   .bench = "munmap.multi",
	   .state = "count=32 and touch=write",
	   .prepare = neighbour,
	   .run = do_multi },
	 { .name = "munmap_gaps",
	   .bench = "munmap.gaps",
	   .state = "count=32 and touch=write",
	   .prepare = neighbour,
	   .run = do_gaps },
	 { .name = "munmap_hole",
	   .bench = "munmap.hole",
	   .state = "size=4K and extra_vmas=0",
	   .prepare = reserve_hole,
	   .run = do_hole },
	 { .name = "munmap_file",
	   .bench = "munmap.file",
	   .state = "size=64K and backing=memfd and state=clean and outstanding=1",
	   .prepare = get_file,
	   .run = do_file_clean },
	 { .name = "munmap_file_dirty",
	   .bench = "munmap.file",
	   .state = "size=64K and backing=memfd and state=dirty and outstanding=1",
	   .prepare = get_file,
	   .run = do_file_dirty },
	 { .name = "munmap_file_shared",
	   .bench = "munmap.file_shared",
	   .state = "size=64K and backing=memfd and sharers=1",
	   .prepare = get_shared_file,
	   .run = do_file_clean });
