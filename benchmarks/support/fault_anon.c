/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults on anonymous memory: empty, read before, shared after fork, protected and unprotected, lazily freed. */
#include "benchmarks/support/fault.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "common/units.h"

#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#endif

/* Bytes of the huge pages that axis "huge" asks for; 0: base pages. */
static uint64_t folio_size(const struct mp_params *params, const struct mp_host *host)
{
	const struct mp_param *p = mp_params_find(params, "huge");
	uint64_t bytes = 0;

	if (!p || !strcmp(p->word, "none"))
		return 0;
	if (!strcmp(p->word, "thp"))
		return host->hugepage_size ? host->hugepage_size : 1;
	mp_size_parse(p->word, &bytes);
	return bytes;
}

int mp_fault_anon_legal(const struct mp_params *params, const struct mp_host *host,
			struct mp_err *err)
{
	uint64_t bytes = mp_params_find(params, "range")->number;
	bool cold = mp_params_is(params, "page_tables", "cold");
	uint64_t folio = folio_size(params, host);
	int ret;

	if (bytes / host->page_size > MP_RANGE_TOUCHES)
		return mp_err_usage(err, -EINVAL, "more than %u pages in a range",
				    MP_RANGE_TOUCHES);
	if (folio && !mp_params_is(params, "huge", "thp")) {
		if (!(host->thp_sizes & folio))
			return mp_err_usage(err, -EINVAL,
					    "this kernel offers no huge pages of that size");
	} else if (!folio) {
		if (!cold || bytes <= mp_table_span(host->page_size))
			return 0;
		return mp_err_usage(err, -EINVAL,
				    "cold touches lie one page table apart: no room for so many");
	}
	ret = mp_thp_possible(host->hugepage_size, err);
	if (ret)
		return ret;
	if (bytes % folio)
		return mp_err_usage(err, -EINVAL, "the range is not whole huge pages");
	if (cold)
		return mp_err_usage(err, -EINVAL,
				    "only base pages are touched with cold page tables");
	return 0;
}

void mp_fault_anon_range(struct mp_ctx *ctx, int (*renew)(struct mp_ctx *, struct mp_err *))
{
	struct mp_range *r = ctx->state;

	r->bytes = mp_ctx_number(ctx, "range");
	r->prot = PROT_READ | PROT_WRITE;
	r->flags = MAP_PRIVATE | MAP_ANONYMOUS;
	r->fd = -1;
	r->renew = renew;
}

int mp_fault_anon_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	mp_fault_anon_range(ctx, mp_range_drop);
	r->step = folio_size(ctx->params, ctx->host);
	r->huge = r->step != 0;
	if (mp_params_find(ctx->params, "order"))
		r->order = mp_ctx_is(ctx, "order", "random")	   ? MP_RANGE_RANDOM
			   : mp_ctx_is(ctx, "order", "descending") ? MP_RANGE_DESCENDING
								   : MP_RANGE_ASCENDING;
	if (mp_params_find(ctx->params, "page_tables"))
		r->cold = mp_ctx_is(ctx, "page_tables", "cold");
	return mp_range_map(ctx, err);
}

void mp_fault_anon_read_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	struct mp_residency now;

	mp_range_check_faults(ctx, n, n);
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "present", n * r->per_touch, now.present);
	/* the zero page belongs to nobody: no page was allocated */
	mp_expect_equal(ctx, "allocated", 0, now.exclusive);
	mp_range_check_advice(ctx);
}

void mp_fault_anon_write_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	struct mp_residency now;

	mp_range_check_faults(ctx, n, n);
	/* one fault for each touch, and as many pages mapped as a mapping of that size has: so every
	 * fault mapped one page of exactly that size */
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "present", n * r->per_touch, now.present);
	mp_expect_equal(ctx, "allocated", n * r->per_touch, now.exclusive);
	if (!r->huge)
		mp_range_check_tables(ctx, n, r->cold ? ctx->host->page_size : 0);
	mp_range_check_advice(ctx);
	mp_range_check_stored(ctx, n);
}

/* fault.hugetlb: pages of the pool, reserved by the mapping, so that no fault can find it empty */

int mp_fault_hugetlb_legal(const struct mp_params *params, const struct mp_host *host,
			   struct mp_err *err)
{
	uint64_t bytes = mp_params_find(params, "range")->number;

	uint64_t page = mp_params_find(params, "hugepage")->number;

	if (!(host->hugetlb_sizes & page) || page & (page - 1))
		return mp_err_usage(err, -EINVAL, "this kernel has no hugetlb pages of that size");
	if (!bytes || bytes % page)
		return mp_err_usage(err, -EINVAL, "the range is no multiple of the hugetlb page");
	if (bytes > (page > MP_HUGETLB_POOL ? page : MP_HUGETLB_POOL))
		return mp_err_usage(err, -EINVAL, "the range is more than the pool");
	return 0;
}

int mp_fault_hugetlb_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	mp_fault_anon_range(ctx, mp_range_drop);
	r->step = mp_ctx_number(ctx, "hugepage");
	r->flags |= MAP_HUGETLB | __builtin_ctzll(r->step) << MAP_HUGE_SHIFT;
	r->per_touch = (uint32_t)(r->step / ctx->host->page_size);
	return mp_range_map(ctx, err);
}

void mp_fault_hugetlb_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	struct mp_residency now;

	mp_range_check_faults(ctx, n, n);
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "present", n * r->per_touch, now.present);
	/* There is no zero page of the pool, so that what is anonymous was allocated; `exclusive` does not tell (page.h). */
	mp_expect_equal(ctx, "allocated", n * r->per_touch, now.present - now.file);
	mp_range_check_stored(ctx, n);
}

/* fault.zero_upgrade: read first, so that the zero page is mapped */

int mp_fault_read_first(struct mp_ctx *ctx, struct mp_err *err)
{
	int ret = mp_range_drop(ctx, err);

	if (!ret)
		mp_range_load_all(ctx->state);
	return ret;
}

int mp_fault_zero_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	mp_fault_anon_range(ctx, mp_fault_read_first);
	r->huge = mp_ctx_is(ctx, "huge", "thp");
	r->look_before = true;
	return mp_range_map(ctx, err);
}

void mp_fault_zero_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	struct mp_residency now;
	uint64_t each;

	mp_range_check_faults(ctx, n, n);
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "zero_before", n * r->per_touch,
			r->before.present - r->before.exclusive);
	mp_expect_equal(ctx, "present", n * r->per_touch, now.present);
	/* What follows the huge zero page is the kernel's choice: a huge page, or one small page of it. */
	each = now.exclusive == n ? 1 : r->per_touch;
	mp_expect_equal(ctx, "allocated", n * each, now.exclusive);
	mp_range_check_advice(ctx);
	mp_range_check_stored(ctx, n);
}

/* fault.cow_fork: the range is filled once; a child made by fork(2) sleeps beside it for a pass, or is gone */

static int fork_again(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_fault_fork *c = ctx->state;
	int ret;

	mp_sleeper_stop(&c->child);
	mp_range_store_all(&c->range);
	ret = mp_sleeper_start(&c->child, err);
	if (!ret && !c->shared)
		mp_sleeper_stop(&c->child);
	return ret;
}

int mp_fault_fork_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_fault_fork *c = ctx->state;

	mp_fault_anon_range(ctx, fork_again);
	c->shared = mp_ctx_is(ctx, "sharing", "shared");
	c->range.look_before = true;
	return mp_range_map(ctx, err);
}

/* Pages of the process itself that it may have to copy in a block after fork. */
#define FORK_OWN 64

void mp_fault_fork_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_fault_fork *c = ctx->state;
	const struct mp_range *r = &c->range;
	struct mp_residency now;

	mp_range_check_faults(ctx, n, n + FORK_OWN);
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "child_alive", c->shared, mp_sleeper_alive(&c->child));
	mp_expect_equal(ctx, "exclusive_before", c->shared ? 0 : n, r->before.exclusive);
	mp_expect_equal(ctx, "present", n, now.present);
	mp_expect_equal(ctx, "exclusive", n, now.exclusive);
	mp_range_check_kept(ctx, n);
	mp_range_check_stored(ctx, n);
	mp_range_check_advice(ctx);
}

void mp_fault_fork_teardown(struct mp_ctx *ctx)
{
	struct mp_fault_fork *c = ctx->state;

	mp_sleeper_stop(&c->child);
	mp_range_teardown(ctx);
}

/* fault.prot_*: protection taken away and given back. Kernels from 6.1 on make the entries writable again in
 * mprotect(2) itself where pages belong to one process; older ones leave that to a fault. */

static int protect_and_back(struct mp_ctx *ctx, int prot, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	if (!r->ready)
		mp_range_store_all(r);
	if (mprotect(r->base, r->size, prot) || mprotect(r->base, r->size, PROT_READ | PROT_WRITE))
		return mp_err_env(err, -errno, "cannot change the protection: %s", strerror(errno));
	return 0;
}

static int none_and_back(struct mp_ctx *ctx, struct mp_err *err)
{
	return protect_and_back(ctx, PROT_NONE, err);
}

static int read_and_back(struct mp_ctx *ctx, struct mp_err *err)
{
	return protect_and_back(ctx, PROT_READ, err);
}

int mp_fault_prot_none_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	mp_fault_anon_range(ctx, none_and_back);
	r->look_before = true;
	return mp_range_map(ctx, err);
}

int mp_fault_prot_read_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	mp_fault_anon_range(ctx, read_and_back);
	r->look_before = true;
	return mp_range_map(ctx, err);
}

void mp_fault_present_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	struct mp_residency now;

	mp_range_check_faults_none_or_all(ctx, n);
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "present_before", n, r->before.present);
	mp_expect_equal(ctx, "exclusive", n, now.exclusive);
	mp_range_check_kept(ctx, n);
	mp_range_check_stored(ctx, n);
	mp_range_check_advice(ctx);
}

/* fault.lazyfree */

/* Pages that MADV_FREE has marked but that still wait in a per-CPU batch (PAGEVEC_SIZE, 31 at most). */
#define LAZY_BATCH 64

static int free_lazily(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	mp_range_store_all(r);
	if (madvise(r->base, r->size, MADV_FREE))
		return mp_err_env(err, -errno, "cannot free lazily: %s", strerror(errno));
	return 0;
}

int mp_fault_lazy_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	mp_fault_anon_range(ctx, free_lazily);
	r->look_before = true;
	return mp_range_map(ctx, err);
}

static uint64_t lazy_bytes(const struct mp_range *r)
{
	struct mp_vma vma = { 0 };

	return mp_vma_at(&r->pages, r->base, &vma) ? 0 : vma.lazy_free;
}

int mp_fault_lazy_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_fault_lazy *l = ctx->state;
	int ret = mp_range_arm(ctx, n, err);

	if (!ret && l->range.sampled) {
		l->before = lazy_bytes(&l->range);
		l->range.faults = mp_faults_now();
	}
	return ret;
}

void mp_fault_lazy_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_fault_lazy *l = ctx->state;
	const struct mp_range *r = &l->range;
	uint64_t left = r->count - r->next;
	uint64_t after;

	mp_fault_present_check(ctx, n);
	if (!r->sampled)
		return;
	/* A per-CPU batch that was drained in between may even have made it more. */
	after = lazy_bytes(r);
	mp_expect_range(ctx, "lazy_before", left > LAZY_BATCH ? left - LAZY_BATCH : 0, left,
			l->before / ctx->host->page_size);
	mp_expect_range(ctx, "taken_back", n > LAZY_BATCH ? n - LAZY_BATCH : 0, n,
			l->before > after ? (l->before - after) / ctx->host->page_size : 0);
}
