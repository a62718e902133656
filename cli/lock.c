/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lock that leaves nothing behind, however the process ends: an abstract socket's name (unix(7)). */
#include "cli/lock.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int mp_lock_take(const char *name, const char *busy, int *ret_fd, struct mp_err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(name);
	int fd, number;

	assert(len < sizeof(address.sun_path) - 1);
	memcpy(address.sun_path + 1, name, len);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return mp_err_env(err, -errno, "cannot create a socket for the lock: %s",
				  strerror(errno));
	if (bind(fd, (struct sockaddr *)&address,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len))) {
		number = errno;
		close(fd);
		if (number != EADDRINUSE)
			return mp_err_env(err, -number, "cannot take the lock '%s': %s", name,
					  strerror(number));
		return mp_err_env(err, -EBUSY, "%s", busy);
	}
	*ret_fd = fd;
	return 0;
}
