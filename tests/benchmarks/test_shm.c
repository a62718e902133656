/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SysV shared memory, the families shmget, shmat, shmdt, shmctl and shm: clean as they stand; and spoilt in the ways that
 * each check is there for, the check of that name notices.
 */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "benchmarks/support/shm.h"

static const char *const families[] = { "shmget", "shmat", "shmdt", "shmctl", "shm" };

static void test_families_clean(void **state)
{
	(void)state;
	for (size_t i = 0; i < MP_COUNT(families); i++)
		mp_harness_family_clean(families[i]);
}

static void test_families_skipped(void **state)
{
	(void)state;
	for (size_t i = 0; i < MP_COUNT(families); i++)
		mp_harness_family_skipped(families[i]);
}

/* Beyond the representative values. */
static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"shmget.create/outstanding=64/size=1G",
		"shmget.create/segments=1000/reserve=no",
		"shmget.lookup/segments=6000",
		"shmat.attach/access=ro/address=given/outstanding=64",
		"shmat.attach/access=exec/size=64K",
		"shmat.attach/address=remap/size=2M/outstanding=64",
		"shmat.attach/attached=1000/outstanding=64",
		"shmdt.detach/last=no/outstanding=64/size=64K",
		"shmdt.detach/touched=no",
		"shmdt.destroy/outstanding=64/size=page",
		"shmdt.destroy/touched=no",
		"shmctl.info/segments=0",
		"shmctl.lock/touched=no/size=page",
		"shmctl.unlock/touched=no/size=page",
		"shmctl.rmid_last/outstanding=64/size=64K",
		"shmctl.rmid_live/touched=no",
		"shm.cycle/size=64K",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
	mp_harness_clean("shmat.attach/outstanding=64", MP_MODE_BATCH);
	mp_harness_clean("shm.cycle/threads=2", MP_MODE_RATE);
}

static void test_illegal(void **state)
{
	static const char *const cases[] = {
		"shmget.create/size=page/huge=hugetlb",
		"shmat.attach/size=1T/address=given",
		"shmdt.detach/size=16G/touched=yes",
	};

	(void)state;
	mp_harness_illegal(cases, MP_COUNT(cases));
}

/* The plants */

static struct mp_shm *state_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void one_more_segment(struct mp_ctx *ctx, uint64_t n)
{
	(void)ctx;
	(void)n;
	shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
}

static void one_segment_less(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	shmctl((int)state_of(ctx)->id[0], IPC_RMID, NULL);
}

static void other_size(struct mp_ctx *ctx)
{
	state_of(ctx)->size *= 2;
}

static void smaller_segments(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shm *s = state_of(ctx);

	for (uint64_t i = 0; i < n; i++) {
		shmctl((int)s->id[i], IPC_RMID, NULL);
		s->id[i] = shmget(IPC_PRIVATE, s->size / 2, s->flags);
	}
}

/* Attaches object 0 for good, and stores to its first page. */
static void touch_it(struct mp_ctx *ctx, uint64_t n)
{
	char *p = shmat((int)state_of(ctx)->id[0], NULL, 0);

	(void)n;
	*(volatile char *)p = 1;
}

static void touch_and_detach(struct mp_ctx *ctx, uint64_t n)
{
	char *p = shmat((int)state_of(ctx)->id[0], NULL, 0);

	(void)n;
	*(volatile char *)p = 1;
	shmdt(p);
}

static void touch_early(struct mp_ctx *ctx)
{
	touch_and_detach(ctx, 1);
}

static void attach_it(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	shmat((int)state_of(ctx)->id[0], NULL, 0);
}

static void attach_it_early(struct mp_ctx *ctx)
{
	attach_it(ctx, 1);
}

static void lock_it(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	shmctl((int)state_of(ctx)->id[0], SHM_LOCK, NULL);
}

static void unlock_it(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	shmctl((int)state_of(ctx)->id[0], SHM_UNLOCK, NULL);
}

static void touch_nothing(struct mp_ctx *ctx)
{
	state_of(ctx)->make &= ~(unsigned)MP_SHM_TOUCH;
}

static void touch_all(struct mp_ctx *ctx)
{
	state_of(ctx)->make |= MP_SHM_TOUCH;
}

static void mark_nothing(struct mp_ctx *ctx)
{
	state_of(ctx)->make &= ~(unsigned)MP_SHM_MARK;
}

static void lock_nothing(struct mp_ctx *ctx)
{
	state_of(ctx)->make &= ~(unsigned)MP_SHM_LOCK;
}

static void lock_early(struct mp_ctx *ctx)
{
	state_of(ctx)->make |= MP_SHM_LOCK;
}

static void keep_attached(struct mp_ctx *ctx)
{
	state_of(ctx)->make &= ~(unsigned)MP_SHM_DETACH;
}

static void attach_read_only(struct mp_ctx *ctx)
{
	state_of(ctx)->attach |= SHM_RDONLY;
}

static void move_wanted(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	state_of(ctx)->want[0] += ctx->host->page_size;
}

static void touch_attachment(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	*(volatile char *)state_of(ctx)->at[0] = 1;
}

static void map_again(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shm *s = state_of(ctx);

	(void)n;
	mmap((void *)s->at[0], s->size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void wrong_answer(struct mp_ctx *ctx, uint64_t n)
{
	state_of(ctx)->got[n - 1] = 1;
}

static void wrong_last(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	state_of(ctx)->last++;
}

static void spoil_about(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	state_of(ctx)->about.shm_segsz = 1;
	state_of(ctx)->about.shm_cpid = 1;
	state_of(ctx)->limits.shmmin = 2;
	state_of(ctx)->info.used_ids = 7;
}

static void set_back(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shm *s = state_of(ctx);

	(void)n;
	s->about.shm_perm.mode = 0600;
	shmctl((int)s->id[0], IPC_SET, &s->about);
}

static void forget_life(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	state_of(ctx)->at[0] = 0;
	state_of(ctx)->id[0] = -1;
}

static void fault_often(struct mp_ctx *ctx, uint64_t n)
{
	const uint64_t pages = 2 * n + MP_SHM_SLACK;
	char *p = mmap(NULL, pages * ctx->host->page_size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (uint64_t i = 0; i < pages; i++)
		p[i * ctx->host->page_size] = 1;
}

struct plant {
	const char *text;
	struct mp_harness_tamper tamper;
	const char *check;
};

static const struct plant plants[] = {
	/* what all share */
	{ "shmget.create", { .after_run = one_more_segment }, "segments" },
	{ "shmget.create", { .before_run = one_more_segment }, "segments" },
	{ "shmat.attach", { .after_run = one_segment_less }, "mode" },
	{ "shmat.attach", { .after_run = touch_and_detach }, "resident_pages" },
	{ "shmat.attach", { .after_run = attach_it }, "attached" },
	{ "shmctl.rmid_last", { .after_setup = keep_attached }, "attached_before" },
	{ "shmctl.rmid_last", { .after_setup = keep_attached }, "segments" },
	{ "shmctl.rmid_last/size=2M", { .after_setup = touch_nothing }, "pages_before" },
	{ "shmctl.rmid_last/touched=no", { .after_setup = touch_all }, "pages_before" },
	{ "shmctl.rmid_last", { .after_run = wrong_answer }, "operations" },
	{ "shmctl.rmid_live", { .after_setup = touch_nothing }, "pages_before" },
	{ "shmdt.destroy", { .after_setup = mark_nothing }, "mode_before" },
	{ "shmdt.destroy", { .after_setup = mark_nothing }, "segments" },
	{ "shmdt.destroy", { .after_setup = touch_nothing }, "present_before" },
	/* the families' own */
	{ "shmget.create", { .after_run = smaller_segments }, "of_that_size" },
	{ "shmget.create/outstanding=64", { .after_run = touch_it }, "resident_pages" },
	{ "shmget.lookup", { .after_run = wrong_last }, "found" },
	{ "shmget.lookup", { .after_run = wrong_last }, "key" },
	{ "shmget.lookup", { .after_run = one_more_segment }, "segments" },
	{ "shmat.attach", { .after_setup = attach_read_only }, "mappings" },
	{ "shmat.attach/size=2M", { .after_setup = other_size }, "mappings" },
	{ "shmat.attach/address=given", { .after_run = move_wanted }, "placed" },
	{ "shmat.attach", { .after_run = touch_attachment }, "present" },
	{ "shmdt.detach", { .after_setup = attach_it_early }, "attached_before" },
	{ "shmdt.detach/size=2M", { .after_setup = touch_nothing }, "present_before" },
	{ "shmdt.detach/touched=no", { .after_setup = touch_all }, "present_before" },
	{ "shmdt.detach", { .after_run = map_again }, "still_mapped" },
	{ "shmdt.detach", { .after_run = wrong_answer }, "operations" },
	{ "shmctl.stat", { .after_run = spoil_about }, "size" },
	{ "shmctl.stat", { .after_run = spoil_about }, "creator" },
	{ "shmctl.limits", { .after_run = spoil_about }, "least_size" },
	{ "shmctl.info", { .after_run = spoil_about }, "counted" },
	{ "shmctl.set", { .after_run = set_back }, "permissions" },
	{ "shmctl.lock", { .after_run = unlock_it }, "mode" },
	{ "shmctl.lock", { .after_setup = lock_early }, "mode_before" },
	{ "shmctl.lock/touched=no", { .after_run = touch_and_detach }, "resident_pages" },
	{ "shmctl.unlock/touched=no", { .after_setup = touch_early }, "pages_before" },
	{ "shmctl.unlock", { .after_run = lock_it }, "mode" },
	{ "shmctl.unlock", { .after_setup = lock_nothing }, "mode_before" },
	{ "shm.cycle", { .after_setup = touch_nothing }, "faults" },
	{ "shm.cycle", { .after_run = fault_often }, "faults" },
	{ "shm.cycle", { .after_run = forget_life }, "attached_at" },
	{ "shm.cycle", { .after_run = forget_life }, "gone" },
	{ "shm.cycle", { .after_run = one_more_segment }, "segments" },
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
		cmocka_unit_test(test_families_clean), cmocka_unit_test(test_families_skipped),
		cmocka_unit_test(test_more_values),    cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_plants),
	};

	if (mp_harness_unmet(mp_bench_find("shm.cycle"))) {
		print_message("SKIP: %s\n", mp_harness_unmet(mp_bench_find("shm.cycle")));
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
