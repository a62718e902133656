/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * First touches of private anonymous memory.
 */
#include "hand.h"

#include <sys/mman.h>

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

HAND_OPS({ .name = "write_fault",
	   .bench = "fault.anon_write",
	   .state = "huge=none and page_tables=warm and range=64M and order=ascending",
	   .prepare = get_range,
	   .run = do_write_fault },
	 { .name = "read_fault",
	   .bench = "fault.anon_read",
	   .state = "huge=none and range=64M",
	   .prepare = get_range,
	   .run = do_read_fault });
