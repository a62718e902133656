/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The contract between memperf and its kernel module: the device /dev/memperf. Its node is root's; whoever may open
 * it may ask for all of this. One open file is one experiment:
 *
 *	INFO, DESCRIBE		what the module and this kernel offer
 *	PREPARE			one job: allocator, size, GFP set, context; all buffers are allocated here
 *	FILL			allocates objects, untimed
 *	RUN			the timed operations
 *	read(), pread()		the length of every operation of the last RUN in call mode, struct mpk_record
 *	DRAIN			frees every object that is left
 *
 * close() drains and forgets the job. Every struct is versioned by its size (the kernel's extensible-struct rule:
 * a shorter one is read as if zeros followed, a longer one must end in zeros, else E2BIG); MPK_ABI changes only when
 * a meaning does. All reserved fields must be zero. Times are ticks of the job's clock.
 *
 * Errors: EINVAL and the reason (memperf_legality.h) for a job that is not legal, ENODATA without a job, EBUSY when
 * another thread uses the file, ENOMEM for the module's own buffers or a FILL that failed, EINTR for a cancelled
 * PREPARE, or RUN (what was done is counted), ENOTTY for an unknown call.
 */
#ifndef KMOD_MEMPERF_UAPI_H
#define KMOD_MEMPERF_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#include "memperf_legality.h"

#define MPK_ABI	     2
#define MPK_DEVICE   "/dev/memperf"
#define MPK_NAME_MAX 32
#define MPK_TEXT_MAX 128
#define MPK_DEPTH_MAX                                                                              \
	(1u << 20) /* most objects alive at a time, most samples of a RUN in call mode */
#define MPK_OPS_MAX (1u << 26) /* most operations of a RUN */
/* What a kmem_cache takes beside its objects, at most, in bytes: files, and lists of each possible CPU. */
#define MPK_CACHE_BYTES(cpus) (8192 + 2048ULL * (cpus))

/* What one operation is. */
enum mpk_pattern {
	MPK_ALLOC, /* allocate; the object stays alive until it is drained */
	MPK_FREE, /* free an object that FILL allocated */
	MPK_PAIR, /* allocate and free at once */
	MPK_STEADY, /* free one of the filled objects, chosen at random, and allocate it anew */
	MPK_APPLY, /* do what the allocator's name says to an object that FILL allocated; it stays alive */
	MPK_PATTERN_COUNT
};

/* In which order FREE and APPLY take the objects of a FILL. */
enum mpk_order { MPK_FIFO, MPK_LIFO, MPK_RANDOM, MPK_ORDER_COUNT };

/* What is written to objects, untimed, after they were allocated: by FILL, and after each shot of a RUN. */
enum mpk_touch {
	MPK_TOUCH_NONE,
	MPK_TOUCH_FIRST, /* their first byte */
	MPK_TOUCH_ALL, /* every byte */
	MPK_TOUCH_COUNT
};

enum mpk_clock {
	MPK_CLOCK_RAW, /* CLOCK_MONOTONIC_RAW, ns */
	MPK_CLOCK_COUNTER, /* the CPU's own counter: TSC, CNTVCT_EL0 */
	MPK_CLOCK_COUNT
};

/* How an allocator is told how much. */
enum mpk_measure { MPK_MEASURE_NOTHING, MPK_MEASURE_BYTES, MPK_MEASURE_ORDER };

/* How the kernel was built and booted; what moves or spoils results. Bits of mpk_info.config. */
enum mpk_config {
	MPK_CONFIG_KASAN_GENERIC = 1 << 0,
	MPK_CONFIG_LOCKDEP = 1 << 1,
	MPK_CONFIG_KMEMLEAK = 1 << 2,
	MPK_CONFIG_DEBUG_VM = 1 << 3,
	MPK_CONFIG_SLUB_DEBUG_ON = 1 << 4,
	MPK_CONFIG_DEBUG_PAGEALLOC = 1 << 5,
	MPK_CONFIG_PAGE_OWNER = 1 << 6, /* built in; active by boot parameter */
	MPK_CONFIG_PAGE_POISONING = 1 << 7, /* built in */
	MPK_CONFIG_KFENCE = 1 << 8, /* built in */
	MPK_CONFIG_ATOMIC_SLEEP = 1 << 9,
	MPK_CONFIG_RT = 1 << 10,
	MPK_CONFIG_SMP = 1 << 11,
	MPK_CONFIG_NUMA = 1 << 12,
	MPK_CONFIG_MEMCG = 1 << 13,
	MPK_CONFIG_ALLOC_PROFILING = 1 << 14,
	MPK_CONFIG_INIT_ON_ALLOC = 1 << 15, /* active now */
	MPK_CONFIG_INIT_ON_FREE = 1 << 16, /* active now */
	MPK_CONFIG_RANDOM_KMALLOC = 1 << 17,
	MPK_CONFIG_PREEMPT = 1 << 18,
	MPK_CONFIG_KASAN_SW_TAGS = 1 << 19,
	MPK_CONFIG_KASAN_HW_TAGS = 1 << 20,
	MPK_CONFIG_PROVE_LOCKING = 1 << 21,
};

struct mpk_info { /* out */
	__u32 abi; /* MPK_ABI */
	__u32 page_size; /* bytes */
	__u32 max_order; /* largest order of the page allocator, inclusive */
	__u32 contexts; /* 1 << enum mpk_context: those that can be entered on this kernel */
	__u64 config; /* enum mpk_config */
	__u32 allocators; /* how many DESCRIBE knows */
	__u32 clocks; /* 1 << enum mpk_clock */
	char version[MPK_NAME_MAX]; /* of the module */
	__u32 gfp; /* 1 << enum mpk_gfp: the sets whose flags and zones this kernel has; 0: an older module does not tell */
	__u32 reserved;
};

struct mpk_describe {
	__u32 index; /* in: 0 .. allocators - 1; ENOENT beyond */
	__u32 kind; /* enum mpk_kind */
	__u32 measure; /* enum mpk_measure */
	__u32 patterns; /* 1 << enum mpk_pattern */
	__u64 min, max; /* bytes or orders, inclusive */
	/* 1 << enum mpk_gfp: the sets that are legal in that context */
	__u32 gfp[MPK_CONTEXT_MAX];
	__u32 reason; /* enum mpk_reason: OK, or why no job is accepted; then patterns and sets are 0 */
	__u32 batch_max; /* most objects of one operation (struct mpk_prepare); 1: always one */
	__u32 looks; /* 1: a RUN in call mode looks at objects afterwards (struct mpk_run) */
	__u32 crowd_max; /* most areas beside the job's own (struct mpk_prepare); 0: it takes none */
	char name[MPK_NAME_MAX];
	char call[MPK_TEXT_MAX]; /* what an operation calls, such as "kmalloc(size, gfp)" */
	/* An older module leaves the rest 0: it takes none of it. */
	__u32 touches; /* 1 << enum mpk_touch; of jobs whose pattern leaves objects alive (all but PAIR) */
	__u32 nodes; /* 1: a job's node decides where its objects come from; 0: the CPU's own does */
	__u64 align_max; /* most of a job's align, bytes; 0: the allocator aligns as it does */
};

struct mpk_prepare {
	char allocator[MPK_NAME_MAX];
	__u32 gfp; /* enum mpk_gfp */
	__u32 context; /* enum mpk_context */
	__u32 pattern; /* enum mpk_pattern */
	__u32 order; /* enum mpk_order */
	__u32 clock; /* enum mpk_clock */
	__s32 node; /* to allocate from; -1: the CPU's own */
	__s32 cpu; /* of the kthread; -1: the caller's, or for MPK_REMOTE the next one */
	/* Most objects alive at a time; 1 at least. An object of an allocator in bulk is a batch of them; depth * batch is
	 * at most MPK_DEPTH_MAX. */
	__u32 depth;
	__u32 samples; /* most operations of a RUN in call mode; 0: 4096 */
	__u32 batch; /* objects of one operation, for allocators in bulk; 0: 1 */
	__u64 amount; /* bytes or order; 0 where there is nothing to measure */
	__u64 seed; /* of random orders */
	__u64 budget_ns; /* a RUN ends after that; 0: ten seconds */
	/* most memory held; never more than, and 0: a quarter of what is available, and of what the caller's memory cgroup may be
	 * charged for where it is */
	__u64 budget_bytes;

	__u32 reason; /* out, enum mpk_reason: why it was refused */
	__u32 gfp_raw; /* out: this kernel's value of the set */
	__u64 object_bytes; /* out: what one object holds, rounded as the allocator does or further */
	char gfp_name[MPK_TEXT_MAX]; /* out: this kernel's name of it */
	/* out: 1: the caller's memory cgroup is charged for the objects; 0: the set does not ask for it, they are
	 * allocated elsewhere, or the group is the root */
	__u32 charged;
	/* in: areas that are mapped among the kernel's addresses before the first operation, and stay, with a hole behind
	 * each; 0: none */
	__u32 crowd;
	__u32 touch; /* in: enum mpk_touch */
	__u32 reserved;
	__u64 align; /* in: objects begin at multiples of it, bytes, a power of two; 0: as the allocator does by itself */
};

struct mpk_fill {
	__u32 count; /* in: objects to be alive afterwards, at most depth; what was alive is freed first */
	__u32 reserved;
};

/* Why a RUN ended. */
enum mpk_stop { MPK_STOP_COMPLETE, MPK_STOP_SIGNAL, MPK_STOP_TIME, MPK_STOP_MEMORY };

struct mpk_run {
	__u32 count; /* in: operations */
	__u32 each; /* in: 1: every operation is timed (call mode), 0: all together (batch mode) */
	__u32 warm; /* in: more operations before the first, untimed and uncounted */
	/* in: 1: everything but the operations: as many shots as they would take, of none, and objects stay what they are.
	 * For who counts events around a RUN. An older module refuses it (EINVAL). */
	__u32 hollow;

	__u32 done; /* out: operations, failed ones among them */
	__u32 failed; /* out: of them */
	__u32 first_failed; /* out: index of the first; MPK_OPS_MAX: none */
	__u32 stop; /* out: enum mpk_stop */
	__u64 start; /* out: the clock when the first operation began */
	__u64 ticks; /* out: the timed stretches together */
	__u32 shots; /* out: stretches without a break; operations run a few at a time, so that they stay killable */
	__u32 proven; /* out: shots that saw themselves in the job's context (in_hardirq() and its like) */
	__u32 on_caller; /* out: shots that ran on the caller's task, whose counters then count them */
	__u32 switches; /* out: context switches of the caller between first and last operation */
	/* out: objects that were looked at afterwards, untimed, where an allocator can be seen to have done what its name
	 * says (moved, mapped huge, taken from the reserve); and those of them where it had. Up to 64 of those that a RUN
	 * in call mode left alive; where it left none, one that is allocated for it. In batch mode none: whoever counts
	 * events around a RUN would count the look. */
	__u32 looked, found;
};

/* One operation. */
struct mpk_record {
	__u32 ticks; /* its length; UINT32_MAX: that or longer */
	__u32 failed; /* 1: nothing was allocated */
};

#define MPK_IOCTL    'm'
#define MPK_INFO     _IOR(MPK_IOCTL, 0xe0, struct mpk_info)
#define MPK_DESCRIBE _IOWR(MPK_IOCTL, 0xe1, struct mpk_describe)
#define MPK_PREPARE  _IOWR(MPK_IOCTL, 0xe2, struct mpk_prepare)
#define MPK_FILL     _IOWR(MPK_IOCTL, 0xe3, struct mpk_fill)
#define MPK_RUN	     _IOWR(MPK_IOCTL, 0xe4, struct mpk_run)
#define MPK_DRAIN    _IO(MPK_IOCTL, 0xe5)

#endif
