/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory as a file: memfd, and POSIX shared memory in the /dev/shm that is there.
 */
#include "hand.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE (2ul << 20)
#define NAME "/memperf-hand"

static int fd;

/* All pages written through a mapping that is gone again. */
static void fill(int file)
{
	char *p;

	if (ftruncate(file, SIZE))
		return;
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	for (size_t b = 0; b < SIZE; b += 4096)
		((volatile char *)p)[b] = 1;
	munmap(p, SIZE);
}

static size_t do_create(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(fd = memfd_create("hand", MFD_CLOEXEC));
		close(fd);
	}
	return n;
}

static size_t do_ftruncate(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		int ret;

		fd = memfd_create("hand", MFD_CLOEXEC);
		TIMED(ret = ftruncate(fd, SIZE));
		close(fd);
		if (ret)
			return 0;
	}
	return n;
}

static size_t do_shrink(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		int ret;

		fd = memfd_create("hand", MFD_CLOEXEC);
		fill(fd);
		TIMED(ret = ftruncate(fd, 0));
		close(fd);
		if (ret)
			return 0;
	}
	return n;
}

static size_t do_fallocate(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		fd = memfd_create("hand", MFD_CLOEXEC);
		TIMED(fallocate(fd, 0, 0, SIZE));
		close(fd);
	}
	return n;
}

static size_t do_punch(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		fd = memfd_create("hand", MFD_CLOEXEC);
		fill(fd);
		TIMED(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, SIZE));
		close(fd);
	}
	return n;
}

static size_t do_seal(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		fd = memfd_create("hand", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		fill(fd);
		TIMED(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
		close(fd);
	}
	return n;
}

/* POSIX shared memory */

static int named(void)
{
	shm_unlink(NAME);
	fd = shm_open(NAME, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || ftruncate(fd, SIZE))
		return -1;
	fill(fd);
	return 0;
}

static void unname(void)
{
	shm_unlink(NAME);
}

/* The same, named until the process ends. */
static int named_once(void)
{
	return named() || atexit(unname);
}

/* The same, and closed. */
static int named_closed(void)
{
	return named_once() || close(fd);
}

/* The same without the name. */
static int unnamed(void)
{
	return named() || shm_unlink(NAME);
}

static size_t do_posix_create(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(fd = shm_open(NAME, O_RDWR | O_CREAT | O_EXCL, 0600));
		close(fd);
		shm_unlink(NAME);
	}
	return n;
}

static size_t do_posix_open(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(fd = shm_open(NAME, O_RDWR, 0));
		close(fd);
	}
	return n;
}

static size_t do_posix_close(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		fd = shm_open(NAME, O_RDWR, 0);
		TIMED(close(fd));
	}
	return n;
}

static size_t do_posix_mmap(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		void *p;

		TIMED(p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
		munmap(p, SIZE);
	}
	return n;
}

static size_t do_posix_munmap(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		for (size_t b = 0; b < SIZE; b += 4096)
			((volatile char *)p)[b] = 1;
		TIMED(munmap(p, SIZE));
	}
	return n;
}

static size_t do_posix_unlink(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		if (named())
			return 0;
		TIMED(shm_unlink(NAME));
		close(fd);
	}
	return n;
}

static size_t do_posix_unlink_last(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		if (named())
			return 0;
		close(fd);
		TIMED(shm_unlink(NAME));
	}
	return n;
}

static size_t do_posix_close_last(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		if (unnamed())
			return 0;
		TIMED(close(fd));
	}
	return n;
}

#define MEMFD "size=2M and outstanding=1"

HAND_OPS({ .name = "memfd",
	   .bench = "memfd.create",
	   .state = "huge=none and outstanding=1 and sealable=no",
	   .run = do_create },
	 { .name = "memfd_ftruncate",
	   .bench = "memfd.ftruncate",
	   .state = MEMFD,
	   .run = do_ftruncate },
	 { .name = "memfd_shrink",
	   .bench = "memfd.ftruncate_shrink",
	   .state = MEMFD,
	   .run = do_shrink },
	 { .name = "memfd_fallocate",
	   .bench = "memfd.fallocate",
	   .state = MEMFD,
	   .run = do_fallocate },
	 { .name = "memfd_punch", .bench = "memfd.punch", .state = MEMFD, .run = do_punch },
	 { .name = "memfd_seal",
	   .bench = "memfd.seal",
	   .state = MEMFD " and seal=write",
	   .run = do_seal },
	 { .name = "posix_create",
	   .bench = "shmposix.create",
	   .state = "outstanding=1",
	   .run = do_posix_create },
	 { .name = "posix_open",
	   .bench = "shmposix.open",
	   .state = "outstanding=1",
	   .prepare = named_closed,
	   .run = do_posix_open },
	 { .name = "posix_close",
	   .bench = "shmposix.close",
	   .state = "outstanding=1",
	   .prepare = named_once,
	   .run = do_posix_close },
	 { .name = "posix_mmap",
	   .bench = "shmposix.mmap",
	   .state = MEMFD,
	   .prepare = unnamed,
	   .run = do_posix_mmap },
	 { .name = "posix_munmap",
	   .bench = "shmposix.munmap",
	   .state = MEMFD,
	   .prepare = unnamed,
	   .run = do_posix_munmap },
	 { .name = "posix_unlink",
	   .bench = "shmposix.unlink",
	   .state = MEMFD,
	   .run = do_posix_unlink },
	 { .name = "posix_unlink_last",
	   .bench = "shmposix.unlink_last",
	   .state = MEMFD,
	   .run = do_posix_unlink_last },
	 { .name = "posix_close_last",
	   .bench = "shmposix.close_last",
	   .state = MEMFD,
	   .run = do_posix_close_last });
