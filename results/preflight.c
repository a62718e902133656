/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is looked at before SQLite may touch a results file: see preflight.h. */
#include "results/preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/str.h"
#include "results/schema.h"

/* sqlite.org/fileformat2.html, 1.3 */
#define HEADER	       100
#define AT_VERSION     60
#define AT_APPLICATION 68

static uint32_t big_endian(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

int mp_preflight_newer(const char *path, int64_t version, struct mp_err *err)
{
	return mp_err_env(err, -EPROTONOSUPPORT,
			  "'%s' has schema version %lld, this memperf knows up to %d; use the "
			  "memperf that wrote it, or a newer one",
			  path, (long long)version, MP_SCHEMA_VERSION);
}

bool mp_preflight_beside(const char *path, const char *suffix)
{
	struct mp_str name = MP_STR_INIT;
	struct stat st;
	bool there;

	mp_str_add(&name, path);
	mp_str_add(&name, suffix);
	there = !name.failed && !stat(name.text, &st) && st.st_size > 0;
	mp_str_done(&name);
	return there;
}

/* May a file be made there? SQLite would only say that it cannot open it. */
static int check_folder(const char *path, struct mp_err *err)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int number;

	if (!folder)
		return mp_err_env(err, -ENOMEM, "not enough memory to open '%s'", path);
	number = faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) ? errno : 0;
	free(folder);
	if (number)
		return mp_err_env(err, -number, "cannot make '%s': its folder: %s", path,
				  strerror(number));
	return 0;
}

int mp_preflight(const char *path, bool writer, bool *ret_exists, struct mp_err *err)
{
	static const unsigned char zeros[HEADER];
	unsigned char head[HEADER];
	struct stat st;
	ssize_t got;
	int fd;

	/* Not blocking: a FIFO would wait for its other end. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT && writer) {
		*ret_exists = false;
		return check_folder(path, err);
	}
	if (fd < 0 && errno == ENOENT)
		return mp_err_env(err, -ENOENT,
				  "no results file '%s'; 'memperf run --db %s' makes one", path,
				  path);
	if (fd < 0) {
		int number = errno;

		return mp_err_env(err, -number, "cannot open '%s': %s", path, strerror(number));
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return mp_err_env(err, S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL,
				  "'%s' is %s; name a results file", path,
				  S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
	}
	got = pread(fd, head, sizeof(head), 0);
	close(fd);
	if (!got && writer) {
		*ret_exists = false;
		return 0;
	}
	if (!got)
		return mp_err_env(err, -ENODATA, "'%s' is empty: no run was stored in it yet",
				  path);
	/* Power failed while it was made: its first page is missing, and the journal takes the rest back. */
	if (got == HEADER && !memcmp(head, zeros, HEADER) &&
	    mp_preflight_beside(path, "-journal")) {
		*ret_exists = true;
		return 0;
	}
	if (got < HEADER || memcmp(head, "SQLite format 3", 16))
		return mp_err_env(err, -EBADMSG, "'%s' is not a results file of memperf", path);
	if (big_endian(head + AT_APPLICATION) != MP_SCHEMA_APPLICATION_ID)
		return mp_err_env(err, -EBADMSG, "'%s' is a database of another program", path);
	if (big_endian(head + AT_VERSION) > MP_SCHEMA_VERSION)
		return mp_preflight_newer(path, big_endian(head + AT_VERSION), err);
	*ret_exists = true;
	return 0;
}

/* ---- the journal ---- */

/* Of every header in a journal, and the last bytes of one that names a super-journal (SQLite's pager.c, readSuperJournal()). */
static const unsigned char magic[] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };

static int refuse_journal(const char *path, const char *journal, int fd, struct mp_err *err)
{
	unsigned char end[sizeof(magic)];
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return mp_err_env(err, -EBADMSG,
				  "'%s' is to be rolled back from '%s', which is no regular file",
				  path, journal);
	if (st.st_uid && st.st_uid != geteuid())
		return mp_err_env(err, -EACCES,
				  "'%s' is to be rolled back from a journal that belongs to user "
				  "%u; run 'memperf db check' as that user first",
				  path, (unsigned)st.st_uid);
	if (st.st_size >= (off_t)sizeof(end) &&
	    (pread(fd, end, sizeof(end), st.st_size - (off_t)sizeof(end)) != sizeof(end) ||
	     !memcmp(end, magic, sizeof(end))))
		return mp_err_env(err, -EBADMSG,
				  "'%s' is to be rolled back from '%s', which names one more file "
				  "to delete, as memperf never writes; it is refused",
				  path, journal);
	return 1;
}

int mp_preflight_journal(const char *path, const char *journal, struct mp_err *err)
{
	/* Not blocking, and no link: as SQLite itself. */
	int fd = open(journal, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW), code;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return mp_err_env(err, -errno,
				  "cannot open '%s', from which '%s' is to be rolled back: %s",
				  journal, path, strerror(errno));
	code = refuse_journal(path, journal, fd, err);
	close(fd);
	return code;
}
