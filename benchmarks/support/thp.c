/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forcing transparent huge pages: see thp.h. Documentation/admin-guide/mm/transhuge.rst, prctl(2). */
#include "benchmarks/support/thp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define THP "/sys/kernel/mm/transparent_hugepage"

int mp_thp_forbid(struct mp_err *err)
{
	if (!prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) || errno == EINVAL)
		return 0;
	return mp_err_env(err, -errno, "cannot switch transparent huge pages off for a process: %s",
			  strerror(errno));
}

void mp_thp_permit(void)
{
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
}

/* The word in brackets of such a setting; false: no such file. */
static bool chosen(const char *path, char word[32])
{
	char text[128] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	char *start = strchr(text, '['), *end = strchr(text, ']');

	if (fd >= 0)
		close(fd);
	if (got <= 0 || !start || !end || end < start)
		return false;
	snprintf(word, 32, "%.*s", (int)(end - start - 1), start + 1);
	return true;
}

int mp_thp_unasked(const struct mp_host *host, struct mp_err *err)
{
	char path[128], global[32], sized[32];

	if (!host->hugepage_size || !chosen(THP "/enabled", global))
		return mp_err_env(err, -EOPNOTSUPP, "this kernel has no transparent huge pages");
	/* One switch per size since Linux 6.8; "inherit" follows the global one. */
	snprintf(path, sizeof(path), THP "/hugepages-%llukB/enabled",
		 (unsigned long long)(host->hugepage_size / 1024));
	if (!chosen(path, sized) || !strcmp(sized, "inherit"))
		memcpy(sized, global, sizeof(sized));
	if (!strcmp(sized, "always"))
		return 0;
	return mp_err_env(err, -EOPNOTSUPP,
			  "a mapping that mmap populates cannot be advised, and transparent huge "
			  "pages are set to '%s': echo always > " THP "/enabled",
			  sized);
}
