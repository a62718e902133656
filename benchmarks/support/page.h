/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kernel says about the pages of this process: faults taken, pages present and of which kind, memory
 * spent on page tables, advice that a VMA carries. For checks: nothing here allocates, and none of it runs
 * inside a timed section.
 *
 * Sources: getrusage(2), proc_pid_pagemap(5), proc_pid_smaps(5), proc_pid_status(5), mincore(2).
 */
#ifndef BENCHMARKS_SUPPORT_PAGE_H
#define BENCHMARKS_SUPPORT_PAGE_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The files of /proc/self that are kept open; all zero is a closed one. */
struct mp_pages {
	bool open;
	int pagemap, smaps, status;
	uint64_t page_size; /* bytes */
};

/* 0, or a negative errno with a sentence. Of this process, or of a child; pid 0: this one. */
int mp_pages_open(struct mp_pages *pages, uint64_t page_size, struct mp_err *err);
int mp_pages_open_of(struct mp_pages *pages, int pid, uint64_t page_size, struct mp_err *err);
void mp_pages_done(struct mp_pages *pages); /* accepts a closed one */

/* Page faults of the calling thread since it began. */
struct mp_faults {
	uint64_t minor, major;
};
struct mp_faults mp_faults_now(void);

/* Faults since then, of either kind: one that had to wait and was tried again counts as major (mm_account_fault() in
 * mm/memory.c). */
uint64_t mp_faults_since(const struct mp_faults *then);

/* Pages of a range by their pagemap bits. The zero page is present, and neither `file` nor `exclusive`. */
struct mp_residency {
	uint64_t present; /* bit 63: mapped */
	uint64_t file; /* bit 61: of a file, or shared anonymous memory */
	/* Bit 56: mapped here and nowhere else. Not to be trusted for hugetlb pages of 1G: Linux since 6.13 takes their count of
	 * sharers from a page table where nothing has set it (hugetlb_pmd_shared(), pagetable_pud_ctor() in include/linux/mm.h). */
	uint64_t exclusive;
	uint64_t swapped; /* bit 62: in swap, though it may be in the swap cache as well */
};

/* Adds `count` pages from `start` (rounded down to its page) to *sum. 0, or a negative errno. */
int mp_pages_add(const struct mp_pages *pages, const void *start, uint64_t count,
		 struct mp_residency *sum);

/* How many of `count` pages from the page-aligned `start` are in the page cache: for mappings of files,
 * whether or not they are mapped. UINT64_MAX when a page of the range is not mapped by any VMA. */
uint64_t mp_pages_cached(const struct mp_pages *pages, void *start, uint64_t count);

/* Bytes of page tables of this process, all levels; UINT64_MAX: unknown. */
uint64_t mp_pages_tables(const struct mp_pages *pages);

/* Bytes of the mappings of this process that are locked (mlock(2)), resident or not; UINT64_MAX: unknown. */
uint64_t mp_pages_locked(const struct mp_pages *pages);

/* Bytes that one page of the lowest page-table level maps: 2 MiB where pages have 4 KiB. An entry has
 * eight bytes and a table is one page, on x86-64 and arm64 alike. */
static inline uint64_t mp_table_span(uint64_t page_size)
{
	return page_size / 8 * page_size;
}

#define MP_VMA_FLAGS 128 /* bytes of the text of its flags, with NUL */

/* One VMA as smaps shows it. */
struct mp_vma {
	uint64_t start, end;
	uint64_t anon_huge; /* bytes mapped by huge pages of anonymous memory */
	uint64_t shmem_huge; /* bytes mapped by huge pages of shared memory */
	uint64_t page_size; /* bytes of its pages: the base page, or a hugetlb page */
	uint64_t lazy_free; /* bytes that MADV_FREE gave up and nobody has written since */
	uint64_t dirty; /* bytes dirty in the page or in the page table */
	uint64_t referenced; /* bytes accessed since the kernel last aged them */
	bool no_huge; /* MADV_NOHUGEPAGE is in force */
	bool huge; /* MADV_HUGEPAGE is in force */
	char flags[MP_VMA_FLAGS]; /* the words of VmFlags, each with a blank before it */
};

/* Has it that flag: two letters of proc_pid_smaps(5), "lo" for locked? */
bool mp_vma_flag(const struct mp_vma *vma, const char *letters);

/* The VMA that holds `address`. Costs a walk over the page tables of all VMAs up to it: hundreds of
 * microseconds. 0, or -ENOENT. */
int mp_vma_at(const struct mp_pages *pages, const void *address, struct mp_vma *ret_vma);

/* Can madvise(MADV_HUGEPAGE) give huge pages of `hugepage_size` bytes (0: the kernel has none)? 0, or -EINVAL
 * with the reason and the remedy. For `legal` hooks. */
int mp_thp_possible(uint64_t hugepage_size, struct mp_err *err);

#endif
