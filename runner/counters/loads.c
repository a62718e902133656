/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Known loads: each does something countable whose least count is known before it runs. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <linux/magic.h>

#include "common/clock.h"
#include "common/cleanup.h"
#include "runner/counters/internal.h"

#define TOUCHED	     64 /* pages */
#define SLEEPS	     8
#define ROUNDS	     1000000
#define PROTECTS     8
#define SCATTERED    (64u << 20) /* bytes: more pages than any second-level TLB has entries */
#define STREAM_LEAST (64ull << 20)
#define STREAM_MOST  (512ull << 20)
#define CONTEND_NS   100000000u

static char *map_small_pages(size_t size)
{
	char *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		return NULL;
	madvise(base, size, MADV_NOHUGEPAGE);
	return base;
}

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static int spin(const struct mp_resolving *r, struct mp_load_done *done)
{
	(void)r;
	for (unsigned i = 0; i < ROUNDS; i++)
		__asm__ volatile("" : "+r"(i));
	/* A round is an instruction or more, and no CPU does ten of them in a cycle. */
	done->events = ROUNDS / 10;
	return 0;
}

static int touch(const struct mp_resolving *r, struct mp_load_done *done)
{
	const size_t page = page_size();
	char *base = map_small_pages(TOUCHED * page);

	(void)r;
	if (!base)
		return -ENOMEM;
	for (size_t i = 0; i < TOUCHED; i++)
		((volatile char *)base)[i * page] = 1;
	munmap(base, TOUCHED * page);
	done->events = TOUCHED;
	return 0;
}

/* Freed pages may wait in per-CPU batches of the LRU, 31 at a time, for the next ones. */
static int free_pages(const struct mp_resolving *r, struct mp_load_done *done)
{
	int rc = 0;

	for (int i = 0; !rc && i < 4; i++)
		rc = touch(r, done);
	done->events = 2 * TOUCHED;
	return rc;
}

/* A file whose pages can leave the page cache; in memory alone they cannot. -1 without one. */
static int disk_file(void)
{
	const char *const places[] = { getenv("TMPDIR"), "/var/tmp", ".", "/tmp" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct statfs fs;
		int fd;

		if (!places[i])
			continue;
		fd = open(places[i], O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
		if (fd >= 0 && !fstatfs(fd, &fs) && fs.f_type != TMPFS_MAGIC &&
		    fs.f_type != RAMFS_MAGIC)
			return fd;
		mp_close_fd(&fd);
	}
	return -1;
}

static int fault_file(const struct mp_resolving *r, struct mp_load_done *done)
{
	static const char page[4096] = { 1 };
	MP_CLEANUP(mp_close_fd) int fd = disk_file();
	volatile char *base;
	char sum;

	(void)r;
	if (fd < 0) {
		done->why = "no file system but those in memory takes a file here: a page cannot "
			    "be made to be read";
		return -ENOTSUP;
	}
	for (int i = 0; i < 16; i++)
		if (write(fd, page, sizeof(page)) != sizeof(page))
			return -EIO;
	if (fdatasync(fd) || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
		return -EIO;
	base = mmap(NULL, sizeof(page), PROT_READ, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		return -ENOMEM;
	sum = base[0];
	(void)sum;
	munmap((void *)base, sizeof(page));
	done->events = 1;
	return 0;
}

static int doze(const struct mp_resolving *r, struct mp_load_done *done)
{
	const struct timespec nap = { .tv_nsec = 200 * 1000 };

	(void)r;
	for (int i = 0; i < SLEEPS; i++)
		nanosleep(&nap, NULL);
	done->events = SLEEPS;
	return 0;
}

/* Another CPU than the pinned one that this process may use, or -1. */
static int other_cpu(const struct mp_resolving *r)
{
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (cpu != r->pinned[0] && CPU_ISSET((size_t)cpu, &r->allowed))
			return cpu;
	return -1;
}

static int migrate(const struct mp_resolving *r, struct mp_load_done *done)
{
	const int other = other_cpu(r);
	cpu_set_t set;

	if (other < 0) {
		done->why = "this process may use one CPU only: nothing can migrate";
		return -ENOTSUP;
	}
	for (int i = 0; i < 8; i++) {
		CPU_ZERO(&set);
		CPU_SET((size_t)(i & 1 ? r->pinned[0] : other), &set);
		if (sched_setaffinity(0, sizeof(set), &set))
			return -errno;
	}
	done->events = 1;
	return 0;
}

static int protect(const struct mp_resolving *r, struct mp_load_done *done)
{
	const size_t page = page_size();
	char *base = map_small_pages(TOUCHED * page);

	(void)r;
	if (!base)
		return -ENOMEM;
	for (int round = 0; round < PROTECTS; round++) {
		for (size_t i = 0; i < TOUCHED; i++)
			((volatile char *)base)[i * page] = 1;
		if (mprotect(base, TOUCHED * page, PROT_READ) ||
		    mprotect(base, TOUCHED * page, PROT_READ | PROT_WRITE))
			return -errno;
	}
	munmap(base, TOUCHED * page);
	/* Taking a right away from present pages must flush; giving it back need not. */
	done->events = PROTECTS;
	return 0;
}

struct rival {
	int cpu;
	_Atomic bool stop;
};

static void map_and_unmap(size_t size)
{
	char *base = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (base != MAP_FAILED)
		munmap(base, size);
}

static void *compete(void *argument)
{
	struct rival *rival = argument;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)rival->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	/* Filling in many pages holds the lock for longer than a waiter spins before it sleeps, which is what is counted. */
	while (!atomic_load(&rival->stop))
		map_and_unmap(4u << 20);
	return NULL;
}

static int contend(const struct mp_resolving *r, struct mp_load_done *done)
{
	struct rival rival = { .cpu = other_cpu(r) };
	const uint64_t end = mp_clock_raw_ns() + CONTEND_NS;
	pthread_t thread;

	if (rival.cpu < 0) {
		done->why = "this process may use one CPU only: nothing contends";
		return -ENOTSUP;
	}
	if (pthread_create(&thread, NULL, compete, &rival))
		return -EAGAIN;
	while (mp_clock_raw_ns() < end)
		map_and_unmap(page_size());
	atomic_store(&rival.stop, true);
	pthread_join(thread, NULL);
	done->events = 1;
	return 0;
}

static int stream(const struct mp_resolving *r, struct mp_load_done *done)
{
	unsigned long long size = 4 * r->cache.size;
	volatile uint64_t *words;
	uint64_t sum = 0;
	char *base;

	size = size < STREAM_LEAST ? STREAM_LEAST : size > STREAM_MOST ? STREAM_MOST : size;
	base = map_small_pages(size);
	if (!base)
		return -ENOMEM;
	words = (volatile uint64_t *)base;
	for (size_t i = 0; i < size / sizeof(*words); i += 8)
		words[i] = i;
	for (size_t i = 0; i < size / sizeof(*words); i += 8)
		sum += words[i];
	(void)sum;
	munmap(base, size);
	/* What prefetchers bring is no miss to some events, and a part of it may still be in the cache. */
	done->events = (double)size / 64 / 100;
	done->bytes = (double)size / 4;
	return 0;
}

static int scatter(const struct mp_resolving *r, struct mp_load_done *done)
{
	const size_t page = page_size(), pages = SCATTERED / page;
	volatile char *base = map_small_pages(SCATTERED);

	(void)r;
	if (!base)
		return -ENOMEM;
	for (size_t round = 0; round < 3; round++)
		for (size_t i = 0; i < pages; i++)
			base[(i * 611 % pages) * page] = 1;
	munmap((void *)base, SCATTERED);
	done->events = (double)pages;
	return 0;
}

static const struct {
	int (*run)(const struct mp_resolving *r, struct mp_load_done *done);
	const char *what;
} loads[] = {
	[MP_LOAD_NONE] = { NULL, "nothing" },
	[MP_LOAD_SPIN] = { spin, "a loop of a million rounds" },
	[MP_LOAD_TOUCH] = { touch, "the first touch of 64 pages" },
	[MP_LOAD_FREE] = { free_pages, "unmapping 256 touched pages" },
	[MP_LOAD_FILE] = { fault_file, "a fault on a file page that was not cached" },
	[MP_LOAD_SLEEP] = { doze, "8 short sleeps" },
	[MP_LOAD_MIGRATE] = { migrate, "8 moves between two CPUs" },
	[MP_LOAD_PROTECT] = { protect, "write-protecting 64 pages 8 times" },
	[MP_LOAD_CONTEND] = { contend, "two threads mapping at once for 100 ms" },
	[MP_LOAD_STREAM] = { stream, "a stream of four times the last-level cache" },
	[MP_LOAD_SCATTER] = { scatter, "an access to each page of 64 MiB, three times" },
};

int mp_load_run(const struct mp_resolving *r, enum mp_counter_load load,
		struct mp_load_done *ret_done)
{
	*ret_done = (struct mp_load_done){ 0 };
	if (!loads[load].run) {
		ret_done->why = "no known load moves it";
		return -ENOTSUP;
	}
	return loads[load].run(r, ret_done);
}

const char *mp_load_what(enum mp_counter_load load)
{
	return loads[load].what;
}
