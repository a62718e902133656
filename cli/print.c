/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that reaches the terminal goes through here. */
#include "cli/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

int mp_fail(const struct mp_err *err)
{
	fflush(stdout);
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

/* Writes the temporary file beside the wanted one. */
static int write_file(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t put = write(fd, text, left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		text += put;
		left -= (size_t)put;
	}
	return fsync(fd) && errno != EINVAL ? -errno : 0;
}

int mp_print_to(const char *path, const char *text)
{
	char temporary[4096];
	struct mp_err err;
	int fd, ret;

	if (!path)
		return mp_print(text);
	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary)) {
		mp_err_usage(&err, -ENAMETOOLONG, "'%s': file name too long", path);
		return mp_fail(&err);
	}
	fd = mkstemp(temporary);
	if (fd < 0) {
		mp_err_env(&err, -errno, "cannot write '%s': %s", path, strerror(errno));
		return mp_fail(&err);
	}
	ret = write_file(fd, text);
	if (!ret && fchmod(fd, 0644))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (!ret)
		return MP_EXIT_DONE;
	unlink(temporary);
	mp_err_env(&err, ret, "cannot write '%s': %s", path, strerror(-ret));
	return mp_fail(&err);
}
