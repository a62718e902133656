/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which block comes next, and when it is enough. Call and batch blocks alternate in random order, batch blocks
 * are stretched at random so that they do not lock onto periodic noise, and the window is always used: how
 * long an invocation takes does not depend on what it measures.
 */
#include "runner/worker/measure.h"

#include "runner/worker/beside.h"
#include "runner/worker/sabotage.h"

#include <errno.h>
#include <string.h>

#define MIN_BLOCKS	  3 /* measured blocks of each kind, whatever the window */
#define WANT_CALM_BATCHES 6

static double ticks_to_ns(const struct mp_measurer *m, uint64_t ticks)
{
	return (double)ticks * m->team->ns_per_tick;
}

static const struct mp_block *last_block(const struct mp_measurer *m)
{
	return &m->blocks[m->n_blocks - 1];
}

/* One thread is measured, whoever runs beside it. */
static bool is_alone(const struct mp_team *team)
{
	return team->threads == 1 || mp_beside(team);
}

static bool call_legal(const struct mp_measurer *m)
{
	return is_alone(m->team) && m->team->bench->modes & MP_MODE_CALL;
}

static bool batch_legal(const struct mp_measurer *m)
{
	return is_alone(m->team) && m->team->bench->modes & MP_MODE_BATCH && m->ctx.depth != 1;
}

static bool rate_legal(const struct mp_measurer *m)
{
	return m->team->bench->modes & MP_MODE_RATE;
}

static uint64_t at_most_depth(const struct mp_measurer *m, uint64_t n)
{
	return m->ctx.depth && n > m->ctx.depth ? m->ctx.depth : n;
}

/* Doubles the samples of a call block until it is as long as a batch block. */
static int calibrate_call(struct mp_measurer *m)
{
	uint64_t limit = m->ctx.depth > 1 ? at_most_depth(m, MP_CALL_MAX) : MP_CALL_MAX;

	m->call_ops = 1;
	for (;;) {
		uint64_t begin = mp_clock_raw_ns(), checked = m->check_ns, took;
		int ret = mp_block_call(m, m->call_ops, MP_PHASE_WARMUP);

		if (ret)
			return ret;
		/* without the check, which these first blocks all have and few of the later ones */
		took = mp_clock_raw_ns() - begin - (m->check_ns - checked);
		if (took >= MP_BLOCK_TARGET_NS / 2 + 10000 || m->call_ops == limit)
			return 0;
		m->call_ops = m->call_ops * 2 < limit ? m->call_ops * 2 : limit;
	}
}

/* The batch size: the pinned one, or enough operations for the target length. */
static int calibrate_batch(struct mp_measurer *m)
{
	double target = MP_BLOCK_STEPS * m->team->wire->request.step_ns;
	uint64_t pinned = m->team->wire->request.batch_ops;
	uint64_t most = at_most_depth(m, 1u << 26);

	if (target < MP_BLOCK_TARGET_NS)
		target = MP_BLOCK_TARGET_NS;
	if (pinned) {
		m->batch_ops = pinned < most ? pinned : most;
		return mp_block_batch(m, m->batch_ops, MP_PHASE_WARMUP);
	}
	m->batch_ops = most < 8 ? most : 8;
	for (unsigned good = 0; good < 2;) {
		int ret = mp_block_batch(m, m->batch_ops, MP_PHASE_WARMUP);
		double ns, factor;

		if (ret)
			return ret;
		ns = ticks_to_ns(m, last_block(m)->ticks);
		if (ns >= target || m->batch_ops == most) {
			good++;
			continue;
		}
		good = 0;
		factor = ns > 0 ? target * 1.1 / ns : 8;
		factor = factor > 8 ? 8 : factor < 1.1 ? 1.1 : factor;
		m->batch_ops = (uint64_t)((double)m->batch_ops * factor) + 1;
		if (m->batch_ops > most)
			m->batch_ops = most;
	}
	return 0;
}

static int calibrate(struct mp_measurer *m)
{
	int ret = 0;

	if (call_legal(m)) {
		ret = mp_block_call(m, 1, MP_PHASE_FIRST);
		if (!ret)
			ret = calibrate_call(m);
	}
	if (!ret && batch_legal(m))
		ret = calibrate_batch(m);
	if (!m->batch_ops)
		m->batch_ops = m->ctx.depth ? m->ctx.depth : 64;
	return ret;
}

/* Up to 20 % more operations than calibrated; where the depth forbids more, up to 17 % fewer. */
static uint64_t stretched(struct mp_measurer *m)
{
	uint64_t n = m->batch_ops;
	uint64_t most = n + mp_random_below(&m->random, n / 5 + 1);

	if (m->ctx.depth && most > m->ctx.depth)
		most = m->ctx.depth - mp_random_below(&m->random, m->ctx.depth / 6 + 1);
	return most ? most : 1;
}

/* Is there room for another block, when a share `window_used` of the window is over? The buffers are filled
 * evenly, and a quarter of them is kept for an extension of the window. */
static bool room_left(const struct mp_measurer *m, double window_used)
{
	double share = 0.75 * window_used + 0.03;

	return m->n_samples + m->call_ops <= m->max_samples && m->n_blocks + 3 <= m->max_blocks &&
	       m->n_samples <= share * m->max_samples && m->n_blocks <= share * m->max_blocks;
}

static bool blocks_left(const struct mp_measurer *m, double window_used)
{
	return m->n_blocks + 3 <= m->max_blocks &&
	       m->n_blocks <= (0.75 * window_used + 0.03) * m->max_blocks;
}

/* One call block and one batch block in random order. What there is no room to record is run all the same,
 * so that the operation stays warm until the next block. */
static int pair(struct mp_measurer *m, enum mp_phase phase, double window_used)
{
	bool call = call_legal(m) && room_left(m, window_used);
	bool batch = batch_legal(m) && blocks_left(m, window_used);
	bool call_first = mp_random_next(&m->random) & 1;
	int ret = 0;

	if (!call && !batch)
		return mp_block_unrecorded(m, call_legal(m) ? m->call_ops : m->batch_ops);
	if (call && call_first)
		ret = mp_block_call(m, m->call_ops, phase);
	if (!ret && batch)
		ret = mp_block_batch(m, stretched(m), phase);
	if (!ret && call && !call_first)
		ret = mp_block_call(m, m->call_ops, phase);
	return ret;
}

static bool has_least(const struct mp_measurer *m)
{
	for (unsigned i = 0; i < MP_MODE_COUNT; i++) {
		bool legal = i == 0 ? call_legal(m) : i == 1 ? batch_legal(m) : rate_legal(m);

		if (legal && m->measured_blocks[i] < MIN_BLOCKS)
			return false;
	}
	return true;
}

static bool seen_enough(const struct mp_measurer *m)
{
	uint32_t want = m->team->wire->request.want_calm;

	/* one that has to share its CPU may not have had its turn */
	if (!mp_beside_seen(m))
		return false;
	if (call_legal(m) && m->calm_samples < want)
		return false;
	return !batch_legal(m) || m->calm_batches >= WANT_CALM_BATCHES;
}

/* One round of blocks outside the statistics, so that the operation is warm. */
static int warm(struct mp_measurer *m)
{
	return call_legal(m) || batch_legal(m)
		       ? pair(m, MP_PHASE_WARMUP, 0.1)
		       : mp_block_rate(m, MP_RATE_BLOCK_NS, MP_PHASE_WARMUP);
}

/* Plants what a sabotaged run asked for, and warms the longer operation up. */
static int plant(struct mp_measurer *m)
{
	int ret = mp_sabotage_plant(m, (call_legal(m) ? MP_MODE_CALL : 0) |
					       (batch_legal(m) ? MP_MODE_BATCH : 0) |
					       (rate_legal(m) ? MP_MODE_RATE : 0));

	return ret || !m->ctx.slowdown.planted ? ret : warm(m);
}

/* Everything that a single thread does after calibration. */
static int alone(struct mp_measurer *m)
{
	const struct mp_wire_request *r = &m->team->wire->request;
	uint64_t begin = mp_clock_raw_ns(), next_rate = 0, used;
	bool pairs = call_legal(m) || batch_legal(m);
	int ret = 0;

	while (!ret && mp_clock_raw_ns() - begin < r->warmup_ns)
		ret = warm(m);
	if (!ret)
		ret = plant(m);
	if (!ret)
		ret = mp_measure_region(m, call_legal(m)    ? m->call_ops
					   : batch_legal(m) ? m->batch_ops
							    : 0);
	begin = mp_clock_raw_ns();
	while (!ret) {
		used = mp_clock_raw_ns() - begin;
		if (used >= r->measure_ns && has_least(m)) {
			if (seen_enough(m) || used >= r->measure_ns + r->extend_ns)
				break;
			m->team->wire->report.extended_ns = used - r->measure_ns;
		}
		if (pairs)
			ret = pair(m, MP_PHASE_MEASURE,
				   0.15 + (double)used / (double)r->measure_ns);
		if (!ret && rate_legal(m) && (used >= next_rate || !pairs) &&
		    m->n_blocks < m->max_blocks) {
			ret = mp_block_rate(m, MP_RATE_BLOCK_NS, MP_PHASE_MEASURE);
			next_rate = used + r->measure_ns / 6;
		}
	}
	return ret;
}

void mp_team_barrier(struct mp_team *team)
{
	unsigned generation = atomic_load(&team->generation);

	if (atomic_fetch_add(&team->arrived, 1) + 1 == team->threads) {
		atomic_store(&team->arrived, 0);
		atomic_fetch_add(&team->generation, 1);
		return;
	}
	while (atomic_load(&team->generation) == generation) {
#if defined(__x86_64__)
		__builtin_ia32_pause();
#else
		__asm__ volatile("yield");
#endif
	}
}

/* What all threads do next; decided by thread 0 alone. */
static int next_phase(struct mp_measurer *m, uint64_t begin)
{
	const struct mp_wire_request *r = &m->team->wire->request;
	uint64_t used = mp_clock_raw_ns() - begin;

	if (atomic_load(&m->team->failed) || m->n_blocks == m->max_blocks)
		return MP_TEAM_STOP;
	if (used < r->warmup_ns || m->n_blocks < 2)
		return MP_PHASE_WARMUP;
	if (used < r->warmup_ns + r->measure_ns || m->measured_blocks[2] < MIN_BLOCKS)
		return MP_PHASE_MEASURE;
	return MP_TEAM_STOP;
}

/* Several threads: rate blocks, started together. */
static int in_team(struct mp_measurer *m)
{
	struct mp_team *team = m->team;
	uint64_t begin = mp_clock_raw_ns();

	for (;;) {
		int phase;

		if (m->index == 0)
			atomic_store(&team->phase, next_phase(m, begin));
		mp_team_barrier(team);
		phase = atomic_load(&team->phase);
		if (phase == MP_TEAM_STOP)
			return m->failed;
		if (!m->failed && phase == MP_PHASE_MEASURE && !m->measured_blocks[2])
			m->failed = plant(m);
		if (phase == MP_PHASE_MEASURE && !m->measured_blocks[2])
			m->failed = mp_measure_region(m, 0);
		if (!m->failed)
			m->failed = mp_block_rate(m, MP_RATE_BLOCK_NS, (enum mp_phase)phase);
		if (m->failed)
			atomic_store(&team->failed, 1);
		mp_team_barrier(team);
	}
}

int mp_measure(struct mp_measurer *m)
{
	if (m->index == 0)
		m->team->wire->report.vma_count = mp_noise_vma_count();
	m->origin = mp_clock_start(m->team->clock);
	m->steal_read_ns = mp_clock_raw_ns();
	m->steal_ns = mp_noise_steal_ns(m->team->wire->request.cpus[m->index]);
	if (m->index && mp_beside(m->team)) {
		mp_beside_run(m);
		return m->failed;
	}
	if (!is_alone(m->team)) {
		m->batch_ops = m->ctx.depth ? m->ctx.depth : 64;
		return in_team(m);
	}
	if (!mp_beside_await(m)) {
		m->failed = calibrate(m);
		if (!m->failed)
			m->failed = alone(m);
	}
	mp_beside_end(m);
	return m->failed;
}
