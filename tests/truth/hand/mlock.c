/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Locking memory and letting it go. Memory is a mapping of its own amid a reservation, of small pages.
 */
#include "hand.h"

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE  4096ul
#define TABLE (2ul << 20)
#define ALL   (16ul << 20)

static char *at; /* what the calls are about */

static void store(size_t size)
{
	for (size_t i = 0; i < size; i += PAGE)
		((volatile char *)at)[i] = 1;
}

/* At the boundary of a page table's span, or, where it is smaller, in its middle. */
static int map(size_t size)
{
	char *room = mmap(NULL, size + 3 * TABLE, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED)
		return -1;
	at = (char *)(((uintptr_t)room + TABLE - 1) / TABLE * TABLE) +
	     (size < TABLE ? TABLE / 2 : TABLE);
	if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) == MAP_FAILED)
		return -1;
	return madvise(at, size, MADV_NOHUGEPAGE);
}

static int untouched(void)
{
	return map(PAGE);
}

static int page(void)
{
	if (map(PAGE))
		return -1;
	store(PAGE);
	return 0;
}

static int three_pages(void)
{
	if (map(3 * PAGE))
		return -1;
	store(3 * PAGE);
	at += PAGE;
	return 0;
}

static int many(void)
{
	if (map(TABLE))
		return -1;
	store(TABLE);
	return 0;
}

static int most(void)
{
	if (map(ALL))
		return -1;
	store(ALL);
	return 0;
}

/* Without the privilege to lock more than one page. */
static int limited(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];
	struct rlimit limit;

	if (map(16 * PAGE) || syscall(SYS_capget, &header, caps) ||
	    getrlimit(RLIMIT_MEMLOCK, &limit))
		return -1;
	caps[0].effective &= ~(1u << CAP_IPC_LOCK);
	limit.rlim_cur = PAGE;
	return syscall(SYS_capset, &header, caps) || setrlimit(RLIMIT_MEMLOCK, &limit);
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

LOOP(lock, munlock(at, PAGE), mlock(at, PAGE))
LOOP(lock_2m, munlock(at, TABLE), mlock(at, TABLE))
LOOP(
	lock_absent,
	{
		munlock(at, PAGE);
		madvise(at, PAGE, MADV_DONTNEED);
	},
	mlock(at, PAGE))
LOOP(lock_onfault, munlock(at, PAGE), mlock2(at, PAGE, MLOCK_ONFAULT))
LOOP(unlock, mlock(at, PAGE), munlock(at, PAGE))
LOOP(unlock_2m, mlock(at, TABLE), munlock(at, TABLE))
LOOP(lock_limit, , mlock(at, 16 * PAGE))
LOOP(lock_future, munlockall(), mlockall(MCL_FUTURE))
LOOP(lock_all, munlockall(), mlockall(MCL_CURRENT))
LOOP(lock_all_onfault, munlockall(), mlockall(MCL_CURRENT | MCL_ONFAULT))
LOOP(unlock_all, mlockall(MCL_CURRENT), munlockall())

static size_t do_lock_touch(uint32_t *out)
{
	static size_t next;
	size_t n = 0;

	if (!next || next + AROUND * PAGE > TABLE) {
		munlock(at, TABLE);
		madvise(at, TABLE / 2, MADV_DONTNEED);
		madvise(at + TABLE / 2, TABLE / 2, MADV_DONTNEED);
		mlock2(at, TABLE, MLOCK_ONFAULT);
		next = 0;
	}
	for (int i = 0; i < AROUND; i++, next += PAGE)
		TIMED(((volatile char *)at)[next] = 1);
	return n;
}

#define ONE   "backing=anon and huge=none and outstanding=1 and vma=whole"
#define FEW   4096 /* samples: with what the driver counts 80 KiB of memory, that is locked as well */
#define WHOLE "size=16M and huge=none and extra_vmas=0"

HAND_OPS({ .name = "lock",
	   .bench = "mlock.resident",
	   .state = "size=4K and " ONE,
	   .prepare = page,
	   .run = do_lock },
	 { .name = "lock_2m",
	   .bench = "mlock.resident",
	   .state = "size=2M and " ONE,
	   .prepare = many,
	   .run = do_lock_2m },
	 { .name = "lock_absent",
	   .bench = "mlock.absent",
	   .state = "size=4K and huge=none and outstanding=1",
	   .prepare = untouched,
	   .run = do_lock_absent },
	 { .name = "lock_onfault",
	   .bench = "mlock.onfault",
	   .state = "size=4K and outstanding=1",
	   .prepare = untouched,
	   .run = do_lock_onfault },
	 { .name = "lock_touch",
	   .bench = "mlock.onfault_touch",
	   .state = "range=2M",
	   .prepare = many,
	   .run = do_lock_touch },
	 { .name = "lock_part",
	   .bench = "mlock.part",
	   .state = "size=4K and position=middle",
	   .prepare = three_pages,
	   .run = do_lock },
	 { .name = "unlock",
	   .bench = "mlock.unlock",
	   .state = "size=4K and " ONE,
	   .prepare = page,
	   .run = do_unlock },
	 { .name = "unlock_2m",
	   .bench = "mlock.unlock",
	   .state = "size=2M and " ONE,
	   .prepare = many,
	   .run = do_unlock_2m },
	 { .name = "lock_limit",
	   .bench = "mlock.limit",
	   .state = "size=64K",
	   .prepare = limited,
	   .run = do_lock_limit },
	 { .name = "lock_future",
	   .bench = "mlock.all_future",
	   .state = "size=4K",
	   .prepare = page,
	   .run = do_lock_future },
	 { .name = "lock_all",
	   .bench = "mlock.all_current",
	   .state = WHOLE,
	   .prepare = most,
	   .run = do_lock_all,
	   .most = FEW },
	 { .name = "lock_all_onfault",
	   .bench = "mlock.all_onfault",
	   .state = WHOLE,
	   .prepare = most,
	   .run = do_lock_all_onfault,
	   .most = FEW },
	 { .name = "unlock_all",
	   .bench = "mlock.unlock_all",
	   .state = WHOLE,
	   .prepare = most,
	   .run = do_unlock_all,
	   .most = FEW });
