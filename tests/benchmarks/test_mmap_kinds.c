/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kinds of mappings beside the plain ones: reservations, stacks, modes of overcommitting, refusals, files that are populated,
 * memfds that are closed. Sizes around a huge page run clean; what each check is there for is planted and seen.
 * Everybody feels a mode of overcommitting.
 * CTest: RESOURCE_LOCK machine+presets
 */
#include "tests/benchmarks/harness.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "benchmarks/support/map.h"

static void test_clean(void **state)
{
	static const char *const cases[] = {
		"mmap.anon/size=2M-page",
		"mmap.anon/size=2M+page",
		"mmap.anon/size=2M+page/neighbourhood=merge",
		"mmap.fixed_hole/size=2M+page",
		"mmap.populate/size=2M+page",
		"mmap.growsdown/size=page",
		"mmap.growsdown/size=1G",
		"mmap.noreserve/size=1G",
		"mmap.prot_none/size=page",
		"mmap.prot_none/size=1G",
		"mmap.populate_file/size=64K/backing=disk",
		"mmap.memfd_close/size=64K/outstanding=64",
		"mmap.memfd_close/size=2M/touched=no",
		"mmap.rlimit_as/size=128M",
	};
	static const char *const needy[] = {
		"mmap.overcommit/mode=heuristic",     "mmap.overcommit/mode=always",
		"mmap.overcommit/mode=never",	      "mmap.file/backing=ramdisk/sharing=shared",
		"mmap.populate_file/backing=ramdisk",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
	for (size_t i = 0; i < MP_COUNT(needy); i++)
		if (!mp_harness_lacks(needy[i]))
			mp_harness_clean(needy[i], MP_MODE_CALL);
}

static struct mp_map_state *state_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void touch_last(struct mp_ctx *ctx, uint64_t n)
{
	*(volatile char *)state_of(ctx)->got[n - 1] = 1;
}

static void drop_last(struct mp_ctx *ctx, uint64_t n)
{
	madvise((void *)state_of(ctx)->got[n - 1], ctx->host->page_size, MADV_DONTNEED);
}

static void open_last(struct mp_ctx *ctx, uint64_t n)
{
	mprotect((void *)state_of(ctx)->got[n - 1], ctx->host->page_size, PROT_READ);
}

/* The same place, mapped as any other memory. */
static void plain_first(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = state_of(ctx);

	(void)n;
	assert_true(mmap((void *)s->got[0], s->size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == (void *)s->got[0]);
}

static void test_mappings(void **state)
{
	const struct mp_harness_tamper plain = { .after_run = plain_first };
	const struct mp_harness_tamper touched = { .after_run = touch_last };
	const struct mp_harness_tamper dropped = { .after_run = drop_last };
	const struct mp_harness_tamper opened = { .after_run = open_last };

	(void)state;
	mp_harness_fails("mmap.growsdown", MP_MODE_CALL, &touched, "present");
	mp_harness_fails("mmap.noreserve", MP_MODE_CALL, &touched, "present");
	mp_harness_fails("mmap.growsdown", MP_MODE_CALL, &plain, "flag");
	mp_harness_fails("mmap.noreserve", MP_MODE_CALL, &plain, "flag");
	mp_harness_fails("mmap.populate_file", MP_MODE_CALL, &dropped, "present");
	mp_harness_fails("mmap.prot_none", MP_MODE_CALL, &opened, "reserved");
}

static void lift_limit(struct mp_ctx *ctx, uint64_t n)
{
	struct rlimit limit;

	(void)ctx;
	(void)n;
	getrlimit(RLIMIT_AS, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_AS, &limit);
}

static void test_refusal(void **state)
{
	const struct mp_harness_tamper lifted = { .before_run = lift_limit };

	(void)state;
	mp_harness_fails("mmap.rlimit_as", MP_MODE_BATCH, &lifted, "enomem");
	mp_harness_fails("mmap.rlimit_as", MP_MODE_CALL, &lifted, "vmas");
}

/* Another answer in the place of the mode, for this process alone. */
static void other_mode(struct mp_ctx *ctx)
{
	char path[] = "/tmp/memperf-mode-XXXXXX";
	int fd = mkstemp(path);

	(void)ctx;
	assert_true(fd >= 0 && write(fd, "1\n", 2) == 2);
	close(fd);
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount(path, "/proc/sys/vm/overcommit_memory", NULL, MS_BIND, NULL), 0);
	unlink(path);
}

static void test_mode(void **state)
{
	const struct mp_harness_tamper other = { .after_setup = other_mode };

	(void)state;
	if (mp_harness_lacks("mmap.overcommit/mode=never"))
		skip();
	mp_harness_fails("mmap.overcommit/mode=never", MP_MODE_CALL, &other, "overcommit");
}

static void half_the_size(struct mp_ctx *ctx)
{
	state_of(ctx)->size /= 2;
}

/* The number is in use again. */
static void open_again(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	dup2(STDERR_FILENO, (int)state_of(ctx)->want[0]);
}

static void test_close(void **state)
{
	const struct mp_harness_tamper half = { .after_setup = half_the_size };
	const struct mp_harness_tamper again = { .after_run = open_again };

	(void)state;
	mp_harness_fails("mmap.memfd_close", MP_MODE_CALL, &half, "pages_before");
	mp_harness_fails("mmap.memfd_close", MP_MODE_CALL, &again, "closed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),	cmocka_unit_test(test_mappings),
		cmocka_unit_test(test_refusal), cmocka_unit_test(test_mode),
		cmocka_unit_test(test_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
