/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that belong to the executable: see beside.h. */
#include "common/beside.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int mp_beside(const char *const *places, size_t n, int mode, char path[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);
	int error = errno;
	char *slash;

	path[len > 0 ? len : 0] = '\0';
	if (len < 0)
		return -error;
	slash = strrchr(path, '/');
	for (size_t i = n; slash && i--;)
		if ((size_t)(slash - path) + strlen(places[i]) >= PATH_MAX)
			return -ENAMETOOLONG;
	for (size_t i = 0; slash && i < n; i++) {
		strcpy(slash, places[i]);
		if (!access(path, mode))
			return 0;
	}
	if (slash)
		strcpy(slash, places[0]);
	return -ENOENT;
}

int mp_beside_worker(char path[PATH_MAX])
{
	static const char *const places[] = { "/memperf-worker", MP_BESIDE_INSTALLED };

	return mp_beside(places, sizeof(places) / sizeof(places[0]), X_OK, path);
}
