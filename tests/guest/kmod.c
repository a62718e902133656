/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drives memperf's kernel module from outside, in the machines of tests: what bounds a job.
 *
 *	kmod charged GROUP	what is accounted is charged to the memory cgroup in that folder, the rest is not
 *	kmod cancel		signals into long jobs and a long preparation, one open file closed with objects alive
 *	kmod closed		the device may not be opened by whoever this is
 *	kmod opened		it may, and answers
 *
 * Says "kmod COMMAND ok: ..." or what is wrong; exits 0 or 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "kmod/memperf_uapi.h"
#include "tests/guest/complain.h"

/* ---- charged ---- */

/* A number from, or a line into, a file of the group. */
static uint64_t group_file(const char *group, const char *name, const char *line)
{
	unsigned long long number = 0;
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", group, name);
	file = fopen(path, line ? "w" : "r");
	if (!file || (line ? fputs(line, file) < 0 : fscanf(file, "%llu", &number) != 1)) {
		printf("%s: %s\n", path, strerror(errno));
		exit(1);
	}
	fclose(file);
	return number;
}

/* Two MiB of objects: are they in the group's bill when they should be, and only then? */
static void charge(const char *group, const char *allocator, uint64_t amount, unsigned gfp,
		   bool inside)
{
	struct mpk_prepare p = { .gfp = gfp,
				 .pattern = MPK_STEADY,
				 .node = -1,
				 .cpu = -1,
				 .depth = 512,
				 .amount = amount };
	struct mpk_fill fill = { .count = 512 };
	bool want = inside && gfp == MPK_GFP_ACCOUNT;
	int64_t before, grown;

	snprintf(p.allocator, sizeof(p.allocator), "%s", allocator);
	before = (int64_t)group_file(group, "memory.current", NULL);
	if (ioctl(device, MPK_PREPARE, &p) || ioctl(device, MPK_FILL, &fill)) {
		complain("%s: %s", allocator, strerror(errno));
		return;
	}
	grown = (int64_t)group_file(group, "memory.current", NULL) - before;
	if (p.charged != want || (want ? grown < 3 << 19 : grown > 1 << 19))
		complain("%s gfp %u: the module says %u, the group grew by %lld bytes", allocator,
			 gfp, p.charged, (long long)grown);
	ioctl(device, MPK_DRAIN);
}

static void charged(const char *group)
{
	static const unsigned sets[] = { MPK_GFP_KERNEL, MPK_GFP_ACCOUNT };

	for (unsigned inside = 0; inside < 2; inside++) {
		if (inside)
			group_file(group, "cgroup.procs", "0");
		for (unsigned i = 0; i < 2; i++) {
			charge(group, "kmalloc", 4096, sets[i], inside);
			charge(group, "pages", 0, sets[i], inside);
			charge(group, "vmalloc", 4096, sets[i], inside);
		}
	}
	printf("kmod charged ok: 12 fillings\n");
}

/* ---- cancel ---- */

static void on_alarm(int number)
{
	(void)number;
}

/* A call that a signal after `ms` is to end; its error, 0: none. It must come back soon: three seconds are for machines that run much
 * else beside an emulation, where one was seen. */
static int cancelled(unsigned long command, void *argument, unsigned ms)
{
	const struct itimerval soon = { .it_value.tv_usec = ms * 1000 }, never = { 0 };
	struct timespec from, to;
	double took;
	int error;

	clock_gettime(CLOCK_MONOTONIC, &from);
	setitimer(ITIMER_REAL, &soon, NULL);
	error = ioctl(device, command, argument) ? errno : 0;
	setitimer(ITIMER_REAL, &never, NULL);
	clock_gettime(CLOCK_MONOTONIC, &to);
	took = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
	if (took > 3)
		complain("a call that was cancelled took %.3f s", took);
	return error;
}

/* The longest job that can be asked for ends, and says so. */
static void cancel_in(unsigned context)
{
	struct mpk_prepare p = { .allocator = "kmalloc",
				 .gfp = MPK_GFP_ATOMIC,
				 .context = context,
				 .pattern = MPK_PAIR,
				 .node = -1,
				 .cpu = -1,
				 .depth = 1,
				 .amount = 64,
				 .budget_ns = 100000000000 };
	struct mpk_run run = { .count = MPK_OPS_MAX };
	int error;

	if (ioctl(device, MPK_PREPARE, &p)) {
		complain("context %u: %s", context, strerror(errno));
		return;
	}
	error = cancelled(MPK_RUN, &run, 50);
	if (error != EINTR || run.stop != MPK_STOP_SIGNAL || !run.done || run.done == MPK_OPS_MAX)
		complain("context %u: %s, stop %u, %u done", context, strerror(error), run.stop,
			 run.done);
}

/* How many areas of addresses the kernel has given away. */
static unsigned areas(void)
{
	FILE *file = fopen("/proc/vmallocinfo", "r");
	unsigned lines = 0;
	int c;

	if (!file) {
		printf("/proc/vmallocinfo: %s\n", strerror(errno));
		exit(1);
	}
	while ((c = getc(file)) != EOF)
		lines += c == '\n';
	fclose(file);
	return lines;
}

/* A crowd that is half there when the signal comes is gone afterwards, and so is the job. */
static void cancel_crowd(void)
{
	struct mpk_prepare p = { .allocator = "vmalloc_busy",
				 .pattern = MPK_PAIR,
				 .node = -1,
				 .cpu = -1,
				 .depth = 1,
				 .amount = 4096 };
	struct mpk_describe d = { 0 };
	struct mpk_run run = { .count = 1 };
	unsigned before, after;
	int error;

	while (!ioctl(device, MPK_DESCRIBE, &d) && strcmp(d.name, p.allocator))
		d = (struct mpk_describe){ .index = d.index + 1 };
	p.crowd = d.crowd_max < 65536 ? d.crowd_max : 65536;
	before = areas();
	error = cancelled(MPK_PREPARE, &p, 5);
	after = areas();
	if (error != EINTR || after > before + 50)
		complain("a crowd of %u: %s, %u areas became %u", p.crowd, strerror(error), before,
			 after);
	if (!ioctl(device, MPK_RUN, &run) || errno != ENODATA)
		complain("the job of a PREPARE that was cancelled runs");
}

static void time_budget(void)
{
	struct mpk_prepare p = { .allocator = "vmalloc",
				 .pattern = MPK_PAIR,
				 .node = -1,
				 .cpu = -1,
				 .depth = 1,
				 .amount = 1u << 20,
				 .budget_ns = 30000000 };
	struct mpk_run run = { .count = MPK_OPS_MAX };

	if (ioctl(device, MPK_PREPARE, &p) || ioctl(device, MPK_RUN, &run) ||
	    run.stop != MPK_STOP_TIME || !run.done)
		complain("a job of 30 ms: %s, stop %u, %u done", strerror(errno), run.stop,
			 run.done);
}

/* More than a quarter of the memory is refused; what is alive when the file is closed is freed. */
static void memory_budget(void)
{
	struct mpk_prepare p = { .allocator = "pages",
				 .pattern = MPK_STEADY,
				 .node = -1,
				 .cpu = -1,
				 .depth = 65536,
				 .amount = 6 };
	struct mpk_fill fill = { .count = 4096 };

	if (!ioctl(device, MPK_PREPARE, &p) || p.reason != MPK_REASON_MEMORY)
		complain("16 GiB were promised (reason %u)", p.reason);
	p = (struct mpk_prepare){
		.allocator = "pages", .pattern = MPK_STEADY, .node = -1, .cpu = -1, .depth = 4096
	};
	if (ioctl(device, MPK_PREPARE, &p) || ioctl(device, MPK_FILL, &fill))
		complain("16 MiB were refused: %s", strerror(errno));
	close(device);
	device = open(MPK_DEVICE, O_RDWR);
}

static void cancel(void)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	struct mpk_info info = ask();
	unsigned contexts = 0;

	sigaction(SIGALRM, &action, NULL);
	for (unsigned context = 0; context < MPK_CONTEXT_COUNT; context++) {
		if (!(info.contexts & 1u << context))
			continue;
		cancel_in(context);
		contexts++;
	}
	cancel_crowd();
	time_budget();
	memory_budget();
	printf("kmod cancel ok: %u contexts\n", contexts);
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	device = open(MPK_DEVICE, O_RDWR);
	if (!strcmp(command, "closed")) {
		printf("kmod closed %s\n", device < 0 && errno == EACCES ? "ok" : "NO");
		return device >= 0;
	}
	if (device < 0) {
		printf("%s: %s\n", MPK_DEVICE, strerror(errno));
		return 1;
	}
	if (!strcmp(command, "charged") && argc == 3)
		charged(argv[2]);
	else if (!strcmp(command, "cancel"))
		cancel();
	else if (!strcmp(command, "opened"))
		printf("kmod opened ok: %u allocators\n", ask().allocators);
	else
		return 2;
	close(device);
	return wrong != 0;
}
