/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Temporary files without a name: see temporary.h. */
#include "common/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int mp_temporary_file(void)
{
	const char *folder = getenv("TMPDIR");
	int fd = open(folder && *folder ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		fd = memfd_create("memperf", MFD_CLOEXEC);
	return fd >= 0 ? fd : -errno;
}

int mp_temporary_read(int file, void *ret_bytes, size_t len, uint64_t at)
{
	while (len) {
		ssize_t got = pread(file, ret_bytes, len, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EIO;
		ret_bytes = (char *)ret_bytes + got;
		len -= (size_t)got;
		at += (uint64_t)got;
	}
	return 0;
}

int mp_temporary_write(int file, const void *bytes, size_t len, uint64_t at)
{
	while (len) {
		ssize_t put = pwrite(file, bytes, len, (off_t)at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put ? -errno : -EIO;
		bytes = (const char *)bytes + put;
		len -= (size_t)put;
		at += (uint64_t)put;
	}
	return 0;
}
