/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker's side of a region (region.h): a stretch of operations that nobody times one by one. */
#include "runner/worker/beside.h"

#define PATIENCE_NS 10000000000u /* for a coordinator that looks at an idle machine meanwhile */

static int stretch(struct mp_measurer *m, uint64_t n, uint64_t want_ns, uint64_t *ret_operations)
{
	uint64_t begin = mp_clock_raw_ns(), operations = 0;
	int ret = 0;

	if (!n) {
		ret = mp_block_rate(m, want_ns, MP_PHASE_WARMUP);
		if (!ret)
			*ret_operations = m->blocks[m->n_blocks - 1].ops;
		return ret;
	}
	do {
		ret = mp_block_unrecorded(m, n);
		operations += n;
	} while (!ret && mp_clock_raw_ns() - begin < want_ns);
	*ret_operations = operations;
	return ret;
}

/* Those who stand beside worker 0 do not take part. */
static void meet(struct mp_team *team)
{
	if (!mp_beside(team))
		mp_team_barrier(team);
}

int mp_measure_region(struct mp_measurer *m, uint64_t n)
{
	struct mp_region *region = &m->team->wire->region;
	uint64_t begin, operations = 0;
	int ret = m->failed;

	if (!region->want_ns)
		return ret;
	meet(m->team);
	if (m->index == 0) {
		mp_region_tell(region, MP_REGION_READY);
		mp_region_await(region, MP_REGION_START, PATIENCE_NS);
	}
	meet(m->team);
	begin = mp_clock_raw_ns();
	if (!ret)
		ret = stretch(m, n, region->want_ns, &operations);
	atomic_fetch_add(&region->operations, operations);
	meet(m->team);
	if (m->index == 0) {
		region->ns = mp_clock_raw_ns() - begin;
		mp_region_tell(region, MP_REGION_OVER);
		mp_region_await(region, MP_REGION_LEAVE, PATIENCE_NS);
	}
	meet(m->team);
	return ret;
}
