/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preparing and undoing what the mmap family times: see map.h. The proofs are in map_check.c. */
#include "benchmarks/support/map.h"
#include "benchmarks/support/backing.h"
#include "benchmarks/support/syscall.h"
#include "benchmarks/support/thp.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#endif

#define SEARCH_PAGES                                                                               \
	4 /* mmap.search_worst: pages of the mapping; the holes before it have one less */

/* What every setup begins with: axes, depth, files of procfs, more mappings in the tree. */
static int begin(struct mp_ctx *ctx, uint64_t size, int flags, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	int ret;

	s->fd = -1;
	s->size = size;
	s->flags = flags;
	s->step = ctx->host->page_size;
	s->merge = mp_params_is(ctx->params, "neighbourhood", "merge");
	s->prot[0] = PROT_READ | PROT_WRITE;
	s->prot[1] = s->merge ? PROT_READ | PROT_WRITE : PROT_WRITE;
	ctx->depth = mp_params_number(ctx->params, "outstanding", 0);
	ret = mp_vma_open(&s->view, err);
	if (!ret)
		ret = mp_pages_open(&s->pages, ctx->host->page_size, err);
	if (!ret)
		ret = mp_arena_fill(ctx, mp_params_number(ctx->params, "extra_vmas", 0), err);
	return ret;
}

/* The kernel chooses the address: beside a guard, or beside a mapping that merges. */
static int begin_anywhere(struct mp_ctx *ctx, int flags, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	uint64_t size = mp_ctx_number(ctx, "size");
	int ret = begin(ctx, size, flags, err);

	if (!ret)
		ret = mp_space_settle(&s->space, &s->view, ctx->host, size, err);
	if (!ret && size < mp_space_shared_table(ctx->host))
		ret = mp_space_warm(&s->space, &s->pages, err);
	if (!ret && s->merge)
		ret = mp_space_anchor(&s->space, size, err);
	return ret;
}

/* Addresses in the arena; hole: with nothing there. */
static int begin_slots(struct mp_ctx *ctx, int flags, bool hole, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	uint64_t size = mp_ctx_number(ctx, "size");
	int ret = begin(ctx, size, flags, err);
	uint64_t n = ctx->depth ? ctx->depth : 1;

	for (uint64_t i = 0; !ret && i < n; i++) {
		char *slot = mp_space_slot(ctx, size, i);

		s->want[i] = (uint64_t)slot;
		if (hole)
			ret = mp_arena_hole(ctx, (uint64_t)(slot - ctx->arena), size, err);
	}
	return ret;
}

/* huge=none or huge=thp for pages that the timed call itself makes present. */
static int choose_huge(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	int ret;

	if (mp_params_is(ctx->params, "huge", "thp")) {
		s->huge = s->size;
		return mp_thp_unasked(ctx->host, err);
	}
	ret = mp_thp_forbid(err);
	s->forbade = !ret;
	return ret;
}

int mp_map_anon_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return begin_anywhere(ctx, MAP_PRIVATE | MAP_ANONYMOUS, err);
}

int mp_map_shmem_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return begin_anywhere(ctx, MAP_SHARED | MAP_ANONYMOUS, err);
}

int mp_map_file_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	enum mp_backing backing = mp_backing_named(mp_params_find(ctx->params, "backing")->word);
	int flags = mp_ctx_is(ctx, "sharing", "shared") ? MAP_SHARED : MAP_PRIVATE;
	int ret = begin_anywhere(ctx, flags, err);

	if (!ret)
		ret = mp_backing_open(backing, &s->fd, err);
	if (ret)
		return ret;
	s->owns_fd = true;
	if (ftruncate(s->fd, (off_t)s->size))
		return mp_err_env(err, -errno, "cannot make a file of %llu bytes: %s",
				  (unsigned long long)s->size, strerror(errno));
	return 0;
}

int mp_map_populate_file_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	enum mp_backing backing = mp_backing_named(mp_params_find(ctx->params, "backing")->word);
	int ret = begin_anywhere(ctx, MAP_SHARED | MAP_POPULATE, err);

	ctx->depth = 1;
	if (!ret)
		ret = mp_backing_open(backing, &s->fd, err);
	if (ret)
		return ret;
	s->owns_fd = true;
	return mp_backing_cache(backing, s->fd, s->size, MP_FILL_PAGES, err);
}

/* One at a time: always the same hot place. */
static int flags_setup(struct mp_ctx *ctx, int flags, struct mp_err *err)
{
	int ret = begin_anywhere(ctx, MAP_PRIVATE | MAP_ANONYMOUS | flags, err);

	ctx->depth = 1;
	return ret;
}

int mp_map_noreserve_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return flags_setup(ctx, MAP_NORESERVE, err);
}

int mp_map_growsdown_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return flags_setup(ctx, MAP_GROWSDOWN, err);
}

int mp_map_prot_none_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;

	int ret = flags_setup(ctx, 0, err);

	s->prot[0] = s->prot[1] = PROT_NONE;
	return ret;
}

int mp_map_close_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return begin(ctx, mp_ctx_number(ctx, "size"), 0, err);
}

int mp_map_close_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	bool touched = mp_ctx_flag(ctx, "touched");
	uint64_t size, allocated;
	int ret = 0;

	mp_map_arm(ctx, n, err);
	memset(&s->seen, 0, sizeof(s->seen));
	for (uint64_t i = 0; !ret && i < n; i++) {
		int fd = -1;

		ret = mp_backing_open(MP_BACKING_MEMFD, &fd, err);
		s->want[i] = (uint64_t)fd;
		s->got[i] = 1;
		if (!ret && touched)
			ret = mp_backing_write(fd, s->size, MP_FILL_STREAM, err);
		else if (!ret && ftruncate(fd, (off_t)s->size))
			ret = mp_err_env(err, -errno, "cannot size a memfd: %s", strerror(errno));
		if (!ret && !mp_backing_extent(fd, &size, &allocated))
			s->seen.present += allocated / ctx->host->page_size;
	}
	return ret;
}

int mp_map_close_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;

	(void)err;
	for (uint64_t i = 0; i < n; i++)
		if (s->got[i])
			close((int)s->want[i]);
	return 0;
}

int mp_map_populate_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	int ret = begin_anywhere(ctx, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, err);

	return ret ? ret : choose_huge(ctx, err);
}

int mp_map_locked_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	int ret = begin_anywhere(ctx, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, err);

	s->before = mp_map_proc_field("/proc/self/status", "VmLck");
	return ret ? ret : choose_huge(ctx, err);
}

int mp_map_hugetlb_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;

	uint64_t hugepage = mp_ctx_number(ctx, "hugepage");
	int flags = MAP_HUGETLB | __builtin_ctzll(hugepage) << MAP_HUGE_SHIFT;

	if (!mp_ctx_flag(ctx, "reserve"))
		flags |= MAP_NORESERVE;
	s->before = mp_map_hugetlb_reserved(hugepage);
	return begin_anywhere(ctx, MAP_PRIVATE | MAP_ANONYMOUS | flags, err);
}

int mp_map_fixed_hole_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return begin_slots(ctx, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, true, err);
}

static int map_slots(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;

	for (uint64_t i = 0; i < n; i++) {
		long got = mp_sys_mmap((void *)s->want[i], s->size, s->prot[i & 1],
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

		if (mp_sys_failed(got))
			return mp_err_env(err, (int)got, "cannot map %llu bytes: %s",
					  (unsigned long long)s->size, strerror((int)-got));
	}
	return 0;
}

int mp_map_fixed_over_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	int ret = begin_slots(ctx, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, false, err);

	return ret ? ret : map_slots(ctx, 1, err);
}

int mp_map_fixed_touched_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	int ret = begin_slots(ctx, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, false, err);

	s->look = true;
	/* The mappings that arm touches are those that the calls made: they carry no advice. */
	s->advise = mp_params_is(ctx->params, "huge", "thp");
	if (!ret && s->advise) {
		ret = mp_thp_possible(ctx->host->hugepage_size, err);
	} else if (!ret) {
		ret = mp_thp_forbid(err);
		s->forbade = !ret;
	}
	return ret ? ret : map_slots(ctx, ctx->depth, err);
}

int mp_map_noreplace_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return begin_slots(ctx, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, true, err);
}

int mp_map_taken_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return begin_slots(ctx, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, false, err);
}

int mp_map_hint_free_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return begin_slots(ctx, MAP_PRIVATE | MAP_ANONYMOUS, true, err);
}

int mp_map_hint_taken_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	int ret = begin_slots(ctx, MAP_PRIVATE | MAP_ANONYMOUS, false, err);

	return ret ? ret : mp_space_settle(&s->space, &s->view, ctx->host, s->size, err);
}

int mp_map_rlimit_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	int ret = begin_anywhere(ctx, MAP_PRIVATE | MAP_ANONYMOUS, err);
	struct rlimit now;

	getrlimit(RLIMIT_AS, &now);
	s->limit = now.rlim_cur;
	s->before = mp_vma_count(&s->view);
	return ret;
}

static int limit_space(uint64_t bytes, struct mp_err *err)
{
	struct rlimit limit;

	getrlimit(RLIMIT_AS, &limit);
	limit.rlim_cur = bytes;
	if (setrlimit(RLIMIT_AS, &limit))
		return mp_err_env(err, -errno, "cannot set RLIMIT_AS to %llu: %s",
				  (unsigned long long)bytes, strerror(errno));
	return 0;
}

int mp_map_rlimit_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	mp_map_arm(ctx, n, err);
	return limit_space(ctx->host->page_size, err);
}

int mp_map_rlimit_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	const struct mp_map_state *s = ctx->state;

	(void)n;
	return limit_space(s->limit, err);
}

int mp_map_search_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	uint64_t page = ctx->host->page_size;
	int ret = begin(ctx, SEARCH_PAGES * page, MAP_PRIVATE | MAP_ANONYMOUS, err);

	ctx->depth = 1; /* there is one hole that fits */
	if (!ret)
		ret = mp_space_settle(&s->space, &s->view, ctx->host, s->size, err);
	if (!ret)
		ret = mp_space_comb(&s->space, mp_ctx_number(ctx, "holes"), s->size - page, s->size,
				    &s->target, NULL, NULL, err);
	return ret;
}

int mp_map_pair_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	int ret;

	if (ctx->threads == 1)
		return begin_anywhere(ctx, MAP_PRIVATE | MAP_ANONYMOUS, err);
	ret = begin(ctx, mp_ctx_number(ctx, "size"), MAP_PRIVATE | MAP_ANONYMOUS, err);
	s->prot[1] = s->prot[0];
	return ret;
}

int mp_map_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;

	(void)err;
	memset(s->got, 0, (n < MP_MAP_MAX ? n : MP_MAP_MAX) * sizeof(s->got[0]));
	return 0;
}

/* With several threads, one hole for each of them, so that no two mappings touch; the first thread to come
 * makes the row and the rest use it. Not in setup: other threads may still be starting then, and their stacks
 * would take the holes. */
static int pair_row(struct mp_ctx *ctx, struct mp_err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static uint64_t first, end;
	struct mp_map_state *s = ctx->state;
	int ret = 0;

	pthread_mutex_lock(&lock);
	if (!end) {
		uint64_t hole = s->size;

		ret = mp_space_settle(&s->space, &s->view, ctx->host, s->size, err);
		/* where the kernel aligns it looks for that much more room */
		if (!ret && mp_space_aligned(&s->space, s->size))
			hole += ctx->host->hugepage_size;
		if (!ret)
			ret = mp_space_comb(&s->space, ctx->threads, hole, 0, NULL, &first, &end,
					    err);
	}
	s->row_first = first;
	s->row_end = end;
	pthread_mutex_unlock(&lock);
	return ret;
}

int mp_map_pair_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;
	int ret = ctx->threads > 1 && !s->row_end ? pair_row(ctx, err) : 0;

	return ret ? ret : mp_map_arm(ctx, n, err);
}

/* smaps costs a walk over all page tables of the process: only sometimes. */
#define LOOK_CLOSELY_EVERY 16

static void look(struct mp_map_state *s, uint64_t n)
{
	s->seen = (struct mp_residency){ 0 };
	for (uint64_t i = 0; i < n; i++)
		mp_pages_add(&s->pages, (const void *)s->want[i], s->size / s->pages.page_size,
			     &s->seen);
	s->looked_closely = s->looks++ % LOOK_CLOSELY_EVERY == 0 &&
			    !mp_vma_at(&s->pages, (const void *)s->want[0], &s->seen_vma);
	s->looked = true;
	s->look = false;
}

int mp_map_touch_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;

	for (uint64_t i = 0; i < n; i++)
		mp_map_touch(s, i);
	if (s->look)
		look(s, n);
	return mp_map_arm(ctx, n, err);
}

/* The last one first: where mappings merged, each unmap then trims the end of what is left. */
int mp_map_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_map_state *s = ctx->state;

	for (uint64_t i = n; i-- > 0;) {
		long ret;

		if (s->got[i] == 0 || mp_sys_failed(s->got[i]))
			continue;
		ret = mp_sys_munmap((void *)s->got[i], s->size);
		if (ret)
			return mp_err_env(err, (int)ret, "cannot unmap %llu bytes: %s",
					  (unsigned long long)s->size, strerror((int)-ret));
	}
	return 0;
}

void mp_map_teardown(struct mp_ctx *ctx)
{
	struct mp_map_state *s = ctx->state;

	if (s->forbade)
		mp_thp_permit();
	if (s->owns_fd)
		close(s->fd);
	mp_vma_close(&s->view);
	mp_pages_done(&s->pages);
}

/* Which combinations make sense */

int mp_map_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err)
{
	(void)host;
	if (mp_params_number(params, "size", 0) * mp_params_number(params, "outstanding", 1) <=
	    64ULL << 30)
		return 0;
	return mp_err_usage(err, -EINVAL, "the mappings together exceed 64 GiB");
}

int mp_map_slots_legal(const struct mp_params *params, const struct mp_host *host,
		       struct mp_err *err)
{
	uint64_t size = mp_params_number(params, "size", host->page_size);

	if (mp_params_is(params, "huge", "thp") &&
	    (!host->hugepage_size || size % host->hugepage_size))
		return mp_err_usage(err, -EINVAL, "the size is no multiple of the huge page");
	return mp_space_slots_fit(host, size, mp_params_number(params, "outstanding", 1), err);
}

int mp_map_file_legal(const struct mp_params *params, const struct mp_host *host,
		      struct mp_err *err)
{
	int ret = mp_map_legal(params, host, err);

	if (!ret && mp_params_is(params, "backing", "disk"))
		ret = mp_backing_possible(MP_BACKING_DISK, err);
	return ret;
}

int mp_map_resident_legal(const struct mp_params *params, const struct mp_host *host,
			  struct mp_err *err)
{
	uint64_t size = mp_params_number(params, "size", 0);

	if (mp_params_is(params, "huge", "thp") &&
	    (!host->hugepage_size || size % host->hugepage_size))
		return mp_err_usage(err, -EINVAL, "the size is no multiple of the huge page");
	if (size * mp_params_number(params, "outstanding", 1) > host->memory_bytes / 4)
		return mp_err_usage(err, -EINVAL,
				    "the mappings together exceed a quarter of the memory");
	return 0;
}

int mp_map_populate_file_legal(const struct mp_params *params, const struct mp_host *host,
			       struct mp_err *err)
{
	int ret = mp_map_resident_legal(params, host, err);

	return ret ? ret : mp_map_file_legal(params, host, err);
}

int mp_map_hugetlb_legal(const struct mp_params *params, const struct mp_host *host,
			 struct mp_err *err)
{
	uint64_t hugepage = mp_params_number(params, "hugepage", 0),
		 size = mp_params_number(params, "size", 0);
	uint64_t pool = hugepage > MP_HUGETLB_POOL ? hugepage : MP_HUGETLB_POOL;

	if (!(host->hugetlb_sizes & hugepage) || hugepage & (hugepage - 1))
		return mp_err_usage(err, -EINVAL, "this kernel has no hugetlb pages of that size");
	if (!size || size % hugepage)
		return mp_err_usage(err, -EINVAL, "the size is no multiple of the hugetlb page");
	if (size * mp_params_number(params, "outstanding", 1) > pool)
		return mp_err_usage(err, -EINVAL, "the mappings together are more than the pool");
	return 0;
}

int mp_map_pair_legal(const struct mp_params *params, const struct mp_host *host,
		      struct mp_err *err)
{
	if (mp_params_number(params, "threads", 1) > 1 &&
	    mp_params_is(params, "neighbourhood", "merge"))
		return mp_err_usage(err, -EINVAL,
				    "with several threads it is chance whose mappings merge");
	return mp_map_legal(params, host, err);
}
