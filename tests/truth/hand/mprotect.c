/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changing the protection of private anonymous memory. Between two calls, untimed: readable and writable again, and a
 * store to every page.
 */
#include "hand.h"

#include <sys/mman.h>

#define PAGE 4096ul
#define MB2  (2ul << 20)
#define ROW  32
#define RW   (PROT_READ | PROT_WRITE)

static char *at;
static size_t size;

/* A mapping in the middle of a closed range. */
static int place(size_t bytes)
{
	char *room = mmap(NULL, 4 * MB2 + bytes, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED)
		return -1;
	size = bytes;
	at = (char *)(((size_t)room + MB2 - 1) / MB2 * MB2) + (bytes < MB2 ? MB2 / 2 : MB2);
	if (mmap(at, bytes, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return -1;
	madvise(at, bytes, MADV_NOHUGEPAGE);
	return 0;
}

static void touch(void)
{
	for (size_t b = 0; b < size; b += PAGE)
		*(volatile char *)(at + b) = 1;
}

static int one_page(void)
{
	int ret = place(PAGE);

	if (!ret)
		touch();
	return ret;
}

static int mb2(void)
{
	int ret = place(MB2);

	if (!ret)
		touch();
	return ret;
}

static int one_page_untouched(void)
{
	return one_page() ? -1 : madvise(at, size, MADV_DONTNEED);
}

static int mb2_untouched(void)
{
	return place(MB2);
}

static size_t transition(uint32_t *out, int before, int after)
{
	size_t n = 0;

	mprotect(at, size, before);
	for (int i = 0; i < AROUND; i++) {
		TIMED(mprotect(at, size, after));
		mprotect(at, size, RW);
		touch();
		if (before != RW)
			mprotect(at, size, before);
	}
	return n;
}

static size_t do_rw_r(uint32_t *out)
{
	return transition(out, RW, PROT_READ);
}

static size_t do_r_rw(uint32_t *out)
{
	return transition(out, PROT_READ, RW);
}

static size_t do_rw_none(uint32_t *out)
{
	return transition(out, RW, PROT_NONE);
}

static size_t do_none_rw(uint32_t *out)
{
	return transition(out, PROT_NONE, RW);
}

static size_t do_rw_rx(uint32_t *out)
{
	return transition(out, RW, PROT_READ | PROT_EXEC);
}

static size_t do_r_none(uint32_t *out)
{
	return transition(out, PROT_READ, PROT_NONE);
}

static size_t do_rw_r_untouched(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(mprotect(at, size, PROT_READ));
		mprotect(at, size, RW);
	}
	return n;
}

static size_t do_noop(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(mprotect(at, size, RW));
	return n;
}

static size_t do_pair(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED((mprotect(at, size, PROT_READ), mprotect(at, size, RW)));
	return n;
}

static int three_pages(void)
{
	int ret = place(3 * PAGE);

	if (!ret)
		touch();
	return ret;
}

static size_t split(uint32_t *out, size_t offset)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(mprotect(at + offset, PAGE, PROT_READ));
		mprotect(at, size, RW);
		touch();
	}
	return n;
}

static size_t do_split_head(uint32_t *out)
{
	return split(out, 0);
}

static size_t do_split_mid(uint32_t *out)
{
	return split(out, PAGE);
}

static size_t do_split_tail(uint32_t *out)
{
	return split(out, 2 * PAGE);
}

static size_t do_merge(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		mprotect(at + PAGE, PAGE, PROT_READ);
		TIMED(mprotect(at + PAGE, PAGE, RW));
		touch();
	}
	return n;
}

/* Every other page is not inherited by children: no two are one mapping. */
static int row(void)
{
	if (place(ROW * PAGE))
		return -1;
	for (size_t k = 1; k < ROW; k += 2)
		if (madvise(at + k * PAGE, PAGE, MADV_DONTFORK))
			return -1;
	touch();
	return 0;
}

#define TRANSITION(label, to, bytes, how, prepare_it, run_it)                                      \
	{                                                                                          \
		.name = (label), .bench = "mprotect." to,                                          \
		.state = "size=" bytes " and touch=" how " and huge=none and backing=anon",        \
		.prepare = (prepare_it), .run = (run_it)                                           \
	}
#define THIRD(label, to, words, run_it)                                                            \
	{                                                                                          \
		.name = (label), .bench = "mprotect." to,                                          \
		.state = "size=4K and touch=write" words, .prepare = three_pages, .run = (run_it)  \
	}

HAND_OPS(TRANSITION("rw_r_4k", "rw_r", "4K", "write", one_page, do_rw_r),
	 TRANSITION("rw_r_2m", "rw_r", "2M", "write", mb2, do_rw_r),
	 TRANSITION("rw_r_4k_none", "rw_r", "4K", "none", one_page_untouched, do_rw_r_untouched),
	 TRANSITION("rw_r_2m_none", "rw_r", "2M", "none", mb2_untouched, do_rw_r_untouched),
	 TRANSITION("r_rw_4k", "r_rw", "4K", "write", one_page, do_r_rw),
	 TRANSITION("r_rw_2m", "r_rw", "2M", "write", mb2, do_r_rw),
	 TRANSITION("rw_none_4k", "rw_none", "4K", "write", one_page, do_rw_none),
	 TRANSITION("none_rw_4k", "none_rw", "4K", "write", one_page, do_none_rw),
	 TRANSITION("rw_rx_4k", "rw_rx", "4K", "write", one_page, do_rw_rx),
	 TRANSITION("r_none_4k", "r_none", "4K", "write", one_page, do_r_none),
	 THIRD("split_head", "split_head", "", do_split_head),
	 THIRD("split_mid", "split_mid", "", do_split_mid),
	 THIRD("split_tail", "split_tail", "", do_split_tail),
	 THIRD("protect_merge", "merge", " and position=middle", do_merge),
	 { .name = "protect_row",
	   .bench = "mprotect.multi",
	   .state = "count=32 and touch=write",
	   .prepare = row,
	   .run = do_rw_r },
	 { .name = "protect_noop",
	   .bench = "mprotect.noop",
	   .state = "size=4K and touch=write",
	   .prepare = one_page,
	   .run = do_noop },
	 { .name = "protect_pair",
	   .bench = "mprotect.churn",
	   .state = "size=4K and touch=write and threads=1",
	   .prepare = one_page,
	   .run = do_pair });
