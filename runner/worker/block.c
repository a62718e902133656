/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One block: arm, probe the speed, read the noise, run, probe, read the noise, check, disarm. Only the benchmark's own `run`
 * stands between its clock reads. The noise is read last before it (or, one by one, before the first arm), so that the first operation finds the kernel as it
 * is after a system call, whether events are counted or not: unmapping a huge page, of which a block has one or two, took
 * 2.2 % longer where nothing was counted.
 */
#include "runner/worker/measure.h"
#include "runner/worker/beside.h"
#include "runner/worker/probe.h"
#include "runner/worker/sabotage.h"
#include "runner/worker/verify.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static struct mp_block *block_new(struct mp_measurer *m, enum mp_mode mode, enum mp_phase phase)
{
	struct mp_block *b;

	if (m->n_blocks == m->max_blocks)
		return NULL;
	b = &m->blocks[m->n_blocks];
	memset(b, 0, sizeof(*b));
	b->mode = (uint8_t)mode;
	b->phase = (uint8_t)phase;
	b->worker = (uint16_t)m->index;
	b->first_sample = m->n_samples;
	m->ctx.child_major = 0;
	return b;
}

static void probe(struct mp_measurer *m, struct mp_block *b, unsigned when)
{
	enum mp_clock clock = m->team->clock;

	b->probe_mul[when] = (uint32_t)mp_probe_mul(clock);
	b->probe_add[when] = (uint32_t)mp_probe_add(clock);
}

/* Both sides of what a block times. */
static void noise_from_here(struct mp_measurer *m, struct mp_block *b, struct mp_noise *before)
{
	probe(m, b, 0);
	mp_noise_read(before);
	mp_sabotage_major(m);
}

static void noise_to_here(struct mp_measurer *m, struct mp_block *b, const struct mp_noise *before)
{
	struct mp_noise after;

	probe(m, b, 1);
	mp_noise_read(&after);
	mp_noise_record(before, &after, b);
	b->majflt += (uint32_t)m->ctx.child_major;
	if (b->majflt)
		b->flags |= MP_BLOCK_MAJFAULT;
	if (b->majflt && !m->team->bench->major_faults)
		b->flags |= MP_BLOCK_STRAY;
}

static bool is_calm(const struct mp_measurer *m, const struct mp_block *b)
{
	const struct mp_full_speed *speed = &m->team->wire->seats[m->index].speed;

	return mp_block_calm(b, speed->mul, speed->add, m->team->wire->request.calm_limit);
}

/* /proc/stat counts stolen time in ticks of 10 ms, so it is read rarely and flags all blocks since. */
static void watch_steal(struct mp_measurer *m)
{
	uint64_t now = mp_clock_raw_ns();
	uint64_t steal;

	if (now - m->steal_read_ns < MP_STEAL_PERIOD_NS)
		return;
	steal = mp_noise_steal_ns(m->team->wire->request.cpus[m->index]);
	if (steal > m->steal_ns) {
		m->steal_total_ns += steal - m->steal_ns;
		for (uint32_t i = m->steal_from; i < m->n_blocks; i++)
			m->blocks[i].flags |= MP_BLOCK_STEAL;
	}
	m->steal_ns = steal;
	m->steal_read_ns = now;
	m->steal_from = m->n_blocks;
}

static void block_done(struct mp_measurer *m, struct mp_block *b)
{
	if (b->errors)
		b->flags |= MP_BLOCK_ERRORS;
	if (b->mode == MP_MODE_CALL)
		m->n_samples += b->ops;
	m->n_blocks++;
	if (m->index == 0) {
		m->team->wire->report.n_blocks = m->n_blocks;
		m->team->wire->report.n_samples = m->n_samples;
	}
	if (b->phase == MP_PHASE_MEASURE) {
		m->measured_blocks[__builtin_ctz(b->mode)]++;
		if (!b->errors && is_calm(m, b)) {
			if (b->mode == MP_MODE_CALL)
				m->calm_samples += b->ops;
			else
				m->calm_batches++;
		}
	}
	watch_steal(m);
}

static int arm(struct mp_measurer *m, uint64_t n)
{
	const struct mp_bench *bench = m->team->bench;
	int ret = bench->arm ? bench->arm(&m->ctx, n, &m->err) : 0;

	if (!ret)
		mp_sabotage_arena(&m->ctx, m->team->wire->request.sabotage.faults);
	return ret;
}

static int disarm(struct mp_measurer *m, uint64_t n)
{
	const struct mp_bench *bench = m->team->bench;

	return bench->disarm ? bench->disarm(&m->ctx, n, &m->err) : 0;
}

static void count_from_here(struct mp_measurer *m)
{
	mp_beside_from(m);
	mp_tally_start(m->tally, &m->team->wire->request.tally);
}

/* Up to here, `n` operations of that block; `between`: something else was among them. */
static void count_to_here(struct mp_measurer *m, const struct mp_block *b, uint64_t n, bool between)
{
	bool counts = b->phase == MP_PHASE_MEASURE &&
		      !(m->team->bench->hollow && b->mode == MP_MODE_CALL);

	mp_tally_stop(m->tally, &m->team->wire->request.tally, n, counts);
	mp_beside_to(m, (enum mp_phase)b->phase);
	if (counts && between)
		m->tally->between = 1;
}

/* Is every operation counted by itself, although that disturbs it? */
static bool count_apart(const struct mp_measurer *m)
{
	return m->team->wire->request.tally.apart;
}

static uint64_t run(struct mp_measurer *m, uint64_t n, bool each)
{
	if (!(m->team->wire->request.sabotage.faults & MP_FAULT_SKIP))
		return m->team->bench->run(&m->ctx, n, m->stamps, each);
	m->stamps[0] = mp_clock_start(m->team->clock);
	for (uint64_t i = 1; i <= (each ? n : 1); i++)
		m->stamps[i] = mp_clock_stop(m->team->clock);
	return n;
}

/* Those of the first blocks are always made. Later ones are bounded to a share of the time spent in blocks: the kernel's code that
 * they run slows the calls after them, for dozens of calls (reading pagemap makes munmap 1.8 %, maps 1.2 % slower). */
#define CHECK_SHARE 32

static void check(struct mp_measurer *m, struct mp_block *b, uint64_t n, uint64_t done)
{
	uint64_t before = mp_clock_raw_ns();

	mp_verify_pages(m);
	if (!m->team->bench->check)
		return;
	if (m->n_blocks >= 4 && m->check_ns > m->busy_ns / CHECK_SHARE) {
		b->flags |= MP_BLOCK_UNCHECKED;
		return;
	}
	m->ctx.succeeded = done;
	m->team->bench->check(&m->ctx, n);
	m->check_ns += mp_clock_raw_ns() - before;
}

static void keep_samples(struct mp_measurer *m, const struct mp_block *b, uint64_t n, uint64_t at)
{
	uint32_t *samples = m->samples + b->first_sample + at;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t ticks = m->stamps[i + 1] - m->stamps[i];

		samples[i] = ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
	}
}

/* Counts what the run of that block does beside its operations, in a window like its own. */
static void count_hollow(struct mp_measurer *m, const struct mp_block *b, uint64_t n)
{
	const struct mp_tally_order *order = &m->team->wire->request.tally;

	if (!m->team->bench->hollow || b->mode == MP_MODE_CALL || b->phase != MP_PHASE_MEASURE ||
	    !order->n_groups)
		return;
	mp_tally_start(m->tally, order);
	mp_tally_stop_hollow(m->tally, order, m->team->bench->hollow(&m->ctx, n));
}

/* n operations prepared together; chained timestamps in call mode, two in batch mode. */
static int together(struct mp_measurer *m, struct mp_block *b, uint64_t n, bool each)
{
	struct mp_noise before;
	uint64_t done;
	int ret = arm(m, n);

	if (ret)
		return ret;
	noise_from_here(m, b, &before);
	count_from_here(m);
	done = run(m, n, each);
	count_to_here(m, b, n, false);
	noise_to_here(m, b, &before);
	b->start = m->stamps[0] - m->origin;
	b->ticks = m->stamps[each ? n : 1] - m->stamps[0];
	b->ops = (uint32_t)n;
	b->errors = (uint32_t)(n - done);
	if (each)
		keep_samples(m, b, n, 0);
	check(m, b, n, done);
	count_hollow(m, b, n);
	return disarm(m, n);
}

/* Deliberate faults are planted, and single operations are counted, between arm and run, which a benchmark's own loop does
 * not leave. */
static bool in_own_loop(const struct mp_measurer *m)
{
	return m->team->bench->run_apart && !m->team->wire->request.sabotage.faults &&
	       !count_apart(m);
}

/* One object at a time, in the benchmark's own loop. */
static int apart(struct mp_measurer *m, struct mp_block *b, uint64_t n)
{
	struct mp_noise before;
	uint64_t done;
	int ret = arm(m, 1);

	if (ret)
		return ret;
	noise_from_here(m, b, &before);
	count_from_here(m);
	b->start = mp_clock_start(m->team->clock) - m->origin;
	done = m->team->bench->run_apart(&m->ctx, n, m->stamps);
	count_to_here(m, b, n, n > 1);
	noise_to_here(m, b, &before);
	b->ops = (uint32_t)n;
	b->errors = (uint32_t)(n - done);
	for (uint64_t i = 0; i < n; i++) {
		uint64_t ticks = m->stamps[i];

		b->ticks += ticks;
		m->samples[b->first_sample + i] = ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
	}
	check(m, b, 1, done == n);
	return disarm(m, 1);
}

/* One object at a time: armed and disarmed, untimed, around every operation. */
static int one_by_one(struct mp_measurer *m, struct mp_block *b, uint64_t n)
{
	bool counted = count_apart(m);
	struct mp_noise before;
	int ret = 0;

	noise_from_here(m, b, &before);
	if (!counted)
		count_from_here(m);
	for (uint64_t i = 0; i < n && !ret; i++) {
		uint64_t done;

		ret = arm(m, 1);
		if (ret)
			break;
		if (counted)
			count_from_here(m);
		done = run(m, 1, true);
		if (counted)
			count_to_here(m, b, 1, false);
		else if (i == n - 1)
			count_to_here(m, b, n, true);
		if (!i)
			b->start = m->stamps[0] - m->origin;
		b->ticks += m->stamps[1] - m->stamps[0];
		b->ops++;
		b->errors += (uint32_t)(1 - done);
		keep_samples(m, b, 1, i);
		if (i == n - 1) {
			noise_to_here(m, b, &before);
			check(m, b, 1, done);
		}
		ret = disarm(m, 1);
	}
	return ret;
}

static int no_room(struct mp_measurer *m)
{
	return mp_err_internal(&m->err, -ENOSPC, "the buffer for blocks and samples is full");
}

int mp_block_call(struct mp_measurer *m, uint64_t n, enum mp_phase phase)
{
	uint64_t begin = mp_clock_raw_ns();
	struct mp_block *b;
	int ret;

	if (n > m->max_samples - m->n_samples)
		n = m->max_samples - m->n_samples;
	b = n ? block_new(m, MP_MODE_CALL, phase) : NULL;
	if (!b)
		return no_room(m);
	if (m->ctx.depth != 1)
		ret = together(m, b, n, true);
	else if (in_own_loop(m))
		ret = apart(m, b, n);
	else
		ret = one_by_one(m, b, n);
	if (!ret)
		block_done(m, b);
	m->busy_ns += mp_clock_raw_ns() - begin;
	return ret;
}

int mp_block_unrecorded(struct mp_measurer *m, uint64_t n)
{
	uint64_t at_once = m->ctx.depth == 1 ? 1 : n;
	int ret = 0;

	if (m->ctx.depth == 1 && in_own_loop(m)) {
		ret = arm(m, 1);
		if (ret)
			return ret;
		m->team->bench->run_apart(&m->ctx, n, m->stamps);
		return disarm(m, 1);
	}
	for (uint64_t i = 0; i < n && !ret; i += at_once) {
		ret = arm(m, at_once);
		if (ret)
			break;
		run(m, at_once, false);
		ret = disarm(m, at_once);
	}
	return ret;
}

int mp_block_batch(struct mp_measurer *m, uint64_t n, enum mp_phase phase)
{
	struct mp_block *b = block_new(m, MP_MODE_BATCH, phase);
	uint64_t begin = mp_clock_raw_ns();
	int ret;

	if (!b)
		return no_room(m);
	ret = together(m, b, n, false);
	if (!ret)
		block_done(m, b);
	m->busy_ns += mp_clock_raw_ns() - begin;
	return ret;
}

int mp_block_rate(struct mp_measurer *m, uint64_t ns, enum mp_phase phase)
{
	struct mp_block *b = block_new(m, MP_MODE_RATE, phase);
	uint64_t begin = mp_clock_raw_ns();
	struct mp_noise before;
	/* Beside blocks of another mode, which are counted to the operation, rate blocks are not counted. */
	bool counted = count_apart(m);
	bool all = !counted && (m->team->threads > 1 || m->team->bench->modes == MP_MODE_RATE);
	bool first = true;
	int ret = 0;

	if (!b)
		return no_room(m);
	noise_from_here(m, b, &before);
	if (all)
		count_from_here(m);
	do {
		uint64_t n = m->batch_ops, done;

		ret = arm(m, n);
		if (ret)
			break;
		if (counted)
			count_from_here(m);
		done = run(m, n, false);
		if (counted)
			count_to_here(m, b, n, false);
		if (first)
			b->start = m->stamps[0] - m->origin;
		b->ticks += m->stamps[1] - m->stamps[0];
		b->ops += (uint32_t)n;
		b->errors += (uint32_t)(n - done);
		if (first)
			check(m, b, n, done);
		first = false;
		ret = disarm(m, n);
	} while (!ret && mp_clock_raw_ns() - begin < ns && b->ops < UINT_MAX / 2);
	if (all)
		count_to_here(m, b, b->ops, true);
	noise_to_here(m, b, &before);
	if (ret)
		return ret;
	block_done(m, b);
	m->busy_ns += mp_clock_raw_ns() - begin;
	return 0;
}
