/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scope clean-up: `MP_CLEANUP(mp_str_done) struct mp_str s = MP_STR_INIT;`
 *
 * The named function receives the variable's address when the scope ends. A function uses either
 * this or one `out:` label, never both. Layer: ground.
 */
#ifndef COMMON_CLEANUP_H
#define COMMON_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MP_CLEANUP(function) __attribute__((cleanup(function)))

/* For `MP_CLEANUP(mp_free_ptr) char *p = NULL;`: frees what the pointer points to. */
static inline void mp_free_ptr(void *pointer)
{
	free(*(void **)pointer);
}

/* For `MP_CLEANUP(mp_close_fd) int fd = -1;` */
static inline void mp_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#endif
