/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What bench.h promises to hooks: parameters and post-conditions; and looking descriptors up. */
#include "benchmarks/bench.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const struct mp_bench *mp_bench_find(const char *name)
{
	const struct mp_family *family;

	for (size_t f = 0; (family = mp_family_at(f)); f++)
		for (size_t b = 0; b < family->n_benches; b++)
			if (!strcmp(family->benches[b].name, name))
				return &family->benches[b];
	return NULL;
}

const struct mp_axis *mp_bench_axis(const struct mp_bench *bench, const char *axis)
{
	for (size_t i = 0; i < bench->n_axes; i++)
		if (!strcmp(bench->axes[i].name, axis))
			return &bench->axes[i];
	return NULL;
}

static size_t add_needed(unsigned needs, const char *word, struct mp_needed *needed, size_t n)
{
	for (unsigned bit = 1; bit && bit <= needs; bit <<= 1) {
		if (!(needs & bit))
			continue;
		assert(n < MP_NEEDED_MAX);
		needed[n++] = (struct mp_needed){ (enum mp_need)bit, word };
	}
	return n;
}

size_t mp_bench_needed(const struct mp_bench *bench, const struct mp_params *params,
		       struct mp_needed ret_needed[MP_NEEDED_MAX])
{
	size_t n = add_needed(bench->needs & ~(unsigned)MP_NEED_MODULE, NULL, ret_needed, 0);

	if (bench->needs & MP_NEED_MODULE)
		n = add_needed(MP_NEED_MODULE, bench->name, ret_needed, n);
	for (size_t i = 0; i < bench->n_axes; i++) {
		const struct mp_axis *axis = &bench->axes[i];
		const struct mp_param *p = mp_params_find(params, axis->name);

		for (size_t k = 0; p && k < MP_NEEDY_MAX && axis->needy[k].word; k++)
			if (!strcmp(axis->needy[k].word, p->word) ||
			    !strcmp(axis->needy[k].word, "*"))
				n = add_needed(axis->needy[k].needs, p->word, ret_needed, n);
	}
	return n;
}

static const struct mp_param *param(const struct mp_ctx *ctx, const char *axis)
{
	const struct mp_param *p = mp_params_find(ctx->params, axis);

	assert(p);
	return p;
}

uint64_t mp_ctx_number(const struct mp_ctx *ctx, const char *axis)
{
	return param(ctx, axis)->number;
}

bool mp_ctx_flag(const struct mp_ctx *ctx, const char *axis)
{
	return param(ctx, axis)->number != 0;
}

bool mp_ctx_is(const struct mp_ctx *ctx, const char *axis, const char *word)
{
	return !strcmp(param(ctx, axis)->word, word);
}

/* The check of that name; the last slot takes what does not fit, under its first name. */
static struct mp_check *slot(struct mp_ctx *ctx, const char *name)
{
	struct mp_check *c;

	for (size_t i = 0; i < ctx->n_checks; i++)
		if (!strcmp(ctx->checks[i].name, name))
			return &ctx->checks[i];
	assert(ctx->n_checks < MP_CHECKS_MAX);
	c = &ctx->checks[ctx->n_checks++];
	snprintf(c->name, sizeof(c->name), "%s", name);
	return c;
}

/* Counts the result; true when `detail` should be written: the first failure, or the last pass. */
static bool record(struct mp_check *c, bool holds)
{
	if (holds) {
		c->passed++;
		return !c->failed;
	}
	return c->failed++ == 0;
}

void mp_expect_equal(struct mp_ctx *ctx, const char *name, uint64_t want, uint64_t got)
{
	struct mp_check *c = slot(ctx, name);

	if (record(c, want == got))
		snprintf(c->detail, sizeof(c->detail), "want %llu, got %llu",
			 (unsigned long long)want, (unsigned long long)got);
}

void mp_expect_range(struct mp_ctx *ctx, const char *name, uint64_t low, uint64_t high,
		     uint64_t got)
{
	struct mp_check *c = slot(ctx, name);

	if (record(c, low <= got && got <= high))
		snprintf(c->detail, sizeof(c->detail), "want %llu..%llu, got %llu",
			 (unsigned long long)low, (unsigned long long)high,
			 (unsigned long long)got);
}

void mp_expect_true(struct mp_ctx *ctx, const char *name, bool holds, const char *detail)
{
	struct mp_check *c = slot(ctx, name);

	if (record(c, holds))
		snprintf(c->detail, sizeof(c->detail), "%s", detail);
}
