/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls of memperf's kernel module that no well-meaning program makes, in the machines of tests: they do no harm.
 *
 *	hostile N SEED		N calls of random numbers, sizes and contents
 *	hostile N SEED MODULE	the same by processes that begin with one open file, a storm: signals reach all of them and end
 *				one; meanwhile the last CPU goes and comes, and the module, whose file that is, is to be
 *				unloaded at every moment: refused while a file is open, and loaded again when it was not
 *
 * Says "kmod hostile ok: ..." or what is wrong; exits 0 or 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kmod/memperf_uapi.h"
#include "tests/guest/complain.h"

/* Of all processes. */
static struct tally {
	atomic_uint calls, accepted,
		interrupted; /* interrupted: jobs and preparations that a signal ended */
	atomic_uint unloaded, refused, offline;
	atomic_bool over;
} * tally;

static char *page; /* and behind it a hole */

static uint64_t state;

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Mostly small, sometimes at an edge, sometimes anything. */
static uint64_t field(void)
{
	static const uint64_t edges[] = { UINT64_MAX, INT64_MAX, 1ULL << 32, UINT32_MAX, INT32_MAX,
					  1u << 26,   1u << 20,	 4096,	     4095,	 0 };

	switch (draw() % 4) {
	case 0:
		return edges[draw() % (sizeof(edges) / sizeof(edges[0]))];
	case 1:
		return draw();
	default:
		return draw() % 20;
	}
}

/* Often enough right or nearly right, or nothing would get past the first check. */
static void nearly_right(struct mpk_prepare *p)
{
	const struct mpk_prepare right = {
		.gfp = (uint32_t)(draw() % 4),
		.context = (uint32_t)(draw() % MPK_CONTEXT_COUNT),
		.pattern = draw() % 2 ? MPK_PAIR : (uint32_t)(draw() % MPK_PATTERN_COUNT),
		.depth = (uint32_t)(1 + draw() % 64),
		.amount = draw() % 2 ? 0 : 64
	};
	static unsigned allocators;
	struct mpk_info info = { 0 };
	struct mpk_describe d = { 0 };

	if (draw() % 2)
		*p = right;
	if (!allocators && !ioctl(device, MPK_INFO, &info))
		allocators = info.allocators;
	d.index = allocators ? (uint32_t)(draw() % allocators) : 0;
	ioctl(device, MPK_DESCRIBE, &d);
	memcpy(p->allocator, d.name, sizeof(d.name));
	p->node = draw() % 2 ? -1 : p->node;
	p->cpu = draw() % 2 ? -1 : p->cpu;
	p->crowd = draw() % 8 ? 0 : p->crowd;
	p->batch = draw() % 2 ? 0 : p->batch;
	p->touch = draw() % 2 ? 0 : p->touch % 4;
	p->align = draw() % 2 ? 0 : 1u << p->align % 16;
	p->reserved = draw() % 16 ? 0 : p->reserved;
	p->budget_ns = 20000000;
	p->budget_bytes = 4u << 20;
}

static void call(void)
{
	static const unsigned commands[] = { MPK_INFO, MPK_DESCRIBE, MPK_PREPARE,
					     MPK_FILL, MPK_RUN,	     MPK_DRAIN };
	unsigned command = commands[draw() % 6];
	unsigned size = _IOC_SIZE(command);
	uint32_t words[256];
	char *at = page;

	for (unsigned k = 0; k < 256; k++)
		words[k] = (uint32_t)field();
	if (command == MPK_PREPARE)
		nearly_right((struct mpk_prepare *)words);
	/* Longer than it takes a signal to come. */
	if (command == MPK_RUN && draw() % 2)
		*(struct mpk_run *)words =
			(struct mpk_run){ .count = MPK_OPS_MAX, .hollow = draw() % 4 == 0 };
	/* A size that is not the struct's, another number, a pointer that ends at the hole or is none. */
	if (draw() % 8 == 0)
		size = (unsigned)(draw() % 1000);
	if (draw() % 16 == 0)
		command = (unsigned)draw();
	else
		command = _IOC(_IOC_DIR(command), MPK_IOCTL, _IOC_NR(command), size);
	if (size > 1024)
		size = 1024;
	if (draw() % 16 == 0)
		at = page + 4096 - size / 2;
	memcpy(at, words, at == page ? size : size / 2);
	if (!ioctl(device, command, draw() % 32 ? (void *)at : (void *)(uintptr_t)draw()))
		tally->accepted++;
	else if (errno == EINTR)
		tally->interrupted++;
	if (draw() % 16 == 0 && pread(device, page, 4096, (off_t)field()) < -1)
		exit(1);
}

/* The device, which is not there while the module is not. */
static void open_again(void)
{
	if (device >= 0)
		close(device);
	for (int i = 0; i < 10000; i++) {
		device = open(MPK_DEVICE, O_RDWR);
		if (device >= 0)
			return;
		usleep(1000);
	}
	complain("%s: %s", MPK_DEVICE, strerror(errno));
	exit(1);
}

/* Until so many were made by all. */
static void calls(unsigned until, uint64_t seed)
{
	state = seed | 1;
	while (tally->calls++ < until) {
		call();
		if (draw() % 64 == 0)
			open_again();
	}
}

/* ---- storm ---- */

#define ROUNDS	  8
#define PROCESSES 3
#define CPU	  "/sys/devices/system/cpu/cpu1/online"

static void on_alarm(int number)
{
	(void)number;
}

static void load(const char *module)
{
	int fd = open(module, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		complain("%s cannot be loaded: %s", module, strerror(errno));
	close(fd);
}

static void unloads(const char *module)
{
	while (!tally->over) {
		if (!syscall(SYS_delete_module, "memperf", O_NONBLOCK)) {
			load(module);
			tally->unloaded++;
		} else if (errno == EAGAIN) {
			tally->refused++;
		} else {
			complain("the module is not unloaded: %s", strerror(errno));
			return;
		}
		usleep(1000);
	}
}

static void offlines(void)
{
	int fd = open(CPU, O_WRONLY | O_CLOEXEC);

	while (!tally->over && fd >= 0) {
		if (pwrite(fd, "0", 1, 0) != 1 || pwrite(fd, "1", 1, 0) != 1) {
			complain("a CPU neither goes nor comes: %s", strerror(errno));
			break;
		}
		tally->offline++;
		usleep(1000);
	}
}

static void stormy(unsigned until, uint64_t seed)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval often = { { 0, 7000 }, { 0, 7000 } };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	calls(until, seed);
}

/* `what` is 0: unloads; 1: offlines; else one of the processes that call. */
static pid_t begin(int what, const char *module, unsigned until, uint64_t seed)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (what == 0)
		unloads(module);
	else if (what == 1)
		offlines();
	else
		stormy(until, seed);
	exit(wrong != 0);
}

static void end(pid_t pid, bool killed)
{
	int status = 0;

	if (waitpid(pid, &status, 0) != pid || (!killed && status) ||
	    (killed && status && (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)))
		complain("a process ended with status %#x", (unsigned)status);
}

/* When nobody has the device open any more, the module is unloaded sooner or later. */
static void wait_for_unload(void)
{
	unsigned before = tally->unloaded;

	for (int i = 0; tally->unloaded == before; i++, usleep(1000)) {
		if (i < 20000)
			continue;
		complain("nobody has the device open, and the module stays");
		return;
	}
}

static void storm(unsigned n, uint64_t seed, const char *module)
{
	pid_t unloader = begin(0, module, 0, 0), offliner = begin(1, module, 0, 0);

	for (unsigned round = 1; round <= ROUNDS; round++) {
		pid_t callers[PROCESSES];

		open_again();
		for (unsigned i = 0; i < PROCESSES; i++)
			callers[i] = begin(2, module, n / ROUNDS * round, seed + round * 100 + i);
		close(device);
		device = -1;
		usleep(50000);
		kill(callers[0], SIGKILL);
		for (unsigned i = 0; i < PROCESSES; i++)
			end(callers[i], i == 0);
		wait_for_unload();
	}
	tally->over = true;
	end(unloader, false);
	end(offliner, false);
	printf("%u interrupted, unloaded %u times and refused %u times, a CPU went %u times\n",
	       tally->interrupted, tally->unloaded, tally->refused, tally->offline);
	if (!tally->interrupted || !tally->refused || (!tally->offline && !access(CPU, F_OK)))
		complain("this was no storm");
}

int main(int argc, char **argv)
{
	unsigned n = argc > 2 ? (unsigned)atoi(argv[1]) : 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;

	if (argc < 3 || argc > 4)
		return 2;
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED || page == MAP_FAILED || mprotect(page + 4096, 4096, PROT_NONE))
		return 1;
	device = -1;
	if (argc == 4) {
		storm(n, seed, argv[3]);
	} else {
		open_again();
		calls(n, seed);
	}
	printf("kmod hostile ok: %u calls, %u of them accepted\n", n, tally->accepted);
	if (tally->accepted < n / 20)
		complain("only %u of %u calls were accepted: this proves little", tally->accepted,
			 n);
	return wrong != 0;
}
