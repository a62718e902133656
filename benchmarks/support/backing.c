/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unnamed files to map: see backing.h. */
#include "benchmarks/support/backing.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define STREAM (256u << 10) /* bytes read or written at a time in large pieces */
#define BLOCK  512 /* of stx_blocks, statx(2) */

enum mp_backing mp_backing_named(const char *word)
{
	if (!strcmp(word, "memfd"))
		return MP_BACKING_MEMFD;
	return strcmp(word, "ramdisk") ? MP_BACKING_DISK : MP_BACKING_RAMDISK;
}

static const char *directory(enum mp_backing kind)
{
	const char *name = getenv("TMPDIR");

	if (kind == MP_BACKING_RAMDISK)
		return MP_BACKING_RAMDISK_FOLDER;
	return name && *name ? name : "/var/tmp";
}

/* What sentences call it: they are stored, and the path of TMPDIR is nobody's business. */
static const char *directory_word(enum mp_backing kind)
{
	const char *name = getenv("TMPDIR");

	return kind != MP_BACKING_RAMDISK && name && *name ? "$TMPDIR" : directory(kind);
}

int mp_backing_possible(enum mp_backing kind, struct mp_err *err)
{
	struct statfs fs;

	if (kind != MP_BACKING_DISK)
		return 0;
	if (statfs(directory(kind), &fs))
		return mp_err_env(err, -EINVAL,
				  "no directory for a file on disk: '%s': %s; set TMPDIR",
				  directory_word(kind), strerror(errno));
	if (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC)
		return mp_err_env(
			err, -EINVAL,
			"'%s' is in memory, not on a disk; set TMPDIR to a directory that is",
			directory_word(kind));
	return 0;
}

/* For file systems without O_TMPFILE: a name that is gone at once. */
static int open_named(enum mp_backing kind)
{
	char path[4096];
	int length = snprintf(path, sizeof(path), "%s/memperf-XXXXXX", directory(kind));
	int fd;

	if (length < 0 || (size_t)length >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

int mp_backing_open(enum mp_backing kind, int *ret_fd, struct mp_err *err)
{
	int ret = mp_backing_possible(kind, err);
	int fd;

	if (ret)
		return ret;
	if (kind == MP_BACKING_MEMFD) {
		fd = memfd_create("memperf", MFD_CLOEXEC);
		if (fd < 0)
			return mp_err_env(err, -errno, "cannot create a memfd: %s",
					  strerror(errno));
	} else {
		fd = open(directory(kind), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		if (fd < 0)
			fd = open_named(kind);
		if (fd < 0)
			return mp_err_env(err, -errno, "cannot create a file in '%s': %s%s",
					  directory_word(kind), strerror(errno),
					  kind == MP_BACKING_DISK ? "; set TMPDIR" : "");
	}
	*ret_fd = fd;
	return 0;
}

static uint64_t piece_size(enum mp_fill fill)
{
	return fill == MP_FILL_STREAM ? STREAM : (uint64_t)sysconf(_SC_PAGESIZE);
}

int mp_backing_extent(int fd, uint64_t *ret_size, uint64_t *ret_allocated)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_SIZE | STATX_BLOCKS, &st))
		return -errno;
	*ret_size = st.stx_size;
	*ret_allocated = st.stx_blocks * BLOCK;
	return 0;
}

int mp_backing_write(int fd, uint64_t size, enum mp_fill fill, struct mp_err *err)
{
	static const char bytes[STREAM] = { 1 };
	uint64_t piece = piece_size(fill);

	for (uint64_t done = 0; done < size;) {
		uint64_t now = size - done < piece ? size - done : piece;
		ssize_t got = pwrite(fd, bytes, now, (off_t)done);

		if (got <= 0)
			return mp_err_env(err, got ? -errno : -ENOSPC,
					  "cannot write a file of %llu bytes: %s; free some space",
					  (unsigned long long)size, strerror(got ? errno : ENOSPC));
		done += (uint64_t)got;
	}
	if (fsync(fd))
		return mp_err_env(err, -errno, "cannot sync a file of %llu bytes: %s",
				  (unsigned long long)size, strerror(errno));
	return 0;
}

int mp_backing_cache(enum mp_backing kind, int fd, uint64_t size, enum mp_fill fill,
		     struct mp_err *err)
{
	static char bytes[STREAM];
	uint64_t piece = piece_size(fill);

	if (kind == MP_BACKING_MEMFD)
		return mp_backing_write(fd, size, fill, err);
	if (ftruncate(fd, (off_t)size))
		return mp_err_env(err, -errno, "cannot make a file %llu bytes long: %s",
				  (unsigned long long)size, strerror(errno));
	/* Without it, readahead would fill the cache, in pieces of its own. */
	if (fill == MP_FILL_PAGES)
		posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	for (uint64_t done = 0; done < size;) {
		ssize_t got = pread(fd, bytes, piece, (off_t)done);

		if (got <= 0)
			return mp_err_env(err, got ? -errno : -EIO,
					  "cannot read a file of %llu bytes: %s",
					  (unsigned long long)size, strerror(got ? errno : EIO));
		done += (uint64_t)got;
	}
	return 0;
}
