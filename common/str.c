/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growable strings, and the few string searches that every layer needs: see str.h. */
#include "common/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/utf8.h"

char mp_str_empty[1];

void mp_str_done(struct mp_str *s)
{
	if (s->cap)
		free(s->text);
	*s = (struct mp_str)MP_STR_INIT;
}

void mp_str_clear(struct mp_str *s)
{
	s->len = 0;
	if (s->cap)
		s->text[0] = '\0';
}

/* Room for `more` bytes and the NUL; false when memory ran out. */
static bool reserve(struct mp_str *s, size_t more)
{
	size_t need = s->len + more + 1;
	size_t cap = s->cap ? s->cap : 32;
	char *text;

	if (s->failed || need < more || need > SIZE_MAX / 4) {
		s->failed = true;
		return false;
	}
	if (need <= s->cap)
		return true;
	while (cap < need)
		cap *= 2;
	text = realloc(s->cap ? s->text : NULL, cap);
	if (!text) {
		s->failed = true;
		return false;
	}
	if (!s->cap)
		text[0] = '\0';
	s->text = text;
	s->cap = cap;
	return true;
}

void mp_str_add_len(struct mp_str *s, const char *text, size_t len)
{
	if (!reserve(s, len))
		return;
	memcpy(s->text + s->len, text, len);
	s->len += len;
	s->text[s->len] = '\0';
}

int mp_str_sink(const char *text, size_t len, void *str)
{
	struct mp_str *s = str;

	size_t done = 0;

	for (size_t at = 0, n; at < len; at += n ? n : 1) {
		uint32_t code = 0;

		n = mp_utf8_decode(text + at, &code);
		/* Below, jansson has escaped what stands in a string, and line ends stand between them. */
		if (code < 0x7f || !mp_utf8_steers(code))
			continue;
		mp_str_add_len(s, text + done, at - done);
		mp_str_printf(s, "\\u%04x", (unsigned)code);
		done = at + n;
	}
	mp_str_add_len(s, text + done, len - done);
	return s->failed ? -1 : 0;
}

void mp_str_add(struct mp_str *s, const char *text)
{
	mp_str_add_len(s, text, strlen(text));
}

void mp_str_add_word(struct mp_str *s, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "%+,-./:=@_";

	if (*text && !text[strspn(text, plain)]) {
		mp_str_add(s, text);
		return;
	}
	mp_str_addc(s, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			mp_str_add(s, "'\\''");
		else
			mp_str_addc(s, *text);
	}
	mp_str_addc(s, '\'');
}

void mp_str_addc(struct mp_str *s, char c)
{
	mp_str_add_len(s, &c, 1);
}

void mp_str_pad(struct mp_str *s, char c, size_t count)
{
	if (!reserve(s, count))
		return;
	memset(s->text + s->len, c, count);
	s->len += count;
	s->text[s->len] = '\0';
}

void mp_str_vprintf(struct mp_str *s, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0 || !reserve(s, (size_t)len)) {
		s->failed = true;
		return;
	}
	vsnprintf(s->text + s->len, (size_t)len + 1, fmt, ap);
	s->len += (size_t)len;
}

void mp_str_printf(struct mp_str *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mp_str_vprintf(s, fmt, ap);
	va_end(ap);
}

char *mp_str_take(struct mp_str *s)
{
	char *text;

	if (!s->cap)
		reserve(s, 0);
	if (s->failed) {
		mp_str_done(s);
		return NULL;
	}
	text = s->text;
	*s = (struct mp_str)MP_STR_INIT;
	return text;
}

size_t mp_str_distance(const char *a, const char *b)
{
	size_t before[64], row[64], next[64];
	size_t la = strlen(a), lb = strlen(b);

	if (la >= 64 || lb >= 64)
		return 64;
	memset(before, 0, sizeof(before));
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		next[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = row[j - 1] + (a[i - 1] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (next[j - 1] + 1 < best)
				best = next[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			next[j] = best;
		}
		memcpy(before, row, sizeof(row));
		memcpy(row, next, sizeof(row));
	}
	return row[lb];
}

const char *mp_str_nearest(const char *word, const char *const *words, size_t count)
{
	const char *best = NULL;
	size_t best_distance = 1 + (strlen(word) + 2) / 3;

	for (size_t i = 0; i < count; i++) {
		size_t d = mp_str_distance(word, words[i]);

		if (d < best_distance) {
			best = words[i];
			best_distance = d;
		}
	}
	return best;
}

int mp_str_read_file(struct mp_str *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char chunk[4096];
	ssize_t got;

	if (fd < 0)
		return -errno;
	while ((got = read(fd, chunk, sizeof(chunk))) > 0)
		mp_str_add_len(s, chunk, (size_t)got);
	got = got < 0 ? -errno : 0;
	close(fd);
	return s->failed ? -ENOMEM : (int)got;
}

bool mp_str_glob(const char *pattern, const char *text)
{
	const char *star = NULL, *resume = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			resume = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
