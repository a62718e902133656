/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guard markers: see guard.h. */
#include "benchmarks/support/guard.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

int mp_guard_map(char *page, size_t page_size, struct mp_err *err)
{
	if (mmap(page, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		 -1, 0) == MAP_FAILED)
		return mp_err_env(err, -errno, "cannot map a page to guard: %s", strerror(errno));
	if (!madvise(page, page_size, MADV_GUARD_INSTALL))
		return 0;
	return mp_err_env(err, -errno, "cannot guard a page: %s%s", strerror(errno),
			  errno == EINVAL ? "; guards need Linux 6.13" : "");
}
