/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The msync family: clean as it stands; and spoilt in the ways that each check is there for, the check of that name
 * notices.
 */
#include "tests/benchmarks/harness.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/mman.h>

#include "benchmarks/support/sync.h"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("msync");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("msync");
}

/* Beyond the representative values. */
static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"msync.async/backing=disk/dirty=1/size=page",
		"msync.async/backing=disk/dirty=512",
		"msync.multi/backing=disk/vmas=8",
		"msync.multi/vmas=512",
		"msync.peer/backing=memfd/size=64K",
		"msync.peer/backing=disk/size=64K",
		"msync.redirty/backing=disk/range=64K",
		"msync.sync_clean/backing=disk/size=page",
		"msync.sync_dirty/backing=disk/dirty=1/scope=part",
		"msync.sync_dirty/backing=disk/dirty=4/pattern=sparse/size=16M",
		"msync.sync_dirty/backing=memfd/dirty=64/pattern=sparse/size=128M/scope=part",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
	mp_harness_clean("msync.redirty/backing=disk", MP_MODE_BATCH);
}

static void test_illegal(void **state)
{
	static const char *const cases[] = {
		"msync.sync_dirty/dirty=512/size=page",
		"msync.sync_dirty/dirty=64/pattern=sparse/size=2M",
		"msync.sync_dirty/size=1G/scope=part",
		"msync.peer/backing=memfd/writers=64",
		"msync.redirty/backing=disk/range=1G",
	};

	(void)state;
	mp_harness_illegal(cases, MP_COUNT(cases));
}

/* The plants */

static struct mp_sync *state_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

/* A page beyond those that arm dirties. */
static void dirty_another(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_sync *s = state_of(ctx);

	(void)n;
	*(volatile char *)(s->base + s->size - ctx->host->page_size) = 1;
}

static void dirty_early(struct mp_ctx *ctx)
{
	dirty_another(ctx, 1);
}

static void clean_all(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_sync *s = state_of(ctx);

	(void)n;
	msync(s->base, s->size, MS_SYNC);
	if (s->beyond)
		msync(s->beyond, s->size, MS_SYNC);
}

/* Stores to fewer pages than the case says; the check goes by the axis. */
static void dirty_less(struct mp_ctx *ctx)
{
	state_of(ctx)->stride = 0;
}

static void wrong_answer(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	state_of(ctx)->last = 7;
}

static void drop_a_page(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	madvise(state_of(ctx)->base, ctx->host->page_size, MADV_DONTNEED);
}

static void split(struct mp_ctx *ctx)
{
	struct mp_sync *s = state_of(ctx);

	mprotect(s->base + s->size - ctx->host->page_size, ctx->host->page_size, PROT_READ);
}

static void join(struct mp_ctx *ctx)
{
	struct mp_sync *s = state_of(ctx);

	mprotect(s->base, s->size, PROT_READ | PROT_WRITE);
}

static void unlock(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	munlock(state_of(ctx)->base, state_of(ctx)->size);
}

static void stop_peers(struct mp_ctx *ctx)
{
	mp_sync_peers_pause(state_of(ctx)->peers);
}

static void move_here(struct mp_ctx *ctx, uint64_t n)
{
	(void)ctx;
	cpu_set_t set;
	int here = sched_getcpu();

	(void)n;
	sched_getaffinity(0, sizeof(set), &set);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		cpu_set_t all;

		CPU_ZERO(&all);
		CPU_SET((size_t)cpu, &all);
		if (cpu != here && !sched_setaffinity(0, sizeof(all), &all))
			return;
	}
}

static void drop_touched(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;

	madvise(r->at[0], n * ctx->host->page_size, MADV_DONTNEED);
}

static void sync_touched(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;

	(void)n;
	msync(r->base, r->size, MS_SYNC);
}

static void unstore(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;

	*(volatile char *)r->at[n - 1] = 0;
}

static int never(struct mp_ctx *ctx, struct mp_err *err)
{
	(void)ctx;
	(void)err;
	return 0;
}

/* Passes without a sync before them: what the pass before dirtied is dirty. */
static void sync_never(struct mp_ctx *ctx)
{
	struct mp_range *r = ctx->state;

	mp_range_store_all(r);
	r->renew = never;
}

static int not_mapped(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	msync(r->base, r->size, MS_SYNC);
	return mp_range_drop(ctx, err);
}

static void map_nothing(struct mp_ctx *ctx)
{
	struct mp_range *r = ctx->state;

	r->renew = not_mapped;
}

struct plant {
	const char *text;
	struct mp_harness_tamper tamper;
	const char *check;
};

static const struct plant plants[] = {
	{ "msync.async/backing=memfd", { .after_setup = dirty_early }, "dirty_before" },
	{ "msync.async/backing=memfd", { .after_setup = dirty_less }, "dirty_before" },
	{ "msync.async/backing=disk", { .after_run = clean_all }, "dirty" },
	{ "msync.async/backing=memfd", { .after_run = wrong_answer }, "answer" },
	{ "msync.async/backing=memfd", { .after_run = drop_a_page }, "present" },
	{ "msync.async/backing=memfd", { .after_setup = split }, "mappings" },
	{ "msync.invalidate", { .after_setup = dirty_early }, "dirty_before" },
	{ "msync.invalidate", { .after_run = dirty_another }, "dirty" },
	{ "msync.invalidate_locked", { .after_run = unlock }, "locked_kib" },
	{ "msync.invalidate_locked", { .before_run = unlock }, "operations" },
	{ "msync.multi/backing=memfd", { .after_setup = join }, "mappings" },
	{ "msync.multi/backing=memfd", { .after_run = dirty_another }, "dirty" },
	{ "msync.multi_async", { .after_setup = join }, "mappings" },
	{ "msync.peer/backing=memfd", { .after_setup = stop_peers }, "peer_stores" },
	{ "msync.peer/backing=disk", { .after_setup = stop_peers }, "dirty_before" },
	{ "msync.peer/backing=memfd", { .after_run = move_here }, "elsewhere" },
	{ "msync.sync_clean/backing=disk", { .after_run = dirty_another }, "dirty" },
	{ "msync.sync_clean/backing=memfd", { .after_setup = dirty_early }, "dirty_before" },
	{ "msync.sync_dirty/backing=disk", { .after_setup = dirty_less }, "dirty_before" },
	{ "msync.sync_dirty/backing=disk", { .after_setup = dirty_less }, "faults" },
	{ "msync.sync_dirty/backing=disk", { .after_run = dirty_another }, "dirty" },
	{ "msync.sync_dirty/backing=memfd", { .after_run = dirty_another }, "dirty" },
	{ "msync.sync_dirty/backing=disk/dirty=4/scope=part",
	  { .after_run = clean_all },
	  "dirty_beyond" },
	{ "msync.redirty/backing=disk/range=64K", { .after_setup = sync_never }, "faults" },
	{ "msync.redirty/backing=disk/range=64K", { .after_setup = sync_never }, "dirty_before" },
	{ "msync.redirty/backing=disk/range=64K",
	  { .after_setup = map_nothing },
	  "present_before" },
	{ "msync.redirty/backing=disk/range=64K", { .after_run = sync_touched }, "dirty" },
	{ "msync.redirty/backing=disk/range=64K", { .after_run = drop_touched }, "of_file" },
	{ "msync.redirty/backing=disk/range=64K", { .after_run = unstore }, "stored" },
};

static void test_plants(void **state)
{
	(void)state;
	for (size_t i = 0; i < MP_COUNT(plants); i++)
		mp_harness_fails(plants[i].text, MP_MODE_CALL, &plants[i].tamper, plants[i].check);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean), cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_more_values),  cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_plants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
