/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's allocators cost in plain loops, and what a loop and a pair of ordered clock reads cost without them: a module that
 * has nothing of memperf's. Its parameter `loop` is written with the number of a figure and that of one of PLACES places (how fast a
 * short loop runs may depend on where its code lies; ENOENT beyond the last figure), and runs that loop once when it is read: the figure's
 * name, the picoseconds of an operation. One loop for each system call, as memperf does it: what a call leaves cold is cold for both.
 */
#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#define PLACES 8
#define TIMES  4000 /* operations of a loop of short ones */
#define SOME   128 /* of longer ones */
#define FEW    32
#define RARE                                                                                       \
	4 /* a longer loop of them has hardly one run in which the machine has not run others meanwhile */
#define LIVE 504 /* objects of a loop that frees none, or only frees */

/* What the compiler must not know, as it does not know most callers' sizes. */
static size_t bytes;
static unsigned int order;
static gfp_t flags;
static void *objects[LIVE];

/* The loop `name`, at places that are 16 bytes apart. */
#define AT(name, place)                                                                            \
	static noinline __aligned(64) u64 name##_##place(void)                                     \
	{                                                                                          \
		asm volatile(".rept 16 * " #place "\n\tnop\n\t.endr");                             \
		return name();                                                                     \
	}
#define PLACED(name)                                                                               \
	AT(name, 0)                                                                                \
	AT(name, 1)                                                                                \
	AT(name, 2)                                                                                \
	AT(name, 3) AT(name, 4) AT(name, 5) AT(name, 6) AT(name, 7)
#define LOOPS(name)                                                                                \
	{                                                                                          \
		name##_0, name##_1, name##_2, name##_3, name##_4, name##_5, name##_6, name##_7     \
	}

/* A loop of `times` operations: its length in ns, 0 when memory ran out. */
#define LOOP(name, times, operation)                                                               \
	static __always_inline u64 name(void)                                                      \
	{                                                                                          \
		u64 start = ktime_get_raw_ns();                                                    \
		int i;                                                                             \
                                                                                                   \
		for (i = 0; i < (times); i++) {                                                    \
			void *object = operation;                                                  \
                                                                                                   \
			if (!object)                                                               \
				return 0;                                                          \
		}                                                                                  \
		return ktime_get_raw_ns() - start;                                                 \
	}

#define PAIR(name, times, allocate, release)                                                       \
	static __always_inline void *name##_once(void)                                             \
	{                                                                                          \
		void *object = allocate;                                                           \
                                                                                                   \
		if (object)                                                                        \
			release;                                                                   \
		return object;                                                                     \
	}                                                                                          \
	LOOP(name, times, name##_once())                                                           \
	PLACED(name)

PAIR(kmalloc_pair, TIMES, kmalloc(bytes, flags), kfree(object))
PAIR(kzalloc_pair, TIMES, kzalloc(bytes, flags), kfree(object))
PAIR(gfp_pair, TIMES, (void *)__get_free_pages(flags, order),
     free_pages((unsigned long)object, order))
PAIR(pages_pair, TIMES, alloc_pages(flags, order), __free_pages(object, order))
PAIR(pages_some, SOME, alloc_pages(flags, order), __free_pages(object, order))
PAIR(vmalloc_pair, FEW, __vmalloc(bytes, flags), vfree(object))
PAIR(vmalloc_rare, RARE, __vmalloc(bytes, flags), vfree(object))
LOOP(allocate_all, LIVE, objects[i] = kmalloc(bytes, flags))

static __always_inline void free_all(void)
{
	int i;

	for (i = 0; i < LIVE; i++)
		kfree(objects[i]);
}

/* The first time, whoever measured before has left other objects free. */
static __always_inline u64 kmalloc_alloc(void)
{
	u64 length;

	allocate_all();
	free_all();
	length = allocate_all();
	free_all();
	return length;
}
PLACED(kmalloc_alloc)

static __always_inline u64 kmalloc_free(void)
{
	u64 start;

	allocate_all();
	free_all();
	if (!allocate_all())
		return 0;
	start = ktime_get_raw_ns();
	free_all();
	return ktime_get_raw_ns() - start;
}
PLACED(kmalloc_free)

/* Nothing but the loop. */
static __always_inline u64 nothing(void)
{
	u64 start = ktime_get_raw_ns();
	int i;

	for (i = 0; i < TIMES; i++) {
		void *object = objects;

		OPTIMIZER_HIDE_VAR(object);
		if (!object)
			return 0;
	}
	return ktime_get_raw_ns() - start;
}
PLACED(nothing)

#ifdef __x86_64__
static __always_inline u64 begin(void)
{
	u32 low, high;

	asm volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high)::"memory");
	return low | (u64)high << 32;
}

static __always_inline u64 end(void)
{
	u32 low, high;

	asm volatile("rdtscp; lfence" : "=a"(low), "=d"(high)::"rcx", "memory");
	return low | (u64)high << 32;
}

/* What lies between the two reads of a pair, of all pairs, as ns: the counter's speed is that which it had meanwhile. */
static __always_inline u64 clock_pair(void)
{
	u64 between = 0, from = ktime_get_raw_ns(), ticks = begin(), ns;
	int i;

	for (i = 0; i < TIMES; i++) {
		u64 start = begin();

		between += end() - start;
	}
	ticks = end() - ticks;
	ns = ktime_get_raw_ns() - from;
	return div64_u64(between * ns, ticks);
}
PLACED(clock_pair)
#endif

/* Those that memperf measures, too, have its names. */
static const struct figure {
	const char *name;
	u64 (*loops[PLACES])(void);
	int times;
	size_t bytes;
	unsigned int order;
	gfp_t flags;
} figures[] = {
#define SIZE(bench, live, word, size, loop, times, bytes, flags)                                   \
	{                                                                                          \
		bench "/gfp=" word live "/size=" size, LOOPS(loop), times, bytes, 0,               \
			(flags) | __GFP_NOWARN                                                     \
	}
#define SIZES(bench, live, size, loop, times, bytes)                                               \
	SIZE(bench, live, "kernel", size, loop, times, bytes, GFP_KERNEL),                         \
		SIZE(bench, live, "atomic", size, loop, times, bytes, GFP_ATOMIC)
#define ORDERS(bench, loop, times, order)                                                          \
	{                                                                                          \
		bench "/gfp=kernel/order=" #order, LOOPS(loop), times, 0, order,                   \
		GFP_KERNEL | __GFP_NOWARN                                                          \
	},                                                                                         \
	{                                                                                          \
		bench "/gfp=atomic/order=" #order, LOOPS(loop), times, 0, order,                   \
			GFP_ATOMIC | __GFP_NOWARN                                                  \
	}
	{ "nothing", LOOPS(nothing), TIMES },
#ifdef __x86_64__
	{ "clock_pair", LOOPS(clock_pair), TIMES },
#endif
	SIZES("kmalloc.pair/context=process", "", "64", kmalloc_pair, TIMES, 64),
	SIZES("kmalloc.pair/context=process", "", "256", kmalloc_pair, TIMES, 256),
	SIZES("kmalloc.pair/context=process", "", "8K", kmalloc_pair, TIMES, 8192),
	SIZES("kzalloc.pair/context=process", "", "256", kzalloc_pair, TIMES, 256),
	SIZES("kzalloc.pair/context=process", "", "4K", kzalloc_pair, TIMES, 4096),
	SIZES("kmalloc.alloc/context=process", "/live=512", "256", kmalloc_alloc, LIVE, 256),
	SIZES("kmalloc.free/context=process/free_order=fifo", "/live=512", "256/touch=none",
	      kmalloc_free, LIVE, 256),
	SIZE("vmalloc.pair/context=process", "", "kernel", "4K", vmalloc_pair, FEW, 4096,
	     GFP_KERNEL),
	SIZE("vmalloc.pair/context=process", "", "kernel", "64K", vmalloc_rare, RARE, 65536,
	     GFP_KERNEL),
	ORDERS("gfp.pair/context=process", gfp_pair, TIMES, 0),
	ORDERS("gfp.pair/context=process", gfp_pair, TIMES, 3),
	ORDERS("pages.pair/context=process", pages_pair, TIMES, 0),
	ORDERS("pages.pair/context=process", pages_pair, TIMES, 4),
	ORDERS("pages.pair/context=process", pages_some, SOME, 9),
};

static const struct figure *figure = figures;
static unsigned int place;

static int loop_set(const char *text, const struct kernel_param *unused)
{
	unsigned int number;

	if (sscanf(text, "%u %u", &number, &place) != 2 || place >= PLACES)
		return -EINVAL;
	if (number >= ARRAY_SIZE(figures))
		return -ENOENT;
	figure = &figures[number];
	return 0;
}

static int loop_get(char *text, const struct kernel_param *unused)
{
	u64 length;

	bytes = figure->bytes;
	order = figure->order;
	flags = figure->flags;
	length = figure->loops[place % PLACES]();
	if (!length)
		return -ENOMEM;
	return scnprintf(text, PAGE_SIZE, "%s %llu\n", figure->name,
			 div_u64(length * 1000, figure->times));
}

static const struct kernel_param_ops loop_ops = { .set = loop_set, .get = loop_get };
module_param_cb(loop, &loop_ops, NULL, 0600);

static int __init truth_init(void)
{
	return 0;
}

static void __exit truth_exit(void)
{
}

module_init(truth_init);
module_exit(truth_exit);
MODULE_DESCRIPTION("times allocators of the kernel in plain loops");
MODULE_LICENSE("GPL");
