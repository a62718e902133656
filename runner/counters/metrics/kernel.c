/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel does on behalf of the thread, by its tracepoints: the explain pass. */
#include "runner/counters/counters.h"

#define TRACEPOINT(what)                                                                           \
	{                                                                                          \
		.name = "tracepoint", .encoder = MP_ENCODER_KERNEL, .event = "tracepoint/" what    \
	}
/* The same event of the whole system, from a file that everybody may read. */
#define VMSTAT(fields)                                                                             \
	{                                                                                          \
		.name = "vmstat", .encoder = MP_ENCODER_FILE, .event = "vmstat/" fields,           \
		.scope = MP_SCOPE_SYSTEM, .note = "of the whole system, other processes included"  \
	}

static const struct mp_counter_source page_allocs[] = { TRACEPOINT("kmem:mm_page_alloc"),
							VMSTAT("pgalloc_*") };
static const struct mp_counter_source page_frees[] = { TRACEPOINT("kmem:mm_page_free"),
						       VMSTAT("pgfree") };
static const struct mp_counter_source tlb_flushes[] = { TRACEPOINT("tlb:tlb_flush"),
							VMSTAT("nr_tlb_local_flush_*") };
static const struct mp_counter_source acquires[] = { TRACEPOINT(
	"mmap_lock:mmap_lock_acquire_returned") };
static const struct mp_counter_source contention[] = {
	{ .name = "contention_begin",
	  .encoder = MP_ENCODER_KERNEL,
	  .event = "tracepoint/lock:contention_begin",
	  /* LCB_F_READ, LCB_F_WRITE without LCB_F_SPIN: a reader-writer semaphore. */
	  .filter = "flags == 2 || flags == 4",
	  .estimate = true,
	  .note = "waits for any reader-writer semaphore (mmap_lock, i_mmap_rwsem, anon_vma): an "
		  "upper bound" },
	{ .name = "trylock",
	  .encoder = MP_ENCODER_KERNEL,
	  .event = "tracepoint/mmap_lock:mmap_lock_acquire_returned",
	  .filter = "success == 0",
	  .estimate = true,
	  .note = "attempts that found mmap_lock taken; waits that were not tried first are not "
		  "seen: a lower bound" },
};

static const struct mp_counter_metric metrics[] = {
	{ .id = "page_allocs",
	  .unit = "count",
	  .means = "blocks of pages that were taken from the page allocator, of any order",
	  .pass = MP_PASS_EXPLAIN,
	  .load = MP_LOAD_TOUCH,
	  .kernel_only = true,
	  MP_COUNTER_SOURCES(page_allocs) },
	{ .id = "page_frees",
	  .unit = "count",
	  .means = "blocks of pages that were given back to the page allocator",
	  .pass = MP_PASS_EXPLAIN,
	  .load = MP_LOAD_FREE,
	  .kernel_only = true,
	  MP_COUNTER_SOURCES(page_frees) },
	{ .id = "tlb_flushes",
	  .unit = "count",
	  .means = "flushes of the TLB, of single pages, ranges or all of it",
	  .pass = MP_PASS_EXPLAIN,
	  .load = MP_LOAD_PROTECT,
	  .kernel_only = true,
	  MP_COUNTER_SOURCES(tlb_flushes) },
	{ .id = "mmap_lock_acquires",
	  .unit = "count",
	  .means = "times mmap_lock was taken or tried, for reading or writing",
	  .pass = MP_PASS_EXPLAIN,
	  .load = MP_LOAD_PROTECT,
	  .kernel_only = true,
	  MP_COUNTER_SOURCES(acquires) },
	{ .id = "mmap_lock_contention",
	  .unit = "count",
	  .means = "times the thread found the lock of its address space taken",
	  .pass = MP_PASS_EXPLAIN,
	  .load = MP_LOAD_CONTEND,
	  .kernel_only = true,
	  MP_COUNTER_SOURCES(contention) },
};

const struct mp_counter_family mp_counter_metrics_kernel = {
	.name = "kernel",
	.metrics = metrics,
	.n_metrics = sizeof(metrics) / sizeof(metrics[0]),
};
