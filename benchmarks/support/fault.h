/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the benchmarks of the fault family do outside their timed section: prepare a range of pages, prove what
 * happened to them. The operations themselves, in benchmarks/fault.c, load or store one byte of range.at[i].
 */
#ifndef BENCHMARKS_SUPPORT_FAULT_H
#define BENCHMARKS_SUPPORT_FAULT_H

#include "benchmarks/support/range.h"
#include "benchmarks/support/sleeper.h"

/* fault.file_read */
struct mp_fault_file {
	struct mp_range range;
	bool even; /* every fault maps one window: filled page by page */
	uint64_t window; /* bytes, found by looking; 64 KiB unless fault_around_bytes changed */
};

/* fault.cow_fork */
struct mp_fault_fork {
	struct mp_range range;
	struct mp_sleeper child;
	bool shared; /* the child lives beside the pass; else it has come and gone */
};

/* fault.lazyfree */
struct mp_fault_lazy {
	struct mp_range range;
	uint64_t before; /* bytes freed lazily at the end of arm; sampled blocks */
};

/* fault.throughput */
struct mp_fault_team {
	struct mp_range range;
	bool joined; /* in the VMA of all threads */
	uint64_t vma_bytes; /* of the VMA that the pages are in */
};

/* legal hooks: ranges of anonymous memory, and of files */
int mp_fault_anon_legal(const struct mp_params *params, const struct mp_host *host,
			struct mp_err *err);
int mp_fault_hugetlb_legal(const struct mp_params *params, const struct mp_host *host,
			   struct mp_err *err);
int mp_fault_shmem_huge_legal(const struct mp_params *params, const struct mp_host *host,
			      struct mp_err *err);
int mp_fault_file_legal(const struct mp_params *params, const struct mp_host *host,
			struct mp_err *err);

/* setup hooks */
int mp_fault_anon_setup(struct mp_ctx *ctx, struct mp_err *err); /* empty */
int mp_fault_hugetlb_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_fault_zero_setup(struct mp_ctx *ctx, struct mp_err *err); /* read before */
int mp_fault_fork_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_fault_prot_none_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_fault_prot_read_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_fault_lazy_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_fault_file_read_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_fault_file_cow_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_fault_mkwrite_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_fault_shmem_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_fault_shmem_huge_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_fault_swapin_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_fault_team_setup(struct mp_ctx *ctx, struct mp_err *err);

/* arm hooks that look at more than mp_range_arm does */
int mp_fault_lazy_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_fault_shmem_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);

/* check hooks */
void mp_fault_anon_read_check(struct mp_ctx *ctx, uint64_t n);
void mp_fault_anon_write_check(struct mp_ctx *ctx, uint64_t n);
void mp_fault_hugetlb_check(struct mp_ctx *ctx, uint64_t n);
void mp_fault_zero_check(struct mp_ctx *ctx, uint64_t n);
void mp_fault_fork_check(struct mp_ctx *ctx, uint64_t n);
void mp_fault_present_check(struct mp_ctx *ctx, uint64_t n); /* prot_* */
void mp_fault_lazy_check(struct mp_ctx *ctx, uint64_t n);
void mp_fault_file_read_check(struct mp_ctx *ctx, uint64_t n);
void mp_fault_file_cow_check(struct mp_ctx *ctx, uint64_t n);
void mp_fault_mkwrite_check(struct mp_ctx *ctx, uint64_t n);
void mp_fault_shmem_check(struct mp_ctx *ctx, uint64_t n);
void mp_fault_shmem_huge_check(struct mp_ctx *ctx, uint64_t n);
void mp_fault_shmem_read_check(struct mp_ctx *ctx, uint64_t n);
void mp_fault_swapin_check(struct mp_ctx *ctx, uint64_t n);
void mp_fault_team_check(struct mp_ctx *ctx, uint64_t n);

/* teardown hooks that do more than mp_range_teardown */
void mp_fault_fork_teardown(struct mp_ctx *ctx);
void mp_fault_team_teardown(struct mp_ctx *ctx);

/* For the setup hooks: an anonymous private range of axis "range", as yet unmapped. */
void mp_fault_anon_range(struct mp_ctx *ctx, int (*renew)(struct mp_ctx *, struct mp_err *));

/* A `renew`: drops the range, then reads all of it. */
int mp_fault_read_first(struct mp_ctx *ctx, struct mp_err *err);

#endif
