/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults on files and on shared memory. */
#include "benchmarks/support/backing.h"
#include "benchmarks/support/fault.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static enum mp_backing backing(const struct mp_params *params)
{
	const struct mp_param *p = mp_params_find(params, "backing");

	return p ? mp_backing_named(p->word) : MP_BACKING_DISK;
}

static enum mp_fill fill(const struct mp_params *params)
{
	const struct mp_param *p = mp_params_find(params, "fill");

	return p && !strcmp(p->word, "stream") ? MP_FILL_STREAM : MP_FILL_PAGES;
}

int mp_fault_file_legal(const struct mp_params *params, const struct mp_host *host,
			struct mp_err *err)
{
	const struct mp_param *stride = mp_params_find(params, "stride");
	uint64_t bytes = mp_params_find(params, "range")->number;

	if (bytes / host->page_size > MP_RANGE_TOUCHES)
		return mp_err_usage(err, -EINVAL, "more than %u pages in a range",
				    MP_RANGE_TOUCHES);
	if (stride && bytes % stride->number)
		return mp_err_usage(err, -EINVAL, "the range is not whole strides");
	if (backing(params) == MP_BACKING_MEMFD && fill(params) == MP_FILL_STREAM)
		return mp_err_usage(err, -EINVAL, "a memfd has pages, not folios, however filled");
	return mp_backing_possible(backing(params), err);
}

static int file_range(struct mp_ctx *ctx, int prot, int flags,
		      int (*renew)(struct mp_ctx *, struct mp_err *), struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	r->bytes = mp_ctx_number(ctx, "range");
	r->prot = prot;
	r->flags = flags;
	r->renew = renew;
	return mp_backing_open(backing(ctx->params), &r->fd, err);
}

int mp_fault_file_read_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_fault_file *f = ctx->state;
	struct mp_range *r = &f->range;
	uint64_t page = ctx->host->page_size;
	struct mp_residency around = { 0 };
	int ret = file_range(ctx, PROT_READ, MAP_SHARED, mp_range_drop, err);

	r->step = mp_ctx_number(ctx, "stride");
	if (!ret)
		ret = mp_backing_cache(backing(ctx->params), r->fd, r->bytes, fill(ctx->params),
				       err);
	if (!ret)
		ret = mp_range_map(ctx, err);
	if (ret)
		return ret;
	f->even = fill(ctx->params) == MP_FILL_PAGES;
	if (!f->even)
		return 0;
	(void)*(volatile char *)r->base;
	ret = mp_pages_add(&r->pages, r->base, r->bytes / page, &around);
	if (ret || !around.present)
		return mp_err_env(err, ret ? ret : -EIO, "cannot see which pages a fault mapped");
	f->window = around.present * page;
	r->per_touch = (uint32_t)((f->window < r->step ? f->window : r->step) / page);
	return mp_range_drop(ctx, err);
}

/* Pieces of `size` bytes that the block was the first to reach; the pass goes upward. */
static uint64_t reached(const struct mp_range *r, uint64_t n, uint64_t size)
{
	uint64_t first = r->next * r->step / size;
	uint64_t last = (r->next + n - 1) * r->step / size;
	bool before = r->next && (r->next - 1) * r->step / size == first;

	return (r->step < size ? last - first + 1 : n) - before;
}

void mp_fault_file_read_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_fault_file *f = ctx->state;
	const struct mp_range *r = &f->range;
	struct mp_residency now;
	struct mp_residency touched = { 0 };
	uint64_t want, all = n * r->per_touch;

	/* A fault maps one window; folios of any size may make it map more, but never beyond what one
	 * page table maps. */
	if (f->even) {
		want = reached(r, n, f->window);
		mp_range_check_faults(ctx, want, want);
	} else {
		want = reached(r, n, mp_table_span(ctx->host->page_size));
		mp_range_check_faults(ctx, want, n);
	}
	now = mp_range_residency(r, n);
	/* Fault-around passes over neighbours that are locked just then, by writeback say
	 * (filemap_map_pages); what was touched itself is there. */
	for (uint64_t i = 0; i < n; i++)
		mp_pages_add(&r->pages, r->at[i], 1, &touched);
	/* A page mapped by an earlier fault may be away for a moment, while it is moved (compaction). */
	mp_expect_range(ctx, "present", n - n / 64 - (n > 16), n, touched.present);
	mp_expect_range(ctx, "around", all - (all - n) / 16 - (all > n ? r->per_touch / 2 : 0), all,
			now.present);
	mp_expect_equal(ctx, "of_file", now.present, now.file);
	mp_expect_equal(ctx, "cached", n, mp_range_cached(r, n));
	if (f->even)
		mp_range_check_tables(ctx, n, 0);
}

int mp_fault_file_cow_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;
	bool present = mp_ctx_is(ctx, "pte", "present");
	int ret = file_range(ctx, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			     present ? mp_fault_read_first : mp_range_drop, err);

	r->look_before = true;
	if (!ret)
		ret = mp_backing_cache(backing(ctx->params), r->fd, r->bytes, fill(ctx->params),
				       err);
	return ret ? ret : mp_range_map(ctx, err);
}

void mp_fault_file_cow_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	bool present = mp_ctx_is(ctx, "pte", "present");
	struct mp_residency now;

	mp_range_check_faults(ctx, n, n);
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "present_before", present ? n : 0, r->before.present);
	mp_expect_equal(ctx, "cached", n, mp_range_cached(r, n));
	mp_expect_equal(ctx, "of_file", 0, now.file);
	mp_expect_equal(ctx, "allocated", n, now.exclusive);
	mp_range_check_tables(ctx, n, 0);
	mp_range_check_stored(ctx, n);
}

/* fault.file_mkwrite: the file is clean before every pass; its pages are write-protected when mapped */

static int clean_mapped(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	mp_range_load_all(r);
	if (msync(r->base, r->size, MS_SYNC))
		return mp_err_env(err, -errno, "cannot sync the file: %s", strerror(errno));
	return 0;
}

static int clean_unmapped(struct mp_ctx *ctx, struct mp_err *err)
{
	int ret = clean_mapped(ctx, err);

	return ret ? ret : mp_range_drop(ctx, err);
}

int mp_fault_mkwrite_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;
	bool present = mp_ctx_is(ctx, "pte", "present");
	int ret = file_range(ctx, PROT_READ | PROT_WRITE, MAP_SHARED,
			     present ? clean_mapped : clean_unmapped, err);

	r->look_before = true;
	if (!ret)
		ret = mp_backing_write(r->fd, r->bytes, fill(ctx->params), err);
	return ret ? ret : mp_range_map(ctx, err);
}

void mp_fault_mkwrite_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	bool present = mp_ctx_is(ctx, "pte", "present");
	struct mp_residency now;
	struct mp_vma vma = { 0 };

	mp_range_check_faults(ctx, n, n);
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "present_before", present ? n : 0, r->before.present);
	mp_expect_equal(ctx, "of_file", n, now.file);
	/* Writeback may come by, but not within a block: its own pages are dirty. */
	if (r->sampled)
		mp_expect_range(ctx, "dirty_pages", n, r->next + n,
				mp_vma_at(&r->pages, r->base, &vma)
					? UINT64_MAX
					: vma.dirty / ctx->host->page_size);
	mp_range_check_stored(ctx, n);
}

/* fault.shmem_write, fault.shmem_read */

static int punch(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	if (madvise(r->base, r->size, MADV_REMOVE))
		return mp_err_env(err, -errno, "cannot punch a hole: %s", strerror(errno));
	return 0;
}

int mp_fault_shmem_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;
	bool hole = mp_ctx_is(ctx, "page", "hole");
	int ret = 0;

	r->bytes = mp_ctx_number(ctx, "range");
	r->prot = PROT_READ | PROT_WRITE;
	r->flags = MAP_SHARED | MAP_ANONYMOUS;
	r->fd = -1;
	r->renew = hole ? punch : mp_range_drop;
	if (mp_ctx_is(ctx, "object", "memfd")) {
		r->flags = MAP_SHARED;
		ret = mp_backing_open(MP_BACKING_MEMFD, &r->fd, err);
		if (!ret && ftruncate(r->fd, (off_t)r->bytes))
			ret = mp_err_env(err, -errno, "cannot size a memfd: %s", strerror(errno));
	}
	if (!ret)
		ret = mp_range_map(ctx, err);
	if (!ret && !hole)
		mp_range_store_all(r);
	return ret;
}

int mp_fault_shmem_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_range *r = ctx->state;
	int ret = mp_range_arm(ctx, n, err);
	uint64_t cached = ret ? 0 : mp_range_cached(r, n);

	/* Kept in a place that is free here: arm has not been asked to look at pagemap. */
	r->before.present = cached;
	r->faults = mp_faults_now();
	return ret;
}

void mp_fault_shmem_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	struct mp_residency now;

	mp_range_check_faults(ctx, n, n);
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "cached_before", mp_ctx_is(ctx, "page", "hole") ? 0 : n,
			r->before.present);
	mp_expect_equal(ctx, "cached", n, mp_range_cached(r, n));
	mp_expect_equal(ctx, "of_file", n, now.file);
	mp_range_check_tables(ctx, n, 0);
	mp_range_check_stored(ctx, n);
}

void mp_fault_shmem_read_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	bool hole = mp_ctx_is(ctx, "page", "hole");
	struct mp_residency now;

	/* Only what is there can be mapped around the page that is asked for, and never beyond its page table. */
	mp_range_check_faults(ctx, hole ? n : reached(r, n, mp_table_span(ctx->host->page_size)),
			      n);
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "cached_before", hole ? 0 : n, r->before.present);
	mp_expect_equal(ctx, "cached", n, mp_range_cached(r, n));
	mp_expect_equal(ctx, "present", n, now.present);
	mp_expect_equal(ctx, "of_file", n, now.file);
}

/* fault.shmem_huge */

int mp_fault_shmem_huge_legal(const struct mp_params *params, const struct mp_host *host,
			      struct mp_err *err)
{
	if (!host->hugepage_size || mp_params_find(params, "range")->number % host->hugepage_size)
		return mp_err_usage(err, -EINVAL, "the range is not whole huge pages");
	return mp_fault_anon_legal(params, host, err);
}

int mp_fault_shmem_huge_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	r->huge = true;
	return mp_fault_shmem_setup(ctx, err);
}

void mp_fault_shmem_huge_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	struct mp_residency now;
	struct mp_vma vma = { 0 };

	mp_range_check_faults(ctx, n, n);
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "cached_before", mp_ctx_is(ctx, "page", "hole") ? 0 : n,
			r->before.present);
	mp_expect_equal(ctx, "present", n * r->per_touch, now.present);
	mp_expect_equal(ctx, "of_file", n * r->per_touch, now.file);
	if (r->sampled)
		mp_expect_equal(ctx, "huge_bytes", (r->next + n) * r->step,
				mp_vma_at(&r->pages, r->base, &vma) ? UINT64_MAX : vma.shmem_huge);
	mp_range_check_stored(ctx, n);
}
