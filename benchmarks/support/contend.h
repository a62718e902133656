/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Contention: worker 0, the victim, is measured operation by operation; the workers beside it, the aggressors, free-run on
 * CPUs of their own. What both work on is laid out here, with the proofs that each did its part.
 *
 * What an aggressor shares with the victim:
 *
 *	vma	a VMA: each has a slice of one mapping, with page tables of its own
 *	mm	the address space: the aggressor's memory is another VMA, in an arena of its own
 *	file	a file and no address space: the aggressor is a process that maps a part of the same file
 *	nothing	the machine: the aggressor is a process with memory of its own
 *
 * Aggressors that are processes are forked by their worker before the first operation, and inherit its CPU. They never see
 * the victim's memory: it is not passed on (MADV_DONTFORK), or not there yet.
 */
#ifndef BENCHMARKS_SUPPORT_CONTEND_H
#define BENCHMARKS_SUPPORT_CONTEND_H

#include "benchmarks/bench.h"
#include "benchmarks/support/heap.h"
#include "benchmarks/support/range.h"
#include "benchmarks/support/syscall.h"
#include "benchmarks/support/vma.h"

#include <sys/mman.h>

#define MP_AGGRESSORS_MAX 255

/* Bits. */
enum mp_shares {
	MP_SHARES_VMA = 1 << 0,
	MP_SHARES_MM = 1 << 1,
	MP_SHARES_FILE = 1 << 2,
	MP_SHARES_NOTHING = 1 << 3,
};

/* Of one aggressor; in shared memory. */
struct mp_aggressor {
	int home; /* the CPU that its worker was given */
	int pid; /* of the process that it runs in; 0: not there yet */

	/* What its turns work on. */
	uint64_t page;
	char *area; /* mapped for it; NULL: its turns need none */
	uint64_t size; /* of the area, bytes */
	uint64_t next; /* offset of the next touch */
	char *hole; /* a page of address space in which nothing is mapped */
	int fd; /* the file that area maps; -1: anonymous memory */
	uint64_t offset; /* of its part of the file */
	int maps; /* /proc/self/maps; -1: not open */
	uint64_t chain; /* of its spinning */
	int nodes[2]; /* between which its pages move */
	unsigned turn;
	char text[4096];
};

struct mp_contend {
	struct mp_range range; /* of a victim that faults; first, because range.h finds it there */

	/* Of the others: one page or more at a time. */
	uint64_t at, size;
	int64_t got; /* the kernel's answer */
	uint64_t made; /* mappings since the last check, */
	uint64_t touched; /* of them with so many pages stored to */
	struct mp_faults faults; /* at the last check */
	bool counting; /* there was one */
	bool forbade; /* huge pages, to this process */
	bool one_vma; /* arm saw one VMA around the page */
	struct mp_vma_view view;
	struct mp_heap heap;

	uint64_t beside; /* an address of the victim's own VMA; 0: it has none that lasts */
	uint64_t seen[MP_AGGRESSORS_MAX + 1]; /* operations of the aggressors at the last check */
	bool lost; /* one of them was waited for in vain */

	struct mp_aggressor aggressor; /* of workers 1 .. */
};

/* What the aggressors of a case share, and their word. */
enum mp_shares mp_contend_shares(const struct mp_params *params);
bool mp_contend_is(const struct mp_params *params, const char *aggressor);

/* May aggressors of that word share that on this machine? 0, or -EINVAL with the reason. For `legal` hooks. */
int mp_contend_legal(const struct mp_params *params, const struct mp_host *host,
		     struct mp_err *err);

/*
 * The ground: what the victim's memory is a part of. Set up by worker 0 before any aggressor begins.
 */
struct mp_ground {
	char *base; /* one mapping of all slices: the victim's, and from `first` on those of the aggressors, `stride` apart */
	uint64_t first, stride; /* bytes */
	int fd; /* file of the victim's memory, with a part for every aggressor at the same offsets; -1: none */
	struct mp_aggressor *aggressors[MP_AGGRESSORS_MAX + 1]; /* by worker; the first is none */
};
extern struct mp_ground mp_ground;

/* Bytes that aggressors touch. */
#define MP_AGGRESSOR_BYTES (4u << 20)

/* The hook of the workers beside. */
int mp_contend_beside(struct mp_ctx *ctx, struct mp_err *err);

/* Checks "aggressors_ran": each has done something since the last check; "aggressors_seated": on the CPU it was given,
 * which is not the victim's; "aggressors_mm" and, where the victim has a VMA that lasts, "aggressors_vma": as many as the case
 * says are in the victim's process and have memory in its VMA. */
void mp_contend_check_aggressors(struct mp_ctx *ctx);

/* Hooks of the victims. */
int mp_contend_anon_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_contend_file_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_contend_hole_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_contend_large_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_contend_protect_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_contend_brk_setup(struct mp_ctx *ctx, struct mp_err *err);
void mp_contend_teardown(struct mp_ctx *ctx);

int mp_contend_map_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_contend_unmap_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_contend_protect_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_contend_brk_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_contend_hole_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_contend_brk_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);

void mp_contend_anon_check(struct mp_ctx *ctx, uint64_t n);
void mp_contend_file_check(struct mp_ctx *ctx, uint64_t n);
void mp_contend_map_check(struct mp_ctx *ctx, uint64_t n);
void mp_contend_unmap_check(struct mp_ctx *ctx, uint64_t n);
void mp_contend_protect_check(struct mp_ctx *ctx, uint64_t n);
void mp_contend_brk_check(struct mp_ctx *ctx, uint64_t n);

/* What lies between two operations: inline, see MP_DEFINE_RUN_APART. */

/* The mapping that munmap takes away, with its pages. */
static inline void mp_contend_make(struct mp_contend *s)
{
	long at = mp_sys_mmap((void *)s->at, s->size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	s->made += !mp_sys_failed(at);
	for (uint64_t b = 0; b < s->touched * s->range.pages.page_size;
	     b += s->range.pages.page_size)
		*(volatile char *)(at + (long)b) = 1;
}

/* The page is writable again, in one VMA with its neighbours, and its page-table entry, too. */
static inline void mp_contend_unprotect(struct mp_contend *s)
{
	mp_sys_mprotect((void *)s->at, s->size, PROT_READ | PROT_WRITE);
	*(volatile char *)s->at = 1;
}

#endif
