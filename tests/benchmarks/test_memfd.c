/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The memfd family: clean as it stands; and spoilt in the ways that each check is there for, the check of that name
 * notices. Pages of the hugetlb pool are in test_hugetlb.c.
 */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "benchmarks/support/shmem.h"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("memfd");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("memfd");
}

/* Beyond the representative values. */
static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"memfd.create/outstanding=64/sealable=yes",
		"memfd.fallocate/outstanding=64/size=64K",
		"memfd.ftruncate/outstanding=64/size=page",
		"memfd.ftruncate_shrink/outstanding=64/size=64K",
		"memfd.punch/outstanding=64/size=64K",
		"memfd.seal/seal=grow/outstanding=64/size=page",
		"memfd.seal/seal=shrink",
		"memfd.seal/seal=future_write",
		"memfd.seal/seal=seal/size=page",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
	mp_harness_clean("memfd.create/outstanding=64", MP_MODE_BATCH);
	if (mp_harness_host()->hugetlb_size)
		mp_harness_clean("memfd.create/huge=default", MP_MODE_CALL);
}

static void test_illegal(void **state)
{
	static const char *const cases[] = {
		"memfd.fallocate/huge=hugetlb/size=page",
		"memfd.punch/size=16G",
	};

	(void)state;
	mp_harness_illegal(cases, MP_COUNT(cases));
}

/* The plants */

static struct mp_shmem *state_of(struct mp_ctx *ctx)
{
	return ctx->state;
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

static void write_it(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	assert_int_equal(write((int)state_of(ctx)->fd[0], "x", 1), 1);
}

static void wrong_answer(struct mp_ctx *ctx, uint64_t n)
{
	state_of(ctx)->got[n - 1] = 1;
}

static void fill_nothing(struct mp_ctx *ctx)
{
	state_of(ctx)->make &= ~(unsigned)MP_SHMEM_FILLED;
}

static void fill_early(struct mp_ctx *ctx)
{
	state_of(ctx)->make |= MP_SHMEM_SIZED | MP_SHMEM_FILLED;
}

static void no_object(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	close((int)state_of(ctx)->fd[0]);
	state_of(ctx)->fd[0] = -1;
}

static void size_early(struct mp_ctx *ctx)
{
	state_of(ctx)->make |= MP_SHMEM_SIZED;
}

static void seal_early(struct mp_ctx *ctx)
{
	state_of(ctx)->flags &= ~(unsigned)MFD_ALLOW_SEALING;
	state_of(ctx)->seal = F_SEAL_SEAL;
}

static void other_seal(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	fcntl((int)state_of(ctx)->fd[0], F_ADD_SEALS, F_SEAL_GROW);
}

static void sealable(struct mp_ctx *ctx)
{
	state_of(ctx)->flags |= MFD_ALLOW_SEALING;
}

static void from_hugetlb(struct mp_ctx *ctx)
{
	state_of(ctx)->flags |= MFD_HUGETLB;
}

struct plant {
	const char *text;
	struct mp_harness_tamper tamper;
	const char *check;
};

static const struct plant plants[] = {
	{ "memfd.create", { .after_run = close_it }, "open" },
	{ "memfd.create", { .after_run = write_it }, "pages" },
	{ "memfd.create", { .after_setup = sealable }, "unsealable" },
	{ "memfd.fallocate", { .after_setup = fill_early }, "pages_before" },
	{ "memfd.fallocate", { .after_setup = size_early }, "sized_before" },
	{ "memfd.fallocate", { .after_run = cut_it }, "pages" },
	{ "memfd.fallocate", { .after_run = wrong_answer }, "operations" },
	{ "memfd.ftruncate", { .after_setup = size_early }, "sized_before" },
	{ "memfd.ftruncate", { .after_run = cut_it }, "sized" },
	{ "memfd.ftruncate", { .after_run = write_it }, "pages" },
	{ "memfd.ftruncate_shrink", { .after_setup = fill_nothing }, "pages_before" },
	{ "memfd.ftruncate_shrink", { .before_run = no_object }, "open" },
	{ "memfd.punch", { .after_setup = fill_nothing }, "pages_before" },
	{ "memfd.punch", { .after_run = write_it }, "pages" },
	{ "memfd.punch", { .after_run = cut_it }, "sized" },
	{ "memfd.seal", { .after_setup = seal_early }, "sealed_before" },
	{ "memfd.seal", { .after_run = other_seal }, "sealed" },
	{ "memfd.seal", { .after_setup = fill_nothing }, "pages_before" },
};

static void test_plants(void **state)
{
	(void)state;
	for (size_t i = 0; i < MP_COUNT(plants); i++)
		mp_harness_fails(plants[i].text, MP_MODE_CALL, &plants[i].tamper, plants[i].check);
	if (mp_harness_host()->hugetlb_size) {
		const struct mp_harness_tamper tamper = { .after_setup = from_hugetlb };

		mp_harness_fails("memfd.create", MP_MODE_CALL, &tamper, "page_size");
	}
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
