/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that are written for somebody: see output.h. The path is walked folder by folder, each opened once: what is exchanged
 * meanwhile by somebody else is not what is written to (path_resolution(7)).
 */
#include "common/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/cleanup.h"

#define LINKS_MAX 40 /* of one path, as the kernel has it */

struct walk {
	const char *path; /* as it was given */
	int folder; /* that was come to so far; O_PATH */
	char name[NAME_MAX + 1]; /* what is looked for in it */
	char rest[PATH_MAX]; /* behind that */
	unsigned links; /* followed so far */
	bool open_file; /* the name is one of /proc's links to what a process has open */
	bool exists;
	struct stat st; /* of the name, where it exists */
};

static int cannot(const struct walk *w, int code, struct mp_err *err)
{
	return mp_err_env(err, code, "cannot write '%s': %s", w->path, strerror(-code));
}

static bool trusted(const struct stat *st)
{
	return st->st_uid == geteuid() || !st->st_uid;
}

static int enter(struct walk *w, const char *name, int flags)
{
	int folder = openat(w->folder, name, O_PATH | O_DIRECTORY | O_CLOEXEC | flags);

	if (folder < 0)
		return -errno;
	mp_close_fd(&w->folder);
	w->folder = folder;
	return 0;
}

/* The first name of the rest becomes the name; "" when none is left. */
static int next_name(struct walk *w)
{
	const char *at = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(at, "/");

	if (len >= sizeof(w->name))
		return -ENAMETOOLONG;
	memcpy(w->name, at, len);
	w->name[len] = '\0';
	memmove(w->rest, at + len, strlen(at + len) + 1);
	return 0;
}

/* Where the name, a link, leads, stands before the rest. */
static int follow(struct walk *w, struct mp_err *err)
{
	MP_CLEANUP(mp_close_fd)
	int link = openat(w->folder, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char target[PATH_MAX], whole[2 * PATH_MAX];
	struct statfs fs;
	struct stat st;
	ssize_t len;

	if (link < 0 || fstat(link, &st) || fstatfs(link, &fs))
		return cannot(w, -errno, err);
	if (!trusted(&st))
		return mp_err_env(
			err, -EPERM,
			"cannot write '%s': '%s' is a symbolic link of another user (%u); "
			"name the file itself",
			w->path, w->name, (unsigned)st.st_uid);
	if (++w->links > LINKS_MAX)
		return cannot(w, -ELOOP, err);
	if (fs.f_type == PROC_SUPER_MAGIC) {
		w->open_file = !w->rest[strspn(w->rest, "/")];
		len = w->open_file ? 0 : enter(w, w->name, 0);
		return len ? cannot(w, (int)len, err) : 0;
	}
	len = readlinkat(link, "", target, sizeof(target) - 1);
	if (len < 0)
		return cannot(w, -errno, err);
	target[len] = '\0';
	snprintf(whole, sizeof(whole), "%s%s", target, w->rest);
	if (strlen(whole) >= sizeof(w->rest))
		return cannot(w, -ENAMETOOLONG, err);
	strcpy(w->rest, whole);
	len = *target == '/' ? enter(w, "/", 0) : 0;
	return len ? cannot(w, (int)len, err) : 0;
}

/* To the folder and the name in it that is to be written. The caller closes w->folder, also after an error. */
static int walk(struct walk *w, const char *path, struct mp_err *err)
{
	size_t len = strlen(path);
	int rc;

	*w = (struct walk){ .path = path, .folder = -1 };
	if (!len || len >= sizeof(w->rest))
		return cannot(w, len ? -ENAMETOOLONG : -ENOENT, err);
	strcpy(w->rest, path);
	w->folder = open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	rc = w->folder < 0 ? -errno : 0;
	for (;;) {
		if (!rc)
			rc = next_name(w);
		if (rc)
			return cannot(w, rc, err);
		if (!*w->name)
			return cannot(w, -EISDIR, err);
		w->exists = !fstatat(w->folder, w->name, &w->st, AT_SYMLINK_NOFOLLOW);
		if (!w->exists && errno != ENOENT)
			return cannot(w, -errno, err);
		if (w->exists && S_ISLNK(w->st.st_mode)) {
			rc = follow(w, err);
			if (rc || w->open_file)
				return rc;
		} else if (*w->rest) {
			rc = enter(w, w->name, O_NOFOLLOW);
		} else {
			return 0;
		}
	}
}

/* A device, a pipe: renaming a file over it would put an end to it. A descriptor, or negative errno. */
static int open_special(const struct walk *w, struct mp_err *err)
{
	int how = w->open_file ? O_APPEND : O_NOFOLLOW, fd;

	if (!w->open_file && S_ISFIFO(w->st.st_mode) && !trusted(&w->st))
		return mp_err_env(err, -EPERM,
				  "cannot write '%s': it is a FIFO of another user (%u); name "
				  "another file",
				  w->path, (unsigned)w->st.st_uid);
	fd = openat(w->folder, w->name, O_WRONLY | O_CLOEXEC | O_NOCTTY | how);
	return fd < 0 ? cannot(w, -errno, err) : fd;
}

static bool is_special(const struct walk *w)
{
	return w->open_file || (w->exists && !S_ISREG(w->st.st_mode));
}

/* A new file in the folder, whose name nobody can tell before. A descriptor, or negative errno. */
static int make_fresh(const struct walk *w, char name[32])
{
	uint64_t number;
	int fd;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return -EIO;
	snprintf(name, 32, ".memperf-%016llx", (unsigned long long)number);
	fd = openat(w->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	if (w->exists && w->st.st_uid == geteuid() && fchmod(fd, w->st.st_mode & 0777)) {
		int code = -errno;

		close(fd);
		unlinkat(w->folder, name, 0);
		return code;
	}
	return fd;
}

static int write_all(int fd, const char *bytes, size_t left)
{
	while (left) {
		ssize_t put = write(fd, bytes, left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		bytes += put;
		left -= (size_t)put;
	}
	return fsync(fd) && errno != EINVAL ? -errno : 0;
}

/* To what is written to: a new file with its name in `fresh`, or "" for what stays in its place. A descriptor, or negative errno. */
static int begin(struct walk *w, const char *path, char fresh[32], struct mp_err *err)
{
	int fd = walk(w, path, err);

	*fresh = '\0';
	if (fd)
		return fd;
	if (is_special(w))
		return open_special(w, err);
	fd = make_fresh(w, fresh);
	return fd < 0 ? cannot(w, fd, err) : fd;
}

/* The new file takes its place, or goes when something failed. 0 or negative errno. */
static int settle(const struct walk *w, const char *fresh, int failed)
{
	if (!*fresh)
		return failed;
	if (!failed && renameat(w->folder, fresh, w->folder, w->name))
		failed = -errno;
	if (failed)
		unlinkat(w->folder, fresh, 0);
	return failed;
}

int mp_output_write(const char *path, const void *bytes, size_t len, struct mp_err *err)
{
	char fresh[32];
	struct walk w;
	int fd = begin(&w, path, fresh, err), rc = fd;

	if (fd >= 0) {
		rc = write_all(fd, bytes, len);
		if (close(fd) && !rc)
			rc = -errno;
		rc = settle(&w, fresh, rc);
		if (rc)
			cannot(&w, rc, err);
	}
	mp_close_fd(&w.folder);
	return rc;
}

int mp_output_open(const char *path, struct mp_err *err)
{
	char fresh[32];
	struct walk w;
	int fd = begin(&w, path, fresh, err), rc;

	rc = fd < 0 ? 0 : settle(&w, fresh, 0);
	if (rc) {
		close(fd);
		fd = cannot(&w, rc, err);
	}
	mp_close_fd(&w.folder);
	return fd;
}

int mp_output_check(const char *path, struct mp_err *err)
{
	struct walk w;
	int rc = walk(&w, path, err);

	mp_close_fd(&w.folder);
	return rc == -EPERM ? rc : 0;
}
