/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small text files of the running kernel, or of a captured machine: see sysfile.h. */
#include "runner/machine/sysfile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is read of a file of one line, with its NUL: the kernel's own are no longer (Documentation/filesystems/sysfs.rst: PAGE_SIZE). */
#define HEAD 4097

static _Atomic unsigned wants;

unsigned mp_sysfile_wants(void)
{
	return wants;
}

int mp_sysfile_want(int code)
{
	wants += code == -ENOMEM || code == -EMFILE || code == -ENFILE;
	return code;
}

int mp_sysfile_whole(unsigned before, struct mp_err *err)
{
	if (wants == before)
		return 0;
	return mp_err_env(err, -ENOMEM,
			  "out of memory, or of open files, while the machine was read");
}

/* root + path; 0 or -ENAMETOOLONG. */
__attribute__((format(printf, 3, 0))) static int full_path(const char *root,
							   char path[MP_SYSFILE_PATH],
							   const char *fmt, va_list ap)
{
	int len = snprintf(path, MP_SYSFILE_PATH, "%s", root);
	int more;

	if (len < 0 || len >= MP_SYSFILE_PATH)
		return -ENAMETOOLONG;
	more = vsnprintf(path + len, (size_t)(MP_SYSFILE_PATH - len), fmt, ap);
	return more < 0 || more >= MP_SYSFILE_PATH - len ? -ENAMETOOLONG : 0;
}

__attribute__((format(printf, 3, 0))) static int read_whole(const char *root, struct mp_str *text,
							    const char *fmt, va_list ap)
{
	char path[MP_SYSFILE_PATH];
	int err = full_path(root, path, fmt, ap);

	return err ? err : mp_sysfile_want(mp_str_read_file(text, path));
}

/* The beginning of the file, as a text: what a want of memory cannot take for one that is not there. 0 or negative errno. */
__attribute__((format(printf, 3, 0))) static int read_head(const char *root, char head[HEAD],
							   const char *fmt, va_list ap)
{
	char path[MP_SYSFILE_PATH];
	int err = full_path(root, path, fmt, ap), fd;
	size_t len = 0;
	ssize_t got;

	if (err)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return mp_sysfile_want(-errno);
	while ((got = read(fd, head + len, HEAD - 1 - len)) > 0)
		len += (size_t)got;
	err = got < 0 ? -errno : 0;
	close(fd);
	head[len] = '\0';
	return mp_sysfile_want(err);
}

/* Copies [from, to) without the blanks at its ends, cut to fit. */
static void copy_trimmed(char *buf, size_t size, const char *from, const char *to)
{
	size_t len;

	while (from < to && isspace((unsigned char)*from))
		from++;
	while (to > from && isspace((unsigned char)to[-1]))
		to--;
	len = (size_t)(to - from);
	if (len >= size)
		len = size - 1;
	memcpy(buf, from, len);
	buf[len] = '\0';
}

static int number_of(const char *text, uint64_t *ret_number, const char **ret_end)
{
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno)
		return -ERANGE;
	*ret_number = number;
	*ret_end = end;
	return 0;
}

int mp_sysfile_read(const char *root, struct mp_str *text, const char *path, ...)
{
	va_list ap;
	int err;

	va_start(ap, path);
	err = read_whole(root, text, path, ap);
	va_end(ap);
	return err;
}

int mp_sysfile_line(const char *root, char *buf, size_t size, const char *path, ...)
{
	char text[HEAD];
	va_list ap;
	int err;

	va_start(ap, path);
	err = read_head(root, text, path, ap);
	va_end(ap);
	if (err)
		return err;
	copy_trimmed(buf, size, text, text + strcspn(text, "\n"));
	return 0;
}

int mp_sysfile_number(const char *root, uint64_t *ret_number, const char *path, ...)
{
	char text[HEAD];
	const char *end;
	uint64_t number;
	va_list ap;
	int err;

	va_start(ap, path);
	err = read_head(root, text, path, ap);
	va_end(ap);
	if (!err)
		err = number_of(text, &number, &end);
	if (err)
		return err;
	if (end[strspn(end, " \t\n")])
		return -EINVAL;
	*ret_number = number;
	return 0;
}

int mp_sysfile_choice(const char *root, char *buf, size_t size, const char *path, ...)
{
	char text[HEAD];
	const char *from, *to;
	va_list ap;
	int err;

	va_start(ap, path);
	err = read_head(root, text, path, ap);
	va_end(ap);
	if (err)
		return err;
	from = strchr(text, '[');
	to = from ? strchr(from, ']') : NULL;
	if (!to)
		return -EINVAL;
	copy_trimmed(buf, size, from + 1, to);
	return 0;
}

/* Where the value of `key` begins; NULL: no such line. In a line with a colon, the colon ends the key: "model" is not
 * "model name". */
static const char *find_value(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = text; *line; line += *line == '\n') {
		size_t line_len = strcspn(line, "\n");
		const char *rest = line + len;

		if (!strncmp(line, key, len) && (*rest == ' ' || *rest == '\t' || *rest == ':')) {
			rest += strspn(rest, " \t");
			if (*rest == ':')
				return rest + 1 + strspn(rest + 1, " \t");
			if (!memchr(line, ':', line_len))
				return rest;
		}
		line += line_len;
	}
	return NULL;
}

int mp_sysfile_field(const char *text, const char *key, char *buf, size_t size)
{
	const char *value = find_value(text, key);

	if (!value)
		return -ENOENT;
	copy_trimmed(buf, size, value, value + strcspn(value, "\n"));
	return 0;
}

int mp_sysfile_field_number(const char *text, const char *key, uint64_t *ret_number)
{
	const char *value = find_value(text, key), *end;
	uint64_t number;

	if (!value)
		return -ENOENT;
	if (number_of(value, &number, &end))
		return -EINVAL;
	if (!strncmp(end, " kB", 3)) {
		if (number > UINT64_MAX / 1024)
			return -EINVAL;
		number *= 1024;
	}
	*ret_number = number;
	return 0;
}

bool mp_sysfile_list_has(const char *list, unsigned number)
{
	while (isdigit((unsigned char)*list)) {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (*end == '-' && isdigit((unsigned char)end[1]))
			last = strtoul(end + 1, &end, 10);
		if (first <= number && number <= last)
			return true;
		list = *end == ',' ? end + 1 : end;
		if (list == end)
			break;
	}
	return false;
}
