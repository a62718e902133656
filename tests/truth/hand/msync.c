/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing mapped files back: a memfd, and a file in /var/tmp.
 */
#include "hand.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE  (2ul << 20)
#define RANGE (4ul << 20) /* of redirty */
#define PAGE  4096ul
#define DIRTY 64
#define VMAS  64

static char *at;

static int map(int fd, size_t size)
{
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return -1;
	madvise(at, size, MADV_NOHUGEPAGE);
	for (size_t b = 0; b < size; b += PAGE)
		(void)((volatile char *)at)[b];
	return 0;
}

static int memfd(void)
{
	int fd = memfd_create("hand", MFD_CLOEXEC);

	return fd < 0 || ftruncate(fd, SIZE) ? -1 : map(fd, SIZE);
}

/* Written page by page, and durable. */
static int disk_of(size_t size)
{
	static const char page[PAGE] = { 1 };
	int fd = open("/var/tmp", O_TMPFILE | O_RDWR, 0600);

	for (size_t b = 0; b < size; b += PAGE)
		if (pwrite(fd, page, PAGE, (off_t)b) != (ssize_t)PAGE)
			return -1;
	return fsync(fd) ? -1 : map(fd, size);
}

static int disk(void)
{
	return disk_of(SIZE);
}

static int disk_range(void)
{
	return disk_of(RANGE);
}

static void dirty(size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		((volatile char *)at)[i * PAGE] = 1;
}

static int memfd_dirty(void)
{
	if (memfd())
		return -1;
	dirty(DIRTY);
	return 0;
}

static int memfd_locked(void)
{
	return memfd() || mlock(at, SIZE);
}

/* One mapping for every page. */
static int memfd_vmas(void)
{
	if (memfd())
		return -1;
	munmap(at + VMAS * PAGE, SIZE - VMAS * PAGE);
	for (size_t i = 1; i < VMAS; i += 2)
		if (mprotect(at + i * PAGE, PAGE, PROT_WRITE))
			return -1;
	return 0;
}

static size_t call(uint32_t *out, int flags)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(msync(at, SIZE, flags));
	return n;
}

/* Calls that are too short for a clock, as memperf's value is a batch: so many make a sample. */
#define TOGETHER 64

static size_t together(uint32_t *out, int flags)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(for (int k = 0; k < TOGETHER; k++) msync(at, SIZE, flags));
	return n;
}

static size_t do_async(uint32_t *out)
{
	return together(out, MS_ASYNC);
}

static size_t do_sync(uint32_t *out)
{
	return together(out, MS_SYNC);
}

static size_t do_invalidate(uint32_t *out)
{
	return call(out, MS_INVALIDATE);
}

static size_t do_multi(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(msync(at, VMAS * PAGE, MS_SYNC));
	return n;
}

static size_t do_multi_async(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(msync(at, VMAS * PAGE, MS_ASYNC));
	return n;
}

static size_t do_sync_disk(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(msync(at, SIZE, MS_SYNC));
	return n;
}

static size_t sync_dirty(uint32_t *out, int count)
{
	size_t n = 0;

	for (int i = 0; i < count; i++) {
		dirty(DIRTY);
		__atomic_thread_fence(__ATOMIC_SEQ_CST); /* the stores are not part of the call */
		TIMED(msync(at, SIZE, MS_SYNC));
	}
	return n;
}

static size_t do_sync_dirty(uint32_t *out)
{
	return sync_dirty(out, AROUND);
}

static size_t do_sync_dirty_disk(uint32_t *out)
{
	return sync_dirty(out, 1);
}

static size_t do_redirty(uint32_t *out)
{
	static size_t next = RANGE;
	size_t n = 0;

	if (next + AROUND * PAGE > RANGE) {
		dirty(RANGE / PAGE);
		msync(at, RANGE, MS_SYNC);
		next = 0;
	}
	for (int i = 0; i < AROUND; i++, next += PAGE)
		TIMED(((volatile char *)at)[next] = 2);
	return n;
}

HAND_OPS({ .name = "msync_async",
	   .bench = "msync.async",
	   .state = "backing=memfd and dirty=64 and size=2M",
	   .prepare = memfd_dirty,
	   .run = do_async,
	   .divide = TOGETHER },
	 { .name = "msync_clean",
	   .bench = "msync.sync_clean",
	   .state = "backing=memfd and size=2M",
	   .prepare = memfd,
	   .run = do_sync,
	   .divide = TOGETHER },
	 { .name = "msync_clean_disk",
	   .bench = "msync.sync_clean",
	   .state = "backing=disk and size=2M",
	   .prepare = disk,
	   .run = do_sync_disk },
	 { .name = "msync_dirty",
	   .bench = "msync.sync_dirty",
	   .state = "backing=memfd and dirty=64 and size=2M",
	   .prepare = memfd,
	   .run = do_sync_dirty },
	 { .name = "msync_dirty_disk",
	   .bench = "msync.sync_dirty",
	   .state = "backing=disk and dirty=64 and size=2M",
	   .prepare = disk,
	   .run = do_sync_dirty_disk },
	 { .name = "msync_invalidate",
	   .bench = "msync.invalidate",
	   .state = "size=2M",
	   .prepare = memfd,
	   .run = do_invalidate },
	 { .name = "msync_locked",
	   .bench = "msync.invalidate_locked",
	   .state = "size=2M",
	   .prepare = memfd_locked,
	   .run = do_invalidate },
	 { .name = "msync_multi",
	   .bench = "msync.multi",
	   .state = "backing=memfd and vmas=64",
	   .prepare = memfd_vmas,
	   .run = do_multi },
	 { .name = "msync_multi_async",
	   .bench = "msync.multi_async",
	   .state = "vmas=64",
	   .prepare = memfd_vmas,
	   .run = do_multi_async },
	 { .name = "msync_redirty",
	   .bench = "msync.redirty",
	   .state = "backing=disk and range=4M",
	   .prepare = disk_range,
	   .run = do_redirty });
