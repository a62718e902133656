/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the benchmarks of SysV shared memory (shmget, shmat, shmdt, shmctl, shm) do outside their timed section: make
 * segments and attachments, prove that they were as claimed and became what the call promises, remove them.
 *
 * All of it happens in an IPC namespace of the process's own (namespace.h): the kernel's counts of segments and of
 * their pages are exact, and nothing is left behind.
 */
#ifndef BENCHMARKS_SUPPORT_SHM_H
#define BENCHMARKS_SUPPORT_SHM_H

#include "benchmarks/bench.h"
#include "benchmarks/support/page.h"
#include "benchmarks/support/space.h"
#include "benchmarks/support/syscall.h"
#include "benchmarks/support/vma.h"

#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#define MP_SHM_MAX	 256 /* most objects at once */
#define MP_SHM_NO_ANSWER INT64_MIN
#define MP_SHM_MODE	 0600
#define MP_SHM_SLACK	 8 /* faults beside the counted ones: code that runs for the first time */

/* How arm makes an object, in this order. */
enum mp_shm_make {
	MP_SHM_CREATE = 1 << 0, /* a segment; else objects use those of setup */
	MP_SHM_COVER = 1 << 6, /* anonymous memory where it will be attached */
	MP_SHM_ATTACH = 1 << 1,
	MP_SHM_TOUCH = 1 << 2, /* a store to every page */
	MP_SHM_DETACH = 1 << 3,
	MP_SHM_MARK = 1 << 4, /* IPC_RMID while it is attached: removed by the last detach */
	MP_SHM_LOCK = 1 << 5, /* SHM_LOCK */
};

/* What the kernel counts for n objects, or what it should: beyond what setup left. */
struct mp_shm_count {
	uint64_t segments; /* in the namespace */
	uint64_t pages; /* resident, of all segments */
	uint64_t attached; /* attachments of the objects' segments */
	uint64_t mode; /* segments marked for removal (SHM_DEST), or locked (SHM_LOCKED) */
};

struct mp_shm {
	/* What operations read and write. */
	uint64_t size; /* bytes */
	int flags; /* of shmget */
	int attach; /* flags of shmat */
	uint64_t want[MP_SHM_MAX]; /* address arguments of shmat */
	int64_t id[MP_SHM_MAX]; /* negative: no segment */
	int64_t at[MP_SHM_MAX]; /* zero or negative: not attached */
	int64_t got[MP_SHM_MAX]; /* answers; arm sets them to MP_SHM_NO_ANSWER */
	int64_t last; /* answer of the last call, where all calls are alike */
	struct shmid_ds about; /* what shmctl reads and writes */
	struct shminfo limits;
	struct shm_info info;

	/* The objects. */
	unsigned make; /* enum mp_shm_make bits */
	bool remove; /* undoing one removes its segment */
	bool detaches; /* an operation that succeeds detaches its object */
	bool one; /* all objects are attachments of the segment id[0] */
	uint64_t step; /* bytes from one touch to the next */
	uint64_t objects; /* that setup made segments for */
	struct mp_shm_count before,
		after; /* what one object counts before the call, and after it */

	/* Evidence. */
	struct mp_shm_count base; /* at the end of setup */
	struct mp_shm_count seen; /* by the last arm that looked */
	struct mp_faults faults; /* shm.cycle: at the end of arm */
	struct mp_residency present; /* shmdt: mapped before the call */
	bool look, looked; /* the next arm looks; it has */
	uint64_t huge_reserved; /* pages of the hugetlb pool reserved at the end of setup */
	bool private; /* the only thread: counts of the namespace are its own */
	struct mp_vma_view view;
	struct mp_pages pages;
	struct mp_space space;
};

/* Makes object i. */
static inline void mp_shm_make(struct mp_shm *s, uint64_t i)
{
	if (s->make & MP_SHM_CREATE)
		s->id[i] = mp_sys_shmget(IPC_PRIVATE, s->size, s->flags);
	if (s->make & MP_SHM_COVER)
		mp_sys_mmap((void *)s->want[i], s->size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (s->make & MP_SHM_ATTACH)
		s->at[i] = mp_sys_shmat((int)s->id[i], (const void *)s->want[i], s->attach);
	if (s->make & MP_SHM_TOUCH && s->at[i] > 0)
		for (uint64_t b = 0; b < s->size; b += s->step)
			*(volatile char *)(s->at[i] + (int64_t)b) = 1;
	if (s->make & MP_SHM_DETACH && !mp_sys_shmdt((const void *)s->at[i]))
		s->at[i] = 0;
	if (s->make & MP_SHM_MARK)
		mp_sys_shmctl((int)s->id[i], IPC_RMID, NULL);
	if (s->make & MP_SHM_LOCK)
		mp_sys_shmctl((int)s->id[i], SHM_LOCK, NULL);
	s->got[i] = MP_SHM_NO_ANSWER;
}

/* Undoes object i, whatever became of it. */
static inline void mp_shm_undo(struct mp_shm *s, uint64_t i)
{
	if (s->at[i] > 0 && !(s->detaches && s->got[i] == 0))
		mp_sys_shmdt((const void *)s->at[i]);
	s->at[i] = 0;
	if (!s->remove)
		return;
	if (s->id[i] >= 0)
		mp_sys_shmctl((int)s->id[i], IPC_RMID, NULL);
	s->id[i] = -1;
}

/* The next object, when one at a time is timed. */
static inline void mp_shm_renew(struct mp_shm *s)
{
	mp_shm_undo(s, 0);
	mp_shm_make(s, 0);
}

/* Every setup begins with this: the namespace, the axes size, segments, outstanding and huge where the benchmark has
 * them, and the address space. What is touched is touched page by page. */
int mp_shm_begin(struct mp_ctx *ctx, struct mp_err *err);

/* One segment for each object (id[]), or one for all of them. */
int mp_shm_segments(struct mp_ctx *ctx, uint64_t count, struct mp_err *err);

/* Every setup ends with this: what is there now is the base of all counts. */
int mp_shm_ready(struct mp_ctx *ctx, struct mp_err *err);

/* Hooks. */
int mp_shm_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_shm_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
void mp_shm_check(struct mp_ctx *ctx, uint64_t n);
void mp_shm_teardown(struct mp_ctx *ctx);
int mp_shm_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err);

/* "operations": n succeeded, and every answer was `want`. */
void mp_shm_check_answers(struct mp_ctx *ctx, uint64_t n, int64_t want);

/* Pages reserved in the hugetlb pool, less those free of reservation; 0 where there is none. */
uint64_t mp_shm_huge_reserved(void);

#endif
