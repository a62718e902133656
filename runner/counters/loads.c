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
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <linux/magic.h>
#include <linux/mempolicy.h>

#include "common/clock.h"
#include "common/cleanup.h"
#include "common/str.h"
#include "runner/counters/internal.h"

#define TOUCHED	     64 /* pages */
#define SLEEPS	     8
#define ROUNDS	     1000000
#define PROTECTS     8
#define SCATTERED    (64u << 20) /* bytes: more pages than any second-level TLB has entries */
#define STREAM_LEAST (64ull << 20)
#define CONTEND_NS   100000000u
#define HUGE_MOST    (32u << 20) /* bytes of a huge page that are worth touching */
#define NODES	     64
#define SWAPPED	     (1ULL << 62) /* of an entry in /proc/self/pagemap */

/* Since Linux 6.1. */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

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

/* Bytes that can be had without swapping; 0: unknown. */
static uint64_t free_bytes(const struct mp_resolving *r)
{
	char path[512];
	struct mp_counter_file file = { .path = path, .fields = (char[]){ "MemAvailable:" } };
	const struct mp_counter c = { .files = &file, .n_files = 1 };
	uint64_t kib;

	snprintf(path, sizeof(path), "%s/meminfo", r->roots.proc);
	return mp_counter_files_read(&c, &kib) ? 0 : kib * 1024;
}

static int stream(const struct mp_resolving *r, struct mp_load_done *done)
{
	unsigned long long size = 4 * r->cache.size;
	volatile uint64_t *words;
	uint64_t sum = 0;
	char *base;

	size = size < STREAM_LEAST ? STREAM_LEAST : size;
	/* A shorter one may stay in the cache, and a longer one would drive others out of memory. */
	if (size > STREAM_LEAST && size > free_bytes(r) / 2) {
		done->why = "too little memory is free for a stream of four times the last-level "
			    "cache";
		return -ENOMEM;
	}
	snprintf(done->what, sizeof(done->what), "a stream of %llu MiB, %s", size >> 20,
		 r->cache.size ? "four times the last-level cache or more"
			       : "the last-level cache being of unknown size");
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

/* Room for a huge page, aligned to it, in a mapping of twice its size. */
struct huge {
	char *map, *page;
	size_t size;
};

static int huge_map(struct huge *h, struct mp_load_done *done)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

	if (!mp_str_read_file(&text, "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"))
		h->size = strtoul(text.text, NULL, 10);
	if (!h->size || h->size > HUGE_MOST) {
		done->why = h->size ? "a huge page is too large here to be tried"
				    : "this kernel has no transparent huge pages";
		return -ENOTSUP;
	}
	h->map = map_small_pages(2 * h->size);
	if (!h->map)
		return -ENOMEM;
	h->page = h->map + (h->size - (uintptr_t)h->map % h->size) % h->size;
	return 0;
}

static void touch_pages(char *base, size_t size)
{
	for (size_t at = 0; at < size; at += page_size())
		((volatile char *)base)[at] = 1;
}

static int huge(const struct mp_resolving *r, struct mp_load_done *done)
{
	struct huge h = { 0 };
	uint64_t before = 0, after = 0;
	int rc = huge_map(&h, done);

	(void)r;
	if (rc)
		return rc;
	madvise(h.page, h.size, MADV_HUGEPAGE);
	mp_rusage_read("minflt", &before);
	touch_pages(h.page, h.size);
	mp_rusage_read("minflt", &after);
	/* Giving up a part of the page splits its mapping. */
	if (after - before == 1 && madvise(h.page, page_size(), MADV_DONTNEED))
		rc = -errno;
	munmap(h.map, 2 * h.size);
	if (after - before != 1) {
		done->why = "no fault gets a huge page here: they are off, or none is free";
		return -ENOTSUP;
	}
	done->events = 1;
	return rc;
}

static int collapse(const struct mp_resolving *r, struct mp_load_done *done)
{
	struct huge h = { 0 };
	int rc = huge_map(&h, done);

	(void)r;
	if (rc)
		return rc;
	touch_pages(h.page, h.size);
	madvise(h.page, h.size, MADV_HUGEPAGE);
	if (madvise(h.page, h.size, MADV_COLLAPSE)) {
		done->why = "this kernel makes no huge page of small ones when it is told to "
			    "(MADV_COLLAPSE)";
		rc = -ENOTSUP;
	}
	munmap(h.map, 2 * h.size);
	done->events = 1;
	return rc;
}

/* Are all of the pages on that node after they were told to go there? */
static bool move_to(int node, char *base)
{
	void *pages[TOUCHED];
	int nodes[TOUCHED], status[TOUCHED];
	bool there;

	for (size_t i = 0; i < TOUCHED; i++) {
		pages[i] = base + i * page_size();
		nodes[i] = node;
	}
	there = !syscall(SYS_move_pages, 0, (long)TOUCHED, pages, nodes, status, MPOL_MF_MOVE);
	for (size_t i = 0; there && i < TOUCHED; i++)
		there = status[i] == node;
	return there;
}

static int move(const struct mp_resolving *r, struct mp_load_done *done)
{
	char *base = map_small_pages(TOUCHED * page_size());
	unsigned homes = 0;

	(void)r;
	if (!base)
		return -ENOMEM;
	touch_pages(base, TOUCHED * page_size());
	for (int node = 0; homes < 2 && node < NODES; node++)
		homes += move_to(node, base);
	munmap(base, TOUCHED * page_size());
	if (homes < 2) {
		done->why = "there is no second memory node that pages could be moved to";
		return -ENOTSUP;
	}
	done->events = TOUCHED;
	return 0;
}

/* Pages that are in swap, also those that memory still has a copy of. */
static unsigned in_swap(const char *base)
{
	MP_CLEANUP(mp_close_fd) int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entries[TOUCHED] = { 0 };
	unsigned n = 0;

	if (fd < 0 || pread(fd, entries, sizeof(entries),
			    (off_t)((uintptr_t)base / page_size() * sizeof(entries[0]))) < 0)
		return 0;
	for (size_t i = 0; i < TOUCHED; i++)
		n += (entries[i] & SWAPPED) != 0;
	return n;
}

static int swap(struct mp_load_done *done, bool in)
{
	MP_CLEANUP(mp_str_done) struct mp_str zswap = MP_STR_INIT;
	const size_t size = TOUCHED * page_size();
	unsigned char resident[TOUCHED];
	unsigned out, absent = 0;
	char *base;

	if (!mp_str_read_file(&zswap, "/sys/module/zswap/parameters/enabled") &&
	    zswap.text[0] == 'Y') {
		done->why = "zswap takes pages before they get to swap";
		return -ENOTSUP;
	}
	base = map_small_pages(size);
	if (!base)
		return -ENOMEM;
	touch_pages(base, size);
	madvise(base, size, MADV_PAGEOUT);
	out = in_swap(base);
	/* What memory still has a copy of is not read again. */
	if (!mincore(base, size, resident))
		for (size_t i = 0; i < TOUCHED; i++)
			absent += !(resident[i] & 1);
	touch_pages(base, size);
	munmap(base, size);
	done->events = in ? absent : out;
	if (done->events > 0)
		return 0;
	done->why = out ? "swap is written, and memory keeps a copy that is read instead"
			: "no page goes to swap here: none is on, or it is full";
	return -ENOTSUP;
}

static int swap_out(const struct mp_resolving *r, struct mp_load_done *done)
{
	(void)r;
	return swap(done, false);
}

static int swap_in(const struct mp_resolving *r, struct mp_load_done *done)
{
	(void)r;
	return swap(done, true);
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
	[MP_LOAD_STREAM] = { stream, "a stream" },
	[MP_LOAD_SCATTER] = { scatter, "an access to each page of 64 MiB, three times" },
	[MP_LOAD_HUGE] = { huge, "a fault that got a huge page, which was split" },
	[MP_LOAD_COLLAPSE] = { collapse, "making a huge page of small ones" },
	[MP_LOAD_MOVE] = { move, "moving 64 pages between memory nodes" },
	[MP_LOAD_SWAP_OUT] = { swap_out, "64 pages that went to swap" },
	[MP_LOAD_SWAP_IN] = { swap_in, "64 pages that swap gave back" },
};

int mp_load_run(const struct mp_resolving *r, enum mp_counter_load load,
		struct mp_load_done *ret_done)
{
	*ret_done = (struct mp_load_done){ 0 };
	if (!loads[load].run) {
		ret_done->why = "no load that could be run moves it for certain";
		return -ENOTSUP;
	}
	snprintf(ret_done->what, sizeof(ret_done->what), "%s", loads[load].what);
	return loads[load].run(r, ret_done);
}
