/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The shmposix family: clean as it stands; and spoilt in the ways that each check is there for, the check of that name
 * notices. No case leaves a name in /dev/shm.
 */
#include "tests/benchmarks/harness.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "benchmarks/support/shmem.h"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("shmposix");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("shmposix");
}

/* Beyond the representative values. */
static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"shmposix.close/outstanding=64",
		"shmposix.close_last/outstanding=64/size=64K",
		"shmposix.create/outstanding=64",
		"shmposix.ftruncate/outstanding=64/size=page",
		"shmposix.mmap/outstanding=64/size=page",
		"shmposix.munmap/outstanding=64/size=64K",
		"shmposix.munmap/touched=no",
		"shmposix.open/outstanding=64",
		"shmposix.unlink/outstanding=64/size=page",
		"shmposix.unlink_last/outstanding=64/size=64K",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
	mp_harness_clean("shmposix.unlink_last/outstanding=64/size=64K", MP_MODE_BATCH);
	if (mp_harness_host()->hugepage_size) {
		mp_harness_clean("shmposix.munmap/huge=always/size=hugepage", MP_MODE_CALL);
		mp_harness_clean("shmposix.unlink_last/huge=always/size=hugepage", MP_MODE_CALL);
	}
}

static void test_illegal(void **state)
{
	static const char *const cases[] = {
		"shmposix.munmap/huge=always/size=page",
		"shmposix.unlink_last/size=16G",
	};

	(void)state;
	mp_harness_illegal(cases, MP_COUNT(cases));
}

static unsigned names(void)
{
	DIR *folder = opendir("/dev/shm");
	unsigned count = 0;

	assert_non_null(folder);
	for (struct dirent *e; (e = readdir(folder));)
		count += !strncmp(e->d_name, "memperf-", 8) &&
			 strspn(e->d_name + 8, "0123456789") == strlen(e->d_name + 8);
	closedir(folder);
	return count;
}

static void die(struct mp_ctx *ctx, uint64_t n)
{
	(void)ctx;
	(void)n;
	raise(SIGKILL);
}

/* Killed between two calls, with an object that has a name. */
static void test_leaves_no_name(void **state)
{
	const struct mp_harness_tamper tamper = { .before_run = die };
	struct mp_harness_result r;

	(void)state;
	mp_harness_run("shmposix.unlink/size=page", MP_MODE_CALL, &tamper, &r);
	assert_int_equal(r.signal, SIGKILL);
	assert_int_equal(names(), 0);
}

/* The plants */

static struct mp_shmem *state_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void one_more_file(struct mp_ctx *ctx, uint64_t n)
{
	(void)ctx;
	(void)n;
	close(open("/dev/shm/another", O_RDWR | O_CREAT, 0600));
}

static void one_more_page(struct mp_ctx *ctx, uint64_t n)
{
	int fd = open("/dev/shm/another", O_RDWR | O_CREAT, 0600);

	(void)ctx;
	(void)n;
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
}

static void cut_it(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	assert_int_equal(ftruncate((int)state_of(ctx)->fd[0], 1), 0);
}

static void close_it(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	close((int)state_of(ctx)->fd[0]);
}

static void wrong_answer(struct mp_ctx *ctx, uint64_t n)
{
	state_of(ctx)->got[n - 1] = 1;
}

static void fill_nothing(struct mp_ctx *ctx)
{
	state_of(ctx)->make &= ~(unsigned)(MP_SHMEM_FILLED | MP_SHMEM_TOUCHED);
}

static void size_nothing(struct mp_ctx *ctx)
{
	state_of(ctx)->make &= ~(unsigned)(MP_SHMEM_SIZED | MP_SHMEM_FILLED);
}

static void size_early(struct mp_ctx *ctx)
{
	state_of(ctx)->make |= MP_SHMEM_SIZED;
}

static void keep_open(struct mp_ctx *ctx)
{
	state_of(ctx)->make &= ~(unsigned)MP_SHMEM_CLOSED;
}

static void open_nothing(struct mp_ctx *ctx)
{
	state_of(ctx)->make &= ~(unsigned)MP_SHMEM_OPENED;
}

static void keep_name(struct mp_ctx *ctx)
{
	state_of(ctx)->make &= ~(unsigned)MP_SHMEM_UNLINKED;
}

static void name_early(struct mp_ctx *ctx)
{
	one_more_file(ctx, 1);
}

static void page_early(struct mp_ctx *ctx)
{
	one_more_page(ctx, 1);
}

static void touch_all(struct mp_ctx *ctx)
{
	state_of(ctx)->make |= MP_SHMEM_TOUCHED;
}

static void touch_it(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	*(volatile char *)state_of(ctx)->at[0] = 1;
}

static void map_again(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shmem *s = state_of(ctx);

	(void)n;
	mmap((void *)s->at[0], s->size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void name_again(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	close(open(state_of(ctx)->name[0], O_RDWR | O_CREAT, 0600));
}

struct plant {
	const char *text;
	struct mp_harness_tamper tamper;
	const char *check;
};

static const struct plant plants[] = {
	{ "shmposix.create", { .after_run = one_more_file }, "files" },
	{ "shmposix.create", { .after_run = one_more_page }, "pages" },
	{ "shmposix.create", { .after_run = close_it }, "open" },
	{ "shmposix.create", { .after_setup = name_early }, "files_before" },
	{ "shmposix.open", { .after_run = cut_it }, "sized" },
	{ "shmposix.open", { .after_run = close_it }, "open" },
	{ "shmposix.ftruncate", { .after_setup = size_early }, "sized_before" },
	{ "shmposix.ftruncate", { .after_run = cut_it }, "sized" },
	{ "shmposix.ftruncate", { .after_run = wrong_answer }, "operations" },
	{ "shmposix.ftruncate", { .after_run = one_more_page }, "pages" },
	{ "shmposix.ftruncate_shrink", { .after_setup = fill_nothing }, "pages_before" },
	{ "shmposix.ftruncate_shrink", { .after_setup = size_nothing }, "sized_before" },
	{ "shmposix.mmap", { .after_setup = page_early }, "pages_before" },
	{ "shmposix.mmap", { .after_run = map_again }, "mappings" },
	{ "shmposix.mmap", { .after_run = touch_it }, "present" },
	{ "shmposix.munmap", { .after_setup = fill_nothing }, "present_before" },
	{ "shmposix.munmap/touched=no", { .after_setup = touch_all }, "present_before" },
	{ "shmposix.munmap", { .after_run = map_again }, "still_mapped" },
	{ "shmposix.close", { .after_setup = open_nothing }, "open_before" },
	{ "shmposix.close", { .after_run = wrong_answer }, "operations" },
	{ "shmposix.close_last", { .after_setup = fill_nothing }, "pages_before" },
	{ "shmposix.close_last", { .after_setup = keep_name }, "pages" },
	{ "shmposix.close_last", { .after_setup = keep_name }, "files" },
	{ "shmposix.unlink", { .after_run = name_again }, "names" },
	{ "shmposix.unlink", { .before_run = close_it }, "pages" },
	{ "shmposix.unlink_last", { .after_setup = keep_open }, "pages" },
	{ "shmposix.unlink_last", { .after_setup = keep_open }, "open_before" },
};

static void test_plants(void **state)
{
	(void)state;
	for (size_t i = 0; i < MP_COUNT(plants); i++)
		mp_harness_fails(plants[i].text, MP_MODE_CALL, &plants[i].tamper, plants[i].check);
}

static void test_huge_is_huge(void **state)
{
	const struct mp_harness_tamper tamper = { .after_setup = mp_harness_forbid_huge };

	(void)state;
	if (mp_harness_host()->hugepage_size)
		mp_harness_fails("shmposix.munmap/huge=always/size=hugepage", MP_MODE_CALL, &tamper,
				 "huge_before");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),   cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_more_values),    cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_leaves_no_name), cmocka_unit_test(test_plants),
		cmocka_unit_test(test_huge_is_huge),
	};

	if (mp_harness_unmet(mp_bench_find("shmposix.open"))) {
		print_message("SKIP: %s\n", mp_harness_unmet(mp_bench_find("shmposix.open")));
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
