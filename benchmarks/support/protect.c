/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preparing and restoring what the mprotect family times: see protect.h. The proofs are in protect_check.c. */
#include "benchmarks/support/protect.h"
#include "benchmarks/support/pkey.h"
#include "benchmarks/support/segv.h"
#include "benchmarks/support/space.h"

#include <errno.h>
#include <string.h>

/* The object, with a function at its start that may be called when it may be executed. A row: every other page is not
 * inherited by children, so that the mappings do not merge, whatever their protection. */
static int make(struct mp_protect_state *s, struct mp_err *err)
{
	uint64_t page = s->object.page;
	int ret = mp_object_make(&s->object, s->home, s->whole, err);

	if (!ret && s->object.touched)
		mp_segv_write_return((char *)s->home + MP_PROTECT_CODE_AT);
	for (uint64_t k = 1; !ret && k < s->row; k += 2)
		if (madvise((void *)(s->home + k * page), page, MADV_DONTFORK))
			ret = mp_err_env(err, -errno, "cannot make %llu mappings: %s",
					 (unsigned long long)s->row, strerror(errno));
	return ret;
}

/* The call once, and back to the state before it; says why where that is refused. */
static int restore(struct mp_protect_state *s, struct mp_err *err)
{
	bool done;

	mp_protect_renew(s);
	done = !mprotect((void *)s->at, s->size, s->to) &&
	       !mprotect((void *)s->at, s->size, s->from);
	mp_protect_renew(s);
	if (done)
		return 0;
	return mp_err_env(err, -errno, "cannot change the protection of %llu bytes: %s",
			  (unsigned long long)s->size, strerror(errno));
}

/* An object of `whole` bytes at home; the call changes `size` bytes of it from `offset` on. Where nothing is touched, a
 * page table that neighbours keep is there nevertheless: a touch has made it, and the mapping is a new one. */
static int begin(struct mp_ctx *ctx, uint64_t whole, struct mp_err *err)
{
	struct mp_protect_state *s = ctx->state;
	bool touched;
	int ret = mp_object_open(ctx, &s->object, whole, err);

	ctx->depth = 1;
	s->whole = whole;
	s->home = (uint64_t)mp_space_slot(ctx, whole, 0);
	s->at = s->home;
	s->size = whole;
	s->from = MP_PROTECT_OPEN;
	s->vmas_before = 1;
	s->vmas_after = 1;
	touched = s->object.touched;
	s->object.touched = true;
	if (!ret)
		ret = make(s, err);
	s->object.touched = touched;
	if (!ret && !touched)
		ret = make(s, err);
	return ret;
}

static int transition(struct mp_ctx *ctx, int from, int to, struct mp_err *err)
{
	struct mp_protect_state *s = ctx->state;
	int ret = begin(ctx, mp_ctx_number(ctx, "size"), err);

	s->from = from;
	s->to = to;
	return ret ? ret : restore(s, err);
}

int mp_protect_rw_r_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return transition(ctx, MP_PROTECT_OPEN, PROT_READ, err);
}

int mp_protect_r_rw_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return transition(ctx, PROT_READ, MP_PROTECT_OPEN, err);
}

int mp_protect_rw_none_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return transition(ctx, MP_PROTECT_OPEN, PROT_NONE, err);
}

int mp_protect_none_rw_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return transition(ctx, PROT_NONE, MP_PROTECT_OPEN, err);
}

int mp_protect_rw_rx_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return transition(ctx, MP_PROTECT_OPEN, PROT_READ | PROT_EXEC, err);
}

int mp_protect_r_none_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return transition(ctx, PROT_READ, PROT_NONE, err);
}

int mp_protect_noop_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	int ret = transition(ctx, MP_PROTECT_OPEN, MP_PROTECT_OPEN, err);

	ctx->depth = 0;
	return ret;
}

/* One of three equal parts; the ends are one mapping less than the middle. */
static int part(struct mp_ctx *ctx, unsigned third, bool back, struct mp_err *err)
{
	struct mp_protect_state *s = ctx->state;
	uint64_t size = mp_ctx_number(ctx, "size");
	uint64_t pieces = third == 1 ? 3 : 2;
	int ret = begin(ctx, 3 * size, err);

	s->at = s->home + third * size;
	s->size = size;
	s->from = back ? PROT_READ : MP_PROTECT_OPEN;
	s->to = back ? MP_PROTECT_OPEN : PROT_READ;
	s->vmas_before = back ? pieces : 1;
	s->vmas_after = back ? 1 : pieces;
	return ret ? ret : restore(s, err);
}

int mp_protect_head_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return part(ctx, 0, false, err);
}

int mp_protect_middle_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return part(ctx, 1, false, err);
}

int mp_protect_tail_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return part(ctx, 2, false, err);
}

int mp_protect_merge_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	unsigned third = mp_ctx_is(ctx, "position", "head")	? 0
			 : mp_ctx_is(ctx, "position", "middle") ? 1
								: 2;

	return part(ctx, third, true, err);
}

int mp_protect_multi_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_protect_state *s = ctx->state;
	int ret;

	s->row = mp_ctx_number(ctx, "count");
	ret = begin(ctx, s->row * ctx->host->page_size, err);
	s->to = PROT_READ;
	s->vmas_before = s->row;
	s->vmas_after = s->row;
	return ret ? ret : restore(s, err);
}

/* The first bytes of one huge page. */
int mp_protect_huge_split_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_protect_state *s = ctx->state;
	int ret;

	s->object.huge = true;
	ret = begin(ctx, ctx->host->hugepage_size, err);
	if (!ret)
		ret = mp_thp_possible(ctx->host->hugepage_size, err);
	s->size = mp_ctx_number(ctx, "size");
	s->to = PROT_READ;
	s->vmas_after = 2;
	s->remake = true;
	return ret ? ret : restore(s, err);
}

int mp_protect_pkey_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_protect_state *s = ctx->state;
	int ret = transition(ctx, MP_PROTECT_OPEN, MP_PROTECT_OPEN, err);

	s->key = mp_pkey_alloc();
	if (!ret && s->key < 0)
		ret = mp_err_env(err, s->key, "cannot get a protection key: %s", strerror(-s->key));
	return ret;
}

int mp_protect_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_protect_state *s = ctx->state;

	(void)n;
	(void)err;
	s->got = MP_PROTECT_NO_ANSWER;
	mp_object_look(&s->object, s->home, s->whole);
	return 0;
}

int mp_protect_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_protect_state *s = ctx->state;
	int ret = s->probed ? make(s, err) : 0;

	(void)n;
	s->probed = false;
	mp_protect_renew(s);
	return ret;
}

int mp_protect_pkey_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_protect_state *s = ctx->state;

	(void)n;
	(void)err;
	mp_sys_pkey_mprotect((void *)s->at, s->size, MP_PROTECT_OPEN, 0);
	return 0;
}

void mp_protect_teardown(struct mp_ctx *ctx)
{
	struct mp_protect_state *s = ctx->state;

	if (s->key > 0)
		mp_pkey_free(s->key);
	mp_object_close(&s->object);
}

static int legal(const struct mp_params *params, const struct mp_host *host, uint64_t size,
		 struct mp_err *err)
{
	bool thp = mp_params_is(params, "huge", "thp");

	if (thp && (!host->hugepage_size || size % host->hugepage_size))
		return mp_err_usage(err, -EINVAL, "the size is no multiple of the huge page");
	if (thp && (mp_params_is(params, "backing", "shared") ||
		    mp_params_is(params, "backing", "private")))
		return mp_err_usage(err, -EINVAL, "huge pages are those of anonymous memory");
	if (size > host->memory_bytes / 5)
		return mp_err_usage(err, -EINVAL, "the size exceeds a fifth of the memory");
	return mp_space_slots_fit(host, size, 1, err);
}

int mp_protect_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err)
{
	return legal(params, host, mp_params_number(params, "size", host->page_size), err);
}

int mp_protect_part_legal(const struct mp_params *params, const struct mp_host *host,
			  struct mp_err *err)
{
	return legal(params, host, 3 * mp_params_number(params, "size", host->page_size), err);
}

int mp_protect_huge_split_legal(const struct mp_params *params, const struct mp_host *host,
				struct mp_err *err)
{
	if (mp_params_number(params, "size", 0) < host->hugepage_size)
		return 0;
	return mp_err_usage(err, -EINVAL, "a whole huge page is not split");
}
