/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What may be asked of which allocator: GFP sets, contexts, kinds of allocators, and which of them go together. One
 * table, read by the module (which enforces it), by memperf (which plans with it), by the tests and by the
 * documentation. Stock kernels let most illegal requests pass in silence, with plausible numbers; this table is
 * what keeps them out.
 *
 * Plain data and C99 without a library: both sides include it.
 */
#ifndef KMOD_MEMPERF_LEGALITY_H
#define KMOD_MEMPERF_LEGALITY_H

/* Why a request is refused: identifier, sentence. The values cross the boundary: add at the end. */
#define MPK_REASONS(X)                                                                             \
	X(OK, "legal")                                                                             \
	X(NO_ADDRESS, "memory without a kernel address cannot be returned by this allocator")      \
	X(NO_ZONE, "this allocator takes pages of any zone and cannot be held to one")             \
	X(NO_COMPOUND, "this allocator makes compound pages itself or not at all")                 \
	X(NO_ZERO, "this allocator always returns zeroed memory")                                  \
	X(NO_HINT, "this allocator does not honour the set's flags")                               \
	X(NO_NONBLOCK, "this allocator may sleep, whatever its flags say")                         \
	X(SLEEPS, "a set that may sleep is legal in process, kthread and remote context only")     \
	X(CONTEXT, "this allocator is legal in process, kthread and remote context only")          \
	X(RT, "PREEMPT_RT: allocators take locks that sleep, which this context cannot")           \
	X(NO_SELF_INTERRUPT,                                                                       \
	  "this kernel cannot interrupt itself: hardirq work waits for a tick or (RT) a thread")   \
	X(SIZE, "the size is out of this allocator's range")                                       \
	X(ORDER, "the order is above this kernel's largest")                                       \
	X(COMPOUND_ORDER, "a compound page has at least two pages")                                \
	X(NODE, "there is no memory on that node")                                                 \
	X(CPU, "that CPU is not online")                                                           \
	X(ALLOCATOR, "the module has no such allocator")                                           \
	X(VALUE, "a field has a value that the module does not know")                              \
	X(MEMORY,                                                                                  \
	  "more memory than a quarter of what is available, or of the memory cgroup's limit, or "  \
	  "than the job's byte budget")                                                            \
	X(KERNEL, "this kernel's allocator rejects the set; a newer one takes it")                 \
	X(ABSENT, "this kernel is too old for this allocator, or was built without it")            \
	X(NO_OTHER_CPU, "there is no other CPU, or the one asked for is the caller's own")         \
	X(IRQS_ON, "this allocator turns interrupts on, and is legal where they are on only")      \
	X(NO_BULK, "accounted pages are given one at a time")                                      \
	X(WAITS, "once memory is short, this allocator would wait for ever, unkillable")           \
	X(NO_FLAG, "this kernel was built without what the set asks for")                          \
	X(ALIGN, "an alignment is a power of two, and not every allocator takes one")

enum mpk_reason {
#define MPK_REASON_ID(id, text) MPK_REASON_##id,
	MPK_REASONS(MPK_REASON_ID)
#undef MPK_REASON_ID
		MPK_REASON_COUNT
};

/* Where the timed operations run: identifier, word, how it is entered, and the reason where a kernel cannot. */
#define MPK_CONTEXTS(X)                                                                            \
	X(PROCESS, "process", "the task that asks, in its system call", OK)                        \
	X(KTHREAD, "kthread", "a kernel thread bound to a CPU", OK)                                \
	X(BHOFF, "bhoff", "the task, with softirqs off around a few operations", OK)               \
	X(IRQSOFF, "irqsoff", "the task, with interrupts off around a few operations", RT)         \
	X(SOFTIRQ, "softirq", "a softirq that runs on top of the task (tasklet)", OK)              \
	X(HARDIRQ, "hardirq", "a hardware interrupt on the task's CPU (irq_work)",                 \
	  NO_SELF_INTERRUPT)                                                                       \
	X(REMOTE, "remote",                                                                        \
	  "a kernel thread on another CPU than the caller's, on which FILL allocates",             \
	  NO_OTHER_CPU)

#define MPK_CONTEXT_MAX 16 /* for those that come later: the layout of structs does not change */

enum mpk_context {
#define MPK_CONTEXT_ID(id, word, how, refusal) MPK_##id,
	MPK_CONTEXTS(MPK_CONTEXT_ID)
#undef MPK_CONTEXT_ID
		MPK_CONTEXT_COUNT
};

/* Kinds of allocators: identifier, and where they are legal beside process context: nowhere (THREAD), wherever
 * interrupts are on (IRQS_ON), everywhere (ANY). */
#define MPK_KINDS(X)                                                                               \
	X(NOTHING, ANY) /* allocates nothing: the floor */                                         \
	X(SLAB, ANY) /* kmalloc and what is made of it */                                          \
	X(CACHE, ANY) /* a kmem_cache of its own */                                                \
	X(VMALLOC, THREAD)                                                                         \
	X(KVMALLOC, THREAD)                                                                        \
	X(LINEAR, ANY) /* pages by their address: __get_free_pages */                              \
	X(EXACT, ANY) /* pages by their address, of a size or a single one */                      \
	X(PAGES, ANY) /* pages by their struct page: alloc_pages */                                \
	X(PERCPU, THREAD)                                                                          \
	X(BULK, IRQS_ON) /* many objects of a kmem_cache at once */                                \
	X(PAGES_BULK, ANY) /* many single pages at once */                                         \
	X(MAPPING, THREAD) /* addresses for pages that are there: vmap */                          \
	X(POOL, ANY) /* mempool */                                                                 \
	X(FRAG, ANY) /* pieces of a page that are handed out one after the other */                \
	X(CACHES, THREAD) /* kmem_caches themselves: made, shrunk, destroyed */

enum mpk_reach { MPK_REACH_THREAD, MPK_REACH_IRQS_ON, MPK_REACH_ANY };

enum mpk_kind {
#define MPK_KIND_ID(id, reach) MPK_KIND_##id,
	MPK_KINDS(MPK_KIND_ID)
#undef MPK_KIND_ID
		MPK_KIND_COUNT
};

/*
 * The matrix. One row per GFP set: identifier, word, the kernel's flags (read by the module alone), may it sleep, and
 * for every kind of allocator OK or the reason why not, in the order of MPK_KINDS. __GFP_NOWARN is added to every
 * set, because a log line in the timed section costs more than any allocation. __GFP_NOFAIL and __GFP_MEMALLOC are
 * not offered: they take what the machine needs to stay alive. Of a scope (memalloc_nofs_save(), memalloc_noio_save()) the
 * flags say nothing: it is the task that is in it, during a RUN, and every allocator honours it.
 */
#define MPK_GFP_SETS(X)                                                                            \
	X(KERNEL, "kernel", GFP_KERNEL, 1, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, \
	  OK)                                                                                      \
	X(ATOMIC, "atomic", GFP_ATOMIC, 0, OK, OK, OK, NO_NONBLOCK, NO_NONBLOCK, OK, OK, OK, OK,   \
	  OK, OK, NO_NONBLOCK, OK, OK, NO_NONBLOCK)                                                \
	X(NOWAIT, "nowait", GFP_NOWAIT, 0, OK, OK, OK, NO_NONBLOCK, NO_NONBLOCK, OK, OK, OK, OK,   \
	  OK, OK, NO_NONBLOCK, OK, OK, NO_NONBLOCK)                                                \
	X(NOMEMALLOC, "nomemalloc", GFP_ATOMIC | __GFP_NOMEMALLOC, 0, OK, OK, OK, NO_NONBLOCK,     \
	  NO_NONBLOCK, OK, OK, OK, NO_HINT, OK, OK, NO_NONBLOCK, OK, OK, NO_NONBLOCK)              \
	X(NOIO, "noio", GFP_NOIO, 1, OK, OK, OK, OK, OK, OK, OK, OK, NO_HINT, OK, OK, NO_HINT, OK, \
	  OK, NO_HINT)                                                                             \
	X(NOFS, "nofs", GFP_NOFS, 1, OK, OK, OK, OK, OK, OK, OK, OK, NO_HINT, OK, OK, NO_HINT, OK, \
	  OK, NO_HINT)                                                                             \
	X(USER, "user", GFP_USER, 1, OK, OK, OK, OK, OK, OK, OK, OK, NO_HINT, OK, OK, NO_HINT, OK, \
	  OK, NO_HINT)                                                                             \
	X(ACCOUNT, "account", GFP_KERNEL_ACCOUNT, 1, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK,       \
	  NO_BULK, NO_HINT, WAITS, OK, NO_HINT)                                                    \
	X(ZERO, "zero", GFP_KERNEL | __GFP_ZERO, 1, OK, OK, OK, OK, OK, OK, OK, OK, NO_ZERO, OK,   \
	  OK, NO_HINT, NO_HINT, NO_HINT, NO_HINT)                                                  \
	X(NORETRY, "noretry", GFP_KERNEL | __GFP_NORETRY, 1, OK, OK, OK, NO_HINT, NO_HINT, OK, OK, \
	  OK, NO_HINT, OK, OK, NO_HINT, NO_HINT, NO_HINT, NO_HINT)                                 \
	X(RETRY, "retry_mayfail", GFP_KERNEL | __GFP_RETRY_MAYFAIL, 1, OK, OK, OK, NO_HINT, OK,    \
	  OK, OK, OK, NO_HINT, OK, OK, NO_HINT, NO_HINT, NO_HINT, NO_HINT)                         \
	X(RECLAIMABLE, "reclaimable", GFP_KERNEL | __GFP_RECLAIMABLE, 1, OK, OK, NO_HINT, NO_HINT, \
	  NO_HINT, OK, OK, OK, NO_HINT, NO_HINT, OK, NO_HINT, OK, OK, NO_HINT)                     \
	X(THISNODE, "thisnode", GFP_KERNEL | __GFP_THISNODE, 1, OK, OK, OK, NO_HINT, NO_HINT, OK,  \
	  OK, OK, NO_HINT, OK, OK, NO_HINT, WAITS, OK, NO_HINT)                                    \
	X(DMA32, "dma32", GFP_KERNEL | __GFP_DMA32, 1, OK, NO_ZONE, NO_ZONE, NO_ZONE, NO_ZONE, OK, \
	  OK, OK, NO_ZONE, NO_ZONE, OK, NO_ZONE, NO_ZONE, OK, NO_ZONE)                             \
	X(COMP, "comp", GFP_KERNEL | __GFP_COMP, 1, OK, NO_COMPOUND, NO_COMPOUND, NO_COMPOUND,     \
	  NO_COMPOUND, OK, NO_COMPOUND, OK, NO_COMPOUND, NO_COMPOUND, NO_COMPOUND, NO_COMPOUND,    \
	  NO_COMPOUND, NO_COMPOUND, NO_COMPOUND)                                                   \
	X(HIGHUSER, "highuser", GFP_HIGHUSER, 1, OK, NO_ADDRESS, NO_ADDRESS, NO_ADDRESS,           \
	  NO_ADDRESS, NO_ADDRESS, NO_ADDRESS, OK, NO_ADDRESS, NO_ADDRESS, OK, NO_HINT, NO_ADDRESS, \
	  NO_ADDRESS, NO_HINT)                                                                     \
	X(MOVABLE, "highuser_movable", GFP_HIGHUSER_MOVABLE, 1, OK, NO_ADDRESS, NO_ADDRESS,        \
	  NO_ADDRESS, NO_ADDRESS, NO_ADDRESS, NO_ADDRESS, OK, NO_ADDRESS, NO_ADDRESS, OK, NO_HINT, \
	  NO_ADDRESS, NO_ADDRESS, NO_HINT)                                                         \
	X(TRANSHUGE, "transhuge", GFP_TRANSHUGE, 1, OK, NO_ADDRESS, NO_ADDRESS, NO_ADDRESS,        \
	  NO_ADDRESS, NO_ADDRESS, NO_ADDRESS, OK, NO_ADDRESS, NO_ADDRESS, NO_COMPOUND, NO_HINT,    \
	  NO_ADDRESS, NO_ADDRESS, NO_HINT)                                                         \
	X(TRANSHUGE_LIGHT, "transhuge_light", GFP_TRANSHUGE_LIGHT, 0, OK, NO_ADDRESS, NO_ADDRESS,  \
	  NO_ADDRESS, NO_ADDRESS, NO_ADDRESS, NO_ADDRESS, OK, NO_ADDRESS, NO_ADDRESS, NO_COMPOUND, \
	  NO_HINT, NO_ADDRESS, NO_ADDRESS, NO_HINT)                                                \
	X(DMA, "dma", GFP_KERNEL | __GFP_DMA, 1, OK, OK, NO_ZONE, NO_ZONE, NO_ZONE, OK, OK, OK,    \
	  NO_ZONE, NO_ZONE, OK, NO_ZONE, NO_ZONE, OK, NO_ZONE)                                     \
	X(SKIP_ZERO, "skip_zero", GFP_KERNEL | MPK_SKIP_ZERO, 1, OK, NO_HINT, NO_HINT, NO_HINT,    \
	  NO_HINT, OK, NO_HINT, OK, NO_HINT, NO_HINT, OK, NO_HINT, NO_HINT, OK, NO_HINT)           \
	X(NOFS_SCOPE, "nofs_scope", GFP_KERNEL, 1, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, \
	  OK, OK, OK)                                                                              \
	X(NOIO_SCOPE, "noio_scope", GFP_KERNEL, 1, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, \
	  OK, OK, OK)

enum mpk_gfp {
#define MPK_GFP_ID(id, word, flags, sleeps, ...) MPK_GFP_##id,
	MPK_GFP_SETS(MPK_GFP_ID)
#undef MPK_GFP_ID
		MPK_GFP_COUNT
};

/* A request as far as the rules ask about it. */
struct mpk_request {
	enum mpk_kind kind;
	enum mpk_gfp gfp;
	enum mpk_context context;
	unsigned order; /* of pages; 0 where sizes are bytes */
	int in_order; /* sizes are orders */
};

static inline enum mpk_reach mpk_kind_reach(enum mpk_kind kind)
{
	static const unsigned char reach[] = {
#define MPK_KIND_REACH(id, reach) MPK_REACH_##reach,
		MPK_KINDS(MPK_KIND_REACH)
#undef MPK_KIND_REACH
	};

	return (enum mpk_reach)reach[kind];
}

/* Why a kernel that cannot enter the context cannot; OK: every kernel can. Which one can is in struct mpk_info. */
static inline enum mpk_reason mpk_context_refusal(enum mpk_context context)
{
	static const unsigned char refusal[] = {
#define MPK_CONTEXT_REFUSAL(id, word, how, refusal) MPK_REASON_##refusal,
		MPK_CONTEXTS(MPK_CONTEXT_REFUSAL)
#undef MPK_CONTEXT_REFUSAL
	};

	return (enum mpk_reason)refusal[context];
}

/* May operations sleep there? */
static inline int mpk_context_sleeps(enum mpk_context context)
{
	return context == MPK_PROCESS || context == MPK_KTHREAD || context == MPK_REMOTE;
}

static inline int mpk_gfp_sleeps(enum mpk_gfp gfp)
{
	static const unsigned char sleeps[] = {
#define MPK_GFP_SLEEPS(id, word, flags, sleeps, ...) sleeps,
		MPK_GFP_SETS(MPK_GFP_SLEEPS)
#undef MPK_GFP_SLEEPS
	};

	return sleeps[gfp];
}

/* Does the set ask for a compound page? */
static inline int mpk_gfp_compound(enum mpk_gfp gfp)
{
	return gfp == MPK_GFP_COMP || gfp == MPK_GFP_TRANSHUGE || gfp == MPK_GFP_TRANSHUGE_LIGHT;
}

static inline enum mpk_reason mpk_gfp_of_kind(enum mpk_gfp gfp, enum mpk_kind kind)
{
#define MPK_ROW(id, word, flags, sleeps, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o)              \
	{ MPK_REASON_##a, MPK_REASON_##b, MPK_REASON_##c, MPK_REASON_##d, MPK_REASON_##e,          \
	  MPK_REASON_##f, MPK_REASON_##g, MPK_REASON_##h, MPK_REASON_##i, MPK_REASON_##j,          \
	  MPK_REASON_##k, MPK_REASON_##l, MPK_REASON_##m, MPK_REASON_##n, MPK_REASON_##o },
	static const unsigned char matrix[MPK_GFP_COUNT][MPK_KIND_COUNT] = { MPK_GFP_SETS(
		MPK_ROW) };
#undef MPK_ROW

	return (enum mpk_reason)matrix[gfp][kind];
}

/* What holds on every kernel; all values must be below their _COUNT. What a kernel cannot do beyond that is in
 * struct mpk_info (contexts) and in the module's own check (sizes, nodes). */
static inline enum mpk_reason mpk_legal(const struct mpk_request *r)
{
	int may_sleep = mpk_context_sleeps(r->context);
	enum mpk_reach reach = mpk_kind_reach(r->kind);
	enum mpk_reason reason = mpk_gfp_of_kind(r->gfp, r->kind);

	if (reason != MPK_REASON_OK)
		return reason;
	if (!may_sleep && reach == MPK_REACH_THREAD)
		return MPK_REASON_CONTEXT;
	if ((r->context == MPK_IRQSOFF || r->context == MPK_HARDIRQ) && reach != MPK_REACH_ANY)
		return MPK_REASON_IRQS_ON;
	if (!may_sleep && r->kind != MPK_KIND_NOTHING && mpk_gfp_sleeps(r->gfp))
		return MPK_REASON_SLEEPS;
	if (mpk_gfp_compound(r->gfp) && r->in_order && r->order == 0)
		return MPK_REASON_COMPOUND_ORDER;
	return MPK_REASON_OK;
}

#endif
