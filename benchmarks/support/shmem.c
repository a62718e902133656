/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making, counting and removing objects of shared memory: see shmem.h. The counts: statfs(2), statx(2), fcntl(2). */
#include "benchmarks/support/shmem.h"
#include "benchmarks/support/backing.h"
#include "benchmarks/support/namespace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define FOLDER	 "/dev/shm"
#define TOGETHER (1ULL << 30) /* most bytes of all objects that have their pages */

static const struct mp_param *find(const struct mp_params *params, const char *axis)
{
	return mp_params_find(params, axis);
}

static int begin(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;
	int ret = mp_vma_open(&s->view, err);

	s->size = mp_params_number(ctx->params, "size", ctx->host->page_size);
	s->unit = ctx->host->page_size;
	s->look = true;
	ctx->depth = mp_params_number(ctx->params, "outstanding", 1);
	for (unsigned i = 0; i < MP_SHMEM_MAX; i++) {
		s->fd[i] = -1;
		snprintf(s->name[i], sizeof(s->name[i]), FOLDER "/memperf-%u", i);
	}
	if (!ret)
		ret = mp_pages_open(&s->pages, ctx->host->page_size, err);
	if (!ret)
		ret = mp_space_settle(&s->space, &s->view, ctx->host, s->size, err);
	if (!ret && s->size < mp_space_shared_table(ctx->host))
		ret = mp_space_warm(&s->space, &s->pages, err);
	return ret;
}

int mp_shmem_begin_named(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;
	const struct mp_param *huge = find(ctx->params, "huge");
	int ret = mp_namespace_dev_shm(huge ? huge->word : "never", err);

	s->folder = true;
	return ret ? ret : begin(ctx, err);
}

int mp_shmem_begin_memfd(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;
	int ret = begin(ctx, err);

	s->flags = MFD_CLOEXEC;
	if (mp_params_is(ctx->params, "huge", "hugetlb")) {
		s->flags |= MFD_HUGETLB;
		s->unit = ctx->host->hugetlb_size;
	}
	return ret;
}

uint64_t mp_shmem_page_size(int64_t fd)
{
	struct statfs fs;

	return fd >= 0 && !fstatfs((int)fd, &fs) ? (uint64_t)fs.f_bsize : 0;
}

/* What the kernel counts: of the folder, and of n objects. */
static struct mp_shmem_count look(const struct mp_shmem *s, uint64_t n)
{
	struct mp_shmem_count count = { 0 };
	uint64_t page = s->pages.page_size;
	struct statfs fs;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t size, allocated;

		if (s->fd[i] < 0 || mp_backing_extent((int)s->fd[i], &size, &allocated))
			continue;
		count.open++;
		count.sized += size == s->size;
		if (!s->folder)
			count.pages += allocated / page;
	}
	if (!s->folder || statfs(FOLDER, &fs))
		return count;
	count.files = fs.f_files - fs.f_ffree;
	count.pages = (fs.f_blocks - fs.f_bfree) * (uint64_t)fs.f_bsize / page;
	return count;
}

/* The mappings that the calls will meet. */
static void look_at_mappings(struct mp_shmem *s, uint64_t n)
{
	struct mp_vma vma = { 0 };

	s->present = (struct mp_residency){ 0 };
	for (uint64_t i = 0; i < n && s->at[i] > 0; i++)
		mp_pages_add(&s->pages, (const void *)s->at[i], s->size / s->pages.page_size,
			     &s->present);
	if (s->at[0] > 0)
		mp_vma_at(&s->pages, (const void *)s->at[0], &vma);
	s->huge_mapped = vma.shmem_huge;
}

/* Did `make` come to its end? */
static int made(const struct mp_shmem *s, uint64_t i, struct mp_err *err)
{
	bool has_fd = s->make & (MP_SHMEM_NAMED | MP_SHMEM_MEMFD | MP_SHMEM_OPENED);
	long ret = has_fd && !(s->make & MP_SHMEM_CLOSED) && s->fd[i] < 0 ? s->fd[i]
		   : s->make & MP_SHMEM_MAPPED && mp_sys_failed(s->at[i]) ? s->at[i]
									  : 0;

	return ret ? mp_err_env(err, (int)ret,
				"cannot make an object of shared memory of %llu bytes: %s",
				(unsigned long long)s->size, strerror((int)-ret))
		   : 0;
}

int mp_shmem_setup_objects(struct mp_ctx *ctx, uint64_t count, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;
	int ret = 0;

	for (uint64_t i = 0; !ret && i < count; i++) {
		mp_shmem_make(s, i);
		ret = made(s, i, err);
	}
	return ret;
}

int mp_shmem_ready(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;

	(void)err;
	s->base = look(s, 0);
	return 0;
}

int mp_shmem_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;
	int ret = 0;

	for (uint64_t i = 0; !ret && i < n; i++) {
		mp_shmem_make(s, i);
		ret = made(s, i, err);
	}
	s->looked = s->look;
	if (s->looked) {
		s->seen = look(s, n);
		look_at_mappings(s, n);
	}
	s->look = false;
	return ret;
}

int mp_shmem_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;

	(void)err;
	for (uint64_t i = 0; i < n; i++)
		mp_shmem_undo(s, i);
	return 0;
}

void mp_shmem_check_answers(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_shmem *s = ctx->state;
	uint64_t right = 0;

	for (uint64_t i = 0; i < n; i++)
		right += s->got[i] == 0;
	mp_expect_equal(ctx, "operations", n, ctx->succeeded < right ? ctx->succeeded : right);
}

void mp_shmem_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shmem *s = ctx->state;
	struct mp_shmem_count now = look(s, n);
	uint64_t pages = s->size / ctx->host->page_size;

	s->look = true;
	mp_expect_equal(ctx, "pages", s->base.pages + n * pages * s->after.pages, now.pages);
	mp_expect_equal(ctx, "sized", n * s->after.sized, now.sized);
	mp_expect_equal(ctx, "open", n * s->after.open, now.open);
	if (s->folder)
		mp_expect_equal(ctx, "files", s->base.files + n * s->after.files, now.files);
	if (!s->looked)
		return;
	mp_expect_equal(ctx, "pages_before", s->base.pages + n * pages * s->before.pages,
			s->seen.pages);
	mp_expect_equal(ctx, "sized_before", n * s->before.sized, s->seen.sized);
	mp_expect_equal(ctx, "open_before", n * s->before.open, s->seen.open);
	if (s->folder)
		mp_expect_equal(ctx, "files_before", s->base.files + n * s->before.files,
				s->seen.files);
}

void mp_shmem_teardown(struct mp_ctx *ctx)
{
	struct mp_shmem *s = ctx->state;

	/* Names are removed with the namespace, and descriptors with the process. */
	mp_vma_close(&s->view);
	mp_pages_done(&s->pages);
}

int mp_shmem_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err)
{
	const struct mp_param *touched = find(params, "touched");
	uint64_t size = mp_params_number(params, "size", host->page_size);
	uint64_t together = size * mp_params_number(params, "outstanding", 1);

	if (mp_params_is(params, "huge", "hugetlb") && find(params, "size") &&
	    (!host->hugetlb_size || size % host->hugetlb_size))
		return mp_err_usage(err, -EINVAL, "the size is no multiple of the hugetlb page");
	if (mp_params_is(params, "huge", "always") &&
	    (!host->hugepage_size || size % host->hugepage_size))
		return mp_err_usage(err, -EINVAL, "the size is no multiple of the huge page");
	if ((!touched || touched->number) &&
	    (together > TOGETHER || together > host->memory_bytes / 4))
		return mp_err_usage(err, -EINVAL,
				    "the objects together are too large for this machine");
	return 0;
}
