/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel does on behalf of the thread, by its tracepoints: the explain pass. */
#include "runner/counters/counters.h"

#define TRACEPOINT(what)                                                                           \
	{                                                                                          \
		.name = "tracepoint", .encoder = MP_ENCODER_KERNEL, .event = "tracepoint/" what    \
	}

static const struct mp_counter_source page_allocs[] = { TRACEPOINT("kmem:mm_page_alloc") };
static const struct mp_counter_source page_frees[] = { TRACEPOINT("kmem:mm_page_free") };

static const struct mp_counter_metric metrics[] = {
	{ .id = "page_allocs",
	  .unit = "count",
	  .means = "blocks of pages that the thread took from the page allocator, of any order",
	  .pass = MP_PASS_EXPLAIN,
	  .load = MP_LOAD_TOUCH,
	  .kernel_only = true,
	  MP_COUNTER_SOURCES(page_allocs) },
	{ .id = "page_frees",
	  .unit = "count",
	  .means = "blocks of pages that the thread gave back to the page allocator",
	  .pass = MP_PASS_EXPLAIN,
	  .load = MP_LOAD_TOUCH,
	  .kernel_only = true,
	  MP_COUNTER_SOURCES(page_frees) },
};

const struct mp_counter_family mp_counter_metrics_kernel = {
	.name = "kernel",
	.metrics = metrics,
	.n_metrics = sizeof(metrics) / sizeof(metrics[0]),
};
