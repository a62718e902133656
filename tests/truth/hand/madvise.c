/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * madvise, advice by advice. Memory is a mapping of its own amid a reservation, as most mappings of a program lie between
 * others; it is of small pages unless it says otherwise.
 */
#include "hand.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE  4096ul
#define HUGE  (2ul << 20)
#define SMALL (16 * PAGE)

#define POPULATE_READ  22
#define POPULATE_WRITE 23
#define COLLAPSE       25
#define GUARD_INSTALL  102
#define GUARD_REMOVE   103

static char *at; /* what the calls are about */

static inline void store(size_t size)
{
	for (size_t i = 0; i < size; i += PAGE)
		((volatile char *)at)[i] = 1;
}

static inline void load(size_t size)
{
	for (size_t i = 0; i < size; i += PAGE)
		(void)((volatile char *)at)[i];
}

/* At a huge page boundary, or, where it is smaller, in the middle of one's span. */
static int map(size_t size, int flags, int fd)
{
	char *room = mmap(NULL, size + 3 * HUGE, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED)
		return -1;
	at = (char *)(((uintptr_t)room + HUGE - 1) / HUGE * HUGE) + (size < HUGE ? HUGE / 2 : HUGE);
	return mmap(at, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0) == MAP_FAILED ? -1
											      : 0;
}

static int small(size_t size)
{
	return map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1) || madvise(at, size, MADV_NOHUGEPAGE);
}

static int page(void)
{
	if (small(PAGE))
		return -1;
	store(PAGE);
	return 0;
}

static int three_pages(void)
{
	if (small(3 * PAGE))
		return -1;
	store(3 * PAGE);
	at += PAGE;
	return 0;
}

static int pages(void)
{
	if (small(SMALL))
		return -1;
	store(SMALL);
	return 0;
}

static int many(void)
{
	if (small(HUGE))
		return -1;
	store(HUGE);
	return 0;
}

static int huge(void)
{
	if (map(HUGE, MAP_PRIVATE | MAP_ANONYMOUS, -1) || madvise(at, HUGE, MADV_HUGEPAGE))
		return -1;
	store(HUGE);
	return 0;
}

static int row(void)
{
	if (small(32 * PAGE))
		return -1;
	for (int i = 1; i < 32; i += 2)
		if (mprotect(at + i * PAGE, PAGE, PROT_WRITE))
			return -1;
	return 0;
}

static int in_memory(void)
{
	int fd = memfd_create("hand", 0);

	if (fd < 0 || ftruncate(fd, SMALL))
		return -1;
	return map(SMALL, MAP_SHARED, fd);
}

static int on_disk(void)
{
	char name[] = "/var/tmp/hand-XXXXXX";
	int fd = mkstemp(name);
	static char bytes[SMALL];

	if (fd < 0 || unlink(name) || write(fd, bytes, SMALL) != (ssize_t)SMALL || fsync(fd))
		return -1;
	return map(SMALL, MAP_SHARED, fd) || madvise(at, SMALL, MADV_RANDOM);
}

/* What is done before every call, and the call. */
#define LOOP(name, before, call)                                                                   \
	static size_t do_##name(uint32_t *out)                                                     \
	{                                                                                          \
		size_t n = 0;                                                                      \
                                                                                                   \
		for (int i = 0; i < AROUND; i++) {                                                 \
			before;                                                                    \
			TIMED(call);                                                               \
		}                                                                                  \
		return n;                                                                          \
	}
#define FLAG(name, size, opposite, advice)                                                         \
	LOOP(name, madvise(at, size, opposite), madvise(at, size, advice))

FLAG(random, PAGE, MADV_NORMAL, MADV_RANDOM)
FLAG(dontfork, PAGE, MADV_DOFORK, MADV_DONTFORK)
FLAG(dontdump, PAGE, MADV_DODUMP, MADV_DONTDUMP)
FLAG(wipeonfork, PAGE, MADV_KEEPONFORK, MADV_WIPEONFORK)
FLAG(hugepage, HUGE, MADV_NOHUGEPAGE, MADV_HUGEPAGE)
FLAG(nohugepage, HUGE, MADV_HUGEPAGE, MADV_NOHUGEPAGE)
FLAG(unmergeable, SMALL, MADV_MERGEABLE, MADV_UNMERGEABLE)
LOOP(dontneed, store(PAGE), madvise(at, PAGE, MADV_DONTNEED))
LOOP(dontneed_2m, store(HUGE), madvise(at, HUGE, MADV_DONTNEED))
LOOP(dontneed_thp, store(PAGE), madvise(at, HUGE, MADV_DONTNEED))
LOOP(dontneed_row, store(32 * PAGE), madvise(at, 32 * PAGE, MADV_DONTNEED))
LOOP(refault, , {
	madvise(at, PAGE, MADV_DONTNEED);
	store(PAGE);
})
LOOP(
	free_2m,
	{
		madvise(at, HUGE, MADV_DONTNEED);
		store(HUGE);
	},
	madvise(at, HUGE, MADV_FREE))
LOOP(reuse, , {
	madvise(at, PAGE, MADV_FREE);
	store(PAGE);
})
LOOP(cold, load(SMALL), madvise(at, SMALL, MADV_COLD))
LOOP(pageout_file, load(SMALL), madvise(at, SMALL, MADV_PAGEOUT))
LOOP(
	pageout_lazy,
	{
		store(SMALL);
		madvise(at, SMALL, MADV_FREE);
	},
	madvise(at, SMALL, MADV_PAGEOUT))
LOOP(
	collapse,
	{
		madvise(at, HUGE, MADV_DONTNEED);
		madvise(at, HUGE, MADV_NOHUGEPAGE);
		store(HUGE);
		madvise(at, HUGE, MADV_HUGEPAGE);
	},
	madvise(at, HUGE, COLLAPSE))
LOOP(populate_read, madvise(at, HUGE, MADV_DONTNEED), madvise(at, HUGE, POPULATE_READ))
LOOP(populate_write, madvise(at, HUGE, MADV_DONTNEED), madvise(at, HUGE, POPULATE_WRITE))
LOOP(remove, store(SMALL), madvise(at, SMALL, MADV_REMOVE))
LOOP(guard, madvise(at, PAGE, GUARD_REMOVE), madvise(at, PAGE, GUARD_INSTALL))
LOOP(
	guard_touched,
	{
		madvise(at, PAGE, GUARD_REMOVE);
		store(PAGE);
	},
	madvise(at, PAGE, GUARD_INSTALL))
LOOP(unguard, madvise(at, PAGE, GUARD_INSTALL), madvise(at, PAGE, GUARD_REMOVE))

#define FLAGGED(op, word, mapped, where)                                                           \
	{                                                                                          \
		.name = "advise_" word, .bench = "madvise." word, .state = (where),                \
		.prepare = (mapped), .run = do_##op                                                \
	}
#define ONE_PAGE "size=4K and touch=write and vma=whole and outstanding=1"

HAND_OPS(FLAGGED(random, "random", page, ONE_PAGE), FLAGGED(dontfork, "dontfork", page, ONE_PAGE),
	 FLAGGED(dontdump, "dontdump", page, ONE_PAGE),
	 FLAGGED(wipeonfork, "wipeonfork", page, ONE_PAGE),
	 FLAGGED(hugepage, "hugepage", many,
		 "size=2M and touch=write and vma=whole and outstanding=1"),
	 FLAGGED(nohugepage, "nohugepage", many,
		 "size=2M and touch=write and vma=whole and outstanding=1"),
	 FLAGGED(unmergeable, "unmergeable", pages,
		 "size=64K and touch=write and vma=whole and outstanding=1"),
	 { .name = "advise_split",
	   .bench = "madvise.random",
	   .state = "size=4K and touch=write and vma=split and outstanding=1",
	   .prepare = three_pages,
	   .run = do_random },
	 { .name = "dontneed",
	   .bench = "madvise.dontneed",
	   .state = "size=4K and huge=none and outstanding=1",
	   .prepare = page,
	   .run = do_dontneed },
	 { .name = "dontneed_2m",
	   .bench = "madvise.dontneed",
	   .state = "size=2M and huge=none and outstanding=1",
	   .prepare = many,
	   .run = do_dontneed_2m },
	 { .name = "dontneed_thp",
	   .bench = "madvise.dontneed",
	   .state = "size=2M and huge=thp and outstanding=1",
	   .prepare = huge,
	   .run = do_dontneed_thp },
	 { .name = "dontneed_row",
	   .bench = "madvise.dontneed_multi",
	   .state = "count=32",
	   .prepare = row,
	   .run = do_dontneed_row },
	 { .name = "refault",
	   .bench = "madvise.dontneed_refault",
	   .state = "size=4K and huge=none",
	   .prepare = page,
	   .run = do_refault },
	 { .name = "free_2m",
	   .bench = "madvise.free",
	   .state = "size=2M and huge=none and outstanding=1",
	   .prepare = many,
	   .run = do_free_2m },
	 { .name = "free_thp",
	   .bench = "madvise.free",
	   .state = "size=2M and huge=thp and outstanding=1",
	   .prepare = huge,
	   .run = do_free_2m },
	 { .name = "reuse",
	   .bench = "madvise.free_reuse",
	   .state = "size=4K and huge=none",
	   .prepare = page,
	   .run = do_reuse },
	 { .name = "cold",
	   .bench = "madvise.cold",
	   .state = "size=64K and huge=none and outstanding=1",
	   .prepare = pages,
	   .run = do_cold },
	 { .name = "pageout_file",
	   .bench = "madvise.pageout_file",
	   .state = "size=64K",
	   .prepare = on_disk,
	   .run = do_pageout_file },
	 { .name = "pageout_lazy",
	   .bench = "madvise.pageout_lazy",
	   .state = "size=64K",
	   .prepare = pages,
	   .run = do_pageout_lazy },
	 { .name = "collapse",
	   .bench = "madvise.collapse",
	   .state = "size=2M",
	   .prepare = many,
	   .run = do_collapse },
	 { .name = "populate_read",
	   .bench = "madvise.populate_read",
	   .state = "size=2M",
	   .prepare = many,
	   .run = do_populate_read },
	 { .name = "populate_write",
	   .bench = "madvise.populate_write",
	   .state = "size=2M and huge=none and backing=anon",
	   .prepare = many,
	   .run = do_populate_write },
	 { .name = "populate_thp",
	   .bench = "madvise.populate_write",
	   .state = "size=2M and huge=thp and backing=anon",
	   .prepare = huge,
	   .run = do_populate_write },
	 { .name = "remove",
	   .bench = "madvise.remove",
	   .state = "size=64K and backing=memfd",
	   .prepare = in_memory,
	   .run = do_remove },
	 { .name = "guard",
	   .bench = "madvise.guard_install",
	   .state = "size=4K and touch=none and outstanding=1",
	   .prepare = page,
	   .run = do_guard },
	 { .name = "guard_touched",
	   .bench = "madvise.guard_install",
	   .state = "size=4K and touch=write and outstanding=1",
	   .prepare = page,
	   .run = do_guard_touched },
	 { .name = "unguard",
	   .bench = "madvise.guard_remove",
	   .state = "size=4K and outstanding=1",
	   .prepare = page,
	   .run = do_unguard });
