/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The contend family: clean as it stands, and with the victim or the aggressors spoilt in the ways that each check is there
 * for, the check of that name notices.
 */
#include "tests/benchmarks/harness.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "benchmarks/support/contend.h"

#define FAULT "contend.fault_anon/aggressors=0"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("contend");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("contend");
}

/* Every aggressor, and all that it may share, at least once. */
static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"contend.fault_anon/aggressor=fault/aggressors=1/shares=vma",
		"contend.fault_anon/aggressor=map/aggressors=1/shares=nothing",
		"contend.fault_anon/aggressor=protect/aggressors=1/shares=vma",
		"contend.fault_anon/aggressor=protect/aggressors=1/shares=nothing",
		"contend.fault_anon/aggressor=fork/aggressors=1/shares=vma",
		"contend.fault_anon/aggressor=fork/aggressors=1/shares=mm",
		"contend.fault_anon/aggressor=dontneed/aggressors=1/shares=mm",
		"contend.fault_anon/aggressor=maps/aggressors=1/shares=mm",
		"contend.fault_anon/aggressor=spin/aggressors=1/shares=nothing",
		"contend.mmap/aggressor=rusage/aggressors=1/shares=mm",
		"contend.munmap/aggressor=fault/aggressors=1/shares=nothing",
		"contend.mprotect/aggressor=spin/aggressors=1/shares=mm",
		"contend.mprotect/aggressor=fault/aggressors=1/shares=nothing",
		"contend.munmap_large/aggressor=spin/aggressors=1/shares=mm",
		"contend.fault_file/aggressor=fault/aggressors=1/shares=vma",
		"contend.fault_file/aggressor=punch/aggressors=1/shares=file",
		"contend.fault_file/aggressor=punch/aggressors=1/shares=nothing",
		"contend.fault_file/aggressor=map/aggressors=1/shares=mm",
		"contend.brk/aggressor=map/aggressors=1/shares=nothing",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
}

static void test_collapse(void **state)
{
	struct mp_params params;
	const struct mp_bench *bench;
	struct mp_err err;

	(void)state;
	if (mp_harness_case("contend.fault_anon/aggressor=collapse/aggressors=1", &bench, &params,
			    &err))
		skip();
	mp_harness_clean("contend.fault_anon/aggressor=collapse/aggressors=1", MP_MODE_CALL);
}

static void test_illegal(void **state)
{
	static const char *const cases[] = {
		"contend.fault_anon/aggressor=map/shares=vma",
		"contend.fault_anon/aggressor=maps/shares=nothing",
		"contend.mprotect/aggressor=spin/shares=vma",
		"contend.fault_file/aggressor=punch/shares=vma",
		"contend.mmap/aggressors=4000",
		"contend.munmap_large/size=1T",
	};

	(void)state;
	mp_harness_illegal(cases, MP_COUNT(cases));
}

/* The plants: of the victim */

static struct mp_contend *state_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void drop_page(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	madvise(state_of(ctx)->range.at[0], ctx->host->page_size, MADV_DONTNEED);
}

static void drop_and_load(struct mp_ctx *ctx, uint64_t n)
{
	drop_page(ctx, n);
	(void)*(volatile char *)state_of(ctx)->range.at[0];
}

static void anonymous_instead(struct mp_ctx *ctx, uint64_t n)
{
	char *at = state_of(ctx)->range.at[0];

	(void)n;
	if (mmap(at, ctx->host->page_size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		fail();
	*(volatile char *)at = state_of(ctx)->range.mark;
}

static void test_faults_are_seen(void **state)
{
	const struct mp_harness_tamper skipped = { .skip_run = true };
	const struct mp_harness_tamper dropped = { .after_run = drop_page };
	const struct mp_harness_tamper loaded = { .after_run = drop_and_load };
	const struct mp_harness_tamper anonymous = { .after_run = anonymous_instead };

	(void)state;
	mp_harness_fails(FAULT, MP_MODE_CALL, &skipped, "faults");
	mp_harness_fails(FAULT, MP_MODE_CALL, &dropped, "present");
	mp_harness_fails(FAULT, MP_MODE_CALL, &loaded, "allocated");
	mp_harness_fails(FAULT, MP_MODE_CALL, &loaded, "stored");
	mp_harness_fails("contend.fault_file/aggressors=0", MP_MODE_CALL, &skipped, "faults");
	mp_harness_fails("contend.fault_file/aggressors=0", MP_MODE_CALL, &dropped, "present");
	mp_harness_fails("contend.fault_file/aggressors=0", MP_MODE_CALL, &anonymous, "file");
}

static void bad_address(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	state_of(ctx)->at++;
}

static void unmap_again(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	munmap((void *)state_of(ctx)->at, ctx->host->page_size);
}

static void map_again(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	mmap((void *)state_of(ctx)->at, ctx->host->page_size, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void touch_none(struct mp_ctx *ctx)
{
	state_of(ctx)->touched = 0;
}

static void touch_one(struct mp_ctx *ctx)
{
	state_of(ctx)->touched = 100;
	state_of(ctx)->size = 100 * ctx->host->page_size;
}

static void test_mappings_are_seen(void **state)
{
	const struct mp_harness_tamper bad = { .before_run = bad_address };
	const struct mp_harness_tamper gone = { .after_run = unmap_again };
	const struct mp_harness_tamper there = { .after_run = map_again };
	const struct mp_harness_tamper untouched = { .after_setup = touch_none };
	const struct mp_harness_tamper touched = { .after_setup = touch_one };

	(void)state;
	mp_harness_fails("contend.mmap/aggressors=0", MP_MODE_CALL, &bad, "operations");
	mp_harness_fails("contend.mmap/aggressors=0", MP_MODE_CALL, &bad, "answer");
	mp_harness_fails("contend.mmap/aggressors=0", MP_MODE_CALL, &gone, "mapping");
	mp_harness_fails("contend.munmap/aggressors=0", MP_MODE_CALL, &bad, "operations");
	mp_harness_fails("contend.munmap/aggressors=0", MP_MODE_CALL, &bad, "answer");
	mp_harness_fails("contend.munmap/aggressors=0", MP_MODE_CALL, &there, "left");
	mp_harness_fails("contend.munmap/aggressors=0", MP_MODE_CALL, &touched, "faults");
	mp_harness_fails("contend.munmap_large/aggressors=0", MP_MODE_CALL, &untouched, "faults");
	mp_harness_fails("contend.mprotect/aggressors=0", MP_MODE_CALL, &bad, "operations");
	mp_harness_fails("contend.mprotect/aggressors=0", MP_MODE_CALL, &bad, "answer");
}

static void protect_neighbour(struct mp_ctx *ctx)
{
	if (!ctx->thread && mprotect((char *)state_of(ctx)->at - ctx->host->page_size,
				     ctx->host->page_size, PROT_NONE))
		fail();
}

static void unprotect(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	mprotect((void *)state_of(ctx)->at, ctx->host->page_size, PROT_READ | PROT_WRITE);
}

static void test_protection_is_seen(void **state)
{
	const struct mp_harness_tamper edge = { .after_setup = protect_neighbour };
	const struct mp_harness_tamper writable = { .after_run = unprotect };

	(void)state;
	mp_harness_fails("contend.mprotect/aggressors=0", MP_MODE_CALL, &edge, "one_vma");
	mp_harness_fails("contend.mprotect/aggressors=0", MP_MODE_CALL, &writable, "split");
}

static void lower_break(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	mp_sys_brk(state_of(ctx)->heap.base);
}

static void unmap_heap(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	munmap((void *)state_of(ctx)->heap.base, ctx->host->page_size);
}

static void forget_answer(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	state_of(ctx)->heap.last = 0;
}

static void test_break_is_seen(void **state)
{
	const struct mp_harness_tamper lowered = { .after_run = lower_break };
	const struct mp_harness_tamper unmapped = { .after_run = unmap_heap };
	const struct mp_harness_tamper forgotten = { .after_run = forget_answer };

	(void)state;
	mp_harness_fails("contend.brk/aggressors=0", MP_MODE_CALL, &lowered, "break");
	mp_harness_fails("contend.brk/aggressors=0", MP_MODE_CALL, &unmapped, "heap_end");
	mp_harness_fails("contend.brk/aggressors=0", MP_MODE_CALL, &forgotten, "answer");
}

/* The plants: of the aggressors */

static const char *const with_one[] = {
	"contend.fault_anon/aggressor=map/aggressors=1/shares=mm",
	"contend.fault_anon/aggressor=fault/aggressors=1/shares=nothing",
	"contend.fault_file/aggressors=1",
	"contend.mmap/aggressors=1",
	"contend.munmap/aggressors=1",
	"contend.munmap_large/aggressors=1",
	"contend.mprotect/aggressors=1",
	"contend.brk/aggressors=1",
};

static void stop_aggressor(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	atomic_store(&ctx->besides[1].stop, 1);
}

static void test_idle_aggressor_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .before_run = stop_aggressor };

	(void)state;
	if (mp_harness_host()->cpus < 2)
		skip();
	for (size_t i = 0; i < MP_COUNT(with_one); i++)
		mp_harness_fails(with_one[i], MP_MODE_CALL, &tamper, "aggressors_ran");
}

static void kill_aggressor(struct mp_ctx *ctx, uint64_t n)
{
	(void)ctx;
	(void)n;
	if (mp_ground.aggressors[1]->pid)
		kill(mp_ground.aggressors[1]->pid, SIGKILL);
}

static void test_lost_aggressor_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .before_run = kill_aggressor };
	struct mp_harness_result r;

	(void)state;
	if (mp_harness_host()->cpus < 2)
		skip();
	mp_harness_run("contend.mmap/aggressors=1/shares=nothing", MP_MODE_CALL, &tamper, &r);
	assert_int_equal(r.error, -ECHILD);
	assert_string_equal(r.text, "beside: an aggressor's process has ended: Killed");
}

/* The victim goes to where the aggressor is. */
static void join_aggressor(struct mp_ctx *ctx, uint64_t n)
{
	cpu_set_t set;

	(void)n;
	CPU_ZERO(&set);
	CPU_SET((size_t)atomic_load(&ctx->besides[1].cpu), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* All threads of the process come to the victim's CPU. */
static void gather_threads(struct mp_ctx *ctx, uint64_t n)
{
	DIR *tasks = opendir("/proc/self/task");
	cpu_set_t set;

	(void)ctx;
	(void)n;
	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	for (struct dirent *e; tasks && (e = readdir(tasks));)
		if (atoi(e->d_name))
			sched_setaffinity(atoi(e->d_name), sizeof(set), &set);
	if (tasks)
		closedir(tasks);
}

static void test_other_cpu_is_seen(void **state)
{
	const struct mp_harness_tamper join = { .before_run = join_aggressor };
	const struct mp_harness_tamper gather = { .before_run = gather_threads };

	(void)state;
	if (mp_harness_host()->cpus < 2)
		skip();
	mp_harness_fails("contend.mmap/aggressors=1", MP_MODE_CALL, &join, "aggressors_seated");
	mp_harness_fails("contend.mmap/aggressors=1", MP_MODE_CALL, &gather, "aggressors_seated");
}

/* The aggressor's worker is told of another case. */
static void share(struct mp_ctx *ctx, const char *word)
{
	static struct mp_params params;

	if (!ctx->thread)
		return;
	params = *ctx->params;
	for (size_t i = 0; i < params.count; i++)
		if (!strcmp(params.items[i].axis, "shares"))
			strcpy(params.items[i].word, word);
	ctx->params = &params;
}

static void share_nothing(struct mp_ctx *ctx)
{
	share(ctx, "nothing");
}

static void share_mm(struct mp_ctx *ctx)
{
	share(ctx, "mm");
}

static void test_other_memory_is_seen(void **state)
{
	const struct mp_harness_tamper nothing = { .after_setup = share_nothing };
	const struct mp_harness_tamper mm = { .after_setup = share_mm };

	(void)state;
	if (mp_harness_host()->cpus < 2)
		skip();
	mp_harness_fails("contend.mmap/aggressors=1/shares=mm", MP_MODE_CALL, &nothing,
			 "aggressors_mm");
	mp_harness_fails("contend.fault_anon/aggressor=fault/aggressors=1/shares=nothing",
			 MP_MODE_CALL, &mm, "aggressors_mm");
	mp_harness_fails("contend.fault_anon/aggressor=fault/aggressors=1/shares=vma", MP_MODE_CALL,
			 &mm, "aggressors_vma");
	mp_harness_fails("contend.mprotect/aggressor=fault/aggressors=1/shares=vma", MP_MODE_CALL,
			 &mm, "aggressors_vma");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),
		cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_more_values),
		cmocka_unit_test(test_collapse),
		cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_faults_are_seen),
		cmocka_unit_test(test_mappings_are_seen),
		cmocka_unit_test(test_protection_is_seen),
		cmocka_unit_test(test_break_is_seen),
		cmocka_unit_test(test_idle_aggressor_is_seen),
		cmocka_unit_test(test_lost_aggressor_is_seen),
		cmocka_unit_test(test_other_cpu_is_seen),
		cmocka_unit_test(test_other_memory_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
