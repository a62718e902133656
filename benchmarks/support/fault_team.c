/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults of several threads of one process, each on pages of its own, in VMAs of their own or in one. */
#include "benchmarks/support/fault.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

/* fault.throughput: threads of one process, each on pages of its own, in VMAs of their own or in one */

static struct {
	pthread_mutex_t lock;
	unsigned users;
	void *start;
	uint64_t size;
} common_vma = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* One millisecond or so between two looks at the clock. */
#define THROUGHPUT_DEPTH 512

/* The first thread maps for all; every thread takes the slice of its number. */
static int join_common(struct mp_ctx *ctx, uint64_t slice, char **ret_base, struct mp_err *err)
{
	uint64_t align = mp_table_span(ctx->host->page_size);
	int ret = 0;

	pthread_mutex_lock(&common_vma.lock);
	if (!common_vma.users) {
		common_vma.size = slice * ctx->threads + align;
		common_vma.start = mmap(NULL, common_vma.size, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (common_vma.start == MAP_FAILED)
			ret = mp_err_env(err, -errno, "cannot map %llu bytes for all threads: %s",
					 (unsigned long long)common_vma.size, strerror(errno));
		else
			madvise(common_vma.start, common_vma.size, MADV_NOHUGEPAGE);
	}
	if (!ret) {
		uint64_t start = ((uint64_t)common_vma.start + align - 1) / align * align;

		common_vma.users++;
		*ret_base = (char *)start + ctx->thread * slice;
	}
	pthread_mutex_unlock(&common_vma.lock);
	return ret;
}

static void leave_common(void)
{
	pthread_mutex_lock(&common_vma.lock);
	if (!--common_vma.users)
		munmap(common_vma.start, common_vma.size);
	pthread_mutex_unlock(&common_vma.lock);
}

int mp_fault_team_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_fault_team *t = ctx->state;
	uint64_t span = mp_table_span(ctx->host->page_size);
	uint64_t bytes = mp_ctx_number(ctx, "range");
	char *base = NULL;
	int ret;

	mp_fault_anon_range(ctx, mp_range_drop);
	if (mp_ctx_is(ctx, "vma", "own")) {
		ret = mp_range_map(ctx, err);
	} else {
		ret = join_common(ctx, (bytes + span - 1) / span * span, &base, err);
		t->joined = !ret;
		if (!ret)
			ret = mp_range_use(ctx, base, bytes, err);
	}
	if (ret)
		return ret;
	if (t->joined) {
		mp_range_store_all(&t->range);
		ret = mp_range_drop(ctx, err);
	}
	t->vma_bytes = t->joined ? common_vma.size : t->range.size;
	if (ctx->depth > THROUGHPUT_DEPTH)
		ctx->depth = THROUGHPUT_DEPTH;
	return ret;
}

void mp_fault_team_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_fault_team *t = ctx->state;
	const struct mp_range *r = &t->range;
	struct mp_residency now;
	struct mp_vma vma = { 0 };

	mp_range_check_faults(ctx, n, n);
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "present", n, now.present);
	mp_expect_equal(ctx, "allocated", n, now.exclusive);
	mp_range_check_stored(ctx, n);
	if (r->sampled && !mp_vma_at(&r->pages, r->base, &vma))
		mp_expect_equal(ctx, "vma_bytes", t->vma_bytes, vma.end - vma.start);
}

void mp_fault_team_teardown(struct mp_ctx *ctx)
{
	struct mp_fault_team *t = ctx->state;

	mp_range_teardown(ctx);
	if (t->joined)
		leave_common();
	t->joined = false;
}
