/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stores of a child to pages that it shares with its parent: see cow_child.h. */
#include "benchmarks/support/cow_child.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "benchmarks/support/syscall.h"

/* The pages of the stack that the loop is about to use become the child's own before it runs. */
static __attribute__((noinline)) void own_stack(void)
{
	volatile char pages[4 * 4096];

	for (size_t i = 0; i < sizeof(pages); i += 4096)
		pages[i] = 1;
}

/* The child begins without the page tables of files and shared memory, code included: what the loop is about to use of those is
 * mapped by a first run of it, with one store elsewhere. */
static void rehearse(struct mp_ctx *ctx, uint64_t n, uint64_t *stamps, bool each,
		     uint64_t (*run)(struct mp_ctx *ctx, uint64_t n, uint64_t *stamps, bool each))
{
	struct mp_range *r = ctx->state;
	char elsewhere = 0, *const there[1] = { &elsewhere }, *const *at = r->at;

	r->at = there;
	run(ctx, 1, stamps, each);
	r->at = at;
	for (uint64_t i = 0; i < n; i++)
		(void)*(char *const volatile *)&at[i];
}

/* What only the child can see, for the check in its parent. */
static void look(struct mp_cow_child *c, uint64_t n)
{
	struct mp_range *r = &c->range;
	struct mp_pages parents = r->pages;

	/* The files that the parent has open are about the parent. */
	r->pages = (struct mp_pages){ 0 };
	c->failed = mp_pages_open(&r->pages, parents.page_size, NULL);
	if (!c->failed)
		c->after = mp_range_residency(r, n);
	r->pages = parents;
	for (uint64_t i = 0; i < n; i++)
		c->stored += *(volatile char *)r->at[i] == r->mark;
}

uint64_t mp_cow_child_run(struct mp_ctx *ctx, uint64_t n, uint64_t *stamps, bool each,
			  uint64_t (*run)(struct mp_ctx *ctx, uint64_t n, uint64_t *stamps,
					  bool each))
{
	struct mp_cow_child *c = ctx->state;
	long pid = mp_sys_fork();

	if (pid < 0)
		return 0;
	if (!pid) {
		struct mp_faults before;

		own_stack();
		rehearse(ctx, n, stamps, each, run);
		before = mp_faults_now();
		c->done = run(ctx, n, stamps, each);
		c->faults = mp_faults_since(&before);
		c->major = mp_faults_now().major - before.major;
		look(c, n);
		for (;;)
			mp_syscall3(SYS_exit_group, 0, 0, 0);
	}
	mp_sys_wait(pid, NULL);
	ctx->child_major += c->major;
	return c->done;
}

/* Every page is written, and so the parent's own, when a pass begins. */
static int own_all(struct mp_ctx *ctx, struct mp_err *err)
{
	(void)err;
	mp_range_store_all(ctx->state);
	return 0;
}

int mp_cow_child_legal(const struct mp_params *params, const struct mp_host *host,
		       struct mp_err *err)
{
	if (mp_params_find(params, "range")->number / host->page_size <= MP_RANGE_TOUCHES)
		return 0;
	return mp_err_usage(err, -EINVAL, "more than %u pages in a range", MP_RANGE_TOUCHES);
}

int mp_cow_child_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	r->bytes = mp_ctx_number(ctx, "range");
	r->prot = PROT_READ | PROT_WRITE;
	r->flags = MAP_PRIVATE | MAP_ANONYMOUS;
	r->fd = -1;
	r->renew = own_all;
	r->look_before = true;
	return mp_range_map(ctx, err);
}

int mp_cow_child_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_cow_child *c = ctx->state;

	c->done = c->stored = c->faults = c->major = 0;
	c->after = (struct mp_residency){ 0 };
	return mp_range_arm(ctx, n, err);
}

void mp_cow_child_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_cow_child *c = ctx->state;

	mp_expect_range(ctx, "child_faults", n, n + MP_RANGE_SLACK, c->faults);
	mp_expect_equal(ctx, "child_evidence", 0, (uint64_t)-c->failed);
	mp_expect_equal(ctx, "present_before", n, c->range.before.present);
	/* copies: of the child alone, with what was beside the stored byte */
	mp_expect_equal(ctx, "child_pages", n, c->after.exclusive);
	mp_expect_equal(ctx, "child_stored", n, c->stored);
	/* and the parent has its own as they were */
	mp_range_check_kept(ctx, n);
}
