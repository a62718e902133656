/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kmalloc and kfree of 256 bytes, and alloc_pages and __free_pages of one page, cost in a plain loop: a module that has
 * nothing of memperf's. Loading it measures; the figures are its parameters kmalloc_ps and pages_ps, in picoseconds.
 */
#include <linux/gfp.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sort.h>

#define ROUNDS 101 /* of which the median is taken */
#define TIMES  2000 /* operations of a round */

/* What the compiler does not know, as most callers' sizes. */
static int size = 256;
module_param(size, int, 0444);
static int order;
module_param(order, int, 0444);

static unsigned long kmalloc_ps;
module_param(kmalloc_ps, ulong, 0444);
static unsigned long pages_ps;
module_param(pages_ps, ulong, 0444);

static u64 lengths[ROUNDS];

static int ascending(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static unsigned long median_ps(void)
{
	sort(lengths, ROUNDS, sizeof(lengths[0]), ascending, NULL);
	return div_u64(lengths[ROUNDS / 2] * 1000, TIMES);
}

static int time_kmalloc(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		u64 start = ktime_get_raw_ns();

		for (int i = 0; i < TIMES; i++) {
			void *object = kmalloc(size, GFP_ATOMIC | __GFP_NOWARN);

			if (!object)
				return -ENOMEM;
			kfree(object);
		}
		lengths[round] = ktime_get_raw_ns() - start;
	}
	kmalloc_ps = median_ps();
	return 0;
}

static int time_pages(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		u64 start = ktime_get_raw_ns();

		for (int i = 0; i < TIMES; i++) {
			struct page *page = alloc_pages(GFP_ATOMIC | __GFP_NOWARN, order);

			if (!page)
				return -ENOMEM;
			__free_pages(page, order);
		}
		lengths[round] = ktime_get_raw_ns() - start;
	}
	pages_ps = median_ps();
	return 0;
}

static int __init truth_init(void)
{
	int err = time_kmalloc();

	return err ? err : time_pages();
}

static void __exit truth_exit(void)
{
}

module_init(truth_init);
module_exit(truth_exit);
MODULE_DESCRIPTION("times kmalloc and alloc_pages in a plain loop");
MODULE_LICENSE("GPL");
