/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * First touches: of private anonymous memory, of files, of shared memory, after fork.
 */
#include "hand.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static char *range;

static int get_range(void)
{
	range = hand_range();
	return range ? 0 : -1;
}

static size_t do_write_fault(uint32_t *out)
{
	static size_t at;
	size_t n = 0;

	if (at + AROUND * 4096 > HAND_RANGE) {
		madvise(range, HAND_RANGE, MADV_DONTNEED);
		at = 0;
	}
	for (int i = 0; i < AROUND; i++, at += 4096)
		TIMED(((volatile char *)range)[at] = 1);
	return n;
}

static size_t do_read_fault(uint32_t *out)
{
	static size_t at;
	size_t n = 0;

	if (at + AROUND * 4096 > HAND_RANGE) {
		madvise(range, HAND_RANGE, MADV_DONTNEED);
		at = 0;
	}
	for (int i = 0; i < AROUND; i++, at += 4096)
		TIMED((void)((volatile char *)range)[at]);
	return n;
}

/* A pass over the range with stores or loads, one a page, and `again` before each pass. */
static size_t pass(uint32_t *out, size_t size, int store, void (*again)(void))
{
	static size_t at = (size_t)-1;
	static char mark;
	size_t n = 0;

	if (at > size - AROUND * 4096) {
		again();
		at = 0;
		mark++;
	}
	if (store)
		for (int i = 0; i < AROUND; i++, at += 4096)
			TIMED(((volatile char *)range)[at] = mark);
	else
		for (int i = 0; i < AROUND; i++, at += 4096)
			TIMED((void)((volatile char *)range)[at]);
	return n;
}

/* Half a page table at a time: the tables stay. */
static void drop(size_t size)
{
	for (size_t at = 0; at < size; at += 1 << 20)
		madvise(range + at, 1 << 20, MADV_DONTNEED);
}

static void drop_all(void)
{
	drop(HAND_RANGE);
}

static void load_again(void)
{
	drop_all();
	for (size_t at = 0; at < HAND_RANGE; at += 4096)
		(void)((volatile char *)range)[at];
}

static size_t do_zero_upgrade(uint32_t *out)
{
	return pass(out, HAND_RANGE, 1, load_again);
}

static void protect_again(void)
{
	memset(range, 0, HAND_RANGE);
	mprotect(range, HAND_RANGE, PROT_READ);
	mprotect(range, HAND_RANGE, PROT_READ | PROT_WRITE);
}

static void forbid_again(void)
{
	memset(range, 0, HAND_RANGE);
	mprotect(range, HAND_RANGE, PROT_NONE);
	mprotect(range, HAND_RANGE, PROT_READ | PROT_WRITE);
}

/* Stores that do not fault are too short for a clock: so many make a sample. */
#define TOGETHER 64

static size_t stores(uint32_t *out, void (*again)(void))
{
	static size_t at = HAND_RANGE;
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		if (at + TOGETHER * 4096 > HAND_RANGE) {
			again();
			at = 0;
		}
		TIMED(for (int k = 0; k < TOGETHER; k++, at += 4096)((volatile char *)range)[at] =
			      1);
	}
	return n;
}

static size_t do_prot_r(uint32_t *out)
{
	return stores(out, protect_again);
}

static size_t do_prot_none(uint32_t *out)
{
	return stores(out, forbid_again);
}

static void free_again(void)
{
	memset(range, 0, HAND_RANGE);
	madvise(range, HAND_RANGE, MADV_FREE);
}

static size_t do_lazyfree(uint32_t *out)
{
	return stores(out, free_again);
}

/* After fork: the child sleeps, or has gone. */

static pid_t child;

static void end_child(void)
{
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	child = 0;
}

static void fork_again(void)
{
	end_child();
	memset(range, 0, HAND_RANGE);
	child = fork();
	if (!child)
		for (;;)
			pause();
}

static void fork_gone(void)
{
	fork_again();
	end_child();
}

static int get_range_and_end(void)
{
	atexit(end_child);
	return get_range();
}

static size_t do_cow_shared(uint32_t *out)
{
	return pass(out, HAND_RANGE, 1, fork_again);
}

static size_t do_cow_exclusive(uint32_t *out)
{
	return pass(out, HAND_RANGE, 1, fork_gone);
}

/* Files and shared memory. */

static int file = -1;

static int map_file(int flags)
{
	range = mmap(NULL, HAND_RANGE, PROT_READ | PROT_WRITE, flags, file, 0);
	return range == MAP_FAILED ? -1 : 0;
}

static int fill_file(int flags)
{
	static char page[4096] = { 1 };

	for (size_t at = 0; file >= 0 && at < HAND_RANGE; at += sizeof(page))
		if (pwrite(file, page, sizeof(page), (off_t)at) != sizeof(page))
			return -1;
	return file < 0 ? -1 : map_file(flags);
}

static int get_memfd(void)
{
	file = memfd_create("hand", 0);
	return fill_file(MAP_SHARED);
}

static int get_memfd_private(void)
{
	file = memfd_create("hand", 0);
	return fill_file(MAP_PRIVATE);
}

static int get_empty_memfd(void)
{
	file = memfd_create("hand", 0);
	return file < 0 || ftruncate(file, HAND_RANGE) ? -1 : map_file(MAP_SHARED);
}

static void punch_again(void)
{
	madvise(range, HAND_RANGE, MADV_REMOVE);
}

static size_t do_cow_absent(uint32_t *out)
{
	return pass(out, HAND_RANGE, 1, drop_all);
}

static size_t do_shmem_present(uint32_t *out)
{
	return pass(out, HAND_RANGE, 1, drop_all);
}

static size_t do_shmem_hole(uint32_t *out)
{
	return pass(out, HAND_RANGE, 1, punch_again);
}

static size_t do_shmem_read_hole(uint32_t *out)
{
	return pass(out, HAND_RANGE, 0, punch_again);
}

/* One load every 2 MiB: every one is a fault. */
static size_t do_file_read_2m(uint32_t *out)
{
	static size_t at = HAND_RANGE;
	size_t n = 0;

	for (int i = 0; i < AROUND; i++, at += 2 << 20) {
		if (at >= HAND_RANGE) {
			drop_all();
			at = 0;
		}
		TIMED((void)((volatile char *)range)[at]);
	}
	return n;
}

/* Huge pages. */

static int get_huge(void)
{
	char *at = mmap(NULL, HAND_RANGE + (2 << 20), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return -1;
	range = (char *)(((uintptr_t)at + (2 << 20) - 1) & ~((2ul << 20) - 1));
	return madvise(range, HAND_RANGE, MADV_HUGEPAGE);
}

/* Loops of nothing but the access: what follows a fault decides how fast the kernel handles it. */
static size_t huge(uint32_t *out, int store)
{
	static size_t at = HAND_RANGE;
	size_t n = 0, end;

	if (at >= HAND_RANGE) {
		madvise(range, HAND_RANGE, MADV_DONTNEED);
		at = 0;
	}
	end = at + AROUND * (2ul << 20) < HAND_RANGE ? at + AROUND * (2ul << 20) : HAND_RANGE;
	if (store)
		for (; at < end; at += 2 << 20)
			TIMED(((volatile char *)range)[at] = 1);
	else
		for (; at < end; at += 2 << 20)
			TIMED((void)((volatile char *)range)[at]);
	return n;
}

static size_t do_huge_write(uint32_t *out)
{
	return huge(out, 1);
}

static size_t do_huge_read(uint32_t *out)
{
	return huge(out, 0);
}

/* A signal for an answer. */

static sigjmp_buf back;

static void leave(int number)
{
	(void)number;
	siglongjmp(back, 1);
}

static int get_forbidden(void)
{
	struct sigaction action = { .sa_handler = leave };

	range = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return range == MAP_FAILED || sigaction(SIGSEGV, &action, NULL) ? -1 : 0;
}

static size_t do_segv(uint32_t *out)
{
	static volatile int i;
	static volatile size_t n;
	static volatile uint64_t begin;

	n = 0;
	for (i = 0; i < AROUND; i++) {
		begin = now();
		if (!sigsetjmp(back, 1))
			*(volatile char *)range = 1;
		out[n++] = (uint32_t)(then() - begin);
	}
	return n;
}

#define RANGE_64M "range=64M"

HAND_OPS({ .name = "write_fault",
	   .bench = "fault.anon_write",
	   .state = "huge=none and page_tables=warm and range=64M and order=ascending",
	   .prepare = get_range,
	   .run = do_write_fault },
	 { .name = "read_fault",
	   .bench = "fault.anon_read",
	   .state = "huge=none and range=64M",
	   .prepare = get_range,
	   .run = do_read_fault },
	 { .name = "huge_write",
	   .bench = "fault.anon_write",
	   .state = "huge=thp and page_tables=warm and range=64M and order=ascending",
	   .prepare = get_huge,
	   .run = do_huge_write },
	 { .name = "huge_read",
	   .bench = "fault.anon_read",
	   .state = "huge=thp and range=64M",
	   .prepare = get_huge,
	   .run = do_huge_read },
	 { .name = "zero_upgrade",
	   .bench = "fault.zero_upgrade",
	   .state = "huge=none and range=64M",
	   .prepare = get_range,
	   .run = do_zero_upgrade },
	 { .name = "prot_r_rw",
	   .bench = "fault.prot_r_rw",
	   .state = RANGE_64M,
	   .prepare = get_range,
	   .run = do_prot_r,
	   .divide = TOGETHER },
	 { .name = "prot_none_rw",
	   .bench = "fault.prot_none_rw",
	   .state = RANGE_64M,
	   .prepare = get_range,
	   .run = do_prot_none,
	   .divide = TOGETHER },
	 { .name = "lazyfree",
	   .bench = "fault.lazyfree",
	   .state = RANGE_64M,
	   .prepare = get_range,
	   .run = do_lazyfree,
	   .divide = TOGETHER },
	 { .name = "cow_shared",
	   .bench = "fault.cow_fork",
	   .state = RANGE_64M " and sharing=shared",
	   .prepare = get_range_and_end,
	   .run = do_cow_shared },
	 { .name = "cow_exclusive",
	   .bench = "fault.cow_fork",
	   .state = RANGE_64M " and sharing=exclusive",
	   .prepare = get_range_and_end,
	   .run = do_cow_exclusive },
	 { .name = "file_read_2m",
	   .bench = "fault.file_read",
	   .state = RANGE_64M " and backing=memfd and stride=2M and fill=page",
	   .prepare = get_memfd,
	   .run = do_file_read_2m },
	 { .name = "file_cow",
	   .bench = "fault.file_cow",
	   .state = RANGE_64M " and backing=memfd and pte=absent",
	   .prepare = get_memfd_private,
	   .run = do_cow_absent },
	 { .name = "shmem_present",
	   .bench = "fault.shmem_write",
	   .state = RANGE_64M " and object=memfd and page=present",
	   .prepare = get_memfd,
	   .run = do_shmem_present },
	 { .name = "shmem_hole",
	   .bench = "fault.shmem_write",
	   .state = RANGE_64M " and object=memfd and page=hole",
	   .prepare = get_empty_memfd,
	   .run = do_shmem_hole },
	 { .name = "shmem_read",
	   .bench = "fault.shmem_read",
	   .state = RANGE_64M " and object=memfd and page=hole",
	   .prepare = get_empty_memfd,
	   .run = do_shmem_read_hole },
	 { .name = "segv",
	   .bench = "fault.segv",
	   .state = "",
	   .prepare = get_forbidden,
	   .run = do_segv });
