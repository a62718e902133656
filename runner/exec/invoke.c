/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Starting one worker, waiting for it, and reading what it left. A crash, a kill or a timeout is an outcome of
 * that invocation and no error of the run.
 */
#include "runner/exec/invoke.h"

#include "common/beside.h"
#include "common/cleanup.h"
#include "runner/exec/seating.h"
#include "runner/machine/affinity.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define MAX_BLOCKS  2048u /* per invocation with one thread */
#define TEAM_BLOCKS 256u /* per thread with several */
#define MAX_SAMPLES 8192u /* enough for p99.9, which needs 3688 */
#define WANT_CALM   400u /* calm samples: enough for p99, which needs 368 */

struct mp_invoker {
	char path[PATH_MAX];
	int fd; /* memfd of the mapping */
	int output; /* memfd that takes the worker's standard error */
	size_t size;
	struct mp_wire *wire;
};

static int worker_path(char path[PATH_MAX], struct mp_err *err)
{
	int ret = mp_beside_worker(path);

	if (ret && !*path)
		return mp_err_env(err, ret, "cannot read /proc/self/exe: %s; is /proc mounted?",
				  strerror(-ret));
	if (ret == -ENAMETOOLONG)
		return mp_err_env(err, ret, "'%s': path too long", path);
	if (ret)
		return mp_err_env(
			err, ret,
			"cannot execute '%s', nor '..%s': build or install memperf-worker", path,
			&MP_BESIDE_INSTALLED[strlen("/..")]);
	return 0;
}

static uint32_t max_blocks(unsigned threads)
{
	return threads * TEAM_BLOCKS > MAX_BLOCKS ? threads * TEAM_BLOCKS : MAX_BLOCKS;
}

static size_t state_stride(size_t state_size)
{
	return (MP_WIRE_THREAD_BYTES + state_size + 4095) & ~(size_t)4095;
}

int mp_invoker_new(unsigned threads, size_t state_size, struct mp_invoker **ret_invoker,
		   struct mp_err *err)
{
	struct mp_invoker *v = calloc(1, sizeof(*v));
	int ret;

	if (!v)
		return mp_err_env(err, -ENOMEM, "out of memory");
	v->fd = v->output = -1;
	v->wire = MAP_FAILED;
	v->size = sizeof(struct mp_wire) + 65536 + max_blocks(threads) * sizeof(struct mp_block) +
		  MAX_SAMPLES * sizeof(uint32_t) +
		  threads * (state_stride(state_size) + sizeof(struct mp_tally));
	v->size = (v->size + 65535) & ~(size_t)65535;
	ret = worker_path(v->path, err);
	if (ret)
		goto out;
	v->fd = memfd_create("memperf-wire", MFD_CLOEXEC);
	v->output = memfd_create("memperf-worker-stderr", MFD_CLOEXEC);
	if (v->fd < 0 || v->output < 0 || ftruncate(v->fd, (off_t)v->size)) {
		ret = mp_err_env(err, -errno, "cannot create shared memory of %zu bytes: %s",
				 v->size, strerror(errno));
		goto out;
	}
	v->wire = mmap(NULL, v->size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (v->wire == MAP_FAILED) {
		ret = mp_err_env(err, -errno, "cannot map shared memory of %zu bytes: %s", v->size,
				 strerror(errno));
		goto out;
	}
	*ret_invoker = v;
	v = NULL;
out:
	mp_invoker_free(v);
	return ret;
}

void mp_invoker_free(struct mp_invoker *v)
{
	if (!v)
		return;
	if (v->wire != MAP_FAILED)
		munmap(v->wire, v->size);
	mp_close_fd(&v->fd);
	mp_close_fd(&v->output);
	free(v);
}

/* The seed of an invocation depends on the run's seed, the case and the ordinal alone, not on the order in
 * which a run (or its resumption) comes by. FNV-1a over the case's text (Fowler, Noll, Vo). */
static uint64_t invocation_seed(uint64_t seed, const char *text, uint32_t ordinal)
{
	uint64_t hash = 0xcbf29ce484222325ULL;
	struct mp_random r;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	r.state = seed ^ hash ^ ((uint64_t)ordinal << 32);
	return mp_random_next(&r);
}

/* What is drawn for one invocation, beside the kernel's own randomisation. */
struct layout {
	unsigned env_bytes, stack_offset, shift_pages, prealloc_pages;
};

static struct layout draw_layout(uint64_t seed)
{
	struct mp_random r = { .state = seed ^ 0x6c61796f7574ULL };

	return (struct layout){
		.env_bytes = (unsigned)mp_random_below(&r, 4096),
		.stack_offset = (unsigned)mp_random_below(&r, 256) * 16,
		.shift_pages = (unsigned)mp_random_below(&r, 512),
		.prealloc_pages = (unsigned)mp_random_below(&r, 64),
	};
}

static int fill_request(struct mp_invoker *v, const struct mp_run *run, size_t index,
			const struct layout *layout, struct mp_invocation *inv,
			struct mp_window window, enum mp_counter_pass pass, struct mp_err *err)
{
	const struct mp_planned *c = run->cases[index].planned;
	const struct mp_sabotage *sabotage = mp_sabotage_of(&run->sabotage, c);
	struct mp_wire_request *r = &v->wire->request;
	size_t header = (sizeof(struct mp_wire) + 4095) & ~(size_t)4095;
	int ret;

	memset(v->wire, 0, header);
	r->magic = MP_WIRE_MAGIC;
	r->version = MP_WIRE_VERSION;
	r->size = v->size;
	r->parent = getpid();
	snprintf(r->bench, sizeof(r->bench), "%s", c->bench->name);
	r->params = c->params;
	r->host = *mp_machine_host(run->machine);
	r->seed = inv->seed;
	r->clock = run->clock->clock;
	r->ns_per_tick = run->clock->ns_per_tick;
	r->step_ns = run->clock->step_ns;
	r->warmup_ns = run->plan->warmup_ns;
	r->measure_ns = window.measure_ns;
	r->extend_ns = window.extend_ns;
	r->want_calm = WANT_CALM;
	r->batch_ops = run->cases[index].batch_ops;
	r->threads = mp_params_workers(&c->params);
	r->stack_offset = layout->stack_offset;
	r->shift_pages = layout->shift_pages;
	r->prealloc_pages = layout->prealloc_pages;
	if (run->cases[index].counting)
		r->tally = *mp_counting_order(run->cases[index].counting, pass);
	if (pass == MP_PASS_BANDWIDTH)
		v->wire->region.want_ns = MP_COUNTING_REGION_NS;
	if (sabotage)
		r->sabotage = *sabotage;
	r->max_blocks = max_blocks(r->threads);
	r->max_samples = MAX_SAMPLES;
	r->state_stride = state_stride(c->bench->state_size);
	r->blocks_offset = header;
	r->samples_offset = r->blocks_offset + r->max_blocks * sizeof(struct mp_block);
	r->states_offset = (r->samples_offset + MAX_SAMPLES * sizeof(uint32_t) + 4095) & ~4095ULL;
	r->tallies_offset = r->states_offset + r->threads * r->state_stride;
	memset((char *)v->wire + r->states_offset, 0,
	       r->threads * (r->state_stride + sizeof(struct mp_tally)));
	ret = mp_seating_ask(v->wire, run->machine, &run->speeds.now, &c->params, err);
	for (uint32_t t = 0; !ret && t < r->threads && run->cases[index].counting; t++)
		r->kinds[t] = mp_counting_kind(run->cases[index].counting, r->cpus[t]);
	return ret;
}

/*
 * Starts the worker; the environment holds nothing but the drawn padding and TMPDIR, if any. It is born on its CPU, because a child inherits
 * the affinity: started elsewhere and moved, its address space would count as used by both CPUs, and every munmap,
 * mprotect and the like would flush the TLB of the other one, too (munmap of one touched page: 2.56 us, not 2.12 us).
 */
static int spawn(struct mp_invoker *v, const struct mp_run *run, const struct layout *layout,
		 pid_t *ret_pid, struct mp_err *err)
{
	char padding[4096 + sizeof("PAD=")];
	char *argv[] = { (char *)"memperf-worker", NULL };
	char tmpdir[4096] = "", *envp[] = { padding, NULL, NULL };
	const char *folder = getenv("TMPDIR");
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	struct mp_affinity before = { 0 };
	sigset_t none;
	int code;

	memcpy(padding, "PAD=", 4);
	memset(padding + 4, 'x', layout->env_bytes);
	padding[4 + layout->env_bytes] = '\0';
	/* Where files on a disk go, benchmarks/support/backing.h. */
	if (folder && snprintf(tmpdir, sizeof(tmpdir), "TMPDIR=%s", folder) < (int)sizeof(tmpdir))
		envp[1] = tmpdir;
	if (ftruncate(v->output, 0) || lseek(v->output, 0, SEEK_SET) < 0)
		return mp_err_internal(err, -errno, "cannot reset the worker's output: %s",
				       strerror(errno));
	sigemptyset(&none);
	if (posix_spawn_file_actions_init(&actions))
		return mp_err_env(err, -ENOMEM, "out of memory");
	if (posix_spawnattr_init(&attributes)) {
		posix_spawn_file_actions_destroy(&actions);
		return mp_err_env(err, -ENOMEM, "out of memory");
	}
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, v->output, 2);
	posix_spawn_file_actions_adddup2(&actions, v->fd, MP_WIRE_FD);
	/* A process group of its own: Ctrl-C is for the coordinator, which then ends the worker. */
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	if (run->no_aslr)
		personality(ADDR_NO_RANDOMIZE);
	/* Should this fail, the worker says so when it binds itself. */
	mp_affinity_pin(v->wire->request.cpus[0], &before);
	code = posix_spawn(ret_pid, v->path, &actions, &attributes, argv, envp);
	mp_affinity_restore(&before);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (code)
		return mp_err_env(err, -code, "cannot start memperf-worker: %s", strerror(code));
	return 0;
}

/* Waits for the worker. 0 and its wait status; -ETIMEDOUT or -EINTR after having killed it. */
static int await(pid_t pid, const struct mp_run *run, int *ret_status)
{
	MP_CLEANUP(mp_close_fd) int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	uint64_t begin = mp_clock_raw_ns();
	int ret = 0;

	while (!ret) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		pid_t got;

		/* Without pidfd_open (Linux 5.3) this is a plain wait of 2 ms. */
		poll(&p, fd >= 0, fd >= 0 ? 100 : 2);
		got = waitpid(pid, ret_status, WNOHANG);
		if (got == pid)
			return 0;
		if (run->stop && *run->stop)
			ret = -EINTR;
		else if (mp_clock_raw_ns() - begin > run->timeout_ns)
			ret = -ETIMEDOUT;
	}
	/* The whole group: a benchmark may have forked. */
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
		;
	return ret;
}

struct watched {
	pid_t pid;
	const struct mp_run *run;
};

/* Is the worker gone, or is the run to end? Leaves the worker to await(). */
static bool is_over(void *user)
{
	const struct watched *w = user;
	siginfo_t info = { .si_pid = 0 };

	if (w->run->stop && *w->run->stop)
		return true;
	return waitid(P_PID, (id_t)w->pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid;
}

/* The first line of what the worker wrote to its standard error: an assertion, a libc abort. */
static void last_words(const struct mp_invoker *v, char *buf, size_t size)
{
	ssize_t got = pread(v->output, buf, size - 1, 0);

	buf[got > 0 ? got : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

static uint64_t oom_kills(void)
{
	char text[16384];
	const char *at;
	FILE *file = fopen("/proc/vmstat", "re");
	size_t got;

	if (!file)
		return 0;
	got = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[got] = '\0';
	at = strstr(text, "\noom_kill ");
	return at ? strtoull(at + 10, NULL, 10) : 0;
}

/* A worker that did not end by itself, or not well. */
static void set_failure(const struct mp_invoker *v, int status, uint64_t oom_before,
			struct mp_invocation *inv)
{
	static const char *const stages[] = { "before it started",	   "while binding",
					      "in the benchmark's set-up", "while measuring",
					      "while tearing down",	   "after its report" };
	uint32_t state = v->wire->report.state;
	const char *stage = state < 6 ? stages[state] : "in an unknown state";
	char words[160];

	inv->outcome = MP_OUTCOME_FAILED;
	last_words(v, words, sizeof(words));
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && oom_kills() > oom_before)
		snprintf(inv->reason, sizeof(inv->reason),
			 "the kernel ran out of memory and killed the worker %s; free memory, "
			 "raise the "
			 "cgroup's memory.max, or choose a smaller size",
			 stage);
	else if (WIFSIGNALED(status))
		snprintf(inv->reason, sizeof(inv->reason),
			 "the worker died of signal %d (%s) %s%s%s", WTERMSIG(status),
			 strsignal(WTERMSIG(status)), stage, *words ? ": " : "", words);
	else
		snprintf(inv->reason, sizeof(inv->reason), "the worker exited with %d %s%s%s",
			 WEXITSTATUS(status), stage, *words ? ": " : "", words);
}

/* Copies the worker's arrays into heap memory. */
static int take_arrays(const struct mp_invoker *v, struct mp_invocation *inv)
{
	struct mp_wire *wire = v->wire;
	const struct mp_wire_request *r = &wire->request;
	size_t n_blocks = wire->report.n_blocks, n_samples = wire->report.n_samples;
	size_t n_checks = wire->report.n_checks;

	if (n_blocks > r->max_blocks || n_samples > r->max_samples || n_checks > MP_CHECKS_MAX)
		return -EBADMSG;
	inv->blocks = malloc(n_blocks * sizeof(*inv->blocks) + 1);
	inv->samples = malloc(n_samples * sizeof(*inv->samples) + 1);
	inv->checks = malloc(n_checks * sizeof(*inv->checks) + 1);
	if (!inv->blocks || !inv->samples || !inv->checks)
		return -ENOMEM;
	memcpy(inv->blocks, mp_wire_blocks(wire), n_blocks * sizeof(*inv->blocks));
	memcpy(inv->samples, mp_wire_samples(wire), n_samples * sizeof(*inv->samples));
	memcpy(inv->checks, wire->report.checks, n_checks * sizeof(*inv->checks));
	inv->n_blocks = n_blocks;
	inv->n_samples = n_samples;
	inv->n_checks = n_checks;
	return mp_seating_take(wire, inv);
}

/* Says in the layout what made the operations longer, and the invocation. */
static void add_lengths(const struct mp_wire_report *report, char *layout, size_t size)
{
	size_t used = strlen(layout);

	if (report->slowed)
		used += (size_t)snprintf(layout + used, size - used, " spin=%.2fns tail=%.1fns",
					 report->spin_ns, report->tail_ns);
	if (report->extended_ns && used < size)
		snprintf(layout + used, size - used, MP_LAYOUT_EXTENDED "%lluns",
			 (unsigned long long)report->extended_ns);
}

static void take_report(const struct mp_invoker *v, const struct layout *layout, bool no_aslr,
			struct mp_invocation *inv)
{
	const struct mp_wire_report *report = &v->wire->report;

	inv->outcome = (enum mp_outcome)report->outcome;
	snprintf(inv->reason, sizeof(inv->reason), "%.*s", MP_REASON_TEXT - 1, report->reason);
	snprintf(inv->layout, sizeof(inv->layout),
		 "aslr=%s env=%u stack=%u shift=%u prealloc=%u arena=%#llx locked=%s",
		 no_aslr ? "no" : "yes", layout->env_bytes, layout->stack_offset,
		 layout->shift_pages, layout->prealloc_pages, (unsigned long long)report->arena,
		 report->locked ? "yes" : "no");
	add_lengths(report, inv->layout, sizeof(inv->layout));
	if (inv->outcome != MP_OUTCOME_OK && !*inv->reason)
		snprintf(inv->reason, sizeof(inv->reason), "the worker gave no reason");
	mp_seating_lists(v->wire, inv);
	inv->vma_count = report->vma_count;
	inv->batch_ops = report->batch_ops;
	inv->steal_ns = report->steal_ns;
}

/* Nothing was started: the case itself cannot run here (too few CPUs, say). */
static void not_started(struct mp_invocation *inv, const struct mp_err *err)
{
	inv->outcome = MP_OUTCOME_FAILED;
	snprintf(inv->reason, sizeof(inv->reason), "%.*s", MP_REASON_TEXT - 1, err->text);
}

/* Starts the worker and waits for its end, with what the case needs put back behind it. As await(), or a negative errno with the
 * sentence. */
static int run_worker(struct mp_invoker *v, const struct mp_run *run, const struct layout *layout,
		      struct mp_counting *watching, int *ret_status, struct mp_err *err)
{
	pid_t pid;
	int ret = spawn(v, run, layout, &pid, err), left;
	bool over;

	if (!ret && watching)
		mp_counting_watch(watching, v->wire, is_over,
				  &(struct watched){ .pid = pid, .run = run });
	if (!ret)
		ret = await(pid, run, ret_status);
	/* A case's set-up that stays would be the next case's: that ends the run, however this worker ended. */
	over = !ret || ret == -ETIMEDOUT;
	left = mp_setup_leave(run->setup, over ? err : NULL);
	return over && left ? left : ret;
}

int mp_invoke(struct mp_invoker *v, const struct mp_run *run, size_t index, uint32_t ordinal,
	      struct mp_window window, enum mp_counter_pass pass, struct mp_invocation *ret_inv,
	      struct mp_err *err)
{
	struct mp_invocation inv = { .ordinal = ordinal,
				     .clock_ns_per_tick = run->clock->ns_per_tick };
	uint64_t oom_before = oom_kills(), begin = mp_clock_raw_ns();
	const struct mp_planned *planned = run->cases[index].planned;
	struct layout layout;
	int status = 0, ret;

	/* Another pass is another draw. */
	inv.seed = invocation_seed(run->seed + (pass - MP_PASS_TIMING), planned->text, ordinal);
	inv.started_ns = mp_clock_real_ns();
	layout = draw_layout(inv.seed);
	if (fill_request(v, run, index, &layout, &inv, window, pass, err) ||
	    mp_setup_enter(run->setup, planned->bench, &planned->params, err)) {
		not_started(&inv, err);
		*ret_inv = inv;
		return 0;
	}
	mp_seating_judge(v->wire, run->clock->step_ns / run->clock->ns_per_tick, &inv);
	ret = run_worker(v, run, &layout,
			 pass == MP_PASS_BANDWIDTH ? run->cases[index].counting : NULL, &status,
			 err);
	if (ret && ret != -ETIMEDOUT)
		return ret;
	inv.duration_ns = mp_clock_raw_ns() - begin;
	take_report(v, &layout, run->no_aslr, &inv);
	if (ret == -ETIMEDOUT) {
		inv.outcome = MP_OUTCOME_TIMED_OUT;
		snprintf(inv.reason, sizeof(inv.reason),
			 "the worker was ended after %.0f s; --timeout sets the limit",
			 (double)run->timeout_ns / 1e9);
	} else if (!WIFEXITED(status) || v->wire->report.state != MP_WIRE_DONE) {
		if (inv.outcome != MP_OUTCOME_FAILED || WIFSIGNALED(status))
			set_failure(v, status, oom_before, &inv);
	}
	ret = take_arrays(v, &inv);
	if (ret) {
		mp_invocation_done(&inv);
		return mp_err_internal(err, ret, "the worker's report is damaged: %s",
				       strerror(-ret));
	}
	if (run->cases[index].counting &&
	    mp_counting_take(run->cases[index].counting, pass, v->wire,
			     run->cases[index].planned->bench, &inv)) {
		mp_invocation_done(&inv);
		return mp_err_env(err, -ENOMEM, "out of memory");
	}
	*ret_inv = inv;
	return 0;
}
