/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The undo record: a header, then one line a change, "path<TAB>before<TAB>after". Replaced by rename, so that a kill leaves
 * the old one or the new one. It is written by root and decides what root writes later, so nobody else may have had a
 * hand in it.
 */
#include "runner/machine/tune_internal.h"

#include <errno.h>
#include <limits.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "common/vec.h"

#define HEADER "memperf undo 1"

static const char *const names[] = { "doctor.undo", "run.undo", "case.undo" }; /* of the owners */
static const char *const fresh_names[] = { "doctor.undo.new", "run.undo.new", "case.undo.new" };

bool mp_tune_recorded(const char *state, enum mp_tune_owner owner)
{
	char path[PATH_MAX];
	struct stat st;

	return snprintf(path, sizeof(path), "%s/%s", state, names[owner]) < (int)sizeof(path) &&
	       !stat(path, &st);
}

/* Nobody but its owner, who is the caller, can have written it. */
static bool is_ours(const struct stat *st)
{
	return st->st_uid == geteuid() && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static int refuse(const char *state, const char *name, const char *why, struct mp_err *err)
{
	return mp_err_env(err, -EPERM,
			  "'%s%s%s' %s: move it away, and see that the folder is writable by root "
			  "alone",
			  state, *name ? "/" : "", name, why);
}

/* A descriptor of the folder. -ENOENT without a sentence when it is missing and `make` is not set. */
static int open_state(const char *state, bool make, int *ret_fd, struct mp_err *err)
{
	struct stat st;
	int fd;

	if (make && mkdir(state, 0755) && errno != EEXIST)
		return mp_err_env(err, -errno,
				  "cannot make the folder '%s' for the undo record: %s", state,
				  strerror(errno));
	fd = open(state, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0)
		return refuse(state, "",
			      errno == ELOOP || errno == ENOTDIR ? "is no folder" : strerror(errno),
			      err);
	if (fstat(fd, &st) || !is_ours(&st)) {
		close(fd);
		return refuse(state, "", "belongs to or is writable by somebody else", err);
	}
	*ret_fd = fd;
	return 0;
}

static int read_text(const char *state, const char *name, struct mp_str *text, struct mp_err *err)
{
	char chunk[4096];
	struct stat st;
	ssize_t got;
	int folder = -1, fd, code = open_state(state, false, &folder, err);

	if (code)
		return code;
	fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	code = fd < 0 ? -errno : 0;
	close(folder);
	if (code == -ENOENT)
		return code;
	if (code)
		return refuse(state, name, code == -ELOOP ? "is a link" : strerror(-code), err);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !is_ours(&st) || st.st_nlink != 1) {
		close(fd);
		return refuse(state, name, "is no file of its own, or not root's", err);
	}
	while ((got = read(fd, chunk, sizeof(chunk))) > 0)
		mp_str_add_len(text, chunk, (size_t)got);
	code = got < 0 ? -errno : 0;
	close(fd);
	return code || text->failed ? refuse(state, name, "cannot be read", err) : 0;
}

static bool copy(char *to, size_t size, const char *from)
{
	return from && snprintf(to, size, "%s", from) < (int)size;
}

static int parse_line(char *line, struct mp_change *change)
{
	char *rest = line;
	const char *path = strsep(&rest, "\t"), *before = strsep(&rest, "\t"), *after = rest;
	const struct mp_tune_thing *thing;

	memset(change, 0, sizeof(*change));
	if (!copy(change->path, sizeof(change->path), path) ||
	    !copy(change->before, sizeof(change->before), before) ||
	    !copy(change->after, sizeof(change->after), after) || strchr(after, '\t'))
		return -EINVAL;
	thing = mp_tune_find(change->path);
	if (!thing)
		return -EINVAL;
	change->name = thing->name;
	change->why = thing->why;
	return 0;
}

int mp_tune_record_read(const char *state, enum mp_tune_owner owner, struct mp_change **ret_changes,
			size_t *ret_n, struct mp_err *err)
{
	const char *name = names[owner];
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	struct mp_change *changes = NULL, change, *slot;
	char *rest, *line;
	size_t n = 0, cap = 0;
	int code = read_text(state, name, &text, err);

	if (code)
		return code;
	rest = text.text;
	line = strsep(&rest, "\n");
	if (strcmp(line, HEADER))
		return refuse(state, name, "is no undo record of this version", err);
	while (!code && (line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		code = parse_line(line, &change);
		if (code) {
			refuse(state, name, "holds a line that is no setting of memperf", err);
			break;
		}
		slot = mp_vec_push((void **)&changes, &n, &cap, sizeof(*slot));
		if (slot)
			*slot = change;
		else
			code = mp_err_env(err, -ENOMEM, "no memory for the undo record");
	}
	if (code) {
		free(changes);
		return code;
	}
	*ret_changes = changes;
	*ret_n = n;
	return 0;
}

static int write_whole(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t put = write(fd, data, len);

		if (put < 0)
			return -errno;
		data += put;
		len -= (size_t)put;
	}
	return fsync(fd) ? -errno : 0;
}

/* A new file beside the record, then in its place; whatever is left of an earlier attempt goes. */
static int replace(int folder, enum mp_tune_owner owner, const struct mp_str *text)
{
	const char *fresh = fresh_names[owner];
	int fd, code;

	if (unlinkat(folder, fresh, 0) && errno != ENOENT)
		return -errno;
	fd = openat(folder, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	code = write_whole(fd, text->text, text->len);
	close(fd);
	if (!code && renameat(folder, fresh, folder, names[owner]))
		code = -errno;
	return code;
}

int mp_tune_record_write(const char *state, enum mp_tune_owner owner,
			 const struct mp_change *changes, size_t n, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	int folder = -1, code = open_state(state, true, &folder, err);

	if (code)
		return code;
	mp_str_add(&text, HEADER "\n");
	for (size_t i = 0; i < n; i++)
		mp_str_printf(&text, "%s\t%s\t%s\n", changes[i].path, changes[i].before,
			      changes[i].after);
	if (text.failed)
		code = -ENOMEM;
	else if (n)
		code = replace(folder, owner, &text);
	else if (unlinkat(folder, names[owner], 0) && errno != ENOENT)
		code = -errno;
	if (!code && fsync(folder))
		code = -errno;
	close(folder);
	return code ? mp_err_env(err, code, "cannot write the undo record '%s/%s': %s", state,
				 names[owner], strerror(-code))
		    : 0;
}
