/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading files that somebody else may have put there: see input.h. */
#include "common/input.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

FILE *mp_input_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	FILE *file = NULL;
	struct stat st;
	int number;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st)) {
		errno = EINVAL;
		file = S_ISREG(st.st_mode) ? fdopen(fd, "r") : NULL;
	}
	if (file)
		return file;
	number = errno;
	close(fd);
	errno = number;
	return NULL;
}
