/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Growing arrays: a pointer, a length and a capacity, grown by one function.
 *
 *	struct plan { struct mp_case *cases; size_t n_cases, cap_cases; };
 *	struct mp_case *c = mp_vec_push((void **)&p->cases, &p->n_cases, &p->cap_cases, sizeof(*c));
 *
 * Layer: ground, libc only.
 */
#ifndef COMMON_VEC_H
#define COMMON_VEC_H

#include <stddef.h>

/* Appends one zeroed element of `size` bytes and returns it, or NULL when memory ran out (the array
 * is then as it was). Pointers into the array are invalid afterwards. The caller frees *data. */
void *mp_vec_push(void **data, size_t *len, size_t *cap, size_t size);

#endif
