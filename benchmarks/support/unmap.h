/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the benchmarks of the munmap family do outside their timed section: make the mappings that the calls
 * unmap, bring their pages into the state that the case names, prove both, and clear up.
 *
 * Evidence that the pages were as claimed comes from two sides. Every object costs page faults when it is
 * touched: `check` compares the faults since the last check with the objects made since then. And the objects
 * of the first arm after a check are looked at in the page tables, before they are unmapped: one of each
 * block, so that looking does not disturb what is timed.
 */
#ifndef BENCHMARKS_SUPPORT_UNMAP_H
#define BENCHMARKS_SUPPORT_UNMAP_H

#include "benchmarks/bench.h"
#include "benchmarks/support/page.h"
#include "benchmarks/support/space.h"
#include "benchmarks/support/syscall.h"
#include "benchmarks/support/vma.h"

#include <sys/mman.h>

#define MP_UNMAP_MAX	   1024 /* most objects at once; a power of two */
#define MP_UNMAP_HELPERS   64
#define MP_UNMAP_NO_ANSWER 1

enum mp_unmap_touch { MP_UNMAP_UNTOUCHED, MP_UNMAP_READ, MP_UNMAP_WRITTEN };

struct mp_unmap_helpers; /* unmap_helpers.c */

struct mp_unmap_state {
	/* What the operation reads, and the kernel's answers; arm sets those to MP_UNMAP_NO_ANSWER. */
	uint64_t size; /* bytes to unmap */
	uint64_t at[MP_UNMAP_MAX];
	int64_t got[MP_UNMAP_MAX];

	/* The objects. Each is `whole` bytes long, and the call unmaps `size` bytes from `offset`. They are
	 * unmapped in the opposite order of their making: what merged is trimmed, never split. */
	uint64_t whole, offset;
	uint64_t mapped; /* bytes of each that are mapped: all but its gaps */
	uint64_t want[MP_UNMAP_MAX]; /* address arguments of mmap: NULL, or slots of the arena */
	uint64_t
		rows; /* munmap.multi: mappings of one page each that an object consists of; 0: one */
	uint64_t
		gaps; /* munmap.gaps: pages of an object, of which every other one is a hole; 0: none */
	int prot[2]; /* alternating, so that objects do not merge; see support/map.h */
	int flags;
	int fd;
	bool merge, forbade, owns_fd;
	uint64_t
		tables; /* bytes of page tables after setup; 0: the case claims nothing about them */
	bool advise; /* MADV_HUGEPAGE for every object */
	enum mp_unmap_touch touch;
	uint64_t step; /* bytes from one touch to the next */
	uint64_t faults_each; /* faults that touching one object takes; UINT64_MAX: not known */

	uint64_t made; /* objects since the last check */
	struct mp_faults faults; /* at the last check */
	bool counting; /* there was one */
	bool look; /* the next arm looks at what it made */
	bool looked, looked_closely; /* and has done so */
	uint32_t looks;
	struct mp_residency seen;
	uint64_t seen_vmas; /* in the first object */
	struct mp_vma seen_vma; /* of the first object, when looked at closely */

	struct mp_vma_view view;
	struct mp_pages pages;
	struct mp_space space;
	struct mp_unmap_helpers *helpers;
};

/* Makes object i and brings it into its state. Its address, or a negative errno. */
static inline long mp_unmap_make(const struct mp_unmap_state *s, uint64_t i)
{
	long object = mp_sys_mmap((void *)s->want[i], s->whole, s->prot[i & 1], s->flags, s->fd, 0);
	long end = object + (long)s->whole;

	if (mp_sys_failed(object))
		return object;
	if (s->advise)
		mp_sys_madvise((void *)object, s->whole, MADV_HUGEPAGE);
	/* every other page only writable: as many mappings as pages */
	for (uint64_t k = 1; k < s->rows; k += 2) {
		uint64_t page = s->pages.page_size;
		long ret = mp_sys_mprotect((void *)(object + (long)(k * page)), page, PROT_WRITE);

		if (ret)
			return ret;
	}
	for (uint64_t k = 1; k < s->gaps; k += 2) {
		uint64_t page = s->pages.page_size;
		long ret = mp_sys_munmap((void *)(object + (long)(k * page)), page);

		if (ret)
			return ret;
	}
	if (s->touch == MP_UNMAP_WRITTEN)
		for (long at = object; at < end; at += (long)s->step)
			*(volatile char *)at = 1;
	else if (s->touch == MP_UNMAP_READ)
		for (long at = object; at < end; at += (long)s->step)
			(void)*(volatile char *)at;
	return object;
}

/* The next object, when one at a time is unmapped. */
static inline void mp_unmap_renew(struct mp_unmap_state *s)
{
	s->at[0] = (uint64_t)mp_unmap_make(s, 0) + s->offset;
	s->got[0] = MP_UNMAP_NO_ANSWER;
	s->made++;
}

/* setup hooks */
int mp_unmap_anon_setup(struct mp_ctx *ctx, struct mp_err *err); /* untouched or touched */
int mp_unmap_head_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_unmap_tail_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_unmap_middle_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_unmap_page_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_unmap_gaps_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_unmap_hugetlb_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_unmap_large_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_unmap_file_shared_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_unmap_multi_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_unmap_hole_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_unmap_file_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_unmap_shootdown_setup(struct mp_ctx *ctx, struct mp_err *err);

int mp_unmap_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_unmap_hole_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_unmap_large_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_unmap_shootdown_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);

void mp_unmap_check(struct mp_ctx *ctx, uint64_t n); /* whole objects */
void mp_unmap_part_check(struct mp_ctx *ctx, uint64_t n);
void mp_unmap_multi_check(struct mp_ctx *ctx, uint64_t n);
void mp_unmap_hugetlb_check(struct mp_ctx *ctx, uint64_t n);
void mp_unmap_large_check(struct mp_ctx *ctx, uint64_t n);
void mp_unmap_file_shared_check(struct mp_ctx *ctx, uint64_t n);
void mp_unmap_hole_check(struct mp_ctx *ctx, uint64_t n);
void mp_unmap_file_check(struct mp_ctx *ctx, uint64_t n);
void mp_unmap_shootdown_check(struct mp_ctx *ctx, uint64_t n);

/* Unmaps what is left of the objects. */
int mp_unmap_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_unmap_part_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);

void mp_unmap_teardown(struct mp_ctx *ctx);

/* legal hooks */
int mp_unmap_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err);
int mp_unmap_untouched_legal(const struct mp_params *params, const struct mp_host *host,
			     struct mp_err *err);
int mp_unmap_part_legal(const struct mp_params *params, const struct mp_host *host,
			struct mp_err *err);
int mp_unmap_slots_legal(const struct mp_params *params, const struct mp_host *host,
			 struct mp_err *err);
int mp_unmap_file_legal(const struct mp_params *params, const struct mp_host *host,
			struct mp_err *err);
int mp_unmap_hugetlb_legal(const struct mp_params *params, const struct mp_host *host,
			   struct mp_err *err);
int mp_unmap_shootdown_legal(const struct mp_params *params, const struct mp_host *host,
			     struct mp_err *err);

/*
 * Helpers of munmap.shootdown: threads on other CPUs that have touched the objects, so that unmapping them
 * must reach the other CPUs' TLBs.
 */

/* Starts `count` threads, each on any allowed CPU but the caller's (which the worker has bound). After
 * their work they spin, or sleep in the kernel. 0, or a negative errno with a sentence. */
int mp_unmap_helpers_start(unsigned count, bool sleep, struct mp_unmap_helpers **ret_helpers,
			   struct mp_err *err);
void mp_unmap_helpers_stop(struct mp_unmap_helpers *helpers); /* accepts NULL */

/* Has all helpers load a byte every `step` bytes of n objects, and waits until they spin or sleep again. */
int mp_unmap_helpers_touch(struct mp_unmap_helpers *helpers, const uint64_t *at, uint64_t n,
			   uint64_t size, uint64_t step, struct mp_err *err);

/* Has every helper, and the caller, store to a slice of one object: all of its pages, by all CPUs. Waits as above. */
int mp_unmap_helpers_fill(struct mp_unmap_helpers *helpers, uint64_t at, uint64_t size,
			  uint64_t step, struct mp_err *err);

/* What they did last. */
struct mp_unmap_helped {
	uint64_t loads; /* of all helpers together; of filling: stores, the caller's not counted */
	unsigned elsewhere; /* helpers that ran on another CPU than the caller is on */
	unsigned resting; /* helpers that spin, or that sleep, as they should */
};
void mp_unmap_helpers_look(struct mp_unmap_helpers *helpers, struct mp_unmap_helped *ret);

#endif
