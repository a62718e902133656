/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The allocators, one row each: the name says the file, allocators/NAME.c, and the descriptor that it exports,
 * mpk_allocator_NAME. memperf asks for them and needs no list of its own.
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
	X(krealloc_grow)                                                                           \
	X(krealloc_fit)                                                                            \
	X(krealloc_shrink)                                                                         \
	X(kfree_rcu)                                                                               \
	X(kmem_cache)                                                                              \
	X(kmem_cache_bulk)                                                                         \
	X(kmem_cache_create)                                                                       \
	X(kmem_cache_shrink)                                                                       \
	X(mempool)                                                                                 \
	X(mempool_reserve)                                                                         \
	X(vmalloc)                                                                                 \
	X(vzalloc)                                                                                 \
	X(vmalloc_huge)                                                                            \
	X(vmalloc_purge)                                                                           \
	X(vmalloc_amortised)                                                                       \
	X(vmalloc_busy)                                                                            \
	X(kvmalloc)                                                                                \
	X(vmap)                                                                                    \
	X(vmap_align)                                                                              \
	X(vm_map_ram)                                                                              \
	X(gfp)                                                                                     \
	X(zeroed_page)                                                                             \
	X(pages)                                                                                   \
	X(pages_node)                                                                              \
	X(pages_exact)                                                                             \
	X(pages_bulk)                                                                              \
	X(folio)                                                                                   \
	X(page_frag)                                                                               \
	X(clear_page)                                                                              \
	X(copy_page)                                                                               \
	X(percpu)

#endif
