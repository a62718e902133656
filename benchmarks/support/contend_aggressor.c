/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The aggressors of the contend family: see contend.h. A turn is one operation; it runs in a thread of the victim's
 * process, or in a child that its worker has forked, so that it calls the kernel and nothing of libc that keeps state.
 */
#include "benchmarks/support/contend.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "benchmarks/support/backing.h"
#include "benchmarks/support/cpu.h"
#include "benchmarks/support/nodes.h"
#include "benchmarks/support/thp.h"

#define SOME 16 /* pages that a turn of dontneed, punch and migrate is about */
#define PATIENCE_NS                                                                                \
	10000000000u /* until an aggressor counts as idle; it may have to share its CPU */

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

/* Turns: true when the operation succeeded. */

static void store_some(struct mp_aggressor *a)
{
	for (unsigned i = 0; i < SOME; i++)
		*(volatile char *)(a->area + i * a->page) = 1;
}

static bool turn_fault(struct mp_aggressor *a)
{
	if (a->next == a->size) {
		a->next = 0;
		mp_sys_madvise(a->area, a->size, MADV_DONTNEED);
	}
	*(volatile char *)(a->area + a->next) = 1;
	a->next += a->page;
	return true;
}

static bool turn_map(struct mp_aggressor *a)
{
	int flags = a->fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	long at = mp_sys_mmap(a->hole, a->page, PROT_READ | PROT_WRITE, flags | MAP_FIXED, a->fd,
			      (long)a->offset);

	return at == (long)a->hole && !mp_sys_munmap(a->hole, a->page);
}

/* The second page of the area, so that the first one stays what its neighbours before are. */
static bool turn_protect(struct mp_aggressor *a)
{
	int prot = a->turn++ & 1 ? PROT_READ | PROT_WRITE : PROT_READ;

	return !mp_sys_mprotect(a->area + a->page, a->page, prot);
}

static bool turn_fork(struct mp_aggressor *a)
{
	long pid = mp_sys_fork();

	(void)a;
	if (pid == 0)
		for (;;)
			mp_syscall3(SYS_exit_group, 0, 0, 0);
	return pid > 0 && mp_sys_wait(pid, NULL) == pid;
}

static bool turn_dontneed(struct mp_aggressor *a)
{
	store_some(a);
	return !mp_sys_madvise(a->area, SOME * a->page, MADV_DONTNEED);
}

static bool turn_maps(struct mp_aggressor *a)
{
	long got, at = 0;

	while ((got = mp_syscall6(SYS_pread64, a->maps, (long)a->text, sizeof(a->text), at, 0, 0)) >
	       0)
		at += got;
	return !got && at;
}

static bool turn_rusage(struct mp_aggressor *a)
{
	return !mp_syscall3(SYS_getrusage, RUSAGE_SELF, (long)a->text, 0);
}

static bool turn_collapse(struct mp_aggressor *a)
{
	bool collapsed;

	for (uint64_t b = 0; b < a->size; b += a->page)
		*(volatile char *)(a->area + b) = 1;
	collapsed = !mp_sys_madvise(a->area, a->size, MADV_COLLAPSE);
	mp_sys_madvise(a->area, a->size, MADV_DONTNEED);
	return collapsed;
}

static bool turn_migrate(struct mp_aggressor *a)
{
	void *pages[SOME];
	int nodes[SOME], status[SOME];

	a->turn++;
	for (unsigned i = 0; i < SOME; i++) {
		pages[i] = a->area + i * a->page;
		nodes[i] = a->nodes[a->turn & 1];
	}
	return !mp_sys_move_pages(SOME, pages, nodes, status, MPOL_MF_MOVE) &&
	       status[0] == nodes[0];
}

static bool turn_punch(struct mp_aggressor *a)
{
	store_some(a);
	return !mp_syscall6(SYS_fallocate, a->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			    (long)a->offset, (long)(SOME * a->page), 0, 0);
}

static bool turn_spin(struct mp_aggressor *a)
{
	a->chain = mp_spin(a->chain, 1000);
	return true;
}

static const struct kind {
	const char *word;
	bool (*turn)(struct mp_aggressor *a);
	unsigned shares; /* enum mp_shares bits that it may */
} kinds[] = {
	{ "collapse", turn_collapse, MP_SHARES_MM | MP_SHARES_NOTHING },
	{ "dontneed", turn_dontneed, MP_SHARES_VMA | MP_SHARES_MM | MP_SHARES_NOTHING },
	{ "fault", turn_fault, ~0u },
	{ "fork", turn_fork, MP_SHARES_VMA | MP_SHARES_MM | MP_SHARES_NOTHING },
	{ "map", turn_map, ~(unsigned)MP_SHARES_VMA },
	{ "maps", turn_maps, MP_SHARES_MM },
	{ "migrate", turn_migrate, MP_SHARES_MM | MP_SHARES_NOTHING },
	{ "protect", turn_protect, MP_SHARES_VMA | MP_SHARES_MM | MP_SHARES_NOTHING },
	{ "punch", turn_punch, ~(unsigned)MP_SHARES_VMA },
	{ "rusage", turn_rusage, MP_SHARES_MM },
	{ "spin", turn_spin, MP_SHARES_MM | MP_SHARES_NOTHING },
};

static const struct kind *kind_of(const struct mp_params *params)
{
	const char *word = mp_params_find(params, "aggressor")->word;

	for (size_t i = 0; i < MP_COUNT(kinds); i++)
		if (!strcmp(kinds[i].word, word))
			return &kinds[i];
	return NULL;
}

bool mp_contend_is(const struct mp_params *params, const char *aggressor)
{
	return !strcmp(mp_params_find(params, "aggressor")->word, aggressor);
}

enum mp_shares mp_contend_shares(const struct mp_params *params)
{
	const char *word = mp_params_find(params, "shares")->word;

	return !strcmp(word, "vma")    ? MP_SHARES_VMA
	       : !strcmp(word, "mm")   ? MP_SHARES_MM
	       : !strcmp(word, "file") ? MP_SHARES_FILE
				       : MP_SHARES_NOTHING;
}

int mp_contend_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err)
{
	const struct mp_param *size = mp_params_find(params, "size");
	const struct kind *kind = kind_of(params);

	if (!(kind->shares & mp_contend_shares(params)))
		return mp_err_usage(err, -EINVAL, "aggressor=%s cannot share=%s", kind->word,
				    mp_params_find(params, "shares")->word);
	if (size && size->number > host->memory_bytes / 4)
		return mp_err_usage(err, -EINVAL, "more than a quarter of the memory");
	if (kind->turn != turn_collapse)
		return 0;
	if (!mp_thp_unasked(host, NULL))
		return mp_err_usage(err, -EINVAL,
				    "with transparent huge pages set to 'always' there is nothing "
				    "to collapse: echo madvise > "
				    "/sys/kernel/mm/transparent_hugepage/enabled");
	return mp_thp_possible(host->hugepage_size, err);
}

/* Memory of its own: in the arena of its worker, where nothing of the victim's is. */
static int map_area(struct mp_ctx *ctx, struct mp_aggressor *a, struct mp_err *err)
{
	char *area = ctx->arena + mp_ground.stride + mp_table_span(a->page);
	int flags = a->fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;

	area = (char *)((uint64_t)area / MP_AGGRESSOR_BYTES * MP_AGGRESSOR_BYTES);
	if (mmap(area, a->size, PROT_READ | PROT_WRITE, flags | MAP_FIXED | MAP_NORESERVE, a->fd,
		 (off_t)a->offset) == MAP_FAILED)
		return mp_err_env(err, -errno, "cannot map memory for others: %s", strerror(errno));
	/* Pages to collapse are small for want of advice. A kernel without huge pages refuses the other one. */
	if (!mp_contend_is(ctx->params, "collapse"))
		madvise(area, a->size, MADV_NOHUGEPAGE);
	a->area = area;
	return 0;
}

static int own_file(struct mp_aggressor *a, struct mp_err *err)
{
	int ret = mp_backing_open(MP_BACKING_MEMFD, &a->fd, err);

	if (!ret && ftruncate(a->fd, MP_AGGRESSOR_BYTES))
		ret = mp_err_env(err, -errno, "cannot lengthen a file: %s", strerror(errno));
	return ret;
}

/* In the process that takes the turns. */
static int prepare(struct mp_ctx *ctx, struct mp_aggressor *a, struct mp_err *err)
{
	enum mp_shares shares = mp_contend_shares(ctx->params);
	uint64_t span = mp_table_span(ctx->host->page_size);
	int ret = 0;

	a->page = ctx->host->page_size;
	a->size = mp_contend_is(ctx->params, "collapse") ? ctx->host->hugepage_size
							 : MP_AGGRESSOR_BYTES;
	a->fd = mp_ground.fd;
	a->offset = a->fd < 0 ? 0 : mp_ground.first + (ctx->thread - 1) * mp_ground.stride;
	a->maps = -1;
	a->hole = ctx->arena + ctx->arena_size / 2 + span / 2;
	if (a->fd >= 0 && shares == MP_SHARES_NOTHING) {
		a->offset = 0;
		ret = own_file(a, err);
	}
	if (!ret)
		ret = mp_arena_hole(ctx, ctx->arena_size / 2, span, err);
	if (!ret && mp_contend_is(ctx->params, "maps"))
		a->maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	if (!ret && mp_contend_is(ctx->params, "migrate"))
		ret = mp_nodes_two(a->nodes, err);
	if (!ret && shares == MP_SHARES_VMA)
		a->area = mp_ground.base + mp_ground.first + (ctx->thread - 1) * mp_ground.stride;
	else if (!ret)
		ret = map_area(ctx, a, err);
	if (!ret)
		store_some(a);
	return ret;
}

static int turns(struct mp_ctx *ctx, struct mp_aggressor *a, struct mp_err *err)
{
	struct mp_beside_work *self = &ctx->besides[ctx->thread];
	bool (*turn)(struct mp_aggressor *) = kind_of(ctx->params)->turn;
	uint64_t done = 0;
	int ret = prepare(ctx, a, err);

	a->pid = (int)mp_syscall0(SYS_getpid);
	while (!ret && !atomic_load_explicit(&self->stop, memory_order_relaxed)) {
		done += turn(a);
		atomic_store_explicit(&self->cpu, sched_getcpu(), memory_order_relaxed);
		atomic_store_explicit(&self->operations, done, memory_order_relaxed);
	}
	return ret;
}

static void child_main(struct mp_ctx *ctx, struct mp_aggressor *a, long parent)
{
	struct mp_err err = { .text = "" };
	int ret = -ESRCH;

	mp_syscall6(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
	if (mp_syscall0(SYS_getppid) == parent)
		ret = turns(ctx, a, &err);
	/* the parent reads it: the state is shared memory */
	snprintf(a->text, sizeof(a->text), "%s", err.text);
	for (;;)
		mp_syscall3(SYS_exit_group, ret != 0, 0, 0);
}

/* Until the worker is told to stop: then the child ends, whatever it is at. */
static int await_child(struct mp_beside_work *self, long pid, int *ret_status)
{
	const struct timespec nap = { .tv_nsec = 10000000 };
	long got;

	while (!(got = mp_syscall6(SYS_wait4, pid, (long)ret_status, WNOHANG, 0, 0, 0))) {
		if (atomic_load(&self->stop)) {
			mp_syscall3(SYS_kill, pid, SIGKILL, 0);
			mp_sys_wait(pid, NULL);
			return 0;
		}
		mp_syscall3(SYS_nanosleep, (long)&nap, 0, 0);
	}
	/* it may have seen that for itself */
	return WIFEXITED(*ret_status) && !WEXITSTATUS(*ret_status) ? 0 : -ECHILD;
}

static int in_a_child(struct mp_ctx *ctx, struct mp_aggressor *a, struct mp_err *err)
{
	long self = mp_syscall0(SYS_getpid), pid = mp_sys_fork();
	int status = 0;

	if (pid == 0)
		child_main(ctx, a, self);
	if (pid < 0)
		return mp_err_env(err, (int)pid, "cannot fork: %s", strerror((int)-pid));
	if (!await_child(&ctx->besides[ctx->thread], pid, &status))
		return 0;
	return mp_err_env(err, -ECHILD, "an aggressor's process has ended: %s",
			  WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : a->text);
}

int mp_contend_beside(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_aggressor *a = &((struct mp_contend *)ctx->state)->aggressor;
	int ret;

	a->home = sched_getcpu();
	mp_ground.aggressors[ctx->thread] = a;
	ret = mp_contend_shares(ctx->params) & (MP_SHARES_VMA | MP_SHARES_MM)
		      ? turns(ctx, a, err)
		      : in_a_child(ctx, a, err);
	/* Nobody needs to wait for what it does next. */
	atomic_store(&ctx->besides[ctx->thread].stop, 1);
	return ret;
}

/* Has it done something since? It is given time to; no more, once one of them was given time in vain. */
static bool has_run(struct mp_contend *s, const struct mp_beside_work *beside, uint64_t *seen)
{
	uint64_t begin = mp_clock_raw_ns(), now;

	while ((now = atomic_load_explicit(&beside->operations, memory_order_relaxed)) == *seen) {
		s->lost = s->lost || atomic_load(&beside->stop) ||
			  mp_clock_raw_ns() - begin > PATIENCE_NS;
		if (s->lost)
			return false;
		sched_yield();
	}
	*seen = now;
	return true;
}

void mp_contend_check_aggressors(struct mp_ctx *ctx)
{
	struct mp_contend *s = ctx->state;
	unsigned others = ctx->threads - 1, ran = 0, seated = 0, here = 0, inside = 0;
	int self = (int)mp_syscall0(SYS_getpid), cpu = sched_getcpu();
	enum mp_shares shares = mp_contend_shares(ctx->params);
	bool in_mm = shares & (MP_SHARES_VMA | MP_SHARES_MM);
	struct mp_vma_entry vma = { 0 };

	if (!others)
		return;
	if (s->beside)
		mp_vma_find(&s->view, s->beside, &vma, NULL, NULL);
	for (unsigned i = 1; i <= others; i++) {
		const struct mp_aggressor *a = mp_ground.aggressors[i];
		int at;

		ran += has_run(s, &ctx->besides[i], &s->seen[i]);
		at = atomic_load_explicit(&ctx->besides[i].cpu, memory_order_relaxed);
		seated += at == a->home && at != cpu;
		here += a->pid == self;
		inside += (uint64_t)a->area >= vma.start && (uint64_t)a->area < vma.end;
	}
	mp_expect_equal(ctx, "aggressors_ran", others, ran);
	mp_expect_equal(ctx, "aggressors_seated", others, seated);
	mp_expect_equal(ctx, "aggressors_mm", in_mm ? others : 0, here);
	if (s->beside)
		mp_expect_equal(ctx, "aggressors_vma", shares == MP_SHARES_VMA ? others : 0,
				inside);
}
