/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The archive that a kernel unpacks before it starts the first program: see cpio.h. */
#include "runner/vm/cpio.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define TRAILER "TRAILER!!!"

static void fail(struct mp_cpio *c, int error, const char *verb, const char *path)
{
	if (!c->error)
		c->error = mp_err_env(&c->why, error, "cannot %s '%s': %s", verb, path,
				      strerror(-error));
}

void mp_cpio_open(struct mp_cpio *c, const char *path)
{
	*c = (struct mp_cpio){ .file = fopen(path, "we") };
	if (!c->file)
		fail(c, -errno, "write", path);
}

static void put(struct mp_cpio *c, const void *bytes, size_t len)
{
	if (!c->error && fwrite(bytes, 1, len, c->file) != len)
		fail(c, errno ? -errno : -EIO, "write", "the guest's disk");
}

/* Header and body begin at multiples of four. */
static void align(struct mp_cpio *c, size_t len)
{
	put(c, "\0\0\0", -len & 3);
}

static void header(struct mp_cpio *c, const char *name, mode_t mode, size_t size, unsigned major,
		   unsigned minor)
{
	size_t len = strlen(name) + 1;
	char text[128];
	int used = snprintf(
		text, sizeof(text), "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X",
		++c->entries, (unsigned)mode, 0u, 0u, 1u, 0u, size, 0u, 0u, major, minor, len, 0u);

	put(c, text, (size_t)used);
	put(c, name, len);
	align(c, (size_t)used + len);
}

/* A folder that is there already is left as it is. */
static const char *with_parents(struct mp_cpio *c, const char *name)
{
	char part[PATH_MAX];

	name += strspn(name, "/");
	for (const char *slash = name; (slash = strchr(slash, '/')); slash++) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - name), name);
		header(c, part, S_IFDIR | 0755, 0, 0, 0);
	}
	return name;
}

void mp_cpio_folder(struct mp_cpio *c, const char *name)
{
	header(c, with_parents(c, name), S_IFDIR | 0755, 0, 0, 0);
}

void mp_cpio_device(struct mp_cpio *c, const char *name, unsigned major, unsigned minor)
{
	header(c, with_parents(c, name), S_IFCHR | 0600, 0, major, minor);
}

void mp_cpio_bytes(struct mp_cpio *c, const char *name, mode_t mode, const void *bytes, size_t len)
{
	header(c, with_parents(c, name), S_IFREG | mode, len, 0, 0);
	put(c, bytes, len);
	align(c, len);
}

static void copy(struct mp_cpio *c, const char *name, const char *from, FILE *file)
{
	char buffer[1 << 16];
	struct stat st;
	size_t size, left, len = 0;

	if (fstat(fileno(file), &st) || !S_ISREG(st.st_mode)) {
		fail(c, -EINVAL, "copy", from);
		return;
	}
	size = left = (size_t)st.st_size;
	header(c, with_parents(c, name), S_IFREG | (st.st_mode & 0777), size, 0, 0);
	while (left &&
	       (len = fread(buffer, 1, left < sizeof(buffer) ? left : sizeof(buffer), file))) {
		put(c, buffer, len);
		left -= len;
	}
	if (left)
		fail(c, -EIO, "read", from);
	align(c, size);
}

void mp_cpio_copy(struct mp_cpio *c, const char *name, const char *from)
{
	FILE *file = fopen(from, "re");

	if (!file) {
		fail(c, -errno, "read", from);
		return;
	}
	copy(c, name, from, file);
	fclose(file);
}

void mp_cpio_tree(struct mp_cpio *c, const char *name, const char *from)
{
	char below[PATH_MAX], source[PATH_MAX];
	struct dirent *entry;
	struct stat st;
	DIR *dir = opendir(from);

	if (!dir) {
		fail(c, -errno, "read", from);
		return;
	}
	while (!c->error && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(below, sizeof(below), "%s/%s", name, entry->d_name) >=
			    (int)sizeof(below) ||
		    snprintf(source, sizeof(source), "%s/%s", from, entry->d_name) >=
			    (int)sizeof(source))
			fail(c, -ENAMETOOLONG, "copy", from);
		else if (!stat(source, &st) && S_ISDIR(st.st_mode))
			mp_cpio_tree(c, below, source);
		else
			mp_cpio_copy(c, below, source);
	}
	closedir(dir);
}

int mp_cpio_close(struct mp_cpio *c, struct mp_err *err)
{
	header(c, TRAILER, 0, 0, 0, 0);
	if (c->file && fclose(c->file))
		fail(c, -errno, "write", "the guest's disk");
	if (c->error && err)
		*err = c->why;
	return c->error;
}
