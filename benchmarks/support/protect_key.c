/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mprotect.pkey_register: access taken away and given back without a system call. */
#include "benchmarks/support/protect.h"
#include "benchmarks/support/pkey.h"
#include "benchmarks/support/segv.h"

#include <errno.h>
#include <string.h>

#if MP_PKEY_REGISTER

int mp_register_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_protect_register *s = ctx->state;
	uint64_t size = ctx->host->page_size;
	void *page = mmap(ctx->arena, size, MP_PROTECT_OPEN,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	long ret;

	if (page == MAP_FAILED)
		return mp_err_env(err, -errno, "cannot map a page: %s", strerror(errno));
	*(volatile char *)page = 1;
	s->page = (uint64_t)page;
	s->key = mp_pkey_alloc();
	if (s->key < 0)
		return mp_err_env(err, s->key, "cannot get a protection key: %s",
				  strerror(-s->key));
	ret = mp_sys_pkey_mprotect(page, size, MP_PROTECT_OPEN, s->key);
	if (ret)
		return mp_err_env(err, (int)ret, "cannot give a page a protection key: %s",
				  strerror((int)-ret));
	s->initial = mp_pkey_read();
	s->values[0] = mp_pkey_with(s->initial, s->key, 0);
	s->values[1] = mp_pkey_with(s->initial, s->key, MP_PKEY_BARRED);
	return 0;
}

/* The value that the last of n operations does not write. */
int mp_register_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_protect_register *s = ctx->state;

	(void)err;
	mp_pkey_write(s->values[n & 1]);
	return 0;
}

void mp_register_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_protect_register *s = ctx->state;
	unsigned last = (n - 1) & 1;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "register", s->values[last], mp_pkey_read());
	mp_expect_equal(ctx, "permission", !last, mp_segv_allows((char *)s->page, MP_SEGV_LOAD));
	mp_pkey_write(s->initial);
}

void mp_register_teardown(struct mp_ctx *ctx)
{
	struct mp_protect_register *s = ctx->state;

	if (s->key <= 0)
		return;
	mp_pkey_write(s->initial);
	mp_pkey_free(s->key);
}

#endif
