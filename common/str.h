/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A growable string. Invariant: `text` is always a NUL-terminated string of `len` bytes, also when
 * empty and when memory ran out; running out is remembered in `failed` and asked once at the end.
 *
 * The owner calls mp_str_done(), or mp_str_take() to hand the memory on. Layer: ground, libc only.
 */
#ifndef COMMON_STR_H
#define COMMON_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct mp_str {
	char *text;
	size_t len;
	size_t cap; /* 0: text points to a constant empty string */
	bool failed;
};

extern char mp_str_empty[1];
#define MP_STR_INIT                                                                                \
	{                                                                                          \
		.text = mp_str_empty                                                               \
	}

void mp_str_done(struct mp_str *s);
void mp_str_clear(struct mp_str *s); /* length to 0, keeps the memory, and `failed` */
void mp_str_add(struct mp_str *s, const char *text);
void mp_str_add_len(struct mp_str *s, const char *text, size_t len);
void mp_str_addc(struct mp_str *s, char c);
/* As one word for a POSIX shell: in single quotes where it needs them. */
void mp_str_add_word(struct mp_str *s, const char *text);
/* For jansson's json_dump_callback(): adds the text, and a terminal can be given it: what would steer one (utf8.h) is escaped. -1
 * once memory has run out, where json_dumps() hands out a text with a gap in it. */
int mp_str_sink(const char *text, size_t len, void *str);
void mp_str_pad(struct mp_str *s, char c, size_t count);
void mp_str_printf(struct mp_str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void mp_str_vprintf(struct mp_str *s, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* The text as heap memory owned by the caller (free()), or NULL when memory ran out; `s` is empty
 * afterwards. */
char *mp_str_take(struct mp_str *s);

/* Number of edits (insert, delete, replace, swap of neighbours) between two words; for did-you-mean.
 * Optimal string alignment, Damerau 1964. Words longer than 63 bytes count as far apart. */
size_t mp_str_distance(const char *a, const char *b);

/* The word of `words` nearest to `word`, or NULL when none is near enough to be a slip. */
const char *mp_str_nearest(const char *word, const char *const *words, size_t count);

/* Reads a whole small file (procfs, sysfs, config) into `s`. 0 or negative errno. */
int mp_str_read_file(struct mp_str *s, const char *path);

/* `pattern` with * and ? against `text`, whole string, case-sensitive. */
bool mp_str_glob(const char *pattern, const char *text);

#endif
