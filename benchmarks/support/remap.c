/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preparing and undoing what the mremap family times: see remap.h. The proofs are in remap_check.c. */
#include "benchmarks/support/remap.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define MOVE	   (MREMAP_MAYMOVE | MREMAP_FIXED)
#define PLACES_END (4ULL << 30) /* the smallest arena that bench.h promises */
#define EVERY	   5 /* memory: an object may have a fifth of it, twice */

static const char *align_of(const struct mp_params *params)
{
	const struct mp_param *p = mp_params_find(params, "align");

	return p ? p->word : "pte";
}

/* Where things lie */

/* Bytes that one page of the second level of page tables maps. */
static uint64_t upper_span(uint64_t page)
{
	return mp_table_span(page) * (page / 8);
}

/* The span whose multiples the object is laid out by: that of the largest table that it can fill. */
static uint64_t base_span(uint64_t page, uint64_t size)
{
	return size + page >= upper_span(page) ? upper_span(page) : mp_table_span(page);
}

static uint64_t round_up(uint64_t value, uint64_t step)
{
	return (value + step - 1) / step * step;
}

/* Offsets from the arena's start. One step beyond a multiple of `base` at the one end and two at the other: the ends
 * differ in the level above, and both share the tables in which they begin and end with the reservation. */
static void offsets(uint64_t page, const char *align, uint64_t size, uint64_t *ret_from,
		    uint64_t *ret_to)
{
	uint64_t base = base_span(page, size);
	uint64_t step = !strcmp(align, "pud")	? upper_span(page)
			: !strcmp(align, "pmd") ? mp_table_span(page)
						: page;

	*ret_from = base + (step < upper_span(page) ? step : 0);
	*ret_to = *ret_from + round_up(size, base) + step;
}

void mp_remap_places(const struct mp_ctx *ctx, const char *align, uint64_t size, uint64_t *ret_from,
		     uint64_t *ret_to)
{
	offsets(ctx->host->page_size, align, size, ret_from, ret_to);
	*ret_from += (uint64_t)ctx->arena;
	*ret_to += (uint64_t)ctx->arena;
}

static int hole(struct mp_ctx *ctx, uint64_t at, uint64_t size, struct mp_err *err)
{
	return mp_arena_hole(ctx, at - (uint64_t)ctx->arena, size, err);
}

/* Setup */

/* What every setup begins with: an object of `whole` bytes at its home. */
static int begin(struct mp_ctx *ctx, const char *align, uint64_t whole, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	int ret = mp_object_open(ctx, &s->object, whole, err);

	ctx->depth = 1;
	s->whole = whole;
	s->old_size = whole;
	s->new_size = whole;
	mp_remap_places(ctx, align, whole, &s->home, &s->to);
	s->from = s->home;
	s->want = (int64_t)s->from;
	return ret ? ret : mp_object_make(&s->object, s->home, whole, err);
}

/* And a hole of as many where it goes. */
static int begin_pair(struct mp_ctx *ctx, const char *align, uint64_t whole, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	int ret = begin(ctx, align, whole, err);

	s->flags = MOVE;
	return ret ? ret : hole(ctx, s->to, whole, err);
}

int mp_remap_same_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	int ret = begin(ctx, "pte", mp_ctx_number(ctx, "size"), err);

	ctx->depth = 0;
	return ret;
}

int mp_remap_shrink_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	uint64_t size = mp_ctx_number(ctx, "size");
	bool half = mp_ctx_is(ctx, "by", "half"), thp = mp_params_is(ctx->params, "huge", "thp");
	uint64_t gone = half ? size / 2 : ctx->host->page_size;
	int ret = begin(ctx, thp ? "pmd" : "pte", size, err);

	s->new_size = size - gone;
	s->object.faults_each = mp_object_claims_pages(ctx, gone) /
				(thp ? ctx->host->hugepage_size / ctx->host->page_size : 1);
	return ret;
}

int mp_remap_grow_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	struct mp_object untouched;
	uint64_t size = mp_ctx_number(ctx, "size");
	int ret = begin(ctx, "pte", size, err);

	s->new_size = 2 * size;
	if (!ret)
		ret = hole(ctx, s->home + size, size, err);
	if (ret || !mp_ctx_is(ctx, "neighbourhood", "merge"))
		return ret;
	untouched = s->object;
	untouched.touched = false;
	s->neighbour = s->object.page;
	return mp_object_make(&untouched, s->home + s->new_size, s->neighbour, err);
}

/* The kernel chooses where to: what decides is where the object comes from. */
int mp_remap_grow_move_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	const char *align = align_of(ctx->params);
	uint64_t size = mp_ctx_number(ctx, "size"), page = ctx->host->page_size;
	uint64_t base = base_span(page, size), step = !strcmp(align, "pte") ? page : 0;
	int ret = mp_object_open(ctx, &s->object, size, err);

	ctx->depth = 1;
	s->whole = size;
	s->old_size = size;
	s->new_size = 2 * size;
	s->flags = MREMAP_MAYMOVE;
	if (!ret)
		ret = mp_space_settle(&s->space, &s->object.view, ctx->host, s->new_size, err);
	if (ret)
		return ret;
	if (!strcmp(align, "pmd"))
		base = mp_table_span(page);
	s->home = (uint64_t)ctx->arena + base + (s->space.spot + step) % base;
	s->from = s->home;
	s->to = s->space.spot;
	s->want = (int64_t)s->to;
	return mp_object_make(&s->object, s->home, size, err);
}

int mp_remap_grow_fail_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	int ret = begin(ctx, "pte", mp_ctx_number(ctx, "size"), err);

	ctx->depth = 0;
	s->new_size = 2 * s->whole;
	s->want = -ENOMEM;
	return ret;
}

static int move_once(struct mp_remap_state *s, struct mp_err *err)
{
	long got =
		mp_sys_mremap((void *)s->from, s->old_size, s->new_size, s->flags, (void *)s->to);
	uint64_t from = s->from;

	if (mp_sys_failed(got))
		return mp_err_env(err, (int)got, "cannot move %llu bytes: %s",
				  (unsigned long long)s->old_size, strerror((int)-got));
	s->from = s->to;
	s->to = from;
	return 0;
}

/* Twice there and back: the second time tells what page tables there are with the object at either end. */
static int rehearse(struct mp_remap_state *s, struct mp_err *err)
{
	int ret = 0;

	for (unsigned i = 0; !ret && i < 4; i++) {
		ret = move_once(s, err);
		s->tables[s->from != s->home] = mp_pages_tables(&s->object.pages);
	}
	return ret;
}

/* From here on any number of times, there and back; but not many at once when one takes milliseconds. */
static int moves(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	uint64_t entries =
		mp_params_is(ctx->params, "touch", "none") ? 1 : s->whole / s->object.page;
	bool long_one = !strcmp(align_of(ctx->params), "pte") && entries >= 65536;

	ctx->depth = long_one ? 1 : 0;
	return rehearse(s, err);
}

int mp_remap_move_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	int ret = begin_pair(ctx, align_of(ctx->params), mp_ctx_number(ctx, "size"), err);

	return ret ? ret : moves(ctx, err);
}

int mp_remap_hugetlb_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	bool large = ctx->host->hugetlb_size > mp_table_span(ctx->host->page_size);
	int ret;

	s->object.backing = MP_OBJECT_HUGETLB;
	ret = begin_pair(ctx, large ? "pud" : "pmd", mp_ctx_number(ctx, "size"), err);
	return ret ? ret : moves(ctx, err);
}

int mp_remap_over_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	int ret = mp_remap_move_setup(ctx, err);

	ctx->depth = 1;
	s->object.faults_each = mp_object_claims_pages(ctx, s->whole);
	if (!ret)
		mp_remap_obstruct(s);
	return ret;
}

int mp_remap_dontunmap_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	int ret = begin_pair(ctx, align_of(ctx->params), mp_ctx_number(ctx, "size"), err);

	s->flags = MOVE | MREMAP_DONTUNMAP;
	return ret;
}

int mp_remap_dup_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	int ret;

	s->object.backing = MP_OBJECT_SHARED;
	ret = begin_pair(ctx, "pte", mp_ctx_number(ctx, "size"), err);
	s->old_size = 0;
	s->want = (int64_t)s->to;
	return ret;
}

int mp_remap_part_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	uint64_t size = mp_ctx_number(ctx, "size");
	uint64_t part = mp_ctx_is(ctx, "position", "head")     ? 0
			: mp_ctx_is(ctx, "position", "middle") ? 1
							       : 2;
	int ret = begin_pair(ctx, "pte", 3 * size, err);

	s->from = s->home + part * size;
	s->old_size = size;
	s->new_size = size;
	s->want = (int64_t)s->to;
	return ret;
}

/* Huge pages at home, where they are aligned; a page further on there can be none. */
int mp_remap_split_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	uint64_t size = mp_ctx_number(ctx, "size");
	int ret;

	s->object.huge = true;
	ret = begin(ctx, "pmd", size, err);
	if (!ret)
		ret = mp_thp_possible(ctx->host->hugepage_size, err);
	s->object.faults_each = ctx->host->hugepage_size ? size / ctx->host->hugepage_size : 0;
	s->to += s->object.page;
	s->flags = MOVE;
	s->want = (int64_t)s->to;
	return ret ? ret : hole(ctx, s->to, size, err);
}

/* Every other page is not inherited by children: mappings that no move can merge. */
int mp_remap_multi_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	uint64_t count = mp_ctx_number(ctx, "count"), page = ctx->host->page_size;
	int ret = begin_pair(ctx, "pte", count * page, err);

	for (uint64_t k = 1; !ret && k < count; k += 2)
		if (madvise((void *)(s->home + k * page), page, MADV_DONTFORK))
			ret = mp_err_env(err, -errno, "cannot make %llu mappings: %s",
					 (unsigned long long)count, strerror(errno));
	return ret ? ret : moves(ctx, err);
}

/* Arm, disarm */

int mp_remap_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;
	/* what moves to and fro is where the last move left it */
	bool moved = s->from == s->home || s->to == s->home;

	(void)n;
	(void)err;
	s->got = MP_REMAP_NO_ANSWER;
	mp_object_look(&s->object, moved ? s->from : s->home, s->whole);
	return 0;
}

#define DISARM(name, undo)                                                                         \
	int name(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)                               \
	{                                                                                          \
		(void)n;                                                                           \
		(void)err;                                                                         \
		undo(ctx->state);                                                                  \
		return 0;                                                                          \
	}

DISARM(mp_remap_regrow_disarm, mp_remap_regrow)
DISARM(mp_remap_reshrink_disarm, mp_remap_reshrink)
DISARM(mp_remap_return_disarm, mp_remap_return)
DISARM(mp_remap_unmap_disarm, mp_remap_unmap)
DISARM(mp_remap_obstruct_disarm, mp_remap_obstruct)

int mp_remap_split_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_remap_state *s = ctx->state;

	(void)n;
	munmap((void *)s->to, s->whole);
	s->object.renewed++;
	return mp_object_make(&s->object, s->home, s->whole, err);
}

void mp_remap_teardown(struct mp_ctx *ctx)
{
	struct mp_remap_state *s = ctx->state;

	mp_object_close(&s->object);
}

/* Which combinations make sense */

int mp_remap_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err)
{
	uint64_t page = host->page_size, from, to;
	uint64_t size = mp_params_number(params, "size", page);
	const char *align = align_of(params);
	bool thp = mp_params_is(params, "huge", "thp"), half = mp_params_is(params, "by", "half");

	if ((!strcmp(align, "pmd") && size + page < mp_table_span(page)) ||
	    (!strcmp(align, "pud") && size + page < upper_span(page)))
		return mp_err_usage(err, -EINVAL,
				    "the size is less than one page table of level '%s' maps",
				    align);
	if (thp &&
	    (!host->hugepage_size || size % (half ? 2 * host->hugepage_size : host->hugepage_size)))
		return mp_err_usage(err, -EINVAL, "what is left is no multiple of the huge page");
	if (thp && ((mp_params_find(params, "align") && !strcmp(align, "pte")) ||
		    mp_params_is(params, "by", "page")))
		return mp_err_usage(err, -EINVAL,
				    "the call splits a huge page: see mremap.huge_split");
	if (mp_params_find(params, "by") && size < 2 * page)
		return mp_err_usage(err, -EINVAL, "less than two pages cannot shrink");
	if (size > host->memory_bytes / EVERY)
		return mp_err_usage(err, -EINVAL, "the size exceeds a fifth of the memory");
	offsets(page, align, mp_params_find(params, "position") ? 3 * size : size, &from, &to);
	if (to + size > PLACES_END)
		return mp_err_usage(err, -EINVAL, "two of that size exceed the range of 4 GiB");
	return 0;
}

int mp_remap_hugetlb_legal(const struct mp_params *params, const struct mp_host *host,
			   struct mp_err *err)
{
	uint64_t size = mp_params_number(params, "size", 0);

	if (host->hugetlb_size && size % host->hugetlb_size == 0 && size <= PLACES_END / 4)
		return 0;
	return mp_err_usage(err, -EINVAL,
			    "the size is no multiple of the hugetlb page, or above 1 GiB");
}
