/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arranges the address space: see space.h. The kernel searches the free area from its top (or, with an
 * unlimited stack, from its bottom) for the first hole that is large enough; trial mappings tell which way,
 * and /proc/self/maps tells where the holes end.
 */
#include "benchmarks/support/space.h"
#include "benchmarks/support/page.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define RESERVE	    (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
#define ATTEMPTS    256
#define USER_TOP    (1ULL << 63) /* listings end with kernel pages (vsyscall) above this */
#define SLOTS_SPACE (2ULL << 30) /* the lower half of the smallest arena that bench.h promises */

/* What is a large area: the free area is terabytes, the holes between libraries are not. */
#define LARGE_SHARE 8

/* The span in which small mappings share a page table; a huge page where pages have 4 KiB. */
static uint64_t span(const struct mp_host *host)
{
	return host->hugepage_size ? host->hugepage_size : mp_table_span(host->page_size);
}

struct largest {
	uint64_t end, size;
};

static bool largest_one(void *user, const struct mp_vma_entry *vma)
{
	struct largest *l = user;

	if (vma->start >= USER_TOP)
		return false;
	if (l->end && vma->start - l->end > l->size)
		l->size = vma->start - l->end;
	l->end = vma->end;
	return true;
}

static int cannot_map(uint64_t size, struct mp_err *err)
{
	int error = errno;

	return mp_err_env(err, -error,
			  "cannot map %llu bytes: %s: check 'ulimit -v' and "
			  "/proc/sys/vm/max_map_count",
			  (unsigned long long)size, strerror(error));
}

static int reserve_at(uint64_t start, uint64_t end, struct mp_err *err)
{
	void *got =
		mmap((void *)start, end - start, PROT_NONE, RESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (got == MAP_FAILED)
		return cannot_map(end - start, err);
	/* Before Linux 4.17 the flag is unknown and the address only a hint. */
	if (got != (void *)start) {
		munmap(got, end - start);
		return mp_err_env(
			err, -EEXIST,
			"this kernel does not know MAP_FIXED_NOREPLACE: run Linux 4.17 or later");
	}
	return 0;
}

/* Where the kernel would put `size` bytes now, and the hole around that place. */
static int probe(const struct mp_vma_view *view, uint64_t size, uint64_t *ret_at,
		 uint64_t *ret_start, uint64_t *ret_end, struct mp_err *err)
{
	void *p = mmap(NULL, size, PROT_NONE, RESERVE, -1, 0);

	if (p == MAP_FAILED)
		return cannot_map(size, err);
	munmap(p, size);
	mp_vma_find(view, (uint64_t)p, NULL, ret_start, ret_end);
	*ret_at = (uint64_t)p;
	return 0;
}

/* The guard ends (or begins) in the middle of a page table's span, or at a huge page boundary. It is at least as
 * long as a span: nothing else lies in the one that it shares with small mappings. */
static int guard(struct mp_space *space, uint64_t at, uint64_t size, struct mp_err *err)
{
	uint64_t unit = span(space->host);
	uint64_t offset = size < unit ? unit / 2 : 0;
	uint64_t edge;

	if (space->down) {
		edge = (at + size - unit - offset) / unit * unit + offset;
		space->edge = edge;
		return reserve_at(edge, at + size, err);
	}
	edge = (at + unit - offset + unit - 1) / unit * unit + offset;
	space->edge = edge;
	return reserve_at(at, edge, err);
}

int mp_space_settle(struct mp_space *space, const struct mp_vma_view *view,
		    const struct mp_host *host, uint64_t size, struct mp_err *err)
{
	struct largest l = { 0 };
	uint64_t at, start, end;
	int ret = 0;

	*space = (struct mp_space){ .view = view, .host = host };
	mp_vma_walk(view, largest_one, &l);
	for (unsigned i = 0; i < ATTEMPTS; i++) {
		ret = probe(view, size, &at, &start, &end, err);
		if (ret)
			return ret;
		space->down = end - (at + size) <= at - start;
		if (end - start >= l.size / LARGE_SHARE)
			break;
		/* Only what lies beyond the place that the kernel chose: above it may be the room
		 * into which the stack grows. */
		ret = space->down ? reserve_at(start, at + size, err) : reserve_at(at, end, err);
		if (ret)
			return ret;
	}
	ret = guard(space, at, size, err);
	if (!ret)
		ret = probe(view, size, &space->spot, &start, &end, err);
	return ret;
}

uint64_t mp_space_shared_table(const struct mp_host *host)
{
	return span(host) / 2;
}

int mp_space_warm(struct mp_space *space, const struct mp_pages *pages, struct mp_err *err)
{
	uint64_t page = space->host->page_size, touched, kept;
	char *p = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return cannot_map(page, err);
	*(volatile char *)p = 1;
	touched = mp_pages_tables(pages);
	munmap(p, page);
	kept = mp_pages_tables(pages);
	if (kept < touched)
		return mp_err_env(
			err, -EOPNOTSUPP,
			"this kernel frees a page table that a neighbour could use; choose "
			"page_tables=cold");
	return 0;
}

int mp_space_anchor(struct mp_space *space, uint64_t size, struct mp_err *err)
{
	int prot = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
	void *anchor = mmap(NULL, size, prot, flags, -1, 0);
	void *next = anchor == MAP_FAILED ? MAP_FAILED : mmap(NULL, size, prot, flags, -1, 0);
	struct mp_vma_entry vma = { 0 };

	if (next == MAP_FAILED)
		return cannot_map(size, err);
	mp_vma_find(space->view, (uint64_t)next, &vma, NULL, NULL);
	munmap(next, size);
	/* In use, as the neighbours are that programs have: it has an anon_vma, which merging and trimming lock. */
	*(volatile char *)anchor = 1;
	if (vma.start > (uint64_t)anchor || vma.end < (uint64_t)anchor + size)
		return mp_err_env(err, -EOPNOTSUPP,
				  "this kernel leaves gaps between mappings of %llu bytes: they do "
				  "not merge; choose neighbourhood=isolated",
				  (unsigned long long)size);
	space->spot = (uint64_t)next;
	return 0;
}

int mp_space_comb(struct mp_space *space, uint64_t count, uint64_t size, uint64_t last,
		  uint64_t *ret_last, uint64_t *ret_first, uint64_t *ret_end, struct mp_err *err)
{
	uint64_t page = space->host->page_size, total = count * (size + page) + last + 2 * page;
	uint64_t first = space->down ? space->edge - total : space->edge;
	uint64_t at = space->down ? space->edge : space->edge + page;
	int ret = reserve_at(first, first + total, err);

	for (uint64_t i = 0; !ret && i < count + (last != 0); i++) {
		uint64_t hole = i < count ? size : last;

		if (space->down)
			at -= page + hole;
		if (munmap((void *)at, hole))
			ret = mp_err_env(err, -errno,
					 "cannot make %llu holes (%s): raise "
					 "/proc/sys/vm/max_map_count",
					 (unsigned long long)count, strerror(errno));
		else if (i == count && ret_last)
			*ret_last = at;
		if (!space->down)
			at += hole + page;
	}
	if (ret)
		return ret;
	if (ret_first)
		*ret_first = first;
	if (ret_end)
		*ret_end = first + total;
	return 0;
}

bool mp_space_aligned(const struct mp_space *space, uint64_t size)
{
	uint64_t huge = space->host->hugepage_size;
	uint64_t odd = space->host->page_size;
	void *shift, *p;
	bool aligned;

	if (!huge || size % huge)
		return false;
	/* A page in between: an unaligned kernel puts the next mapping right beside it. */
	shift = mmap(NULL, odd, PROT_NONE, RESERVE, -1, 0);
	p = mmap(NULL, size, PROT_NONE, RESERVE, -1, 0);
	aligned = p != MAP_FAILED && (uint64_t)p % huge == 0;
	if (p != MAP_FAILED)
		munmap(p, size);
	if (shift != MAP_FAILED)
		munmap(shift, odd);
	return aligned;
}

static uint64_t stride(const struct mp_host *host, uint64_t size)
{
	uint64_t unit = span(host);

	return size < unit ? size + host->page_size : (size + unit - 1) / unit * unit + unit;
}

char *mp_space_slot(const struct mp_ctx *ctx, uint64_t size, uint64_t i)
{
	uint64_t unit = span(ctx->host);

	return ctx->arena + (size < unit ? unit / 2 : unit) + i * stride(ctx->host, size);
}

int mp_space_slots_fit(const struct mp_host *host, uint64_t size, uint64_t n, struct mp_err *err)
{
	if (stride(host, size) * n + span(host) <= SLOTS_SPACE)
		return 0;
	return mp_err_usage(err, -EINVAL,
			    "the objects together exceed the reserved range of 2 GiB");
}
