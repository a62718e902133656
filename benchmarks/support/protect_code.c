/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mprotect.jit: a page that is written as data and then called as code. */
#include "benchmarks/support/protect.h"
#include "benchmarks/support/segv.h"
#include "benchmarks/support/space.h"

#include <errno.h>
#include <string.h>

#define VALUES 30000 /* what the function returns: fits the immediate of one instruction */

/* A function that returns `value`: mov $value, %eax; ret, or movz w0, #value; ret. */
static void write_code(char *at, uint32_t value)
{
#if defined(__x86_64__)
	unsigned char code[] = {
		0xb8, (unsigned char)value, (unsigned char)(value >> 8), 0, 0, 0xc3
	};
#else
	uint32_t code[] = { 0x52800000 | value << 5, 0xd65f03c0 };
#endif

	memcpy(at, code, sizeof(code));
	__builtin___clear_cache(at, at + sizeof(code));
}

void mp_code_renew(struct mp_protect_code *s)
{
	mp_sys_mprotect((void *)s->at, s->size, MP_PROTECT_OPEN);
	s->want = s->want % VALUES + 1;
	for (uint64_t b = 0; b < s->size; b += s->object.page)
		write_code((char *)s->at + b, (uint32_t)s->want);
}

int mp_code_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_protect_code *s = ctx->state;
	int ret;

	ctx->depth = 1;
	s->size = mp_ctx_number(ctx, "size");
	s->at = (uint64_t)mp_space_slot(ctx, s->size, 0);
	ret = mp_object_open(ctx, &s->object, s->size, err);
	if (!ret)
		ret = mp_object_make(&s->object, s->at, s->size, err);
	if (ret)
		return ret;
	if (mprotect((void *)s->at, s->size, PROT_READ | PROT_EXEC))
		return mp_err_env(err, -errno,
				  "memory that was written to may not be executed: %s: is a "
				  "security module in force?",
				  strerror(errno));
	mp_code_renew(s);
	return 0;
}

int mp_code_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_protect_code *s = ctx->state;

	(void)n;
	(void)err;
	s->got = MP_PROTECT_NO_ANSWER;
	s->value = 0;
	mp_object_look(&s->object, s->at, s->size);
	return 0;
}

int mp_code_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	(void)err;
	mp_code_renew(ctx->state);
	return 0;
}

/* The function written last has run, in a page that may be executed and not written to. */
void mp_code_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_protect_code *s = ctx->state;
	char *page = (char *)s->at;

	mp_object_expect_before(ctx, &s->object, s->size / s->object.page, 1, 0);
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "answer", 0, (uint64_t)s->got);
	mp_expect_equal(ctx, "returned", s->want, s->value);
	mp_expect_true(ctx, "read_only", !mp_segv_allows(page, MP_SEGV_STORE),
		       "the code may not be written to");
	mp_expect_true(ctx, "executable", mp_segv_allows(page, MP_SEGV_EXEC),
		       "the code may be called");
	mp_object_checked(&s->object);
}

void mp_code_teardown(struct mp_ctx *ctx)
{
	struct mp_protect_code *s = ctx->state;

	mp_object_close(&s->object);
}
