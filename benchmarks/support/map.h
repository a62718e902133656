/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the benchmarks of the mmap family do outside their timed section: prepare, prove, undo.
 *
 * The operation itself, in benchmarks/mmap.c, reads its arguments from here and stores the kernel's answer
 * here. Each setup function prepares one kind of benchmark; checks and disarm are shared.
 */
#ifndef BENCHMARKS_SUPPORT_MAP_H
#define BENCHMARKS_SUPPORT_MAP_H

#include "benchmarks/bench.h"
#include "benchmarks/support/page.h"
#include "benchmarks/support/space.h"
#include "benchmarks/support/syscall.h"
#include "benchmarks/support/vma.h"

#include <sys/mman.h>

#define MP_MAP_MAX 1024 /* most mappings at once; a power of two */

struct mp_map_state {
	/* What the operation reads. Neighbours that must not merge differ in their protection: readable
	 * and writable, or only writable; the kernel charges and treats both alike. */
	uint64_t size; /* bytes */
	int prot[2];
	int flags;
	int fd; /* -1: none */
	uint64_t want[MP_MAP_MAX]; /* address arguments */
	/* and what it writes: the kernel's answers. arm sets them to 0. */
	int64_t got[MP_MAP_MAX];

	bool merge; /* neighbourhood=merge */
	uint64_t step; /* bytes from one touch of arm to the next */
	bool advise; /* huge=thp where the mapping before can be advised */
	bool forbade; /* mp_thp_forbid() was called */
	bool owns_fd;
	uint64_t huge; /* bytes that must be mapped by huge pages in each mapping */
	uint64_t target; /* mmap.search_worst: the hole */
	uint64_t
		before; /* what the kernel counted in setup: KiB locked, huge pages reserved, mappings */
	uint64_t limit; /* mmap.rlimit_as: the soft limit that disarm restores */
	uint64_t row_first, row_end; /* threads: where all of them land */

	/* What was there before, of the first arm after a check: one of each block, so that looking does
	 * not disturb what is timed. */
	bool look, looked, looked_closely;
	uint32_t looks;
	struct mp_residency seen;
	struct mp_vma seen_vma; /* at the first address, when looked at closely */

	struct mp_vma_view view;
	struct mp_pages pages;
	struct mp_space space;
};

/* Brings the mapping at want[i] into the state that the next call replaces. */
static inline void mp_map_touch(const struct mp_map_state *s, uint64_t i)
{
	volatile char *at = (volatile char *)s->want[i];

	if (s->advise)
		mp_sys_madvise((void *)s->want[i], s->size, MADV_HUGEPAGE);
	for (uint64_t b = 0; b < s->size; b += s->step)
		at[b] = 1;
}

/* setup hooks */
int mp_map_anon_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_shmem_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_file_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_populate_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_populate_file_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_noreserve_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_growsdown_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_prot_none_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_close_setup(struct mp_ctx *ctx, struct mp_err *err); /* want[i]: a memfd */
int mp_map_locked_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_hugetlb_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_fixed_hole_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_fixed_over_setup(struct mp_ctx *ctx, struct mp_err *err); /* untouched: one slot */
int mp_map_fixed_touched_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_noreplace_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_taken_setup(struct mp_ctx *ctx, struct mp_err *err); /* noreplace, refused */
int mp_map_hint_free_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_hint_taken_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_rlimit_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_search_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_map_pair_setup(struct mp_ctx *ctx, struct mp_err *err);

/* arm hooks: forget the answers; and, the first time, make room for the threads; or touch what the calls will
 * replace */
int mp_map_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_map_pair_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_map_touch_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
/* and RLIMIT_AS at what is mapped already, until disarm */
int mp_map_rlimit_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_map_rlimit_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
/* n memfds to close */
int mp_map_close_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_map_close_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);

/* check hooks */
void mp_map_new_check(struct mp_ctx *ctx, uint64_t n); /* n new mappings, untouched */
void mp_map_flag_check(struct mp_ctx *ctx, uint64_t n); /* and it is of the kind asked for */
void mp_map_at_check(struct mp_ctx *ctx, uint64_t n); /* the same, where they were wanted */
void mp_map_over_check(struct mp_ctx *ctx, uint64_t n); /* and over what was touched before */
void mp_map_elsewhere_check(struct mp_ctx *ctx, uint64_t n); /* where the hint was not */
void mp_map_resident_check(struct mp_ctx *ctx, uint64_t n);
void mp_map_locked_check(struct mp_ctx *ctx, uint64_t n);
void mp_map_prot_none_check(struct mp_ctx *ctx, uint64_t n); /* one, that nobody may touch */
void mp_map_close_check(struct mp_ctx *ctx, uint64_t n);
void mp_map_hugetlb_check(struct mp_ctx *ctx, uint64_t n);
void mp_map_last_check(struct mp_ctx *ctx, uint64_t n); /* the last call; one slot */
void mp_map_overcommit_check(struct mp_ctx *ctx, uint64_t n); /* new, and the mode in force */
void mp_map_refused_check(struct mp_ctx *ctx, uint64_t n); /* with ENOMEM: nothing is new */
void mp_map_search_check(struct mp_ctx *ctx, uint64_t n); /* in the one hole that fits */
void mp_map_taken_check(struct mp_ctx *ctx, uint64_t n);
void mp_map_pair_check(struct mp_ctx *ctx, uint64_t n);

int mp_map_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err); /* unmaps all */
void mp_map_teardown(struct mp_ctx *ctx);

/* Pages of that size that are reserved in the hugetlb pool; UINT64_MAX: unknown. */
uint64_t mp_map_hugetlb_reserved(uint64_t hugepage);

/* A field of a procfs file, "Name:   12 kB", as its number; UINT64_MAX: unknown. */
uint64_t mp_map_proc_field(const char *path, const char *name);

/* legal hooks */
int mp_map_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err);
int mp_map_slots_legal(const struct mp_params *params, const struct mp_host *host,
		       struct mp_err *err);
int mp_map_file_legal(const struct mp_params *params, const struct mp_host *host,
		      struct mp_err *err);
int mp_map_resident_legal(const struct mp_params *params, const struct mp_host *host,
			  struct mp_err *err);
int mp_map_populate_file_legal(const struct mp_params *params, const struct mp_host *host,
			       struct mp_err *err);
int mp_map_hugetlb_legal(const struct mp_params *params, const struct mp_host *host,
			 struct mp_err *err);
int mp_map_pair_legal(const struct mp_params *params, const struct mp_host *host,
		      struct mp_err *err);

#endif
