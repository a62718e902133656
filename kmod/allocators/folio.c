/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * folio_alloc: pages as the page cache takes them, one compound page that is freed when the last reference to it is
 * given back.
 */
#include <linux/mm.h>

#include "loops.h"

#ifdef MPK_HAS_folio_alloc /* from 5.16 */

static __always_inline void *folio_allocate(struct mpk_job *job)
{
	return folio_alloc(job->gfp, job->order);
}

static __always_inline void folio_release(struct mpk_job *job, void *object)
{
	folio_put(object);
}
MPK_DEFINE_LOOPS(folio)

static bool shows(struct mpk_job *job, void *object)
{
	return folio_nr_pages(object) == 1ul << job->order;
}
#endif

const struct mpk_allocator mpk_allocator_folio = {
	.name = "folio",
	.call = "folio_alloc(gfp, order), folio_put(folio)",
	.kind = MPK_KIND_PAGES,
	.measure = MPK_MEASURE_ORDER,
#ifdef MPK_HAS_folio_alloc
	MPK_LOOPS(folio),
	.shows = shows,
#else
	.absent = true,
#endif
};
