/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the benchmarks of the mremap family do outside their timed section: make the mapping that the calls move or
 * resize, choose the places by design, prove what happened at both ends, and clear up.
 *
 * A move goes from one hole of the arena into another, and the next one goes back: nothing has to be prepared in
 * between, and what a call finds is what the call before left. Both places have the same shape: where a page table
 * belongs to the mapping alone it is so at both ends, and where a neighbour keeps one it keeps one at both. Sizes and
 * addresses are in bytes.
 */
#ifndef BENCHMARKS_SUPPORT_REMAP_H
#define BENCHMARKS_SUPPORT_REMAP_H

#include "benchmarks/bench.h"
#include "benchmarks/support/object.h"
#include "benchmarks/support/space.h"
#include "benchmarks/support/syscall.h"

#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4 /* Linux 5.7 */
#endif

#define MP_REMAP_NO_ANSWER 1 /* neither an address nor an error */
#define MP_REMAP_SHUFFLE   4096 /* most pages of mremap.page_shuffle */

struct mp_remap_state {
	/* The arguments of the call, and the answer that is wanted. A move exchanges `from` and `to`. */
	uint64_t from, old_size, new_size, to;
	int flags;
	int64_t want, got;

	/* The object: as setup made it, and between two operations. */
	uint64_t home, whole;
	uint64_t
		tables[2]; /* bytes of page tables with the object at home, and away; 0: no claim */
	uint64_t neighbour; /* mremap.grow_inplace: bytes that the growth merges with; 0: none */
	struct mp_object object;
	struct mp_space space; /* mremap.grow_move: where the kernel's own choice falls */
};

/* mremap.page_shuffle: pages move into the hole that the page before left, in one random cycle over all slots. */
struct mp_shuffle_state {
	uint64_t page; /* bytes */
	uint64_t pages; /* slots, one of which is the hole */
	uint64_t hole; /* place in `at` */
	uint64_t at
		[MP_REMAP_SHUFFLE]; /* addresses of the slots in the order in which they are visited */
	uint32_t holds[MP_REMAP_SHUFFLE]; /* the mark of the page in that slot, as it should be */
	uint64_t expected; /* the place of the hole, as it should be */
	bool advanced; /* both count the operations of the block already */
	uint64_t base; /* of the area */
	struct mp_object object;
};

/* Undoing one operation, which is preparing the next: what a program would do, and nothing else. */

static inline void mp_remap_regrow(struct mp_remap_state *s)
{
	struct mp_object *o = &s->object;
	long at = mp_sys_mremap((void *)s->from, s->new_size, s->whole, 0, NULL);

	if (o->touched && at == (long)s->from)
		mp_object_touch(o, s->from, s->new_size / o->page,
				(s->whole - s->new_size) / o->page);
	o->renewed++;
}

static inline void mp_remap_reshrink(struct mp_remap_state *s)
{
	mp_sys_mremap((void *)s->from, s->new_size, s->old_size, 0, NULL);
}

/* Also cuts off what has been grown. */
static inline void mp_remap_return(struct mp_remap_state *s)
{
	/* In two steps: a call that shrinks and moves leaves what it cut off in Committed_AS for good (Linux 6.18). */
	mp_sys_mremap((void *)s->to, s->new_size, s->old_size, 0, NULL);
	mp_sys_mremap((void *)s->to, s->old_size, s->old_size, MREMAP_MAYMOVE | MREMAP_FIXED,
		      (void *)s->from);
}

/* `to` is where the object was before the move, or where its double is. */
static inline void mp_remap_unmap(struct mp_remap_state *s)
{
	mp_sys_munmap((void *)s->to, s->new_size);
}

/* A mapping in the way of the next move. */
static inline void mp_remap_obstruct(struct mp_remap_state *s)
{
	struct mp_object *o = &s->object;

	mp_sys_mmap((void *)s->to, s->new_size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	mp_sys_madvise((void *)s->to, s->new_size, MADV_NOHUGEPAGE);
	if (o->touched)
		mp_object_touch(o, s->to, 0, s->new_size / o->page);
	o->renewed++;
}

/* The next page of the cycle into the hole. */
static inline uint64_t mp_shuffle_move(struct mp_shuffle_state *s)
{
	uint64_t hole = s->at[s->hole];
	uint64_t next = s->hole + 1 == s->pages ? 0 : s->hole + 1;
	long got = mp_sys_mremap((void *)s->at[next], s->page, s->page,
				 MREMAP_MAYMOVE | MREMAP_FIXED, (void *)hole);

	s->hole = next;
	return got == (long)hole;
}

/* setup hooks */
int mp_remap_same_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_remap_shrink_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_remap_grow_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_remap_grow_move_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_remap_grow_fail_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_remap_move_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_remap_hugetlb_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_remap_over_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_remap_dontunmap_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_remap_dup_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_remap_part_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_remap_split_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_remap_multi_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_shuffle_setup(struct mp_ctx *ctx, struct mp_err *err);

/* Forgets the answer, looks at the object when that is due. */
int mp_remap_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_shuffle_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_shuffle_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);

/* disarm hooks: the functions above, out of line; and a huge page made anew */
int mp_remap_regrow_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_remap_reshrink_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_remap_return_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_remap_unmap_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_remap_obstruct_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_remap_split_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);

/* check hooks */
void mp_remap_same_check(struct mp_ctx *ctx, uint64_t n); /* and grow_fail: nothing has changed */
void mp_remap_resize_check(struct mp_ctx *ctx, uint64_t n); /* longer or shorter, in its place */
void mp_remap_grow_move_check(struct mp_ctx *ctx, uint64_t n);
void mp_remap_move_check(struct mp_ctx *ctx, uint64_t n); /* fixed, fixed_over, hugetlb */
void mp_remap_dontunmap_check(struct mp_ctx *ctx, uint64_t n);
void mp_remap_dup_check(struct mp_ctx *ctx, uint64_t n);
void mp_remap_part_check(struct mp_ctx *ctx, uint64_t n);
void mp_remap_split_check(struct mp_ctx *ctx, uint64_t n);
void mp_remap_multi_check(struct mp_ctx *ctx, uint64_t n);
void mp_shuffle_check(struct mp_ctx *ctx, uint64_t n);

void mp_remap_teardown(struct mp_ctx *ctx);
void mp_shuffle_teardown(struct mp_ctx *ctx);

/* legal hooks */
int mp_remap_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err);
int mp_remap_hugetlb_legal(const struct mp_params *params, const struct mp_host *host,
			   struct mp_err *err);

/* For the setup hooks: two places in the arena for `size` bytes that begin at the same offset in what the named level of
 * page tables maps ("pte": only in a page, "pmd": in the span of a lowest page table, "pud": in 1 GiB where pages have
 * 4 KiB). No neighbour shares a page table with them where they are aligned; where not, one does at either end. */
void mp_remap_places(const struct mp_ctx *ctx, const char *align, uint64_t size, uint64_t *ret_from,
		     uint64_t *ret_to);

#endif
