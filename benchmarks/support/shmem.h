/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the benchmarks of the families shmposix and memfd do outside their timed section: make objects of shared memory,
 * prove that they were as claimed and became what the call promises, remove them.
 *
 * POSIX shared memory is a file in /dev/shm, here in a tmpfs that this process alone sees (namespace.h): what statfs(2)
 * tells of its files and pages is exact, and no name is left behind. A memfd has no name and lives as long as its file
 * descriptor.
 */
#ifndef BENCHMARKS_SUPPORT_SHMEM_H
#define BENCHMARKS_SUPPORT_SHMEM_H

#include "benchmarks/bench.h"
#include "benchmarks/support/page.h"
#include "benchmarks/support/space.h"
#include "benchmarks/support/syscall.h"
#include "benchmarks/support/vma.h"

#include <fcntl.h>
#include <sys/mman.h>

#define MP_SHMEM_MAX	   256 /* most objects at once */
#define MP_SHMEM_NO_ANSWER INT64_MIN
#define MP_SHMEM_NAME	   32
#define MP_SHMEM_MODE	   0600
/* As shm_open(3) opens. */
#define MP_SHMEM_OPEN (O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)

/* How arm makes an object, in this order. */
enum mp_shmem_make {
	MP_SHMEM_NAMED = 1 << 0, /* a new file in /dev/shm */
	MP_SHMEM_MEMFD = 1 << 1, /* a new memfd */
	MP_SHMEM_OPENED = 1 << 2, /* the file that is there, once more */
	MP_SHMEM_SIZED = 1 << 3, /* ftruncate to the size */
	MP_SHMEM_FILLED = 1 << 4, /* every page written through a mapping that is gone again */
	MP_SHMEM_MAPPED = 1 << 5, /* shared, readable and writable */
	MP_SHMEM_TOUCHED = 1 << 6, /* every page written through that mapping */
	MP_SHMEM_UNLINKED = 1 << 7,
	MP_SHMEM_CLOSED = 1 << 8,
};

/* What the kernel counts for n objects, or what it should: beyond what setup left. */
struct mp_shmem_count {
	uint64_t files; /* in /dev/shm */
	uint64_t pages; /* of those, or of the memfds that are open */
	uint64_t sized; /* open objects that have the full size */
	uint64_t open; /* file descriptors */
};

struct mp_shmem {
	/* What operations read and write. */
	uint64_t size; /* bytes */
	int64_t fd[MP_SHMEM_MAX]; /* negative: closed */
	int64_t at[MP_SHMEM_MAX]; /* zero or negative: not mapped */
	int64_t got[MP_SHMEM_MAX]; /* answers; arm sets them to MP_SHMEM_NO_ANSWER */
	char name[MP_SHMEM_MAX][MP_SHMEM_NAME]; /* paths */
	unsigned flags; /* of memfd_create */
	int seal; /* of fcntl(F_ADD_SEALS) */

	/* The objects. */
	unsigned make; /* enum mp_shmem_make bits */
	bool folder; /* they are in /dev/shm */
	bool unlinks; /* undoing one unlinks its name */
	bool nameless; /* the operation, or making it, has done so */
	bool keep; /* the files of setup stay: undoing one closes and unmaps what arm opened and mapped */
	bool closes, unmaps; /* an operation that succeeds has done so */
	uint64_t unit; /* bytes of a page of the objects */
	struct mp_shmem_count before,
		after; /* what one object counts before the call, and after it */

	/* Evidence. */
	struct mp_shmem_count base; /* at the end of setup */
	struct mp_shmem_count seen; /* by the last arm that looked */
	struct mp_residency present; /* mapped before the call */
	uint64_t
		huge_mapped; /* bytes that the first object's mapping had in huge pages before the call */
	uint64_t sealed_before; /* memfd.seal: objects that had the seal already */
	bool look, looked; /* the next arm looks; it has */
	struct mp_vma_view view;
	struct mp_pages pages;
	struct mp_space space;
};

/* Writes every page of `size` bytes at `at`. */
static inline void mp_shmem_touch(const struct mp_shmem *s, int64_t at)
{
	for (uint64_t b = 0; at > 0 && b < s->size; b += s->pages.page_size)
		*(volatile char *)(at + (int64_t)b) = 1;
}

static inline long mp_shmem_map(const struct mp_shmem *s, int64_t fd)
{
	return mp_sys_mmap(NULL, s->size, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
}

/* Makes object i. */
static inline void mp_shmem_make(struct mp_shmem *s, uint64_t i)
{
	if (s->make & MP_SHMEM_NAMED)
		s->fd[i] = mp_sys_openat(AT_FDCWD, s->name[i], MP_SHMEM_OPEN | O_CREAT | O_EXCL,
					 MP_SHMEM_MODE);
	if (s->make & MP_SHMEM_MEMFD)
		s->fd[i] = mp_sys_memfd_create("memperf", s->flags);
	if (s->make & MP_SHMEM_OPENED)
		s->fd[i] = mp_sys_openat(AT_FDCWD, s->name[i], MP_SHMEM_OPEN, 0);
	if (s->make & MP_SHMEM_SIZED)
		mp_sys_ftruncate((int)s->fd[i], s->size);
	if (s->make & MP_SHMEM_FILLED) {
		long at = mp_shmem_map(s, s->fd[i]);

		mp_shmem_touch(s, at);
		mp_sys_munmap((void *)at, s->size);
	}
	if (s->make & MP_SHMEM_MAPPED)
		s->at[i] = mp_shmem_map(s, s->fd[i]);
	if (s->make & MP_SHMEM_TOUCHED)
		mp_shmem_touch(s, s->at[i]);
	if (s->make & MP_SHMEM_UNLINKED)
		mp_sys_unlinkat(AT_FDCWD, s->name[i], 0);
	if (s->make & MP_SHMEM_CLOSED && !mp_sys_close((int)s->fd[i]))
		s->fd[i] = -1;
	s->got[i] = MP_SHMEM_NO_ANSWER;
}

/* Undoes object i, whatever became of it. */
static inline void mp_shmem_undo(struct mp_shmem *s, uint64_t i)
{
	if (s->at[i] > 0 && !(s->unmaps && s->got[i] == 0))
		mp_sys_munmap((void *)s->at[i], s->size);
	s->at[i] = 0;
	if (s->keep)
		return;
	if (s->fd[i] >= 0 && !(s->closes && s->got[i] == 0))
		mp_sys_close((int)s->fd[i]);
	s->fd[i] = -1;
	/* No call that fails: it would warm the kernel's code up for the timed one. */
	if (s->unlinks)
		mp_sys_unlinkat(AT_FDCWD, s->name[i], 0);
}

/* The next object, when one at a time is timed. */
static inline void mp_shmem_renew(struct mp_shmem *s)
{
	mp_shmem_undo(s, 0);
	mp_shmem_make(s, 0);
}

/* Every setup begins with one of these: the axes size, outstanding and huge where the benchmark has them; a place for
 * mappings. The first also makes /dev/shm a tmpfs of this process. */
int mp_shmem_begin_named(struct mp_ctx *ctx, struct mp_err *err);
int mp_shmem_begin_memfd(struct mp_ctx *ctx, struct mp_err *err);

/* Makes `count` objects as `make` says, which all stay. */
int mp_shmem_setup_objects(struct mp_ctx *ctx, uint64_t count, struct mp_err *err);

/* Every setup ends with this: what is there now is the base of all counts. */
int mp_shmem_ready(struct mp_ctx *ctx, struct mp_err *err);

/* Hooks. */
int mp_shmem_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_shmem_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
void mp_shmem_check(struct mp_ctx *ctx, uint64_t n);
void mp_shmem_teardown(struct mp_ctx *ctx);
int mp_shmem_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err);

/* Bytes of a page of the file system that the object is in; 0: unknown. */
uint64_t mp_shmem_page_size(int64_t fd);

/* "operations": n succeeded, and every answer was 0. */
void mp_shmem_check_answers(struct mp_ctx *ctx, uint64_t n);

/* Two operations that objects with and without a name share: ftruncate(2) to their size, and to nothing. */
static inline uint64_t mp_shmem_grow_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shmem *s = ctx->state;

	s->got[i] = mp_sys_ftruncate((int)s->fd[i], s->size);
	return s->got[i] == 0;
}

static inline uint64_t mp_shmem_shrink_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shmem *s = ctx->state;

	s->got[i] = mp_sys_ftruncate((int)s->fd[i], 0);
	return s->got[i] == 0;
}

#endif
