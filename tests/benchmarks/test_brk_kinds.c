/* SPDX-License-Identifier: GPL-3.0-or-later */
/* brk blocked, through libc, locked and among other processes: what each check is there for is planted and seen. */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "benchmarks/support/brk.h"
#include "benchmarks/support/syscall.h"

static struct mp_heap *heap_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void test_clean(void **state)
{
	static const char *const cases[] = {
		"brk.grow_libc/size=16M",
		"brk.grow_libc/outstanding=64",
		"brk.grow_locked/size=1M/outstanding=64",
		"brk.mt/processes=1",
	};

	(void)state;
	for (size_t i = 0; i < MP_COUNT(cases); i++)
		if (!mp_harness_lacks(cases[i]))
			mp_harness_clean(cases[i], MP_MODE_CALL);
}

static void make_room(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	munmap((void *)heap_of(ctx)->base, heap_of(ctx)->page);
}

static void move_break(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	mp_sys_brk(heap_of(ctx)->base + 3 * heap_of(ctx)->size);
}

static void unlock_all(struct mp_ctx *ctx)
{
	(void)ctx;
	munlockall();
}

static void test_planted(void **state)
{
	const struct mp_harness_tamper room = { .before_run = make_room };
	const struct mp_harness_tamper moved = { .after_run = move_break };
	const struct mp_harness_tamper unlocked = { .after_setup = unlock_all };

	(void)state;
	mp_harness_fails("brk.blocked", MP_MODE_CALL, &room, "refused_at");
	mp_harness_fails("brk.blocked", MP_MODE_BATCH, &room, "neighbour");
	mp_harness_fails("brk.grow_libc", MP_MODE_CALL, &moved, "break");
	if (!mp_harness_lacks("brk.grow_locked"))
		mp_harness_fails("brk.grow_locked", MP_MODE_CALL, &unlocked, "present");
}

static void end_others(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	mp_heap_crowd_stop(&((struct mp_brk_crowd *)ctx->state)->others);
}

static void test_crowd(void **state)
{
	const struct mp_harness_tamper ended = { .after_run = end_others };

	(void)state;
	if (mp_harness_host()->cpus < 2)
		skip();
	mp_harness_clean("brk.mt/processes=2", MP_MODE_BATCH);
	mp_harness_fails("brk.mt/processes=2", MP_MODE_CALL, &ended, "others_at_work");
	mp_harness_fails("brk.mt/processes=2", MP_MODE_CALL, &ended, "others_elsewhere");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_planted),
		cmocka_unit_test(test_crowd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
