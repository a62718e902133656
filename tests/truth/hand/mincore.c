/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asking which pages are resident. Memory is a mapping of its own amid a reservation, of small pages.
 */
#include "hand.h"

#include <sys/mman.h>
#include <unistd.h>

#define PAGE  4096ul
#define TABLE (2ul << 20)

static char *at;
static unsigned char answer[TABLE / PAGE];

static int map(size_t size, int flags, int fd)
{
	char *room = mmap(NULL, size + 3 * TABLE, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED)
		return -1;
	at = (char *)(((uintptr_t)room + TABLE - 1) / TABLE * TABLE) +
	     (size < TABLE ? TABLE / 2 : TABLE);
	if (mmap(at, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0) == MAP_FAILED)
		return -1;
	if (fd < 0 && madvise(at, size, MADV_NOHUGEPAGE))
		return -1;
	for (size_t i = 0; i < size; i += PAGE)
		((volatile char *)at)[i] = 1;
	return 0;
}

static int page(void)
{
	return map(PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static int many(void)
{
	return map(TABLE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static int cached(void)
{
	int fd = memfd_create("hand", 0);

	if (fd < 0 || ftruncate(fd, TABLE) || map(TABLE, MAP_SHARED, fd))
		return -1;
	return madvise(at, TABLE, MADV_DONTNEED);
}

#define LOOP(name, size)                                                                           \
	static size_t do_##name(uint32_t *out)                                                     \
	{                                                                                          \
		size_t n = 0;                                                                      \
                                                                                                   \
		for (int i = 0; i < AROUND; i++)                                                   \
			TIMED(mincore(at, size, answer));                                          \
		return n;                                                                          \
	}

LOOP(mincore, PAGE)
LOOP(mincore_2m, TABLE)

HAND_OPS({ .name = "mincore",
	   .bench = "mincore.anon",
	   .state = "size=4K and touch=write and huge=none",
	   .prepare = page,
	   .run = do_mincore },
	 { .name = "mincore_2m",
	   .bench = "mincore.anon",
	   .state = "size=2M and touch=write and huge=none",
	   .prepare = many,
	   .run = do_mincore_2m },
	 { .name = "mincore_file",
	   .bench = "mincore.file_cached",
	   .state = "size=2M and backing=memfd",
	   .prepare = cached,
	   .run = do_mincore_2m });
