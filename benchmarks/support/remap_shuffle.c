/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mremap.page_shuffle, as a collector compacts a heap without copying: single pages moved within an area. */
#include "benchmarks/support/remap.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* Adjacent slots that happen to hold adjacent pages are one mapping: one pair in an area, on average. */
#define MERGED_MOST 8

/* What one operation does to the slots. */
static void advance(struct mp_shuffle_state *s, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		uint64_t next = s->expected + 1 == s->pages ? 0 : s->expected + 1;

		s->holds[s->expected] = s->holds[next];
		s->expected = next;
	}
}

/* A random order of all slots (Fisher and Yates 1938, as in Durstenfeld 1964). */
static void order(struct mp_ctx *ctx, struct mp_shuffle_state *s)
{
	for (uint64_t k = 0; k < s->pages; k++)
		s->holds[k] = (uint32_t)k;
	for (uint64_t k = s->pages; k > 1; k--) {
		uint64_t j = mp_random_below(&ctx->random, k);
		uint32_t swap = s->holds[k - 1];

		s->holds[k - 1] = s->holds[j];
		s->holds[j] = swap;
	}
	for (uint64_t k = 0; k < s->pages; k++)
		s->at[k] = s->base + s->holds[k] * s->page;
}

int mp_shuffle_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shuffle_state *s = ctx->state;
	uint64_t to;
	int ret;

	s->page = ctx->host->page_size;
	s->pages = mp_ctx_number(ctx, "pages");
	mp_remap_places(ctx, "pmd", s->pages * s->page, &s->base, &to);
	ret = mp_object_open(ctx, &s->object, 0, err);
	if (!ret)
		ret = mp_object_make(&s->object, s->base, s->pages * s->page, err);
	if (ret)
		return ret;
	order(ctx, s);
	if (munmap((void *)s->at[0], s->page))
		return mp_err_env(err, -errno, "cannot make a hole: %s", strerror(errno));
	/* The first round splits one mapping into as many as there are pages. */
	for (uint64_t i = 0; i < s->pages; i++)
		if (!mp_shuffle_move(s))
			return mp_err_env(err, -ENOMEM,
					  "cannot spread %llu pages over as many mappings: raise "
					  "/proc/sys/vm/max_map_count",
					  (unsigned long long)s->pages);
	advance(s, s->pages);
	return 0;
}

int mp_shuffle_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_shuffle_state *s = ctx->state;

	(void)n;
	(void)err;
	s->advanced = false;
	mp_object_look(&s->object, s->base, s->pages * s->page);
	return 0;
}

int mp_shuffle_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_shuffle_state *s = ctx->state;

	(void)err;
	if (!s->advanced)
		advance(s, n);
	return 0;
}

/* Every page is where the moves bring it, and the hole is where the last one left it. */
void mp_shuffle_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shuffle_state *s = ctx->state;
	struct mp_object *o = &s->object;
	uint64_t right = 0, most = s->pages - 1;

	mp_object_expect_faults(ctx, o);
	if (o->looked) {
		mp_expect_equal(ctx, "present_before", most, o->seen.present);
		mp_expect_range(ctx, "vmas_before", most > MERGED_MOST ? most - MERGED_MOST : 1,
				most, o->seen_vmas);
	}
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	advance(s, n);
	s->advanced = true;
	mp_object_expect_hole(ctx, o, s->at[s->expected], s->page);
	mp_object_expect_present(ctx, o, s->base, s->pages * s->page, most);
	for (uint64_t k = 0; k < s->pages; k++)
		right += k != s->expected && mp_object_has_mark(o, s->at[k], s->holds[k]);
	mp_expect_equal(ctx, "pattern", most, right);
	mp_object_checked(o);
}

void mp_shuffle_teardown(struct mp_ctx *ctx)
{
	struct mp_shuffle_state *s = ctx->state;

	mp_object_close(&s->object);
}
