/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does mremap(2) take several mappings at once: see mremap_row.h. */
#include "benchmarks/support/mremap_row.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

bool mp_mremap_row_possible(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *two = mmap(NULL, 4 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *moved;

	if (two == MAP_FAILED)
		return false;
	mprotect(two, page, PROT_NONE);
	moved = mremap(two, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, two + 2 * page);
	munmap(two, 4 * page);
	return moved == two + 2 * page;
}
