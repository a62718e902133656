/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making subjects and bringing them into their state: see subject.h. The proofs are in subject_check.c. */
#include "benchmarks/support/subject.h"

#include "benchmarks/support/backing.h"
#include "benchmarks/support/remote.h"
#include "benchmarks/support/space.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct mp_subject_plan *plan_of(const char *bench, const struct mp_subject_plan *plans,
					     size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(plans[i].bench, bench))
			return &plans[i];
	return NULL;
}

/* Where in its object a subject lies, and how many VMAs the object is, before and after the call. */
static void lay_out(struct mp_ctx *ctx, struct mp_subject *s)
{
	const struct mp_params *p = ctx->params;
	bool split = mp_params_is(p, "vma", "split") || mp_params_find(p, "position");
	bool merge = mp_params_is(p, "vma", "merge");
	bool middle =
		merge || mp_params_is(p, "vma", "split") || mp_params_is(p, "position", "middle");

	s->rows = mp_params_number(p, "count", 0);
	s->size = s->rows ? s->rows * s->page : mp_params_number(p, "size", s->page);
	s->whole = s->size;
	s->vmas_before = s->rows ? s->rows : 1;
	s->vmas_after = s->vmas_before;
	if (s->plan->part) {
		s->whole = ctx->host->hugepage_size;
		s->offset = s->whole / 2;
	} else if (split || merge) {
		s->whole = 3 * s->size;
		s->offset = middle				  ? s->size
			    : mp_params_is(p, "position", "tail") ? 2 * s->size
								  : 0;
		s->vmas_before = merge ? 3 : 1;
		s->vmas_after = merge ? 1 : middle ? 3 : 2;
	}
	s->from = s->plan->part ? s->offset : 0;
	s->extent = s->plan->part ? s->whole : s->size;
	s->stored = s->extent;
	for (const struct mp_step *step = s->steps; step->kind; step++)
		if (step->kind == MP_STEP_TOUCH && s->touch != MP_STEP_STORE)
			s->stored = 0;
}

static int open_file(struct mp_ctx *ctx, struct mp_subject *s, struct mp_err *err)
{
	bool disk = s->plan->of_file || mp_params_is(ctx->params, "backing", "disk");
	bool memfd = mp_params_is(ctx->params, "backing", "memfd");
	uint64_t bytes = s->n * s->whole;
	int ret;

	s->fd = -1;
	if (!disk && !memfd)
		return 0;
	ret = mp_backing_open(disk ? MP_BACKING_DISK : MP_BACKING_MEMFD, &s->fd, err);
	if (ret)
		return ret;
	/* With blocks of its own, not a hole: what is read comes from the disk. */
	if (disk)
		ret = mp_backing_write(s->fd, bytes, MP_FILL_PAGES, err);
	else if (ftruncate(s->fd, (off_t)bytes))
		ret = mp_err_env(err, -errno, "cannot make a memfd of %llu bytes: %s",
				 (unsigned long long)bytes, strerror(errno));
	return ret;
}

static int refused(const char *what, struct mp_err *err)
{
	return mp_err_env(err, -errno, "cannot %s: %s", what, strerror(errno));
}

/* Maps the object of subject i at a place of its own. */
static int map_object(struct mp_ctx *ctx, uint64_t i, struct mp_err *err)
{
	struct mp_subject *s = ctx->state;
	char *base = mp_space_slot(ctx, s->whole, i);
	int flags = s->fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;

	if (mmap(base, s->whole, PROT_READ | PROT_WRITE, flags | MAP_FIXED, s->fd,
		 s->fd < 0 ? 0 : (off_t)(i * s->whole)) == MAP_FAILED)
		return refused("map memory for the call to act upon", err);
	for (uint64_t k = 1; k < s->rows; k += 2)
		if (mprotect(base + k * s->page, s->page, PROT_WRITE))
			return refused("make a row of mappings: check /proc/sys/vm/max_map_count",
				       err);
	/* A kernel without huge pages refuses either advice; small pages are what it gives anyway. */
	if (!s->plan->own_huge && s->fd < 0 &&
	    madvise(base, s->whole, s->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) &&
	    (s->huge || errno != EINVAL))
		return refused("advise on huge pages", err);
	s->at[i] = (uint64_t)base + s->offset;
	return s->fd < 0 ? mp_ctx_bind(ctx, base, s->whole, err) : 0;
}

/* The first steps, on the whole object. Where the call will cut the subject out of it, all of it is as the subject will be
 * before the call; where the call will merge it, the call itself is made on its neighbours. */
static int first_steps(struct mp_ctx *ctx, uint64_t i, struct mp_err *err)
{
	struct mp_subject *s = ctx->state;
	uint64_t base = s->at[i] - s->offset;
	long ret = 0;

	for (const struct mp_step *step = s->plan->first; !ret && step->kind; step++)
		ret = mp_subject_step(s, *step, base, s->whole);
	for (const struct mp_step *step = s->steps;
	     !ret && step->kind && s->whole != s->size && !s->plan->part; step++)
		ret = mp_subject_step(s, *step, base, s->whole);
	if (!ret && mp_params_is(ctx->params, "vma", "merge")) {
		ret = mp_subject_step(s, s->plan->call, base, s->size);
		if (!ret)
			ret = mp_subject_step(s, s->plan->call, base + 2 * s->size, s->size);
	}
	return ret ? mp_err_env(err, (int)ret, "cannot prepare the memory: %s", strerror((int)-ret))
		   : 0;
}

/* Faults of the steps and the call together. */
static uint64_t faults_of(const struct mp_ctx *ctx, const struct mp_subject *s)
{
	uint64_t bytes = s->plan->part ? s->whole : s->size;
	bool large = s->huge || s->plan->part;
	uint64_t all = bytes / (large ? ctx->host->hugepage_size : s->page);

	/* One fault may map as much of a file as the file system likes. */
	if (mp_params_is(ctx->params, "backing", "disk"))
		return UINT64_MAX;
	switch (s->plan->faults) {
	case MP_NOTHING:
		return 0;
	case MP_EVERYTHING:
		return all;
	case MP_BY_AXIS:
		return s->touch == MP_STEP_END ? 0 : all;
	default:
		return UINT64_MAX;
	}
}

int mp_subject_setup(struct mp_ctx *ctx, const struct mp_subject_plan *plans, size_t n_plans,
		     struct mp_err *err)
{
	struct mp_subject *s = ctx->state;
	int ret;

	s->plan = plan_of(ctx->bench->name, plans, n_plans);
	if (!s->plan)
		return mp_err_internal(err, -ENOENT, "no plan for '%s'", ctx->bench->name);
	s->page = ctx->host->page_size;
	s->advice = s->plan->call.argument;
	s->steps = s->plan->steps;
	s->touch = mp_params_is(ctx->params, "touch", "write")	? MP_STEP_STORE
		   : mp_params_is(ctx->params, "touch", "read") ? MP_STEP_LOAD
								: MP_STEP_END;
	s->huge = mp_params_is(ctx->params, "huge", "thp");
	s->look = true;
	s->per_call = mp_params_number(ctx->params, "vectors", 1);
	s->n = mp_params_number(ctx->params, "outstanding", 1) * s->per_call;
	ctx->depth = s->plan->repeats ? 0 : s->n / s->per_call;
	lay_out(ctx, s);
	s->faults_each = faults_of(ctx, s);
	ret = mp_arena_fill(ctx, mp_params_number(ctx->params, "extra_vmas", 0), err);
	if (!ret)
		ret = open_file(ctx, s, err);
	for (uint64_t i = 0; !ret && i < s->n; i++)
		ret = map_object(ctx, i, err);
	if (!ret && s->plan->remote)
		ret = mp_remote_start(s, err);
	if (!ret)
		ret = mp_vma_open_of(&s->view, s->remote.pid, err);
	if (!ret)
		ret = mp_pages_open_of(&s->pages, s->remote.pid, s->page, err);
	for (uint64_t i = 0; !ret && !s->plan->remote && i < s->n; i++)
		ret = first_steps(ctx, i, err);
	if (!ret)
		s->locked = mp_pages_locked(&s->pages);
	return ret;
}

int mp_subject_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_subject *s = ctx->state;
	uint64_t subjects = mp_subject_count(s, n);
	long ret = s->plan->remote ? mp_remote_prepare(s) : 0;

	for (uint64_t i = 0; !s->plan->remote && !ret && i < subjects; i++)
		ret = mp_subject_prepare(s, i);
	if (ret)
		return mp_err_env(err, -EIO,
				  "cannot bring the memory into its state before the call");
	for (uint64_t i = 0; i < MP_SUBJECT_MAX; i++)
		s->got[i] = MP_SUBJECT_NO_ANSWER;
	s->made += s->plan->repeats ? n - 1 : 0;
	if (s->look) {
		mp_subject_look(ctx, subjects, false, &s->seen);
		s->looked = true;
		s->look = false;
	}
	return 0;
}

int mp_subject_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_subject *s = ctx->state;

	for (uint64_t i = 0; i < mp_subject_count(s, n); i++)
		if (mp_subject_step(s, s->plan->undo, s->at[i], s->size))
			return mp_err_env(err, -EIO, "cannot undo the call");
	return 0;
}

void mp_subject_teardown(struct mp_ctx *ctx)
{
	struct mp_subject *s = ctx->state;

	mp_remote_stop(s);
	if (s->fd > 0)
		close(s->fd);
	mp_vma_close(&s->view);
	mp_pages_done(&s->pages);
}

int mp_subject_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err)
{
	uint64_t size = mp_params_number(params, "size", host->page_size);
	uint64_t n =
		mp_params_number(params, "outstanding", 1) * mp_params_number(params, "vectors", 1);
	bool parts = mp_params_is(params, "vma", "split") || mp_params_is(params, "vma", "merge") ||
		     mp_params_find(params, "position");
	bool file = mp_params_find(params, "backing") && !mp_params_is(params, "backing", "anon");
	int ret = mp_params_is(params, "backing", "disk")
			  ? mp_backing_possible(MP_BACKING_DISK, err)
			  : 0;

	if (!ret && mp_params_is(params, "huge", "thp")) {
		if (!host->hugepage_size || size % host->hugepage_size)
			return mp_err_usage(err, -EINVAL,
					    "the size is no multiple of the huge page");
		if (file)
			return mp_err_usage(err, -EINVAL,
					    "huge=thp is of anonymous memory, not of files");
		ret = mp_thp_possible(host->hugepage_size, err);
	}
	if (!ret && size * n * (parts ? 3 : 1) > host->memory_bytes / 4)
		return mp_err_usage(err, -EINVAL, "the memory exceeds a quarter of the machine's");
	return ret ? ret : mp_space_slots_fit(host, size * (parts ? 3 : 1), n, err);
}
