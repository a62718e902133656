/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mapping in the arena that system calls move, resize or protect: making it, touching it with a pattern by which every
 * page is known again, and the evidence of what became of it. What mremap and mprotect share.
 *
 * Looking costs: a pagemap entry per page, and smaps a walk over all page tables. So `arm` looks only when it is due:
 * at first, and then so rarely that it takes a fifth of the time at most; and `check` judges what was seen if something
 * was. Addresses and sizes are in bytes.
 */
#ifndef BENCHMARKS_SUPPORT_OBJECT_H
#define BENCHMARKS_SUPPORT_OBJECT_H

#include "benchmarks/bench.h"
#include "benchmarks/support/page.h"
#include "benchmarks/support/vma.h"

enum mp_object_backing {
	MP_OBJECT_ANON, /* private anonymous memory */
	MP_OBJECT_SHARED, /* a memfd, MAP_SHARED */
	MP_OBJECT_PRIVATE, /* a memfd, MAP_PRIVATE: what is touched is a copy */
	MP_OBJECT_HUGETLB, /* private memory of the hugetlb pool */
};

struct mp_object {
	/* Chosen by setup before mp_object_open. */
	enum mp_object_backing backing;
	bool touched; /* every page is stored to */
	bool huge; /* MADV_HUGEPAGE, else MADV_NOHUGEPAGE */

	int fd; /* of a memfd; -1: none */
	int memory; /* /proc/self/mem: what is not mapped is an error there, not a signal */
	uint64_t page; /* bytes */
	struct mp_pages pages;
	struct mp_vma_view view;

	/* What was there before, seen by the last mp_object_look. */
	bool looked, looked_closely;
	uint32_t looks;
	uint64_t look_began, look_ended; /* ns */
	struct mp_residency seen;
	uint64_t seen_vmas; /* mappings in the range */
	struct mp_vma seen_vma; /* at its start, when looked at closely */

	/* Page faults: those of stores that renew an object, `faults_each` of them, and no others. */
	uint64_t faults_each, renewed; /* since the last check */
	struct mp_faults faults; /* at the last check */
	bool counting; /* there was one */
};

/* The byte that page k of an object begins with. Never 0, and another one in the next page. */
static inline char mp_object_mark(uint64_t k)
{
	return (char)(k % 113 + 1);
}

/* Stores the marks of `count` pages from page `first` on; the object's page 0 is at `base`. */
static inline void mp_object_touch(const struct mp_object *o, uint64_t base, uint64_t first,
				   uint64_t count)
{
	for (uint64_t k = first; k < first + count; k++)
		*(volatile char *)(base + k * o->page) = mp_object_mark(k);
}

/* Axes "backing" (anon, shared, private), "touch" (none, write) and "huge" (none, thp) where the benchmark has them, the
 * files of procfs, and a memfd of `size` bytes where it is the backing. 0, or a negative errno with a sentence. */
int mp_object_open(struct mp_ctx *ctx, struct mp_object *o, uint64_t size, struct mp_err *err);
void mp_object_close(struct mp_object *o); /* also one that was never opened */

/* Maps `size` bytes at `at`, readable and writable, over what is there; advises and touches as chosen. */
int mp_object_make(struct mp_object *o, uint64_t at, uint64_t size, struct mp_err *err);

/* Is it time to look? Then looks at the range. */
void mp_object_look(struct mp_object *o, uint64_t at, uint64_t size);

/* Pages that are present in `size` bytes of the object, and bytes of it mapped by huge pages: what the case claims, from
 * its parameters and not from what setup went by. */
uint64_t mp_object_claims_pages(const struct mp_ctx *ctx, uint64_t size);
uint64_t mp_object_claims_huge(const struct mp_ctx *ctx, uint64_t size);

/*
 * For checks. Each records under the name in quotes.
 */

/* "faults": as many as renewing the objects since the last check takes. Call it first: the check takes
 * faults of its own. */
void mp_object_expect_faults(struct mp_ctx *ctx, struct mp_object *o);

/* What was seen before the calls: "present_before" pages, "vmas_before" mappings, "huge_before" bytes. */
void mp_object_expect_before(struct mp_ctx *ctx, struct mp_object *o, uint64_t pages, uint64_t vmas,
			     uint64_t huge);

/* "vma": [at, at + size) is one whole mapping, nothing more and nothing less. */
void mp_object_expect_vma(struct mp_ctx *ctx, const struct mp_object *o, uint64_t at,
			  uint64_t size);

/* "present": pages of the range. */
void mp_object_expect_present(struct mp_ctx *ctx, const struct mp_object *o, uint64_t at,
			      uint64_t size, uint64_t pages);

/* "absent": no page of the range is present. */
void mp_object_expect_absent(struct mp_ctx *ctx, const struct mp_object *o, uint64_t at,
			     uint64_t size);

/* "pattern": pages `first` to `first + count - 1` of the object lie from `at` on, readable, and carry their marks: both
 * ends, and 62 in between where there are more. */
void mp_object_expect_pattern(struct mp_ctx *ctx, const struct mp_object *o, uint64_t at,
			      uint64_t first, uint64_t count);

/* Does the page at that address begin with the mark of page k? False when it cannot be read. */
bool mp_object_has_mark(const struct mp_object *o, uint64_t at, uint64_t k);

/* "left": nothing is mapped in the range. */
void mp_object_expect_hole(struct mp_ctx *ctx, const struct mp_object *o, uint64_t at,
			   uint64_t size);

/* Bytes of [at, ...) that are mapped by huge pages; UINT64_MAX: no mapping. */
uint64_t mp_object_huge(const struct mp_object *o, uint64_t at);

/* The last of the check: the next arm looks again when it is due, and faults count from here. */
void mp_object_checked(struct mp_object *o);

#endif
