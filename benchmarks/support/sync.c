/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are clean or dirty by design: see sync.h. The proofs are in sync_check.c. */
#include "benchmarks/support/sync.h"
#include "benchmarks/support/map.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST (1ULL << 30) /* bytes of a file */

static enum mp_backing backing_of(const struct mp_params *params)
{
	const struct mp_param *p = mp_params_find(params, "backing");

	return p ? mp_backing_named(p->word) : MP_BACKING_MEMFD;
}

/* Bytes from one dirty page to the next. */
static uint64_t stride_of(const struct mp_params *params, uint64_t page)
{
	return mp_params_is(params, "pattern", "sparse") ? mp_table_span(page) : page;
}

static int map(char *at, uint64_t size, int prot, int fd, uint64_t offset, struct mp_err *err)
{
	if (mmap(at, size, prot, MAP_SHARED | MAP_FIXED, fd, (off_t)offset) == MAP_FAILED)
		return mp_err_env(err, -errno, "cannot map %llu bytes of a file: %s",
				  (unsigned long long)size, strerror(errno));
	/* Small pages also where a tmpfs would give huge ones; a kernel without them refuses the advice. */
	madvise(at, size, MADV_NOHUGEPAGE);
	return 0;
}

static void load_all(const char *at, uint64_t size, uint64_t page)
{
	for (uint64_t b = 0; b < size; b += page)
		(void)*(const volatile char *)(at + b);
}

/* The pages of a memfd that are written once are dirty for ever: its file stays a hole, until loads allocate pages. */
static int open_file(struct mp_sync *s, uint64_t bytes, struct mp_err *err)
{
	int ret = mp_backing_open(s->backing, &s->fd, err);

	if (ret)
		return ret;
	s->open = true;
	s->written_back = s->backing != MP_BACKING_MEMFD;
	if (s->written_back)
		return mp_backing_write(s->fd, bytes, MP_FILL_PAGES, err);
	return ftruncate(s->fd, (off_t)bytes)
		       ? mp_err_env(err, -errno, "cannot size a memfd: %s", strerror(errno))
		       : 0;
}

/* A file of `parts` times the size, and a mapping of its first `size` bytes, all of them present. */
static int begin(struct mp_ctx *ctx, uint64_t size, unsigned parts, struct mp_err *err)
{
	struct mp_sync *s = ctx->state;
	uint64_t page = ctx->host->page_size;
	int ret = mp_vma_open(&s->view, err);

	s->size = size;
	s->base = ctx->arena + mp_table_span(page);
	s->backing = backing_of(ctx->params);
	s->stride = stride_of(ctx->params, page);
	s->vmas = 1;
	s->look = true;
	if (!ret)
		ret = mp_pages_open(&s->pages, page, err);
	if (!ret)
		ret = open_file(s, size * parts, err);
	if (!ret)
		ret = map(s->base, size, PROT_READ | PROT_WRITE, s->fd, 0, err);
	if (ret)
		return ret;
	s->mapped = true;
	load_all(s->base, size, page);
	return 0;
}

int mp_sync_clean_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return begin(ctx, mp_ctx_number(ctx, "size"), 1, err);
}

int mp_sync_async_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_sync *s = ctx->state;

	s->dirty = mp_ctx_number(ctx, "dirty");
	return begin(ctx, mp_ctx_number(ctx, "size"), 1, err);
}

int mp_sync_dirty_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_sync *s = ctx->state;
	bool part = mp_ctx_is(ctx, "scope", "part");
	uint64_t size = mp_ctx_number(ctx, "size");
	char *beyond;
	int ret;

	ctx->depth = 1;
	s->dirty = mp_ctx_number(ctx, "dirty");
	ret = begin(ctx, size, part ? 2 : 1, err);
	if (ret || !part)
		return ret;
	beyond = s->base + size + mp_table_span(ctx->host->page_size);
	ret = map(beyond, size, PROT_READ | PROT_WRITE, s->fd, size, err);
	if (!ret)
		s->beyond = beyond;
	return ret;
}

int mp_sync_locked_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_sync *s = ctx->state;
	int ret = begin(ctx, mp_ctx_number(ctx, "size"), 1, err);

	s->locked_before = mp_map_proc_field("/proc/self/status", "VmLck:");
	if (!ret && mlock(s->base, s->size))
		ret = mp_err_env(err, -errno, "cannot lock %llu bytes: %s; run as root",
				 (unsigned long long)s->size, strerror(errno));
	return ret;
}

int mp_sync_multi_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_sync *s = ctx->state;
	uint64_t page = ctx->host->page_size, count = mp_ctx_number(ctx, "vmas");
	int ret = begin(ctx, count * page, 1, err);

	/* every other page only writable: as many mappings as pages */
	for (uint64_t k = 1; !ret && k < count; k += 2)
		if (mprotect(s->base + k * page, page, PROT_WRITE))
			ret = mp_err_env(err, -errno, "cannot make %llu mappings: %s",
					 (unsigned long long)count, strerror(errno));
	s->vmas = count;
	return ret;
}

int mp_sync_peer_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_sync *s = ctx->state;
	int ret = begin(ctx, mp_ctx_number(ctx, "size"), 1, err);

	ctx->depth = 1;
	return ret ? ret
		   : mp_sync_peers_start((unsigned)mp_ctx_number(ctx, "writers"), s->fd, s->size,
					 ctx->host->page_size, &s->peers, err);
}

static void store_beyond(struct mp_sync *s)
{
	for (uint64_t k = 0; k < s->dirty; k++)
		*(volatile char *)(s->beyond + k * s->stride) = 1;
}

int mp_sync_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_sync *s = ctx->state;
	struct mp_vma vma = { 0 };

	(void)n;
	s->last = MP_SYNC_NO_ANSWER;
	if (s->beyond)
		store_beyond(s);
	if (!s->counting) {
		s->counting = true;
		s->rounds = 0;
		s->faults = mp_faults_now();
	}
	if (s->dirty)
		mp_sync_store(s);
	s->looked = s->look;
	s->look = false;
	if (!s->looked)
		return 0;
	if (mp_vma_at(&s->pages, s->base, &vma))
		return mp_err_env(err, -ENOENT, "cannot find the mapping in /proc/self/smaps");
	s->dirty_before = vma.dirty / s->pages.page_size;
	return 0;
}

int mp_sync_peer_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_sync *s = ctx->state;

	s->stores = mp_sync_peers_await(s->peers);
	s->calls++;
	return mp_sync_arm(ctx, n, err);
}

void mp_sync_teardown(struct mp_ctx *ctx)
{
	struct mp_sync *s = ctx->state;

	mp_sync_peers_stop(s->peers);
	/* back to the reservation; the last close deletes the file */
	if (s->mapped)
		(void)mmap(s->base, s->size, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	if (s->beyond)
		(void)mmap(s->beyond, s->size, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	if (s->open)
		close(s->fd);
	mp_vma_close(&s->view);
	mp_pages_done(&s->pages);
}

/* msync.redirty: all pages are written and synced before a pass, and stay mapped. */

static int written_and_synced(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	mp_range_store_all(r);
	if (msync(r->base, r->size, MS_SYNC))
		return mp_err_env(err, -errno, "cannot sync the file: %s", strerror(errno));
	return 0;
}

int mp_sync_redirty_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;
	int ret = mp_backing_open(backing_of(ctx->params), &r->fd, err);

	r->bytes = mp_ctx_number(ctx, "range");
	r->prot = PROT_READ | PROT_WRITE;
	r->flags = MAP_SHARED;
	r->renew = written_and_synced;
	r->look_before = true;
	if (!ret)
		ret = mp_backing_write(r->fd, r->bytes, MP_FILL_PAGES, err);
	return ret ? ret : mp_range_map(ctx, err);
}

int mp_sync_redirty_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_sync_range *s = ctx->state;
	struct mp_vma vma = { 0 };
	int ret = mp_range_arm(ctx, n, err);

	if (ret || !s->range.sampled)
		return ret;
	if (mp_vma_at(&s->range.pages, s->range.base, &vma))
		return mp_err_env(err, -ENOENT, "cannot find the mapping in /proc/self/smaps");
	s->dirty_before = vma.dirty / ctx->host->page_size;
	s->range.faults = mp_faults_now();
	return 0;
}

/* Which combinations make sense */

int mp_sync_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err)
{
	uint64_t size = mp_params_number(params, "size", host->page_size);
	uint64_t parts = mp_params_is(params, "scope", "part") ? 2 : 1;

	if (size * parts > MOST || size * parts > host->memory_bytes / 8)
		return mp_err_usage(err, -EINVAL, "the file is too large for this machine");
	if (mp_params_number(params, "dirty", 0) * stride_of(params, host->page_size) > size)
		return mp_err_usage(err, -EINVAL, "so many dirty pages do not fit into the size");
	if (mp_params_number(params, "writers", 0) >= host->cpus)
		return mp_err_usage(err, -EINVAL,
				    "every writer needs a CPU beside the one that measures");
	return mp_backing_possible(backing_of(params), err);
}

int mp_sync_redirty_legal(const struct mp_params *params, const struct mp_host *host,
			  struct mp_err *err)
{
	if (mp_params_find(params, "range")->number / host->page_size > MP_RANGE_TOUCHES)
		return mp_err_usage(err, -EINVAL, "more than %u pages in a range",
				    MP_RANGE_TOUCHES);
	return mp_backing_possible(backing_of(params), err);
}
