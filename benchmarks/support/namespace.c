/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Namespaces of this process alone: see namespace.h, namespaces(7), user_namespaces(7). */
#include "benchmarks/support/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int ipc = -1; /* the namespace that all threads join */

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t length = (ssize_t)strlen(text);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, (size_t)length) != length)
		ret = -errno;
	close(fd);
	return ret;
}

/* Who may not unshare may do so in a user namespace in which he is root, and maps to himself outside. */
static int unshare_as_user(int flags)
{
	unsigned uid = geteuid(), gid = getegid();
	char users[32], groups[32];
	int ret;

	snprintf(users, sizeof(users), "0 %u 1", uid);
	snprintf(groups, sizeof(groups), "0 %u 1", gid);
	if (unshare(CLONE_NEWUSER | flags))
		return -errno;
	ret = put("/proc/self/setgroups", "deny");
	if (!ret)
		ret = put("/proc/self/uid_map", users);
	return ret ? ret : put("/proc/self/gid_map", groups);
}

static int leave(int flags)
{
	int ret = unshare(flags) ? -errno : 0;

	return ret == -EPERM ? unshare_as_user(flags) : ret;
}

static int refused(int ret, const char *what, struct mp_err *err)
{
	return mp_err_env(
		err, ret,
		"this process may not have %s of its own: %s; run as root (CAP_SYS_ADMIN)", what,
		strerror(-ret));
}

int mp_namespace_ipc(struct mp_err *err)
{
	int ret = 0;

	pthread_mutex_lock(&lock);
	if (ipc >= 0) {
		ret = setns(ipc, CLONE_NEWIPC) ? -errno : 0;
	} else {
		ret = leave(CLONE_NEWIPC);
		if (!ret)
			ipc = open("/proc/thread-self/ns/ipc", O_RDONLY | O_CLOEXEC);
		if (!ret && ipc < 0)
			ret = -errno;
	}
	pthread_mutex_unlock(&lock);
	return ret ? refused(ret, "an IPC namespace", err) : 0;
}

int mp_namespace_dev_shm(const char *huge, struct mp_err *err)
{
	char options[64];
	int ret = leave(CLONE_NEWNS);

	if (ret)
		return refused(ret, "a mount namespace", err);
	snprintf(options, sizeof(options), "mode=1777,huge=%s", huge);
	/* private: what is mounted here does not spread to the namespace that this one is a copy of */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("memperf", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, options))
		return mp_err_env(err, -errno, "cannot mount a tmpfs with '%s' at /dev/shm: %s",
				  options, strerror(errno));
	return 0;
}

int mp_namespace_try(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		int ret = leave(CLONE_NEWIPC | CLONE_NEWNS);

		_exit(ret < 0 ? -ret : 0);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EPERM;
}
