/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memperf-worker: the measured process. One fresh exec per invocation; everything it is told and everything it
 * answers is in one shared mapping (wire.h). Linked to libc alone, statically, so that its address space holds
 * little else than what is measured.
 */
#include "runner/worker/beside.h"
#include "runner/worker/measure.h"
#include "runner/worker/place.h"
#include "runner/worker/verify.h"

#include "benchmarks/support/privilege.h"

#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct mp_team team;

static struct mp_wire *attach(void)
{
	struct mp_wire *wire;
	struct stat st;

	if (fstat(MP_WIRE_FD, &st) || st.st_size < (off_t)sizeof(*wire))
		return NULL;
	wire = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, MP_WIRE_FD, 0);
	if (wire == MAP_FAILED)
		return NULL;
	if (wire->request.magic != MP_WIRE_MAGIC || wire->request.version != MP_WIRE_VERSION ||
	    wire->request.size != (uint64_t)st.st_size)
		return NULL;
	close(MP_WIRE_FD);
	return wire;
}

/* Every page of the mapping present and, where the limit allows, locked: recording a sample must not fault. */
static void settle(struct mp_wire *wire)
{
	volatile char *bytes = (volatile char *)wire;

	for (uint64_t i = 0; i < wire->request.size; i += 4096)
		bytes[i] = bytes[i];
	wire->report.locked = !mlock(wire, wire->request.size);
}

/* The worker must not outlive the coordinator, and the OOM killer must take it first. */
static int tie_to_parent(const struct mp_wire *wire)
{
	int fd;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != wire->request.parent)
		return -1;
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "1000", 4) != 4) {
			/* Without it the kernel chooses: nothing to be done about it here. */
		}
		close(fd);
	}
	return 0;
}

static void finish(struct mp_wire *wire, enum mp_outcome outcome, const char *reason)
{
	wire->report.outcome = outcome;
	snprintf(wire->report.reason, sizeof(wire->report.reason), "%.*s", MP_REASON_TEXT - 1,
		 reason);
}

#define STACK_DEPTH (64 << 10) /* bytes; the deepest calls take 7 KiB */

/*
 * The page table that the thread's stack grows into exists from here on. The measured phase goes 2.7 KiB deeper than setup, and
 * where it crossed a boundary of 2 MiB (one invocation in 760), the process had a page table more than setup had counted.
 */
static __attribute__((noinline)) void settle_stack(void)
{
	volatile char deep[STACK_DEPTH];

	deep[0] = 0;
	(void)deep[0];
}

static int prepare(struct mp_measurer *m, unsigned index)
{
	const struct mp_wire_request *r = &team.wire->request;

	settle_stack();
	m->team = &team;
	m->index = index;
	m->ctx.bench = team.bench;
	m->ctx.params = &r->params;
	m->ctx.host = &r->host;
	m->ctx.state = m + 1;
	m->ctx.clock = team.clock;
	m->ctx.thread = index;
	m->ctx.threads = team.threads;
	m->ctx.besides = team.wire->besides;
	m->ctx.random.state = r->seed ^ (0x5851f42d4c957f2dULL * (index + 1));
	m->random.state = mp_random_next(&m->ctx.random);
	m->max_blocks = r->max_blocks / team.threads;
	m->blocks = mp_wire_blocks(team.wire) + (size_t)index * m->max_blocks;
	m->samples = mp_wire_samples(team.wire);
	m->max_samples = index ? 0 : r->max_samples;
	m->tally = mp_wire_tally(team.wire, index);
	m->ctx.arena = (char *)team.wire->report.arena + (size_t)index * MP_WIRE_ARENA;
	m->ctx.arena_size = MP_WIRE_ARENA;
	m->ctx.mapping_policy = &team.wire->seats[index].memory;
	m->failed = mp_place_cpu(r->cpus[index], &m->err);
	if (!m->failed)
		m->failed = mp_place_memory(&team.wire->seats[index].memory, &m->err);
	if (!m->failed)
		team.wire->seats[index].bound = 1;
	if (!m->failed && index == 0)
		team.wire->report.state = MP_WIRE_BOUND;
	if (!m->failed && team.bench->setup)
		m->failed = team.bench->setup(&m->ctx, &m->err);
	m->tally->elsewhere = m->ctx.elsewhere;
	if (!m->failed && !(index && mp_beside(&team)))
		mp_tally_open(m->tally, &r->tally, &mp_perf_kernel, r->cpus[index],
			      r->kinds[index]);
	if (!m->failed)
		m->failed = mp_privilege_drop(team.bench, &r->params, &m->err);
	if (!m->failed && index == 0)
		team.wire->report.state = MP_WIRE_SETUP;
	return m->failed;
}

static void *member(void *argument)
{
	struct mp_measurer *m = argument;

	if (prepare(m, m->index))
		atomic_store(&team.failed, 1);
	mp_team_barrier(&team);
	if (!atomic_load(&team.failed))
		mp_measure(m);
	mp_verify_seat(m);
	mp_verify_faults(m);
	mp_verify_duration(m);
	mp_team_barrier(&team);
	mp_tally_close(m->tally, &team.wire->request.tally);
	if (team.bench->teardown)
		team.bench->teardown(&m->ctx);
	return NULL;
}

static struct mp_measurer *measurer(unsigned index)
{
	return mp_wire_hook_state(team.wire, index);
}

/* Starts the other threads; the calling thread is thread 0 and goes through member() too. */
static int start_members(void)
{
	for (unsigned i = 0; i < team.threads; i++) {
		struct mp_measurer *m = measurer(i);
		pthread_t thread;

		memset(m, 0, sizeof(*m));
		m->index = i;
		team.members[i] = m;
		if (i && pthread_create(&thread, NULL, member, m)) {
			finish(team.wire, MP_OUTCOME_FAILED, "cannot start a worker thread");
			return -1;
		}
	}
	return 0;
}

static void add_check(struct mp_wire_report *report, const struct mp_check *c)
{
	struct mp_check_result *to = NULL;

	for (uint32_t i = 0; i < report->n_checks && !to; i++)
		if (!strcmp(report->checks[i].name, c->name))
			to = &report->checks[i];
	if (!to && report->n_checks < MP_CHECKS_MAX) {
		to = &report->checks[report->n_checks++];
		memcpy(to->name, c->name, sizeof(to->name));
	}
	if (!to)
		return;
	if (!to->failed)
		memcpy(to->detail, c->detail, sizeof(to->detail));
	to->passed += c->passed;
	to->failed += c->failed;
}

/* Blocks of all threads side by side, checks merged, steal summed up. */
static void gather(void)
{
	struct mp_wire_report *report = &team.wire->report;
	struct mp_block *blocks = mp_wire_blocks(team.wire);
	uint32_t used = 0;

	for (unsigned i = 0; i < team.threads; i++) {
		const struct mp_measurer *m = team.members[i];

		memmove(blocks + used, m->blocks, m->n_blocks * sizeof(*blocks));
		used += m->n_blocks;
		report->steal_ns += m->steal_total_ns;
		for (size_t c = 0; c < m->ctx.n_checks; c++)
			add_check(report, &m->ctx.checks[c]);
	}
	report->n_blocks = used;
	report->n_samples = team.members[0]->n_samples;
	report->calm_samples = team.members[0]->calm_samples;
	report->batch_ops = team.bench->modes & MP_MODE_BATCH ? team.members[0]->batch_ops : 0;
}

/* The outcome in one sentence. */
static void judge(void)
{
	struct mp_wire_report *report = &team.wire->report;
	const struct mp_block *blocks = mp_wire_blocks(team.wire);
	uint32_t good = 0, bad = 0, errors = 0;
	char reason[MP_REASON_TEXT];

	for (unsigned i = 0; i < team.threads; i++)
		if (team.members[i]->failed) {
			finish(team.wire, MP_OUTCOME_FAILED,
			       *team.members[i]->err.text ? team.members[i]->err.text
							  : strerror(-team.members[i]->failed));
			return;
		}
	for (uint32_t i = 0; i < report->n_blocks; i++) {
		if (blocks[i].phase != MP_PHASE_MEASURE || (blocks[i].worker && mp_beside(&team)))
			continue;
		good += !blocks[i].errors;
		bad += blocks[i].errors != 0;
		errors += blocks[i].errors;
	}
	for (uint32_t i = 0; i < report->n_checks; i++) {
		const struct mp_check_result *c = &report->checks[i];

		if (!c->failed)
			continue;
		snprintf(reason, sizeof(reason), "check '%s' failed in %u of %u blocks: %s",
			 c->name, c->failed, c->failed + c->passed, c->detail);
		finish(team.wire, MP_OUTCOME_INVALID, reason);
		return;
	}
	if (!good) {
		snprintf(reason, sizeof(reason),
			 "the operation failed %u times: no block of %u is whole", errors, bad);
		finish(team.wire, MP_OUTCOME_FAILED, reason);
		return;
	}
	finish(team.wire, MP_OUTCOME_OK, "");
}

static int invocation(struct mp_wire *wire)
{
	const struct mp_wire_request *r = &wire->request;
	struct mp_err err = { 0 };
	char *arena;

	team.wire = wire;
	team.clock = (enum mp_clock)r->clock;
	team.ns_per_tick = r->ns_per_tick;
	team.threads = r->threads;
	team.bench = mp_bench_find(r->bench);
	if (!team.bench || !team.threads || team.threads > MP_WIRE_THREADS) {
		finish(wire, MP_OUTCOME_FAILED, "the worker is of another build than memperf");
		return 1;
	}
	mp_noise_open();
	if (mp_place_tables(r->host.page_size, &err) ||
	    mp_place_layout(r->shift_pages, r->prealloc_pages, r->host.page_size, &err) ||
	    mp_place_arena(MP_WIRE_ARENA * team.threads, &arena, &err)) {
		finish(wire, MP_OUTCOME_FAILED, err.text);
		return 1;
	}
	wire->report.arena = (uint64_t)arena;
	if (start_members())
		return 1;
	member(team.members[0]);
	gather();
	wire->report.state = MP_WIRE_MEASURED;
	judge();
	wire->report.state = MP_WIRE_DONE;
	return 0;
}

int main(void)
{
	struct mp_wire *wire = attach();
	char *offset;

	if (!wire) {
		static const char text[] =
			"memperf-worker is started by memperf; try 'memperf run --suite quick'\n";

		return write(STDERR_FILENO, text, sizeof(text) - 1) < 0 ? 4 : 2;
	}
	if (tie_to_parent(wire))
		return 3;
	wire->report.state = MP_WIRE_STARTED;
	settle(wire);
	offset = alloca(wire->request.stack_offset + 16);
	__asm__ volatile("" ::"r"(offset) : "memory");
	wire->report.stack = (uint64_t)offset;
	return invocation(wire);
}
