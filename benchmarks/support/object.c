/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mapping that system calls change, and the evidence: see object.h. */
#include "benchmarks/support/object.h"
#include "benchmarks/support/backing.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FAULT_SLACK                                                                                \
	8 /* of the thread beside the counted ones: code of the worker that runs for the first time */
#define PATTERN_MOST	   64 /* pages that one check reads */
#define LOOK_SHARE	   4 /* a look waits for so many times as long as the last one took */
#define LOOK_CLOSELY_EVERY 4

int mp_object_open(struct mp_ctx *ctx, struct mp_object *o, uint64_t size, struct mp_err *err)
{
	int ret;

	o->fd = -1;
	o->page = ctx->host->page_size;
	o->huge |= mp_params_is(ctx->params, "huge", "thp");
	o->touched = !mp_params_is(ctx->params, "touch", "none");
	if (mp_params_is(ctx->params, "backing", "shared"))
		o->backing = MP_OBJECT_SHARED;
	if (mp_params_is(ctx->params, "backing", "private"))
		o->backing = MP_OBJECT_PRIVATE;
	o->memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	if (o->memory < 0)
		return mp_err_env(err, -errno,
				  "cannot open '/proc/self/mem': %s; is /proc mounted?",
				  strerror(errno));
	ret = mp_vma_open(&o->view, err);
	if (!ret)
		ret = mp_pages_open(&o->pages, o->page, err);
	if (!ret && o->huge)
		ret = mp_thp_possible(ctx->host->hugepage_size, err);
	if (ret || o->backing == MP_OBJECT_ANON || o->backing == MP_OBJECT_HUGETLB)
		return ret;
	ret = mp_backing_open(MP_BACKING_MEMFD, &o->fd, err);
	if (!ret && ftruncate(o->fd, (off_t)size))
		ret = mp_err_env(err, -errno, "cannot make a memfd of %llu bytes: %s",
				 (unsigned long long)size, strerror(errno));
	return ret;
}

void mp_object_close(struct mp_object *o)
{
	if (o->memory > 0)
		close(o->memory);
	if (o->fd > 0)
		close(o->fd);
	mp_vma_close(&o->view);
	mp_pages_done(&o->pages);
}

static int flags_of(const struct mp_object *o)
{
	switch (o->backing) {
	case MP_OBJECT_SHARED:
		return MAP_SHARED;
	case MP_OBJECT_PRIVATE:
		return MAP_PRIVATE;
	case MP_OBJECT_HUGETLB:
		return MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;
	default:
		return MAP_PRIVATE | MAP_ANONYMOUS;
	}
}

int mp_object_make(struct mp_object *o, uint64_t at, uint64_t size, struct mp_err *err)
{
	void *got =
		mmap((void *)at, size, PROT_READ | PROT_WRITE, flags_of(o) | MAP_FIXED, o->fd, 0);

	if (got == MAP_FAILED)
		return mp_err_env(err, -errno, "cannot map %llu bytes: %s",
				  (unsigned long long)size, strerror(errno));
	/* A kernel without huge pages refuses either advice; small pages are what it gives anyway. */
	if (o->backing != MP_OBJECT_HUGETLB &&
	    madvise(got, size, o->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) &&
	    (o->huge || errno != EINVAL))
		return mp_err_env(err, -errno, "cannot advise on huge pages: %s", strerror(errno));
	if (o->touched)
		mp_object_touch(o, at, 0, size / o->page);
	return 0;
}

void mp_object_look(struct mp_object *o, uint64_t at, uint64_t size)
{
	uint64_t now = mp_clock_raw_ns();

	if (o->looks && now - o->look_ended < LOOK_SHARE * (o->look_ended - o->look_began))
		return;
	o->look_began = now;
	o->seen = (struct mp_residency){ 0 };
	mp_pages_add(&o->pages, (const void *)at, size / o->page, &o->seen);
	o->seen_vmas = mp_vma_overlaps(&o->view, at, size);
	o->looked_closely = o->looks++ % LOOK_CLOSELY_EVERY == 0 &&
			    !mp_vma_at(&o->pages, (const void *)at, &o->seen_vma);
	o->looked = true;
	o->look_ended = mp_clock_raw_ns();
}

uint64_t mp_object_claims_pages(const struct mp_ctx *ctx, uint64_t size)
{
	return mp_params_is(ctx->params, "touch", "none") ? 0 : size / ctx->host->page_size;
}

uint64_t mp_object_claims_huge(const struct mp_ctx *ctx, uint64_t size)
{
	return mp_params_is(ctx->params, "huge", "thp") &&
			       !mp_params_is(ctx->params, "touch", "none")
		       ? size
		       : 0;
}

/* The first check only begins to count: until then the process has met most of its own code for the first time. */
void mp_object_expect_faults(struct mp_ctx *ctx, struct mp_object *o)
{
	uint64_t faults = mp_faults_since(&o->faults), want = o->renewed * o->faults_each;

	if (o->counting)
		mp_expect_range(ctx, "faults", want, want + FAULT_SLACK, faults);
}

void mp_object_expect_before(struct mp_ctx *ctx, struct mp_object *o, uint64_t pages, uint64_t vmas,
			     uint64_t huge)
{
	if (o->looked) {
		mp_expect_equal(ctx, "present_before", pages, o->seen.present);
		mp_expect_equal(ctx, "vmas_before", vmas, o->seen_vmas);
	}
	if (o->looked_closely)
		mp_expect_equal(ctx, "huge_before", huge, o->seen_vma.anon_huge);
}

void mp_object_expect_vma(struct mp_ctx *ctx, const struct mp_object *o, uint64_t at, uint64_t size)
{
	struct mp_vma_entry vma = { 0 };
	bool found = mp_vma_find(&o->view, at, &vma, NULL, NULL);

	mp_expect_true(ctx, "vma", found && vma.start == at && vma.end == at + size,
		       "the range is one whole mapping");
}

static uint64_t present(const struct mp_object *o, uint64_t at, uint64_t size)
{
	struct mp_residency sum = { 0 };
	int ret = mp_pages_add(&o->pages, (const void *)at, size / o->page, &sum);

	return ret ? UINT64_MAX : sum.present;
}

void mp_object_expect_present(struct mp_ctx *ctx, const struct mp_object *o, uint64_t at,
			      uint64_t size, uint64_t pages)
{
	mp_expect_equal(ctx, "present", pages, present(o, at, size));
}

void mp_object_expect_absent(struct mp_ctx *ctx, const struct mp_object *o, uint64_t at,
			     uint64_t size)
{
	mp_expect_equal(ctx, "absent", 0, present(o, at, size));
}

bool mp_object_has_mark(const struct mp_object *o, uint64_t at, uint64_t k)
{
	char mark = 0;

	return pread(o->memory, &mark, 1, (off_t)at) == 1 && mark == mp_object_mark(k);
}

void mp_object_expect_pattern(struct mp_ctx *ctx, const struct mp_object *o, uint64_t at,
			      uint64_t first, uint64_t count)
{
	uint64_t looks = count < PATTERN_MOST ? count : PATTERN_MOST, right = 0;

	for (uint64_t i = 0; i < looks; i++) {
		uint64_t k = looks > 1 ? i * (count - 1) / (looks - 1) : 0;

		right += mp_object_has_mark(o, at + k * o->page, first + k);
	}
	mp_expect_equal(ctx, "pattern", looks, right);
}

void mp_object_expect_hole(struct mp_ctx *ctx, const struct mp_object *o, uint64_t at,
			   uint64_t size)
{
	mp_expect_equal(ctx, "left", 0, mp_vma_overlaps(&o->view, at, size));
}

uint64_t mp_object_huge(const struct mp_object *o, uint64_t at)
{
	struct mp_vma vma = { 0 };

	return mp_vma_at(&o->pages, (const void *)at, &vma) ? UINT64_MAX : vma.anon_huge;
}

void mp_object_checked(struct mp_object *o)
{
	o->looked = false;
	o->looked_closely = false;
	o->renewed = 0;
	o->counting = true;
	o->faults = mp_faults_now();
}
