/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One sentence about what went wrong, written by the innermost function that knows the subject.
 *
 * Functions return 0 or a negative errno; the sentence travels beside it in an optional
 * `struct mp_err *` (always the last parameter, may be NULL). Layer: ground, libc only.
 */
#ifndef COMMON_ERR_H
#define COMMON_ERR_H

/* Whose fault it is; cli/ turns this into the exit code and nothing else does. */
enum mp_err_kind {
	MP_ERR_USAGE, /* wrong option, unknown name, malformed config: exit 2 */
	MP_ERR_ENVIRONMENT, /* this machine, file or database cannot do it: exit 3 */
	MP_ERR_INTERNAL, /* a defect of memperf itself: exit 4 */
};

struct mp_err {
	enum mp_err_kind kind;
	char text
		[768]; /* lower case, no full stop, subject in single quotes, ends with the remedy */
};

/* Writes the sentence (err may be NULL) and returns `code` (a negative errno), so that a caller can say
 * `return mp_err_usage(err, -EINVAL, "unknown suite '%s'", name);`. What would steer a terminal, or is not UTF-8,
 * becomes '?' in it, a tab or line end a space. */
int mp_err_usage(struct mp_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int mp_err_env(struct mp_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int mp_err_internal(struct mp_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts `context` and ": " in front of a sentence that is already there; returns `code`. */
int mp_err_prefix(struct mp_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
