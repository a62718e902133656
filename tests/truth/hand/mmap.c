/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mmap in its kinds: at fixed addresses, by hint, refused, of files, populated, locked.
 */
#include "hand.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define MEG  (1ul << 20)

/* Maps and unmaps anywhere. */
static size_t anywhere(uint32_t *out, size_t size, int prot, int flags, int fd)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		void *p;

		TIMED(p = mmap(NULL, size, prot, flags, fd, 0));
		munmap(p, size);
	}
	return n;
}

/* A neighbour in the page table of what comes to lie beside it, without access: nothing merges with it. */
static int neighbour(void)
{
	char *p = mmap(NULL, 4096, RW, ANON, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	*(volatile char *)p = 1;
	return mprotect(p, 4096, PROT_NONE);
}

static size_t do_anon_2m(uint32_t *out)
{
	return anywhere(out, 2 * MEG, RW, ANON, -1);
}

static size_t do_shmem(uint32_t *out)
{
	return anywhere(out, 4096, RW, MAP_SHARED | MAP_ANONYMOUS, -1);
}

static size_t do_noreserve(uint32_t *out)
{
	return anywhere(out, 2 * MEG, RW, ANON | MAP_NORESERVE, -1);
}

static size_t do_prot_none(uint32_t *out)
{
	return anywhere(out, 2 * MEG, PROT_NONE, ANON, -1);
}

static size_t do_growsdown(uint32_t *out)
{
	return anywhere(out, 2 * MEG, RW, ANON | MAP_GROWSDOWN, -1);
}

static size_t do_populate(uint32_t *out)
{
	return anywhere(out, 4096, RW, ANON | MAP_POPULATE, -1);
}

static size_t do_populate_2m(uint32_t *out)
{
	return anywhere(out, 2 * MEG, RW, ANON | MAP_POPULATE, -1);
}

static size_t do_locked(uint32_t *out)
{
	return anywhere(out, 4096, RW, ANON | MAP_LOCKED, -1);
}

static size_t do_locked_2m(uint32_t *out)
{
	return anywhere(out, 2 * MEG, RW, ANON | MAP_LOCKED, -1);
}

/* Files. */

static int file = -1;

static int fill_file(size_t size)
{
	static char page[4096] = { 1 };

	for (size_t at = 0; file >= 0 && at < size; at += sizeof(page))
		if (pwrite(file, page, sizeof(page), (off_t)at) != sizeof(page))
			return -1;
	return file < 0 ? -1 : neighbour();
}

static int get_memfd(void)
{
	file = memfd_create("hand", 0);
	return file < 0 || ftruncate(file, 4096) ? -1 : neighbour();
}

static int get_disk(void)
{
	const char *folder = getenv("TMPDIR");

	file = open(folder ? folder : "/var/tmp", O_TMPFILE | O_RDWR, 0600);
	return file < 0 || ftruncate(file, 4096) ? -1 : neighbour();
}

static int get_full_memfd(void)
{
	file = memfd_create("hand", 0);
	return fill_file(2 * MEG);
}

static size_t do_file_shared(uint32_t *out)
{
	return anywhere(out, 4096, RW, MAP_SHARED, file);
}

static size_t do_file_private(uint32_t *out)
{
	return anywhere(out, 4096, RW, MAP_PRIVATE, file);
}

static size_t do_populate_file(uint32_t *out)
{
	return anywhere(out, 2 * MEG, RW, MAP_SHARED | MAP_POPULATE, file);
}

static size_t do_memfd_close(uint32_t *out)
{
	static char bytes[256 << 10];
	size_t n = 0;

	for (int i = 0; i < (AROUND + 3) / 4; i++) {
		int fd = memfd_create("hand", 0);

		for (off_t at = 0; at < (off_t)(2 * MEG); at += (off_t)sizeof(bytes))
			if (pwrite(fd, bytes, sizeof(bytes), at) != sizeof(bytes))
				return n;
		TIMED(close(fd));
	}
	return n;
}

/* At an address: a page in a reservation, whose neighbours keep the page table. */

static char *slot;

static int reserve(void)
{
	char *at = mmap(NULL, 8 * MEG, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return -1;
	slot = (char *)(((uintptr_t)at + 4 * MEG) & ~(2 * MEG - 1));
	return 0;
}

static int reserve_hole(void)
{
	if (reserve())
		return -1;
	slot += MEG;
	return munmap(slot, 4096);
}

static int reserve_mapping(void)
{
	if (reserve())
		return -1;
	slot += MEG;
	return mmap(slot, 4096, RW, ANON | MAP_FIXED, -1, 0) == slot ? 0 : -1;
}

static int reserve_mapping_2m(void)
{
	if (reserve())
		return -1;
	return mmap(slot, 2 * MEG, RW, ANON | MAP_FIXED, -1, 0) == slot ? 0 : -1;
}

static size_t into_hole(uint32_t *out, int flags)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(mmap(slot, 4096, RW, ANON | flags, -1, 0));
		munmap(slot, 4096);
	}
	return n;
}

static size_t do_fixed_hole(uint32_t *out)
{
	return into_hole(out, MAP_FIXED);
}

static size_t do_noreplace(uint32_t *out)
{
	return into_hole(out, MAP_FIXED_NOREPLACE);
}

static size_t do_hint_free(uint32_t *out)
{
	return into_hole(out, 0);
}

static size_t do_hint_taken(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		void *p;

		TIMED(p = mmap(slot, 4096, RW, ANON, -1, 0));
		munmap(p, 4096);
	}
	return n;
}

static size_t do_noreplace_taken(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(mmap(slot, 4096, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	return n;
}

static size_t do_fixed_over(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(mmap(slot, 4096, RW, ANON | MAP_FIXED, -1, 0));
	return n;
}

static size_t over_touched(uint32_t *out, size_t size)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		for (size_t at = 0; at < size; at += 4096)
			*(volatile char *)(slot + at) = 1;
		TIMED(mmap(slot, size, RW, ANON | MAP_FIXED, -1, 0));
	}
	return n;
}

static size_t do_fixed_touched(uint32_t *out)
{
	return over_touched(out, 4096);
}

static size_t do_fixed_touched_2m(uint32_t *out)
{
	return over_touched(out, 2 * MEG);
}

/* The limit holds for the call alone: the loop needs none of its own memory. */
static size_t do_rlimit(uint32_t *out)
{
	struct rlimit before, tight;
	size_t n = 0;

	getrlimit(RLIMIT_AS, &before);
	tight = before;
	tight.rlim_cur = 4096;
	setrlimit(RLIMIT_AS, &tight);
	for (int i = 0; i < AROUND; i++)
		TIMED(mmap(NULL, 4096, RW, ANON, -1, 0));
	setrlimit(RLIMIT_AS, &before);
	return n;
}

#define AT_PAGE "size=4K and outstanding=1"

HAND_OPS({ .name = "mmap_2m",
	   .bench = "mmap.anon",
	   .state = "size=2M and outstanding=1 and neighbourhood=isolated",
	   .run = do_anon_2m },
	 { .name = "mmap_shmem",
	   .bench = "mmap.shmem_anon",
	   .state = AT_PAGE,
	   .prepare = neighbour,
	   .run = do_shmem },
	 { .name = "mmap_noreserve",
	   .bench = "mmap.noreserve",
	   .state = "size=2M",
	   .run = do_noreserve },
	 { .name = "mmap_prot_none",
	   .bench = "mmap.prot_none",
	   .state = "size=2M",
	   .run = do_prot_none },
	 { .name = "mmap_growsdown",
	   .bench = "mmap.growsdown",
	   .state = "size=2M",
	   .run = do_growsdown },
	 { .name = "populate",
	   .bench = "mmap.populate",
	   .state = AT_PAGE " and huge=none",
	   .prepare = neighbour,
	   .run = do_populate },
	 { .name = "populate_2m",
	   .bench = "mmap.populate",
	   .state = "size=2M and outstanding=1 and huge=none",
	   .run = do_populate_2m },
	 { .name = "mmap_locked",
	   .bench = "mmap.locked",
	   .state = AT_PAGE " and huge=none",
	   .prepare = neighbour,
	   .run = do_locked },
	 { .name = "mmap_locked_2m",
	   .bench = "mmap.locked",
	   .state = "size=2M and outstanding=1 and huge=none",
	   .run = do_locked_2m },
	 { .name = "mmap_memfd",
	   .bench = "mmap.file",
	   .state = AT_PAGE " and backing=memfd and sharing=shared",
	   .prepare = get_memfd,
	   .run = do_file_shared },
	 { .name = "mmap_memfd_priv",
	   .bench = "mmap.file",
	   .state = AT_PAGE " and backing=memfd and sharing=private",
	   .prepare = get_memfd,
	   .run = do_file_private },
	 { .name = "mmap_disk",
	   .bench = "mmap.file",
	   .state = AT_PAGE " and backing=disk and sharing=shared",
	   .prepare = get_disk,
	   .run = do_file_shared },
	 { .name = "populate_file",
	   .bench = "mmap.populate_file",
	   .state = "size=2M and backing=memfd",
	   .prepare = get_full_memfd,
	   .run = do_populate_file },
	 { .name = "memfd_close",
	   .bench = "mmap.memfd_close",
	   .state = "size=2M and touched=yes and outstanding=1",
	   .run = do_memfd_close },
	 { .name = "fixed_hole",
	   .bench = "mmap.fixed_hole",
	   .state = AT_PAGE,
	   .prepare = reserve_hole,
	   .run = do_fixed_hole },
	 { .name = "noreplace",
	   .bench = "mmap.noreplace",
	   .state = AT_PAGE,
	   .prepare = reserve_hole,
	   .run = do_noreplace },
	 { .name = "hint_free",
	   .bench = "mmap.hint_free",
	   .state = AT_PAGE,
	   .prepare = reserve_hole,
	   .run = do_hint_free },
	 { .name = "hint_taken",
	   .bench = "mmap.hint_taken",
	   .state = AT_PAGE " and extra_vmas=0",
	   .prepare = reserve,
	   .run = do_hint_taken },
	 { .name = "noreplace_taken",
	   .bench = "mmap.noreplace_taken",
	   .state = "size=4K and extra_vmas=0",
	   .prepare = reserve,
	   .run = do_noreplace_taken },
	 { .name = "fixed_over",
	   .bench = "mmap.fixed_over_untouched",
	   .state = "size=4K",
	   .prepare = reserve_mapping,
	   .run = do_fixed_over },
	 { .name = "fixed_touched",
	   .bench = "mmap.fixed_over_touched",
	   .state = AT_PAGE " and huge=none",
	   .prepare = reserve_mapping,
	   .run = do_fixed_touched },
	 { .name = "fixed_touched_2m",
	   .bench = "mmap.fixed_over_touched",
	   .state = "size=2M and outstanding=1 and huge=none",
	   .prepare = reserve_mapping_2m,
	   .run = do_fixed_touched_2m },
	 { .name = "rlimit_as", .bench = "mmap.rlimit_as", .state = "size=4K", .run = do_rlimit });
