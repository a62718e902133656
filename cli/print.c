/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that reaches the terminal goes through here. */
#include "cli/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/output.h"

static char failure[sizeof(((struct mp_err *)NULL)->text)];

const char *mp_failure(void)
{
	return failure;
}

int mp_fail(const struct mp_err *err)
{
	fflush(stdout);
	snprintf(failure, sizeof(failure), "%s", err->text);
	fprintf(stderr, "memperf: %s\n", err->text);
	switch (err->kind) {
	case MP_ERR_USAGE:
		return MP_EXIT_USAGE;
	case MP_ERR_ENVIRONMENT:
		return MP_EXIT_ENVIRONMENT;
	case MP_ERR_INTERNAL:
		break;
	}
	return MP_EXIT_INTERNAL;
}

unsigned mp_terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (columns && atoi(columns) > 0)
		return (unsigned)atoi(columns);
	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return 0;
}

int mp_print(const char *text)
{
	struct mp_err err;

	if (fputs(text, stdout) != EOF && fflush(stdout) != EOF)
		return MP_EXIT_DONE;
	if (errno == EPIPE)
		return MP_EXIT_DONE; /* the reader has seen enough */
	mp_err_env(&err, -errno, "cannot write to standard output: %s", strerror(errno));
	return mp_fail(&err);
}

int mp_print_str(const struct mp_str *text)
{
	struct mp_err err;

	if (!text->failed)
		return mp_print(text->text);
	mp_err_env(&err, -ENOMEM, "out of memory");
	return mp_fail(&err);
}

int mp_output_allowed(const char *path, struct mp_err *err)
{
	static const char magic[] =
		"SQLite format 3"; /* with its final zero, section 1.3 of the format */
	char head[sizeof(magic)];
	struct stat st;
	ssize_t got;
	int fd;

	if (!*path)
		return mp_err_usage(err, -EINVAL, "'' is no file to write to; name one");
	if (strlen(path) >= PATH_MAX)
		return mp_err_usage(err, -ENAMETOOLONG, "'%.60s...': file name too long", path);
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	got = read(fd, head, sizeof(head));
	close(fd);
	if (got != sizeof(head) || memcmp(head, magic, sizeof(head)))
		return 0;
	return mp_err_usage(err, -EEXIST, "'%s' is a database and would be lost; name another file",
			    path);
}

int mp_print_to(const char *path, const char *text)
{
	return path ? mp_write_to(path, text, strlen(text)) : mp_print(text);
}

int mp_write_to(const char *path, const void *bytes, size_t len)
{
	struct mp_err err;

	if (mp_output_allowed(path, &err) || mp_output_write(path, bytes, len, &err))
		return mp_fail(&err);
	return MP_EXIT_DONE;
}
