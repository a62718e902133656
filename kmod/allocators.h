/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The allocators, one row each: the name says the file, allocators/NAME.c, and the descriptor that it exports,
 * mpk_allocator_NAME.
 */
#ifndef KMOD_ALLOCATORS_H
#define KMOD_ALLOCATORS_H

#define MPK_ALLOCATORS(X)                                                                          \
	X(kfloor)                                                                                  \
	X(kmalloc)                                                                                 \
	X(kzalloc)                                                                                 \
	X(kmalloc_memset)                                                                          \
	X(kcalloc)                                                                                 \
	X(kmalloc_const)                                                                           \
	X(kmalloc_node)                                                                            \
	X(kmem_cache)                                                                              \
	X(vmalloc)                                                                                 \
	X(vzalloc)                                                                                 \
	X(kvmalloc)                                                                                \
	X(gfp)                                                                                     \
	X(zeroed_page)                                                                             \
	X(pages)                                                                                   \
	X(pages_node)                                                                              \
	X(pages_exact)                                                                             \
	X(percpu)

#endif
