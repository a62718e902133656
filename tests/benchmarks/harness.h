/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs one case of a benchmark the way the worker does (setup, blocks of arm, run, check and disarm, teardown)
 * in a child process of its own, lets the test spoil something on the way, and hands the checks back.
 *
 *	mp_harness_clean("mmap.anon/size=4K", MP_MODE_CALL);
 *	struct mp_harness_tamper touch = { .after_run = touch_all };
 *	mp_harness_fails("mmap.anon/size=4K", MP_MODE_CALL, &touch, "untouched");
 *
 * A case is named by its canonical text; an axis that is left out takes the first of its representative
 * values, and the symbols of value sets ("page", "hugepage") may stand for values.
 */
#ifndef TESTS_BENCHMARKS_HARNESS_H
#define TESTS_BENCHMARKS_HARNESS_H

#include "benchmarks/bench.h"
#include "runner/machine/machine.h"

#define MP_HARNESS_TEXT 1024

/* What to spoil. The functions run in the child, on the thread that runs the operations. */
struct mp_harness_tamper {
	void (*after_setup)(struct mp_ctx *ctx);
	void (*before_run)(struct mp_ctx *ctx, uint64_t n); /* between arm and run */
	void (*after_run)(struct mp_ctx *ctx, uint64_t n); /* between run and check */
	bool skip_run; /* perform no operation, but report all n of them as done */
	bool once; /* end with the first check that fails: the rest would say it again */
};

/* A plant that several families share: no transparent huge page from here on. */
void mp_harness_forbid_huge(struct mp_ctx *ctx);

struct mp_harness_result {
	int error; /* 0, or the negative errno of the hook that failed first */
	char text[MP_HARNESS_TEXT]; /* that hook and its sentence */
	int signal; /* 0, or what killed the child */
	bool finished; /* the child came to its end */
	uint64_t depth; /* as setup left it */
	uint64_t asked, succeeded; /* operations */
	uint64_t checked; /* calls of check */
	uint64_t ticks; /* between the first and the last stamp of all runs */
	size_t n_checks; /* of all threads, joined by name */
	struct mp_check checks[MP_CHECKS_MAX];
};

/* The machine that cases are resolved on: this one. */
const struct mp_host *mp_harness_host(void);
const struct mp_machine *mp_harness_machine(void);

/*
 * As root, what cases need is set up as a run does it (runner/machine/setup.h), and put back when the test ends; after a
 * kill by the next test.
 */

/* Why the benchmark, or the case, cannot run here (a need that is not met, a build without it), or NULL. */
const char *mp_harness_unmet(const struct mp_bench *bench);
const char *mp_harness_lacks(const char *text);

/* Around the child that runs a case. */
void mp_harness_enter(const struct mp_bench *bench, const struct mp_params *params);
void mp_harness_leave(void);

/* Resolves the text. 0, or -EINVAL with a sentence (a case that is not legal here included). */
int mp_harness_case(const char *text, const struct mp_bench **ret_bench,
		    struct mp_params *ret_params, struct mp_err *err);

/* Runs the case; tamper may be NULL. Fails the test only when the text cannot be resolved. */
void mp_harness_run(const char *text, enum mp_mode mode, const struct mp_harness_tamper *tamper,
		    struct mp_harness_result *ret);

/* Asserts that nothing failed: hooks, operations, checks; and that there was at least one check. */
void mp_harness_clean(const char *text, enum mp_mode mode);

/* Asserts it of each of `n` cases. */
void mp_harness_clean_all(const char *const *cases, size_t n, enum mp_mode mode);

/* Asserts that each of `n` texts is refused as no legal case here, with a reason. */
void mp_harness_illegal(const char *const *cases, size_t n);

/* Asserts that the hooks ran to the end and that the check of that name failed; NULL: any check, or a
 * hook that noticed. */
void mp_harness_fails(const char *text, enum mp_mode mode, const struct mp_harness_tamper *tamper,
		      const char *check);

/* Calls `each` with the canonical text of every legal case of the family at representative values,
 * or over the whole matrix; benchmarks that cannot run here are named on the output and left out. */
void mp_harness_cases(const char *family, bool matrix,
		      void (*each)(const struct mp_bench *bench, const char *text, void *user),
		      void *user);

/* Over all representative cases of the family: a clean pass in each legal mode; and no case may pass when
 * its operations are left out. */
void mp_harness_family_clean(const char *family);
void mp_harness_family_skipped(const char *family);

#endif
