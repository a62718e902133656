/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mprotect.first_load, mprotect.first_store: what a change of protection leaves to the first access. The pages are
 * present; whether the access faults is the kernel's choice, and all of one block choose alike.
 */
#include "benchmarks/support/protect.h"
#include "benchmarks/support/segv.h"

#include <errno.h>
#include <string.h>

/* The axis "after" is a transition, "none_rw": from where, to where. */
static int before_of(const struct mp_ctx *ctx)
{
	return mp_ctx_is(ctx, "after", "rw_r")	 ? MP_PROTECT_OPEN
	       : mp_ctx_is(ctx, "after", "r_rw") ? PROT_READ
						 : PROT_NONE;
}

static bool ends_writable(const struct mp_ctx *ctx)
{
	return mp_ctx_is(ctx, "after", "r_rw") || mp_ctx_is(ctx, "after", "none_rw");
}

/* A `renew`: stores to every page, and then the transition. */
static int change(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;
	int to = ends_writable(ctx) ? MP_PROTECT_OPEN : PROT_READ;
	int ret = mprotect(r->base, r->size, MP_PROTECT_OPEN);

	if (!ret)
		mp_range_store_all(r);
	if (!ret)
		ret = mprotect(r->base, r->size, before_of(ctx));
	if (!ret)
		ret = mprotect(r->base, r->size, to);
	return ret ? mp_err_env(err, -errno, "cannot change the protection: %s", strerror(errno))
		   : 0;
}

int mp_first_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	r->bytes = mp_ctx_number(ctx, "range");
	r->prot = MP_PROTECT_OPEN;
	r->flags = MAP_PRIVATE | MAP_ANONYMOUS;
	r->renew = change;
	r->look_before = true;
	return mp_range_map(ctx, err);
}

int mp_first_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_protect_first *f = ctx->state;

	f->sum = 0;
	return mp_range_arm(ctx, n, err);
}

static void expect_page(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_range *r = ctx->state;
	struct mp_residency now;

	mp_range_check_faults_none_or_all(ctx, n);
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "present_before", n, r->before.present);
	mp_expect_equal(ctx, "exclusive", n, now.exclusive);
	mp_expect_equal(ctx, "writable", ends_writable(ctx),
			mp_segv_allows(r->at[0], MP_SEGV_STORE));
	mp_range_check_kept(ctx, n);
	mp_range_check_advice(ctx);
}

void mp_first_load_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_protect_first *f = ctx->state;

	expect_page(ctx, n);
	mp_expect_equal(ctx, "loaded", n * MP_RANGE_KEPT, f->sum);
}

void mp_first_store_check(struct mp_ctx *ctx, uint64_t n)
{
	expect_page(ctx, n);
	mp_range_check_stored(ctx, n);
}

int mp_first_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err)
{
	uint64_t range = mp_params_find(params, "range")->number;

	if (range / host->page_size <= MP_RANGE_TOUCHES && range <= host->memory_bytes / 4)
		return 0;
	return mp_err_usage(err, -EINVAL, "the range has more than %u pages, or is too large",
			    MP_RANGE_TOUCHES);
}
