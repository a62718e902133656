/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers beside the measured one: see beside.h. */
#include "runner/worker/beside.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>

#define PATIENCE_NS 10000000000u /* for one that has to share its CPU */

void mp_beside_run(struct mp_measurer *m)
{
	m->failed = m->team->bench->beside(&m->ctx, &m->err);
	if (m->failed)
		atomic_store(&m->team->failed, 1);
}

static uint64_t operations(const struct mp_measurer *m, unsigned worker)
{
	return atomic_load_explicit(&m->ctx.besides[worker].operations, memory_order_relaxed);
}

int mp_beside_await(struct mp_measurer *m)
{
	uint64_t begin = mp_clock_raw_ns();

	if (!mp_beside(m->team))
		return 0;
	for (unsigned i = 1; i < m->team->threads; i++)
		while (!operations(m, i)) {
			/* The sentence is the failed one's. */
			if (atomic_load(&m->team->failed))
				return -ECANCELED;
			if (mp_clock_raw_ns() - begin > PATIENCE_NS)
				return m->failed = mp_err_env(
					       &m->err, -ETIMEDOUT,
					       "worker %u does nothing beside the measured one: is "
					       "its CPU %d busy?",
					       i, m->team->wire->request.cpus[i]);
			sched_yield();
		}
	return 0;
}

void mp_beside_from(struct mp_measurer *m)
{
	if (!mp_beside(m->team))
		return;
	m->window = mp_clock_start(m->team->clock);
	for (unsigned i = 1; i < m->team->threads; i++)
		m->team->members[i]->seen = operations(m, i);
}

/* The open block of a worker becomes one of its blocks. Without room, or without an operation, it stays open. */
static void close_block(struct mp_measurer *worker)
{
	struct mp_block *b = &worker->blocks[worker->n_blocks];

	if (worker->n_blocks == worker->max_blocks || !worker->open.ops)
		return;
	*b = worker->open;
	b->mode = MP_MODE_RATE;
	b->phase = MP_PHASE_MEASURE;
	b->worker = (uint16_t)worker->index;
	b->cpu = (uint16_t)atomic_load(&worker->ctx.besides[worker->index].cpu);
	worker->n_blocks++;
	worker->besides_ticks += b->ticks;
	worker->besides_ops += b->ops;
	worker->open = (struct mp_block){ 0 };
}

void mp_beside_to(struct mp_measurer *m, enum mp_phase phase)
{
	uint64_t ticks, most = (uint64_t)(MP_RATE_BLOCK_NS / m->team->ns_per_tick);

	if (!mp_beside(m->team) || phase != MP_PHASE_MEASURE)
		return;
	ticks = mp_clock_stop(m->team->clock) - m->window;
	for (unsigned i = 1; i < m->team->threads; i++) {
		struct mp_measurer *worker = m->team->members[i];

		if (!worker->open.ticks)
			worker->open.start = m->window - m->origin;
		worker->open.ticks += ticks;
		worker->open.ops += (uint32_t)(operations(m, i) - worker->seen);
		if (worker->open.ticks >= most)
			close_block(worker);
	}
}

bool mp_beside_seen(const struct mp_measurer *m)
{
	for (unsigned i = 1; mp_beside(m->team) && i < m->team->threads; i++)
		if (!m->team->members[i]->besides_ops && !m->team->members[i]->open.ops)
			return false;
	return true;
}

void mp_beside_end(struct mp_measurer *m)
{
	char detail[MP_CHECK_TEXT];
	uint64_t ops = 0;
	double ms = 0;

	if (!mp_beside(m->team) || m->team->threads == 1)
		return;
	for (unsigned i = 1; i < m->team->threads; i++)
		atomic_store(&m->ctx.besides[i].stop, 1);
	if (m->failed)
		return;
	for (unsigned i = 1; i < m->team->threads; i++) {
		struct mp_measurer *worker = m->team->members[i];

		close_block(worker);
		if (!worker->besides_ops) {
			snprintf(detail, sizeof(detail), "worker %u did nothing during the blocks",
				 i);
			mp_expect_true(&m->ctx, "beside", false, detail);
			return;
		}
		ops += worker->besides_ops;
		ms += (double)worker->besides_ticks * m->team->ns_per_tick / 1e6;
	}
	snprintf(detail, sizeof(detail), "%.0f operations a second during the blocks, each of %u",
		 (double)ops / ms * 1e3, m->team->threads - 1);
	mp_expect_true(&m->ctx, "beside", true, detail);
}
