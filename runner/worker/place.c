/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Binding and layout of the measured process: see place.h. */
#include "runner/worker/place.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CPU_WORDS 128 /* 8192 CPUs, the kernel's largest NR_CPUS */

int mp_place_cpu(int cpu, struct mp_err *err)
{
	unsigned long want[CPU_WORDS] = { 0 };
	unsigned long got[CPU_WORDS] = { 0 };

	if (cpu < 0 || (size_t)cpu >= sizeof(want) * 8)
		return mp_err_internal(err, -EINVAL, "worker was given CPU %d", cpu);
	want[(size_t)cpu / (8 * sizeof(long))] = 1UL << ((size_t)cpu % (8 * sizeof(long)));
	if (syscall(SYS_sched_setaffinity, 0, sizeof(want), want) < 0)
		return mp_err_env(err, -errno, "cannot bind to CPU %d: %s", cpu, strerror(errno));
	if (syscall(SYS_sched_getaffinity, 0, sizeof(got), got) < 0)
		return mp_err_env(err, -errno, "cannot read the CPU affinity back: %s",
				  strerror(errno));
	if (memcmp(want, got, sizeof(want)) || sched_getcpu() != cpu)
		return mp_err_env(err, -EXDEV, "binding to CPU %d did not take effect: runs on %d",
				  cpu, sched_getcpu());
	return 0;
}

/* The policy that the kernel reports for the calling thread is this one. A kernel before 5.14 calls local memory
 * preferred, of no node. */
static bool has_policy(const struct mp_mempolicy *policy)
{
	uint64_t got[MP_NODE_WORDS] = { 0 };
	bool local = policy->mode == MP_MEMORY_LOCAL;
	int mode = -1;

	if (syscall(SYS_get_mempolicy, &mode, got, MP_NODES_MAX + 1, NULL, 0) < 0)
		return false;
	if (local)
		return mode == MPOL_LOCAL || mode == MPOL_PREFERRED;
	return mode == mp_mempolicy_mode((enum mp_memory)policy->mode) &&
	       !memcmp(policy->nodes, got, sizeof(got));
}

int mp_place_memory(const struct mp_mempolicy *policy, struct mp_err *err)
{
	const char *name = mp_memory_name((enum mp_memory)policy->mode);
	bool local = policy->mode == MP_MEMORY_LOCAL;

	if (policy->mode == MP_MEMORY_DEFAULT || policy->per_mapping)
		return 0;
	/* The kernel takes one bit less than it is told (set_mempolicy(2)); local memory takes no nodes. */
	if (syscall(SYS_set_mempolicy, mp_mempolicy_mode((enum mp_memory)policy->mode),
		    local ? NULL : policy->nodes, local ? 0 : MP_NODES_MAX + 1) < 0)
		return mp_err_env(err, -errno, "cannot set the memory policy '%s': %s%s", name,
				  strerror(errno),
				  policy->mode == MP_MEMORY_PREFERRED_MANY && errno == EINVAL
					  ? "; it takes Linux 5.15"
					  : "");
	if (!has_policy(policy))
		return mp_err_env(err, -EXDEV, "the memory policy '%s' did not take effect", name);
	return 0;
}

bool mp_place_holds(int cpu, const struct mp_mempolicy *policy)
{
	unsigned long got[CPU_WORDS] = { 0 };

	if (syscall(SYS_sched_getaffinity, 0, sizeof(got), got) < 0)
		return false;
	for (size_t i = 0; i < CPU_WORDS; i++)
		if (got[i] != ((size_t)cpu / (8 * sizeof(long)) == i
				       ? 1UL << ((size_t)cpu % (8 * sizeof(long)))
				       : 0))
			return false;
	if (sched_getcpu() != cpu)
		return false;
	return policy->mode == MP_MEMORY_DEFAULT || policy->per_mapping || has_policy(policy);
}

int mp_place_arena(uint64_t size, char **ret_arena, struct mp_err *err)
{
	const uint64_t align = 1ULL << 30;
	uint64_t base, aligned;
	void *all = mmap(NULL, size + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			 -1, 0);

	if (all == MAP_FAILED)
		return mp_err_env(err, -errno,
				  "cannot reserve %llu GiB of address space: %s; see 'ulimit -v'",
				  (unsigned long long)(size >> 30), strerror(errno));
	base = (uint64_t)all;
	aligned = (base + align - 1) & ~(align - 1);
	if (aligned > base)
		munmap(all, aligned - base);
	if (base + align > aligned)
		munmap((void *)(aligned + size), base + align - aligned);
	*ret_arena = (char *)aligned;
	return 0;
}

/*
 * The tables of the benchmarks hold addresses, which a position-independent program writes before main: 80 pages, private and
 * dirty. A fork of 2 MiB (512 pages) copied them, too. A shared mapping of the same bytes is left out by fork (copy_page_range()
 * in mm/memory.c). The ends are those of the linker's default script: .data.rel.ro lies between .fini_array and .dynamic.
 */
int mp_place_tables(size_t page_size, struct mp_err *err)
{
	extern const char from[] __asm__("__fini_array_end");
	extern const char until[] __asm__("_DYNAMIC");
	uintptr_t begin = ((uintptr_t)from + page_size - 1) & ~(page_size - 1);
	uintptr_t end = (uintptr_t)until & ~(page_size - 1);
	void *copy;

	if (end <= begin)
		return 0;
	copy = mmap(NULL, end - begin, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (copy == MAP_FAILED)
		return mp_err_env(err, -errno, "cannot share the tables: %s", strerror(errno));
	memcpy(copy, (const void *)begin, end - begin);
	if (mprotect(copy, end - begin, PROT_READ) ||
	    mremap(copy, end - begin, end - begin, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)begin) ==
		    MAP_FAILED)
		return mp_err_env(err, -errno, "cannot share the tables: %s", strerror(errno));
	return 0;
}

/*
 * A process of a dozen mappings keeps them in one node of the kernel's maple tree (16 ranges, holes included:
 * include/linux/maple_tree.h), and mmap + munmap then cost a quarter less than in any ordinary process, which has
 * twenty or more (2.2 us against 2.8 to 3.1 us, measured on 6.18). These bring the worker to about twenty.
 */
#define NEIGHBOURS 4

static int map_neighbours(size_t page_size, struct mp_err *err)
{
	for (int i = 0; i < NEIGHBOURS; i++)
		if (mmap(NULL, 2 * page_size, i & 1 ? PROT_READ : PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
			return mp_err_env(err, -errno, "cannot map the layout's neighbours: %s",
					  strerror(errno));
	return 0;
}

int mp_place_layout(uint32_t shift, uint32_t prealloc, size_t page_size, struct mp_err *err)
{
	size_t size = (shift + prealloc) * page_size;
	char *pages;

	if (map_neighbours(page_size, err))
		return -ENOMEM;
	if (!size)
		return 0;
	/* Read-only afterwards, so that a benchmark's own mappings never merge with it. */
	pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pages == MAP_FAILED)
		return mp_err_env(err, -errno, "cannot map the layout's pages: %s",
				  strerror(errno));
	madvise(pages, size, MADV_NOHUGEPAGE);
	for (uint32_t i = 0; i < prealloc; i++)
		pages[i * page_size] = 1;
	if (mprotect(pages, size, PROT_READ))
		return mp_err_env(err, -errno, "cannot protect the layout's pages: %s",
				  strerror(errno));
	return 0;
}
