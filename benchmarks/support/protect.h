/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the benchmarks of the mprotect family do outside their timed section: bring a mapping into the state that a
 * transition starts from, prove both states, and restore the first.
 *
 * Transitions are measured in one direction only: the way back is another benchmark. Restoring is untimed, and ends with
 * a store to every page, so that every page-table entry is as it is after a store, whatever the kernel leaves to a fault.
 */
#ifndef BENCHMARKS_SUPPORT_PROTECT_H
#define BENCHMARKS_SUPPORT_PROTECT_H

#include "benchmarks/bench.h"
#include "benchmarks/support/object.h"
#include "benchmarks/support/range.h"
#include "benchmarks/support/syscall.h"

#include <sys/mman.h>

#define MP_PROTECT_NO_ANSWER 1
#define MP_PROTECT_OPEN	     (PROT_READ | PROT_WRITE)
#define MP_PROTECT_CODE_AT   64 /* bytes into the object: a function that returns */

struct mp_protect_state {
	/* The arguments of the call, and its answer. */
	uint64_t at, size;
	int to;
	int64_t got;

	int from; /* the protection of that range before */
	uint64_t home, whole; /* the object, readable and writable where the call does not reach */
	uint64_t row; /* mprotect.multi: it is a row of so many mappings of one page; 0: one */
	uint64_t vmas_before, vmas_after; /* mappings that it consists of */
	bool remake; /* the call splits huge pages: they are dropped and made anew */
	bool probed; /* check has touched what no one should have touched */
	int key; /* mprotect.pkey*: a protection key; 0: none */
	struct mp_object object;
};

/* The state before the call, again. */
static inline void mp_protect_renew(struct mp_protect_state *s)
{
	struct mp_object *o = &s->object;

	mp_sys_mprotect((void *)s->home, s->whole, MP_PROTECT_OPEN);
	if (s->remake)
		mp_sys_madvise((void *)s->home, s->whole, MADV_DONTNEED);
	if (o->touched)
		mp_object_touch(o, s->home, 0, s->whole / o->page);
	if (s->from != MP_PROTECT_OPEN)
		mp_sys_mprotect((void *)s->at, s->size, s->from);
}

/* mprotect.jit */
struct mp_protect_code {
	uint64_t at, size;
	uint64_t value, want; /* what the function returned, and what it should return */
	int64_t got;
	struct mp_object object;
};

/* Writes the next function, and lets the page be written to before. */
void mp_code_renew(struct mp_protect_code *s);

/* mprotect.first_load, mprotect.first_store */
struct mp_protect_first {
	struct mp_range range;
	uint64_t sum; /* of the bytes loaded in this block */
};

/* mprotect.pkey_register: what the register alternates between. */
struct mp_protect_register {
	uint32_t values[2]; /* everything allowed; the key barred */
	int key;
	uint64_t page; /* carries the key */
	uint32_t initial;
};

/* setup hooks: one per transition of a whole mapping, */
int mp_protect_rw_r_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_protect_r_rw_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_protect_rw_none_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_protect_none_rw_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_protect_rw_rx_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_protect_r_none_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_protect_noop_setup(struct mp_ctx *ctx, struct mp_err *err); /* and churn */
/* of a third of one, from writable to read-only, and back, */
int mp_protect_head_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_protect_middle_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_protect_tail_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_protect_merge_setup(struct mp_ctx *ctx, struct mp_err *err);
/* and the others */
int mp_protect_multi_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_protect_huge_split_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_protect_pkey_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_register_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_code_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_first_setup(struct mp_ctx *ctx, struct mp_err *err);

/* Forgets the answer, looks at the object when that is due. */
int mp_protect_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_register_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_code_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_first_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);

/* The state before the call, out of line; a new mapping where the check has touched what should be untouched. */
int mp_protect_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_protect_pkey_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_code_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);

/* check hooks */
void mp_protect_check(struct mp_ctx *ctx, uint64_t n);
void mp_protect_huge_split_check(struct mp_ctx *ctx, uint64_t n);
void mp_protect_pkey_check(struct mp_ctx *ctx, uint64_t n);
void mp_protect_churn_check(struct mp_ctx *ctx, uint64_t n);
void mp_register_check(struct mp_ctx *ctx, uint64_t n);
void mp_code_check(struct mp_ctx *ctx, uint64_t n);
void mp_first_load_check(struct mp_ctx *ctx, uint64_t n);
void mp_first_store_check(struct mp_ctx *ctx, uint64_t n);

void mp_protect_teardown(struct mp_ctx *ctx);
void mp_register_teardown(struct mp_ctx *ctx);
void mp_code_teardown(struct mp_ctx *ctx);

/* legal hooks */
int mp_protect_legal(const struct mp_params *params, const struct mp_host *host,
		     struct mp_err *err);
int mp_protect_part_legal(const struct mp_params *params, const struct mp_host *host,
			  struct mp_err *err);
int mp_protect_huge_split_legal(const struct mp_params *params, const struct mp_host *host,
				struct mp_err *err);
int mp_first_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err);

#endif
