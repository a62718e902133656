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
	return mp_err_env(err, ret,
			  "this process may not have %s of its own (%s): run as root with "
			  "CAP_SYS_ADMIN, or 'sysctl kernel.unprivileged_userns_clone=1'",
			  what, strerror(-ret));
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

/* What is mounted from now on does not spread to the namespace that this one is a copy of: mount_namespaces(7). In a plain
 * chroot(2), whose root is no mount point, only what is mounted at /dev/shm can be told so. */
static int keep_mounts(struct mp_err *err)
{
	int ret = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ? -errno : 0;

	if (ret == -EINVAL)
		ret = mount(NULL, "/dev/shm", NULL, MS_PRIVATE, NULL) ? -errno : 0;
	if (ret == -EINVAL)
		return mp_err_env(err, ret,
				  "this is a chroot with nothing mounted at / or /dev/shm, and a "
				  "mount could show outside of it: mount -t tmpfs shm /dev/shm");
	return ret ? mp_err_env(err, ret, "cannot make mounts private: %s", strerror(-ret)) : 0;
}

int mp_namespace_dev_shm(const char *huge, struct mp_err *err)
{
	char options[64];
	int ret = access("/dev/shm", F_OK) ? -errno : 0;

	if (ret)
		return mp_err_env(err, ret,
				  "no folder '/dev/shm' (%s): mkdir /dev/shm && mount -t tmpfs shm "
				  "/dev/shm",
				  strerror(-ret));
	ret = leave(CLONE_NEWNS);
	if (ret)
		return refused(ret, "a mount namespace", err);
	ret = keep_mounts(err);
	if (ret)
		return ret;
	snprintf(options, sizeof(options), "mode=1777,huge=%s", huge);
	if (mount("memperf", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, options))
		return mp_err_env(err, -errno, "cannot mount a tmpfs with '%s' at /dev/shm: %s",
				  options, strerror(errno));
	return 0;
}

static int never(struct mp_err *err)
{
	return mp_namespace_dev_shm("never", err);
}

/* In a child, which sends its sentence; one that sends none died. */
static int attempt(int (*enter)(struct mp_err *err), struct mp_err *err)
{
	struct {
		int ret;
		struct mp_err err;
	} said = { .ret = -EPIPE, .err = { .text = "the child that tries it died" } };
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return mp_err_env(err, -errno, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		said.ret = enter(&said.err);
		_exit(write(ends[1], &said, sizeof(said)) != sizeof(said));
	}
	if (pid < 0)
		said.ret = mp_err_env(&said.err, -errno, "cannot fork: %s", strerror(errno));
	close(ends[1]);
	while (pid > 0 && read(ends[0], &said, sizeof(said)) < 0 && errno == EINTR)
		;
	close(ends[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (said.ret && err)
		*err = said.err;
	return said.ret;
}

int mp_namespace_try_ipc(struct mp_err *err)
{
	return attempt(mp_namespace_ipc, err);
}

int mp_namespace_try_dev_shm(struct mp_err *err)
{
	return attempt(never, err);
}
