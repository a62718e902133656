/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the benchmarks of the msync family do outside their timed section: map a file with all its pages present and
 * clean, dirty as many of them as the case says, prove it right before the call and after it.
 *
 * A page is dirty when the page or its page-table entry is (proc_pid_smaps(5)). On a file system that writes back, a
 * sync cleans it and takes the right to write from the entry, so that the next store faults; in a memfd it stays dirty
 * for ever, and a sync finds nothing to do. Pages come into the page cache one by one: what is dirty is then a page, not
 * the large folio around it.
 */
#ifndef BENCHMARKS_SUPPORT_SYNC_H
#define BENCHMARKS_SUPPORT_SYNC_H

#include "benchmarks/bench.h"
#include "benchmarks/support/backing.h"
#include "benchmarks/support/page.h"
#include "benchmarks/support/range.h"
#include "benchmarks/support/vma.h"

#define MP_SYNC_NO_ANSWER 1 /* msync answers 0 or a negative errno */

struct mp_sync_peers; /* sync_peers.c */

struct mp_sync {
	/* What operations read and write. */
	char *base;
	uint64_t size; /* bytes that one call covers */
	int64_t last; /* the last answer */

	/* Dirtying. */
	uint64_t dirty; /* pages */
	uint64_t stride; /* bytes from one to the next */
	char *beyond; /* as many dirty pages of the file outside of the range; NULL: none */

	enum mp_backing backing;
	int fd;
	bool mapped, open;
	bool written_back; /* a sync cleans */
	uint64_t locked_before; /* KiB of the process, before the range was locked */
	uint64_t vmas; /* mappings that the range consists of */
	struct mp_sync_peers *peers;

	/* Evidence. */
	bool look, looked; /* the next arm looks; it has */
	uint64_t dirty_before; /* pages, at the end of arm */
	uint64_t stores; /* of the peers, when the last call began */
	uint64_t calls; /* beside them, so far */
	uint64_t rounds; /* times that the pages were dirtied since `faults` */
	struct mp_faults faults;
	bool counting;
	struct mp_vma_view view;
	struct mp_pages pages;
};

/*
 * A store to every page that is to be dirty, and nothing of them left in the store buffer: they are a page apart, in one set of the
 * cache, and 64 of them took longer to drain than the call (a memfd's was 490 ns with them, 190 without; Zen 4).
 */
static inline void mp_sync_store(struct mp_sync *s)
{
	for (uint64_t k = 0; k < s->dirty; k++)
		*(volatile char *)(s->base + k * s->stride) = 1;
	atomic_thread_fence(memory_order_seq_cst);
	s->rounds++;
}

/* legal hooks: of a range of the file; and of what writes back */
int mp_sync_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err);
int mp_sync_redirty_legal(const struct mp_params *params, const struct mp_host *host,
			  struct mp_err *err);

/* setup hooks */
int mp_sync_clean_setup(struct mp_ctx *ctx, struct mp_err *err); /* nothing dirty */
int mp_sync_async_setup(struct mp_ctx *ctx, struct mp_err *err); /* dirty, and stays so */
int mp_sync_dirty_setup(struct mp_ctx *ctx, struct mp_err *err); /* dirty before every call */
int mp_sync_locked_setup(struct mp_ctx *ctx, struct mp_err *err); /* clean and mlocked */
int mp_sync_multi_setup(struct mp_ctx *ctx, struct mp_err *err); /* as many mappings as pages */
int mp_sync_peer_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_sync_redirty_setup(struct mp_ctx *ctx, struct mp_err *err); /* state: struct mp_sync_range */

int mp_sync_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_sync_peer_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_sync_redirty_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);

void mp_sync_async_check(struct mp_ctx *ctx, uint64_t n);
void mp_sync_clean_check(struct mp_ctx *ctx, uint64_t n);
void mp_sync_dirty_check(struct mp_ctx *ctx, uint64_t n);
void mp_sync_locked_check(struct mp_ctx *ctx, uint64_t n);
void mp_sync_multi_check(struct mp_ctx *ctx, uint64_t n);
void mp_sync_peer_check(struct mp_ctx *ctx, uint64_t n);
void mp_sync_redirty_check(struct mp_ctx *ctx, uint64_t n);

void mp_sync_teardown(struct mp_ctx *ctx);

/* msync.redirty: the state begins with a range. */
struct mp_sync_range {
	struct mp_range range;
	uint64_t dirty_before; /* pages, at the end of arm; sampled blocks */
};

/*
 * Peers of msync.peer: threads on other CPUs that store to all pages of the file, one after the other and again, through
 * a mapping of their own.
 */

/* Starts `count` threads on any allowed CPU but the caller's. 0, or a negative errno with a sentence. */
int mp_sync_peers_start(unsigned count, int fd, uint64_t size, uint64_t page,
			struct mp_sync_peers **ret_peers, struct mp_err *err);
void mp_sync_peers_pause(
	struct mp_sync_peers *peers); /* waits until none stores any more; for good */
void mp_sync_peers_stop(struct mp_sync_peers *peers); /* accepts NULL */

/* Waits until one of them has begun and ended a store since the call, or they are paused. Returns the stores so far. */
uint64_t mp_sync_peers_await(const struct mp_sync_peers *peers);

uint64_t mp_sync_peers_stores(const struct mp_sync_peers *peers); /* so far, of all */
unsigned mp_sync_peers_elsewhere(
	const struct mp_sync_peers *peers); /* on other CPUs than the caller */

#endif
