/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory policies, on the first node.
 */
#include "hand.h"

#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE  (2ul << 20)
#define PAGES 64
#define BITS  1025 /* of a mask, and one more, as the kernel counts */

static unsigned long node[16] = { 1 }, answer[16];
static char *memory;
static void *pages[PAGES];
static int where[PAGES], mode;

static int get_memory(void)
{
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED || madvise(memory, SIZE, MADV_NOHUGEPAGE);
}

static int get_pages(void)
{
	if (get_memory())
		return -1;
	for (int i = 0; i < PAGES; i++) {
		pages[i] = memory + i * 4096;
		*(volatile char *)pages[i] = 1;
	}
	return 0;
}

static int get_policy(void)
{
	return (int)syscall(SYS_set_mempolicy, MPOL_BIND, node, BITS);
}

static size_t do_set_policy(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(syscall(SYS_set_mempolicy, MPOL_BIND, node, BITS));
	return n;
}

static size_t do_ask_policy(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(syscall(SYS_get_mempolicy, &mode, answer, BITS, NULL, 0));
	return n;
}

static size_t do_ask_node(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(syscall(SYS_get_mempolicy, &mode, NULL, 0, memory,
			      MPOL_F_NODE | MPOL_F_ADDR));
	return n;
}

static size_t do_query(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(syscall(SYS_move_pages, 0, PAGES, pages, NULL, where, 0));
	return n;
}

static size_t do_mbind(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(syscall(SYS_mbind, memory, SIZE, MPOL_BIND, node, BITS, 0));
		syscall(SYS_mbind, memory, SIZE, MPOL_DEFAULT, NULL, 0, 0);
	}
	return n;
}

HAND_OPS({ .name = "set_mempolicy",
	   .bench = "numa.set_mempolicy",
	   .state = "policy=bind",
	   .run = do_set_policy },
	 { .name = "get_mempolicy",
	   .bench = "numa.get_mempolicy",
	   .state = "policy=bind",
	   .prepare = get_policy,
	   .run = do_ask_policy },
	 { .name = "get_mempolicy_node",
	   .bench = "numa.get_mempolicy_node",
	   .state = "",
	   .prepare = get_pages,
	   .run = do_ask_node },
	 { .name = "move_pages_query",
	   .bench = "numa.move_pages_query",
	   .state = "pages=64",
	   .prepare = get_pages,
	   .run = do_query },
	 { .name = "mbind",
	   .bench = "numa.mbind",
	   .state = "policy=bind and size=2M and touched=no",
	   .prepare = get_memory,
	   .run = do_mbind });
