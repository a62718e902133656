/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deliberate faults and slow-downs: see sabotage.h. */
#include "runner/worker/sabotage.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* One line of /proc/self/maps: "start-end perms ..."; spoils it when it is writable and in the arena. */
static void spoil(const struct mp_ctx *ctx, const char *line, unsigned faults)
{
	char *at;
	unsigned long start = strtoul(line, &at, 16);
	unsigned long end = strtoul(at + 1, &at, 16);

	if (start < (unsigned long)ctx->arena ||
	    end > (unsigned long)ctx->arena + ctx->arena_size || at[2] != 'w')
		return;
	if (faults & MP_FAULT_THP)
		madvise((void *)start, end - start, MADV_HUGEPAGE);
	if (faults & MP_FAULT_TOUCH)
		madvise((void *)start, end - start, MADV_POPULATE_WRITE);
}

void mp_sabotage_arena(const struct mp_ctx *ctx, unsigned faults)
{
	static char text[256 * 1024];
	size_t used = 0;
	ssize_t got;
	int fd;

	if (!(faults & (MP_FAULT_TOUCH | MP_FAULT_THP)))
		return;
	fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while ((got = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)got;
	close(fd);
	text[used] = '\0';
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1)
		spoil(ctx, line, faults);
}

void mp_sabotage_major(struct mp_measurer *m)
{
	double share = m->team->wire->request.sabotage.major_share;
	off_t page = (off_t)m->ctx.host->page_size, last;
	char *at;
	int fd;

	if (!(share > 0) || (double)mp_random_below(&m->random, 1u << 20) >= share * (1u << 20))
		return;
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	last = lseek(fd, 0, SEEK_END) / page * page - page;
	/* written out first, where it has just been built */
	if (last > 0 && !fdatasync(fd) && !posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED)) {
		at = mmap(NULL, (size_t)page, PROT_READ, MAP_PRIVATE, fd, last);
		if (at != MAP_FAILED) {
			(void)*(volatile char *)at;
			munmap(at, (size_t)page);
		}
	}
	if (fd >= 0)
		close(fd);
}

/* ---- slow-downs ---- */

#define REFERENCE_NS	 20000000u
#define REFERENCE_BLOCKS 5
#define REFERENCE_MOST	 512 /* blocks */
#define LEAST_NS	 3 /* a shorter spin cannot be planted: an empty loop stays one */
#define FIT_MOST	 6 /* corrections of a spin */

/* Kept in order as they come; qsort() may allocate. */
struct sorted {
	double values[REFERENCE_MOST];
	size_t n;
};

static void insert(struct sorted *s, double value)
{
	size_t i = s->n++;

	for (; i && s->values[i - 1] > value; i--)
		s->values[i] = s->values[i - 1];
	s->values[i] = value;
}

static double median(const struct sorted *s)
{
	return (s->values[(s->n - 1) / 2] + s->values[s->n / 2]) / 2;
}

/* Ticks of an operation in the newest block: the mean of the middle half of its single calls, which is finer than the
 * clock's step, else the block's mean. */
static double block_value(const struct mp_measurer *m)
{
	const struct mp_block *b = &m->blocks[m->n_blocks - 1];
	struct sorted samples = { .n = 0 };
	double sum = 0;

	if (b->mode != MP_MODE_CALL)
		return (double)b->ticks / b->ops;
	for (uint32_t i = 0; i < b->ops; i++)
		insert(&samples, m->samples[b->first_sample + i]);
	for (size_t i = samples.n / 4; i < samples.n - samples.n / 4; i++)
		sum += samples.values[i];
	return sum / (double)(samples.n - 2 * (samples.n / 4));
}

static int one_block(struct mp_measurer *m, enum mp_mode mode)
{
	if (mode == MP_MODE_CALL)
		return mp_block_call(m, m->call_ops, MP_PHASE_WARMUP);
	if (mode == MP_MODE_BATCH)
		return mp_block_batch(m, m->batch_ops, MP_PHASE_WARMUP);
	return mp_block_rate(m, MP_RATE_BLOCK_NS, MP_PHASE_WARMUP);
}

/* What an operation takes as it is now, slowed or not, nanoseconds: the median over blocks that nobody gets to see. */
static int measure_operation(struct mp_measurer *m, enum mp_mode mode, double *ret_ns)
{
	const uint32_t blocks = m->n_blocks, samples = m->n_samples;
	uint64_t begin = mp_clock_raw_ns();
	struct sorted values = { .n = 0 };
	int ret = 0;

	while (!ret && values.n < REFERENCE_MOST &&
	       (values.n < REFERENCE_BLOCKS || mp_clock_raw_ns() - begin < REFERENCE_NS)) {
		ret = one_block(m, mode);
		if (ret)
			break;
		insert(&values, block_value(m));
		m->n_blocks = m->steal_from = blocks;
		m->n_samples = samples;
	}
	if (!ret)
		*ret_ns = median(&values) * m->team->ns_per_tick;
	return ret;
}

/* Nanoseconds of one spin: the fastest of a few series of them. */
static double spin_ns(const struct mp_measurer *m, uint64_t rounds)
{
	uint64_t spins = 1 + 20000 / (rounds + 10), best = UINT64_MAX, chain = 3;

	for (int series = 0; series < 9; series++) {
		uint64_t start = mp_clock_start(m->team->clock), ticks;

		for (uint64_t i = 0; i < spins; i++)
			chain = mp_spin(chain, rounds);
		ticks = mp_clock_stop(m->team->clock) - start;
		if (ticks < best)
			best = ticks;
	}
	return (double)best * m->team->ns_per_tick / (double)spins;
}

/* Rounds that take `want` nanoseconds, and how long they do take: leaving the loop costs something, too. */
static uint64_t calibrate_spin(const struct mp_measurer *m, double want, double *ret_ns)
{
	const uint64_t many = 20000;
	double round = spin_ns(m, many) / (double)many, rounds = want / round;

	for (int i = 0; i < 3 && rounds >= 0.5 && rounds < (double)many; i++)
		rounds += (want - spin_ns(m, (uint64_t)(rounds + 0.5))) / round;
	if (rounds < 0.5)
		rounds = 0;
	*ret_ns = rounds < (double)many ? spin_ns(m, (uint64_t)(rounds + 0.5)) : rounds * round;
	return (uint64_t)(rounds + 0.5);
}

/*
 * Corrects the spin until the operation takes `want`. The loop with a spin in it is another loop, and what follows an
 * operation decides how fast the kernel runs (benchmarks/loop.h): faults in it took 15 % less before the spin, and a spin
 * of 6 ns behind a system call added 2. What is further off than a quarter says that others use the CPU, and corrects
 * nothing.
 */
static int fit(struct mp_measurer *m, enum mp_mode mode, double want, double *ret_now)
{
	struct mp_slowdown *slow = &m->ctx.slowdown;
	double round = spin_ns(m, 20000) / 20000;
	int ret = 0;

	*ret_now = want;
	for (int i = 0; i < FIT_MOST; i++) {
		double rounds, now;

		ret = measure_operation(m, mode, &now);
		if (ret)
			break;
		if (fabs(want - now) > want / 4)
			continue;
		*ret_now = now;
		rounds = (want - now) / round;
		if (fabs(rounds) < 1)
			break;
		slow->rounds = (double)slow->rounds + rounds > 1
				       ? (uint64_t)((double)slow->rounds + rounds + 0.5)
				       : 1;
	}
	return ret;
}

/* The mode that judges will look at: single calls where the clock resolves them, else batches. */
static int choose_mode(struct mp_measurer *m, unsigned modes, enum mp_mode *ret_mode,
		       double *ret_operation)
{
	static const enum mp_mode order[] = { MP_MODE_CALL, MP_MODE_BATCH, MP_MODE_RATE };
	double resolved = 20 * m->team->wire->request.step_ns;

	*ret_operation = 0;
	for (size_t i = 0; i < MP_COUNT(order) && *ret_operation < resolved; i++) {
		int ret = modes & order[i] ? measure_operation(m, order[i], ret_operation) : 0;

		if (ret)
			return ret;
		if (modes & order[i])
			*ret_mode = order[i];
	}
	return 0;
}

int mp_sabotage_plant(struct mp_measurer *m, unsigned modes)
{
	const struct mp_sabotage *s = &m->team->wire->request.sabotage;
	struct mp_wire_report *report = &m->team->wire->report;
	struct mp_slowdown slow = { .chain = 3, .random = m->random };
	double operation = 0, want, spin = 0, tail = 0, now = 0;
	enum mp_mode mode = MP_MODE_CALL;
	int ret = 0;

	if (!(s->spin_share > 0 || s->spin_ns > 0 || s->tail_share > 0))
		return 0;
	ret = choose_mode(m, modes, &mode, &operation);
	if (ret)
		return ret;
	want = s->spin_ns + s->spin_share * operation;
	slow.rounds = calibrate_spin(m, want, &spin);
	/* One round behind a system call costs less than by itself. */
	if (!slow.rounds && want >= LEAST_NS)
		slow.rounds = 1;
	if (s->tail_share > 0) {
		slow.tail_every = (uint64_t)(1 / s->tail_share + 0.5);
		slow.tail_rounds = calibrate_spin(m, (s->tail_factor - 1) * operation, &tail);
		slow.tail_left = mp_slowdown_gap(&slow);
	}
	slow.planted = slow.rounds || slow.tail_rounds;
	m->ctx.slowdown = slow;
	/* Several threads would have to fit together: the spin stays as long as it is by itself. */
	if (slow.rounds && m->team->threads == 1) {
		m->ctx.slowdown.tail_every = 0;
		ret = fit(m, mode, operation + want, &now);
		m->ctx.slowdown.tail_every = slow.tail_every;
		spin = now - operation;
	}
	if (!m->index) {
		report->slowed = 1;
		report->spin_ns = spin;
		report->tail_ns = tail;
	}
	return ret;
}
