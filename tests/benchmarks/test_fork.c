/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fork family: clean as it stands; and spoilt in the ways that each check is there for, the check of that name notices. */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "benchmarks/support/cow_child.h"
#include "benchmarks/support/page.h"
#include "benchmarks/support/sleeper.h"
#include "benchmarks/support/thp.h"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("fork");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("fork");
}

static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"fork.parent/size=page",
		"fork.parent/size=2M/dontfork=half",
		"fork.parent/size=2M/dontfork=all",
		"fork.parent/size=2M/extra_vmas=1000",
		"fork.posix_spawn/size=page",
		"fork.vfork_exec/size=16M",
	};
	struct mp_err err;

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
	if (mp_thp_possible(mp_harness_host()->hugepage_size, &err))
		skip();
	mp_harness_clean("fork.parent/size=4M/huge=thp/dontfork=half", MP_MODE_CALL);
	mp_harness_clean("fork.child/size=2M/huge=thp", MP_MODE_CALL);
}

static void test_illegal(void **state)
{
	static const char *const cases[] = {
		"fork.parent/size=page/huge=thp",
		"fork.parent/size=2M/huge=thp/dontfork=half",
		"fork.parent/size=page/dontfork=half",
		"fork.vfork_exec/size=1T",
	};

	(void)state;
	mp_harness_illegal(cases, MP_COUNT(cases));
}

/* The plants */

/* The memory that the cases are about, at the beginning of which every page is one of the parent's. */
static char *memory(const struct mp_ctx *ctx)
{
	return ctx->arena + mp_table_span(ctx->host->page_size);
}

/* The only child of this process; it is not waited for. */
static pid_t a_child(void)
{
	char path[64], text[32] = "";
	FILE *children;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	children = fopen(path, "r");
	if (!children || !fgets(text, sizeof(text), children))
		fail_msg("this process has no child");
	fclose(children);
	return atoi(text);
}

static void kill_child(struct mp_ctx *ctx, uint64_t n)
{
	siginfo_t info;

	(void)ctx;
	(void)n;
	kill(a_child(), SIGKILL);
	/* dead, and still there to be waited for */
	waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
}

static void pass_on_nothing(struct mp_ctx *ctx)
{
	madvise(memory(ctx), mp_ctx_number(ctx, "size"), MADV_DONTFORK);
}

static void pass_on_all(struct mp_ctx *ctx)
{
	madvise(memory(ctx), mp_ctx_number(ctx, "size"), MADV_DOFORK);
}

static void store_once_more(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	*(volatile char *)memory(ctx) = 2;
}

static void test_child_is_seen(void **state)
{
	const struct mp_harness_tamper dead = { .after_run = kill_child };
	const struct mp_harness_tamper nothing = { .after_setup = pass_on_nothing };
	const struct mp_harness_tamper all = { .after_setup = pass_on_all };
	const struct mp_harness_tamper stored = { .after_run = store_once_more };

	(void)state;
	mp_harness_fails("fork.parent/size=2M", MP_MODE_CALL, &dead, "child_alive");
	mp_harness_fails("fork.child/size=2M", MP_MODE_CALL, &dead, "child_alive");
	mp_harness_fails("fork.parent/size=2M", MP_MODE_CALL, &nothing, "kept_pages");
	mp_harness_fails("fork.child/size=2M", MP_MODE_CALL, &nothing, "kept_pages");
	mp_harness_fails("fork.parent/size=2M", MP_MODE_CALL, &stored, "kept_pages");
	mp_harness_fails("fork.parent/size=2M/dontfork=all", MP_MODE_CALL, &all, "own_pages");
	mp_harness_fails("fork.parent/size=2M/dontfork=half", MP_MODE_CALL, &all, "own_pages");
}

/* Takes the memory away from where the extra mappings are. */
static void unmap_extra(struct mp_ctx *ctx)
{
	munmap(ctx->arena + ctx->arena_size / 2, ctx->arena_size / 2);
}

static void huge_anyway(struct mp_ctx *ctx)
{
	uint64_t size = mp_ctx_number(ctx, "size");

	mp_thp_permit();
	madvise(memory(ctx), size, MADV_DONTNEED);
	madvise(memory(ctx), size, MADV_HUGEPAGE);
}

static void small_anyway(struct mp_ctx *ctx)
{
	mp_harness_forbid_huge(ctx);
	madvise(memory(ctx), mp_ctx_number(ctx, "size"), MADV_DONTNEED);
}

static void test_memory_is_seen(void **state)
{
	const struct mp_harness_tamper fewer = { .after_setup = unmap_extra };
	const struct mp_harness_tamper huge = { .after_setup = huge_anyway };
	const struct mp_harness_tamper small = { .after_setup = small_anyway };
	struct mp_err err;

	(void)state;
	mp_harness_fails("fork.parent/size=2M/extra_vmas=1000", MP_MODE_CALL, &fewer, "vmas");
	if (mp_thp_possible(mp_harness_host()->hugepage_size, &err))
		skip();
	mp_harness_fails("fork.parent/size=2M/huge=none", MP_MODE_CALL, &huge, "huge_bytes");
	mp_harness_fails("fork.parent/size=2M/huge=thp", MP_MODE_CALL, &small, "huge_bytes");
}

/* What is to be executed is gone: execve fails, and the child says 127. */
static void spoil_program(struct mp_ctx *ctx)
{
	char path[64], name[64];

	(void)ctx;
	for (int fd = 3; fd < 1024; fd++) {
		ssize_t got;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		got = readlink(path, name, sizeof(name) - 1);
		name[got > 0 ? got : 0] = '\0';
		if (!strncmp(name, "/memfd:memperf-program", 22))
			close(fd);
	}
}

static void fork_beside(struct mp_ctx *ctx, uint64_t n)
{
	const pid_t self = getpid(), pid = fork();

	(void)ctx;
	(void)n;
	/* as long as this process lives, and no longer */
	if (!pid)
		mp_sleeper_sleep(self);
}

static void test_program_is_seen(void **state)
{
	const struct mp_harness_tamper none = { .after_setup = spoil_program };
	const struct mp_harness_tamper shared = { .after_run = fork_beside };
	const struct mp_harness_tamper skipped = { .skip_run = true };

	(void)state;
	mp_harness_fails("fork.vfork_exec", MP_MODE_CALL, &none, "exit_status");
	mp_harness_fails("fork.vfork_exec", MP_MODE_CALL, &none, "wrong_exits");
	mp_harness_fails("fork.posix_spawn", MP_MODE_CALL, &none, "operations");
	mp_harness_fails("fork.posix_spawn", MP_MODE_CALL, &skipped, "exit_status");
	mp_harness_fails("fork.child", MP_MODE_CALL, &skipped, "child_spoke");
	mp_harness_fails("fork.vfork_exec", MP_MODE_CALL, &shared, "own_pages");
}

/* fork.cow_child */

static struct mp_cow_child *cow(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void drop_before(struct mp_ctx *ctx)
{
	cow(ctx)->range.renew = mp_range_drop;
}

static void share_memory(struct mp_ctx *ctx)
{
	struct mp_range *r = &cow(ctx)->range;

	if (mmap(r->base, r->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
		 -1, 0) == MAP_FAILED)
		fail();
}

static void overwrite(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	memset(cow(ctx)->range.at[0], 0, ctx->host->page_size);
}

static void test_copies_are_seen(void **state)
{
	const struct mp_harness_tamper dropped = { .after_setup = drop_before };
	const struct mp_harness_tamper shared = { .after_setup = share_memory };
	const struct mp_harness_tamper lost = { .after_run = overwrite };
	const struct mp_harness_tamper skipped = { .skip_run = true };

	(void)state;
	mp_harness_fails("fork.cow_child", MP_MODE_CALL, &dropped, "present_before");
	mp_harness_fails("fork.cow_child", MP_MODE_CALL, &shared, "child_pages");
	mp_harness_fails("fork.cow_child", MP_MODE_CALL, &lost, "kept");
	mp_harness_fails("fork.cow_child", MP_MODE_CALL, &skipped, "child_stored");
	mp_harness_fails("fork.cow_child", MP_MODE_CALL, &skipped, "child_faults");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),	cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_more_values),	cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_child_is_seen),	cmocka_unit_test(test_memory_is_seen),
		cmocka_unit_test(test_program_is_seen), cmocka_unit_test(test_copies_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
