/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stand-in for the worker that tests can look into and spoil: see harness.h. */
#include "tests/benchmarks/harness.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "benchmarks/support/privilege.h"
#include "benchmarks/support/thp.h"

#define ARENA	    (4ULL << 30) /* the least that bench.h promises */
#define GIB	    (1ULL << 30)
#define THREADS_MAX 8
#define BLOCKS	    3
#define CALLS	    24 /* samples of a call block that arms for each */
#define ANY_OPS	    96 /* operations of a block where any number is legal */
#define OPS_MAX	    8192 /* of one block */
#define SECONDS_MAX 120 /* of one child, or it hangs */

/* The child. Results go to a page shared with the parent. */

struct child {
	const struct mp_bench *bench;
	const struct mp_params *params;
	const struct mp_harness_tamper *tamper;
	enum mp_mode mode;
	unsigned threads;
	pthread_barrier_t barrier;
	pthread_mutex_t lock; /* of result */
	struct mp_harness_result *result; /* shared */
	struct mp_beside_work *besides; /* shared */
};

struct thread {
	struct child *child;
	struct mp_ctx ctx;
	uint64_t stamps[OPS_MAX + 1];
};

static char *reserve_arena(void)
{
	char *whole = mmap(NULL, ARENA + GIB, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *arena;

	if (whole == MAP_FAILED)
		return NULL;
	arena = (char *)(((uintptr_t)whole + GIB - 1) / GIB * GIB);
	if (arena != whole)
		munmap(whole, (size_t)(arena - whole));
	if (arena + ARENA != whole + ARENA + GIB)
		munmap(arena + ARENA, (size_t)(whole + GIB - arena));
	return arena;
}

static void hook_failed(struct thread *t, const char *hook, int error, const struct mp_err *err)
{
	struct mp_harness_result *r = t->child->result;

	pthread_mutex_lock(&t->child->lock);
	if (!r->error) {
		r->error = error;
		snprintf(r->text, sizeof(r->text), "%s: %s", hook, err->text);
	}
	pthread_mutex_unlock(&t->child->lock);
}

/* Has a check found what `once` waits for? */
static bool noticed(const struct thread *t)
{
	const struct mp_harness_tamper *tamper = t->child->tamper;
	uint32_t failed = 0;

	for (size_t i = 0; i < t->ctx.n_checks; i++)
		failed += t->ctx.checks[i].failed;
	return failed && tamper && tamper->once;
}

/* One arm, run, check and disarm over n operations; apart: with one object at a time. The first hook that fails
 * ends it. */
static bool cycle(struct thread *t, uint64_t n, bool each, bool apart, bool check)
{
	const struct mp_bench *b = t->child->bench;
	const struct mp_harness_tamper *tamper = t->child->tamper;
	struct mp_harness_result *r = t->child->result;
	struct mp_ctx *ctx = &t->ctx;
	struct mp_err err = { .text = "" };
	uint64_t done, armed = apart ? 1 : n;
	int e = b->arm ? b->arm(ctx, armed, &err) : 0;

	if (e) {
		hook_failed(t, "arm", e, &err);
		return false;
	}
	if (tamper && tamper->before_run)
		tamper->before_run(ctx, armed);
	if (tamper && tamper->skip_run) {
		memset(t->stamps, 0, sizeof(t->stamps[0]) * (n + 1));
		ctx->succeeded = armed;
		done = n;
	} else if (apart) {
		done = b->run_apart(ctx, n, t->stamps + 1);
		ctx->succeeded = done == n;
		t->stamps[0] = 0;
	} else {
		done = b->run(ctx, n, t->stamps, each);
		ctx->succeeded = done;
	}
	if (tamper && tamper->after_run)
		tamper->after_run(ctx, armed);
	if (b->check && check)
		b->check(ctx, armed);
	e = b->disarm ? b->disarm(ctx, armed, &err) : 0;
	if (e)
		hook_failed(t, "disarm", e, &err);
	pthread_mutex_lock(&t->child->lock);
	r->asked += n;
	r->succeeded += done;
	r->checked += check;
	r->ticks += t->stamps[each ? n : 1] - t->stamps[0];
	pthread_mutex_unlock(&t->child->lock);
	return !e && !noticed(t);
}

static void blocks(struct thread *t)
{
	uint64_t depth = t->ctx.depth;
	uint64_t n = depth ? depth : ANY_OPS;

	if (n > OPS_MAX)
		n = OPS_MAX;
	for (unsigned block = 0; block < BLOCKS; block++) {
		if (t->child->mode == MP_MODE_CALL && depth == 1) {
			/* the worker checks the last sample of a block; one block here checks all */
			for (unsigned i = 0; i < CALLS; i++)
				if (!cycle(t, 1, true, false, block == 0 || i + 1 == CALLS))
					return;
			if (t->child->bench->run_apart && !cycle(t, CALLS, true, true, true))
				return;
		} else if (!cycle(t, n, t->child->mode == MP_MODE_CALL, false, true)) {
			return;
		}
		/* a block need not use the whole depth */
		if (n > 2)
			n = n / 2 + 1;
	}
}

static void add_checks(struct thread *t)
{
	struct mp_harness_result *r = t->child->result;

	pthread_mutex_lock(&t->child->lock);
	r->depth = t->ctx.depth;
	for (size_t i = 0; i < t->ctx.n_checks; i++) {
		const struct mp_check *c = &t->ctx.checks[i];
		size_t k = 0;

		while (k < r->n_checks && strcmp(r->checks[k].name, c->name))
			k++;
		if (k == r->n_checks) {
			r->checks[r->n_checks++] = *c;
			continue;
		}
		if (c->failed && !r->checks[k].failed)
			memcpy(r->checks[k].detail, c->detail, sizeof(c->detail));
		r->checks[k].passed += c->passed;
		r->checks[k].failed += c->failed;
	}
	pthread_mutex_unlock(&t->child->lock);
}

static void bind_thread(unsigned index)
{
	cpu_set_t all, one;
	unsigned seen = 0;

	if (sched_getaffinity(0, sizeof(all), &all))
		return;
	index %= (unsigned)CPU_COUNT(&all);
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all) && seen++ == index) {
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			sched_setaffinity(0, sizeof(one), &one);
			return;
		}
}

/* What the worker waits for before it measures: every one beside has begun, or failed. */
static void await_besides(const struct child *c)
{
	for (unsigned i = 1; i < c->threads; i++)
		while (!atomic_load(&c->besides[i].operations) && !c->result->error)
			sched_yield();
}

/* Between setup and teardown: what is measured, or stands beside it. */
static void perform(struct thread *t)
{
	struct child *c = t->child;
	struct mp_err err = { .text = "" };

	if (t->ctx.thread && c->bench->beside) {
		int e = c->bench->beside(&t->ctx, &err);

		if (e)
			hook_failed(t, "beside", e, &err);
		return;
	}
	if (c->bench->beside)
		await_besides(c);
	blocks(t);
	for (unsigned i = 1; c->bench->beside && i < c->threads; i++)
		atomic_store(&c->besides[i].stop, 1);
}

static void *thread_main(void *argument)
{
	struct thread *t = argument;
	const struct mp_bench *b = t->child->bench;
	struct mp_err err = { .text = "" };
	int e;

	bind_thread(t->ctx.thread);
	e = b->setup ? b->setup(&t->ctx, &err) : 0;
	/* What spoils a case has every privilege. */
	if (!e && t->child->tamper && t->child->tamper->after_setup)
		t->child->tamper->after_setup(&t->ctx);
	if (!e)
		e = mp_privilege_drop(b, t->ctx.params, &err);
	if (e)
		hook_failed(t, "setup", e, &err);
	pthread_barrier_wait(&t->child->barrier);
	if (!t->child->result->error)
		perform(t);
	pthread_barrier_wait(&t->child->barrier);
	/* also after a setup that failed, as the worker does */
	if (b->teardown)
		b->teardown(&t->ctx);
	add_checks(t);
	return NULL;
}

/* Zeroed memory that forked children share, as in the worker; NULL: there is none. */
static void *shared(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static struct thread *new_thread(struct child *c, unsigned index)
{
	struct thread *t = shared(sizeof(*t));
	size_t state = c->bench->state_size + 1;

	if (!t)
		return NULL;
	t->child = c;
	t->ctx = (struct mp_ctx){
		.bench = c->bench,
		.params = c->params,
		.host = mp_harness_host(),
		.clock = MP_CLOCK_RAW,
		.thread = index,
		.threads = c->threads,
		.besides = c->besides,
		.random = { .state = 42 + index },
		.arena = reserve_arena(),
		.arena_size = ARENA,
	};
	t->ctx.state = shared(state);
	return t->ctx.arena && t->ctx.state ? t : NULL;
}

static void child_main(struct child *c)
{
	static const int deadly[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS };
	struct thread *threads[THREADS_MAX];
	pthread_t ids[THREADS_MAX];

	/* cmocka's handlers would jump back into the test, here in the child */
	for (size_t i = 0; i < MP_COUNT(deadly); i++)
		signal(deadly[i], SIG_DFL);
	alarm(SECONDS_MAX);
	c->threads = mp_params_workers(c->params);
	if (c->threads > THREADS_MAX)
		c->threads = THREADS_MAX;
	c->besides = shared(THREADS_MAX * sizeof(*c->besides));
	if (!c->besides)
		_exit(2);
	pthread_mutex_init(&c->lock, NULL);
	pthread_barrier_init(&c->barrier, NULL, c->threads);
	for (unsigned i = 0; i < c->threads; i++) {
		threads[i] = new_thread(c, i);
		if (!threads[i])
			_exit(2);
	}
	for (unsigned i = 1; i < c->threads; i++)
		if (pthread_create(&ids[i], NULL, thread_main, threads[i]))
			_exit(2);
	thread_main(threads[0]);
	for (unsigned i = 1; i < c->threads; i++)
		pthread_join(ids[i], NULL);
	c->result->finished = true;
	_exit(0);
}

void mp_harness_run(const char *text, enum mp_mode mode, const struct mp_harness_tamper *tamper,
		    struct mp_harness_result *ret)
{
	struct mp_params params;
	struct mp_err err = { .text = "" };
	struct child c = { .params = &params, .tamper = tamper, .mode = mode };
	int status;
	pid_t pid;

	if (mp_harness_case(text, &c.bench, &params, &err))
		fail_msg("%s", err.text);
	mp_harness_host(); /* before the fork: the child must not read files */
	c.result = mmap(NULL, sizeof(*c.result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	assert_ptr_not_equal(c.result, MAP_FAILED);
	fflush(NULL);
	mp_harness_enter(c.bench, &params);
	pid = fork();
	if (pid < 0)
		mp_harness_leave();
	assert_true(pid >= 0);
	if (!pid)
		child_main(&c);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	mp_harness_leave();
	*ret = *c.result;
	ret->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	munmap(c.result, sizeof(*c.result));
}

/* Assertions */

static void report(const char *text, enum mp_mode mode, const struct mp_harness_result *r)
{
	print_error("%s, %s: signal %d, error %d %s, %" PRIu64 " of %" PRIu64 " operations\n", text,
		    mp_mode_name(mode), r->signal, r->error, r->text, r->succeeded, r->asked);
	for (size_t i = 0; i < r->n_checks; i++)
		print_error("  %-20s passed %u failed %u: %s\n", r->checks[i].name,
			    r->checks[i].passed, r->checks[i].failed, r->checks[i].detail);
}

static uint32_t failures(const struct mp_harness_result *r, const char *check)
{
	uint32_t failed = 0;

	for (size_t i = 0; i < r->n_checks; i++)
		if (!check || !strcmp(r->checks[i].name, check))
			failed += r->checks[i].failed;
	return failed;
}

static bool runs_clean(const char *text, enum mp_mode mode, struct mp_harness_result *r)
{
	mp_harness_run(text, mode, NULL, r);
	return r->finished && !r->error && r->n_checks && r->asked == r->succeeded &&
	       !failures(r, NULL);
}

void mp_harness_clean(const char *text, enum mp_mode mode)
{
	struct mp_harness_result r;

	if (runs_clean(text, mode, &r) && r.checked)
		return;
	report(text, mode, &r);
	fail_msg("%s is not clean in mode %s", text, mp_mode_name(mode));
}

void mp_harness_clean_all(const char *const *cases, size_t n, enum mp_mode mode)
{
	for (size_t i = 0; i < n; i++)
		mp_harness_clean(cases[i], mode);
}

void mp_harness_forbid_huge(struct mp_ctx *ctx)
{
	(void)ctx;
	mp_thp_forbid(NULL);
}

void mp_harness_fails(const char *text, enum mp_mode mode, const struct mp_harness_tamper *tamper,
		      const char *check)
{
	struct mp_harness_result r;

	mp_harness_run(text, mode, tamper, &r);
	if (check ? r.finished && failures(&r, check)
		  : r.error || (r.finished && failures(&r, NULL)))
		return;
	report(text, mode, &r);
	fail_msg("%s: %s%s did not notice in mode %s", text, check ? "check " : "nothing",
		 check ? check : "", mp_mode_name(mode));
}

/* Families */

static const enum mp_mode modes[] = { MP_MODE_CALL, MP_MODE_BATCH };

/* The worker leaves batch blocks out when every operation must be armed for. */
static bool mode_runs(const struct mp_bench *bench, enum mp_mode mode,
		      const struct mp_harness_result *r)
{
	return (bench->modes & mode) && !(mode == MP_MODE_BATCH && r->depth == 1);
}

static void each_clean(const struct mp_bench *bench, const char *text, void *user)
{
	struct mp_harness_result r = { 0 };

	for (size_t i = 0; i < MP_COUNT(modes); i++) {
		if (!mode_runs(bench, modes[i], &r))
			continue;
		if (!runs_clean(text, modes[i], &r)) {
			report(text, modes[i], &r);
			++*(unsigned *)user;
		}
	}
}

static void each_skipped(const struct mp_bench *bench, const char *text, void *user)
{
	const struct mp_harness_tamper skip = { .skip_run = true, .once = true };
	struct mp_harness_result r = { 0 };

	for (size_t i = 0; i < MP_COUNT(modes); i++) {
		if (!mode_runs(bench, modes[i], &r))
			continue;
		mp_harness_run(text, modes[i], &skip, &r);
		/* a hook that fails says so as well, but the run must not crash */
		if (!(r.finished && (r.error || failures(&r, NULL)))) {
			report(text, modes[i], &r);
			++*(unsigned *)user;
		}
	}
}

void mp_harness_family_clean(const char *family)
{
	unsigned bad = 0;

	mp_harness_cases(family, false, each_clean, &bad);
	if (bad)
		fail_msg("%u runs of %s were not clean", bad, family);
}

void mp_harness_family_skipped(const char *family)
{
	unsigned bad = 0;

	mp_harness_cases(family, false, each_skipped, &bad);
	if (bad)
		fail_msg("%u runs of %s passed without doing anything", bad, family);
}
