/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Benchmarks of the kernel's own allocators, timed by memperf's kernel module (kmod/memperf_uapi.h). What differs
 * between two of them is data: a family is named after an allocator of the module and has a benchmark for each way to
 * use it, four of them mostly:
 *
 *	alloc	allocates one object after the other, until `live` are alive; then all are freed, untimed
 *	free	frees, in the order of `free_order`, objects that were allocated before
 *	pair	allocates an object and frees it at once: the fast path, always the same hot object
 *	steady	`live` objects are alive; frees one chosen at random and allocates another
 *	apply	does to one of `live` objects after the other what the family's name says; they stay alive
 *
 * MP_KERNEL_BENCHES() makes the first four. What the loaded module offers beyond these files is made into families of the same kind
 * (kalloc.h). Where the kernel does not have an allocator, the need MP_NEED_MODULE is not
 * met. The module runs the operations and reads the clock; the hooks here hand over jobs and results.
 */
#ifndef BENCHMARKS_SUPPORT_KERNEL_H
#define BENCHMARKS_SUPPORT_KERNEL_H

#include "benchmarks/bench.h"
#include "kmod/memperf_uapi.h"

#define MP_KERNEL_SAMPLES 64 /* most operations of a call block */

/* State of the hooks. */
struct mp_kernel {
	int fd;
	enum mpk_pattern pattern;
	uint32_t depth;
	uint32_t warm; /* operations before those of a call block, untimed */
	uint32_t alive; /* objects that the module holds for us, and that were not used up */
	struct mpk_prepare job;
	struct mpk_run last;
	int error; /* errno of the last RUN; 0: none */
	uint64_t
		stalls; /* of everyone's allocations in direct reclaim, when the job was prepared */
	struct mpk_record records[MP_KERNEL_SAMPLES];
};

/* What the loaded module says of itself. 0 or a negative errno: ENOENT without the device, EPERM or EACCES without the
 * right to open it, EPROTO when module and memperf are of versions that do not understand each other. */
int mp_kernel_info(struct mpk_info *ret_info);

/* What the loaded module says of its allocators, one after the other, until `each` returns false. Errors are those of
 * mp_kernel_info(). */
int mp_kernel_describe(bool (*each)(void *user, const struct mpk_describe *d), void *user);

/* Does the loaded module offer what the benchmark times, on this kernel? Sets MPK_REASON_OK, or why not. Errors are those
 * of mp_kernel_info(). */
int mp_kernel_offers(const char *bench, uint32_t *ret_reason);

/* The sentence of a reason; also of one that a newer module gives. */
const char *mp_kernel_reason(uint32_t reason);

/* Words of the choice axes, ended by NULL; the index of a word is its enumerator. */
extern const char *const mp_kernel_gfp_words[];
extern const char *const mp_kernel_context_words[];
extern const char *const mp_kernel_order_words[];
extern const char *const mp_kernel_touch_words[];
extern const char *const mp_kernel_node_words[];

/* "alloc" and so on, by enum mpk_pattern. */
extern const char *const mp_kernel_pattern_words[];

/* "kmalloc.alloc" is pattern alloc of the allocator kmalloc. MPK_PATTERN_COUNT: an arm, whose word is none of these; the module
 * describes it by the benchmark's name, with the one pattern by which it handles objects. */
enum mpk_pattern mp_kernel_pattern(const char *bench);

/* What all GFP sets take, written one behind the other. */
#define MP_KERNEL_GFP_WORD_(id, word, ...) word ","
#define MP_KERNEL_GFP_TEXT		   sizeof(MPK_GFP_SETS(MP_KERNEL_GFP_WORD_))

/* Hooks. */
int mp_kernel_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_kernel_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
uint64_t mp_kernel_run(struct mp_ctx *ctx, uint64_t n, uint64_t *stamps, bool each);
int mp_kernel_hollow(struct mp_ctx *ctx, uint64_t n);
void mp_kernel_check(struct mp_ctx *ctx, uint64_t n);
void mp_kernel_teardown(struct mp_ctx *ctx);

/* The rules of kmod/memperf_legality.h, for each kind of allocator: mp_kernel_legal_SLAB and so on. */
#define MP_KERNEL_LEGAL(id, reach)                                                                 \
	int mp_kernel_legal_##id(const struct mp_params *params, const struct mp_host *host,       \
				 struct mp_err *err);
MPK_KINDS(MP_KERNEL_LEGAL)
#undef MP_KERNEL_LEGAL

/* Axes: representative values; the matrix has what is worth measuring, any legal value can be asked for. */
#define MP_KERNEL_GFP_(set, all)                                                                   \
	{                                                                                          \
		.name = "gfp", .kind = MP_AXIS_CHOICE, .values = (set), .matrix = (all),           \
		.choices = mp_kernel_gfp_words,                                                    \
		.help = "the allocation's GFP flags: a set of the kernel's names"                  \
	}
#define MP_KERNEL_GFP(set) MP_KERNEL_GFP_(set, NULL)
#define MP_KERNEL_GFP_SLAB(set)                                                                    \
	MP_KERNEL_GFP_(set, "kernel,atomic,nowait,nomemalloc,noio,nofs,user,account,zero,noretry," \
			    "retry_mayfail,reclaimable,thisnode,dma,nofs_scope,noio_scope")
#define MP_KERNEL_GFP_LINEAR(set)                                                                  \
	MP_KERNEL_GFP_(set, "kernel,atomic,nowait,nomemalloc,noio,nofs,user,account,zero,noretry," \
			    "retry_mayfail,reclaimable,thisnode,dma,dma32,comp,skip_zero,"         \
			    "nofs_scope,noio_scope")
#define MP_KERNEL_GFP_PAGES(set)                                                                   \
	MP_KERNEL_GFP_(set, "kernel,atomic,nowait,nomemalloc,noio,nofs,user,account,zero,noretry," \
			    "retry_mayfail,reclaimable,thisnode,dma,dma32,comp,skip_zero,"         \
			    "highuser,highuser_movable,transhuge,transhuge_light,nofs_scope,"      \
			    "noio_scope")
#define MP_KERNEL_GFP_VMALLOC(set)                                                                 \
	MP_KERNEL_GFP_(set, "kernel,noio,nofs,user,account,zero,nofs_scope,noio_scope")
#define MP_KERNEL_CONTEXT_(set, all)                                                               \
	{                                                                                          \
		.name = "context", .kind = MP_AXIS_CHOICE, .values = (set), .matrix = (all),       \
		.choices = mp_kernel_context_words,                                                \
		.help = "where in the kernel the operation runs"                                   \
	}
#define MP_KERNEL_CONTEXT(set) MP_KERNEL_CONTEXT_(set, NULL)
#define MP_KERNEL_CONTEXT_ANY(set)                                                                 \
	MP_KERNEL_CONTEXT_(set, "process,kthread,bhoff,irqsoff,softirq,hardirq,remote")
#define MP_KERNEL_SIZE(set, all, least, most)                                                      \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (set), .matrix = (all),            \
		.min = (least), .max = (most), .scale = MP_SCALE_LOG2, .help = "bytes asked for"   \
	}
/* Every size class, one byte more, what lies between two classes, and beyond the largest. */
#define MP_KERNEL_SIZE_SLAB(set)                                                                   \
	MP_KERNEL_SIZE(set,                                                                        \
		       "8,9,16,17,32,33,64,65,96,97,128,129,192,193,256,257,384,512,513,768,1K,"   \
		       "1025,1536,2K,"                                                             \
		       "2049,3K,4K,4097,6K,8K,8193,16K,64K,256K,1M,4M",                            \
		       1, 4u << 20)
#define MP_KERNEL_SIZE_CLASS(set)   MP_KERNEL_SIZE(set, "8,64,256,1K,4K,8K", 8, 8u << 10)
#define MP_KERNEL_SIZE_MAPPING(set) MP_KERNEL_SIZE(set, "4K,16K,64K,256K,1M,4M", 1, 4u << 20)
#define MP_KERNEL_SIZE_VMALLOC(set) MP_KERNEL_SIZE(set, "4K,8K,16K,64K,256K,1M,4M,16M", 1, 1u << 30)
#define MP_KERNEL_ORDER(set)                                                                       \
	{                                                                                          \
		.name = "order", .kind = MP_AXIS_COUNT, .values = (set),                           \
		.matrix = "0,1,2,3,4,5,6,7,8,9,10", .max = 10, .scale = MP_SCALE_LINEAR,           \
		.help = "2^order pages that follow each other"                                     \
	}
#define MP_KERNEL_LIVE_(set, all, most)                                                            \
	{                                                                                          \
		.name = "live", .kind = MP_AXIS_COUNT, .values = (set), .matrix = (all), .min = 1, \
		.max = (most), .scale = MP_SCALE_LOG2,                                             \
		.help = "objects alive at a time, at most; fewer where they would take more than " \
			"64M"                                                                      \
	}
#define MP_KERNEL_LIVE MP_KERNEL_LIVE_("512", "512,4096", 65536)
/* Slab caches themselves: each is destroyed by itself, with its files, and by asking every CPU; a thousand take a second, and tens of
 * thousands would keep the machine busy for a minute that no signal ends. */
#define MP_KERNEL_LIVE_CACHES MP_KERNEL_LIVE_("32", "32,512", 1024)
#define MP_KERNEL_FREE_ORDER                                                                       \
	{                                                                                          \
		.name = "free_order", .kind = MP_AXIS_CHOICE, .values = "random",                  \
		.choices = mp_kernel_order_words,                                                  \
		.help = "the order in which objects are freed, beside that of their allocation"    \
	}

#define MP_KERNEL_TOUCH(set)                                                                       \
	{                                                                                          \
		.name = "touch", .kind = MP_AXIS_CHOICE, .values = (set),                          \
		.matrix = "none,first,all", .choices = mp_kernel_touch_words,                      \
		.help = "what is written to an object before it is freed, untimed: its first "     \
			"byte, or all of it"                                                       \
	}
#define MP_KERNEL_ALIGN(set, all, most)                                                            \
	{                                                                                          \
		.name = "align", .kind = MP_AXIS_SIZE, .values = (set), .matrix = (all), .min = 8, \
		.max = (most), .scale = MP_SCALE_LOG2, .help = "objects begin at multiples of it"  \
	}
#define MP_KERNEL_NODE                                                                             \
	{                                                                                          \
		.name = "node", .kind = MP_AXIS_CHOICE, .values = "local,remote",                  \
		.choices = mp_kernel_node_words,                                                   \
		.help = "the NUMA node that is asked for: the CPU's own, or another"               \
	}

/* Objects of one operation, in bulk. */
#define MP_KERNEL_BATCH_(text)                                                                     \
	{                                                                                          \
		.name = "batch", .kind = MP_AXIS_COUNT, .values = "16,64",                         \
		.matrix = "1,4,16,64,256,512", .min = 1, .max = 512, .scale = MP_SCALE_LOG2,       \
		.help = (text)                                                                     \
	}
#define MP_KERNEL_BATCH MP_KERNEL_BATCH_("objects that one call allocates, or frees")

/* Areas beside the job's own. */
#define MP_KERNEL_AREAS                                                                            \
	{                                                                                          \
		.name = "areas", .kind = MP_AXIS_COUNT, .values = "1024,8192",                     \
		.matrix = "1024,8192,65536,1048576", .min = 1, .max = 1u << 20,                    \
		.scale = MP_SCALE_LOG2,                                                            \
		.help = "areas of a page that are mapped before, with a hole behind each"          \
	}

/* The definition of a file's benchmarks (struct mp_bench, version), where it is not the first: defined before this is included. */
#ifndef MP_KERNEL_DEFINITION
#define MP_KERNEL_DEFINITION 1
#endif

#define MP_KERNEL_BENCH_(bench_name, text, sentence, its_unit, of_kind, bytes, its_axes)           \
	{                                                                                          \
		.name = (bench_name), .summary = (text), .timed = (sentence), .unit = (its_unit),  \
		.version = MP_KERNEL_DEFINITION, .modes = MP_MODE_CALL | MP_MODE_BATCH,            \
		.needs = MP_NEED_MODULE, .bytes_axis = (bytes), MP_AXES(its_axes),                 \
		.state_size = sizeof(struct mp_kernel), .legal = mp_kernel_legal_##of_kind,        \
		.setup = mp_kernel_setup, .arm = mp_kernel_arm, .run = mp_kernel_run,              \
		.hollow = mp_kernel_hollow, .check = mp_kernel_check,                              \
		.teardown = mp_kernel_teardown                                                     \
	}

/* The benchmarks of a family. `allocate`, `release` and `call` are the kernel's calls, in words; one operation handles `one`
 * of `many` ("object", "objects"); the axes are arrays of the family's file: NAME_alloc and so on. */
#define MP_KERNEL_ALLOC(family, one, kind, bytes, allocate)                                        \
	MP_KERNEL_BENCH_(#family ".alloc", allocate " of a new " one,                              \
			 "one " allocate " in the kernel module's loop; objects stay alive until " \
			 "'live' are, freeing them is not timed",                                  \
			 one, kind, bytes, family##_alloc)
#define MP_KERNEL_FREE(family, one, kind, bytes, release)                                          \
	MP_KERNEL_BENCH_(#family ".free", release " of a live " one,                               \
			 "one " release " in the kernel module's loop; allocating the "            \
			 "objects is not timed",                                                   \
			 one, kind, bytes, family##_free)
#define MP_KERNEL_PAIR(family, one, kind, bytes, allocate, release)                                \
	MP_KERNEL_BENCH_(#family ".pair", allocate " and " release " at once",                     \
			 "one " allocate " and one " release " of the same " one                   \
			 ", which stays in the caches",                                            \
			 one, kind, bytes, family##_pair)
#define MP_KERNEL_STEADY(family, one, many, kind, bytes, allocate, release)                        \
	MP_KERNEL_BENCH_(#family ".steady", release " and " allocate " among live ones",           \
			 "one " release " of one of 'live' " many ", chosen at random, and "       \
			 "one " allocate " in its place",                                          \
			 one, kind, bytes, family##_steady)
#define MP_KERNEL_APPLY(family, one, many, kind, bytes, call)                                      \
	MP_KERNEL_BENCH_(#family ".apply", call,                                                   \
			 "one " call " in the kernel module's loop; allocating the " many " and "  \
			 "freeing them is not timed",                                              \
			 one, kind, bytes, family##_apply)
#define MP_KERNEL_BENCHES_OF(family, one, many, kind, bytes, allocate, release)                    \
	MP_KERNEL_ALLOC(family, one, kind, bytes, allocate),                                       \
		MP_KERNEL_FREE(family, one, kind, bytes, release),                                 \
		MP_KERNEL_PAIR(family, one, kind, bytes, allocate, release),                       \
		MP_KERNEL_STEADY(family, one, many, kind, bytes, allocate, release)
#define MP_KERNEL_BENCHES(family, kind, bytes, allocate, release)                                  \
	MP_KERNEL_BENCHES_OF(family, "object", "objects", kind, bytes, allocate, release)

#endif
