/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * msync: writing a mapped file back. What it takes is the file system and the device: a memfd shows what the memory
 * management alone takes, a file system on a RAM disk adds its own work, a disk the rest. How files and pages are
 * brought into their state, and how that is proved, is in support/sync*.c.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/sync.h"
#include "benchmarks/support/syscall.h"

#include <errno.h>
#include <sys/mman.h>

static inline uint64_t sync_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_sync *s = ctx->state;

	(void)i;
	s->last = mp_sys_msync(s->base, s->size, MS_SYNC);
	return s->last == 0;
}
MP_DEFINE_RUN(sync_op)

static inline void sync_renew(struct mp_ctx *ctx)
{
	mp_sync_store(ctx->state);
}
MP_DEFINE_RUN_APART(sync_op, sync_renew)

static inline uint64_t async_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_sync *s = ctx->state;

	(void)i;
	s->last = mp_sys_msync(s->base, s->size, MS_ASYNC);
	return s->last == 0;
}
MP_DEFINE_RUN(async_op)

static inline uint64_t invalidate_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_sync *s = ctx->state;

	(void)i;
	s->last = mp_sys_msync(s->base, s->size, MS_INVALIDATE);
	return s->last == 0;
}
MP_DEFINE_RUN(invalidate_op)

static inline uint64_t locked_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_sync *s = ctx->state;

	(void)i;
	s->last = mp_sys_msync(s->base, s->size, MS_INVALIDATE);
	return s->last == -EBUSY;
}
MP_DEFINE_RUN(locked_op)

static inline uint64_t redirty_op(struct mp_ctx *ctx, uint64_t i)
{
	const struct mp_range *r = ctx->state;

	*(volatile char *)r->at[i] = r->mark;
	return 1;
}
MP_DEFINE_RUN(redirty_op)

/* msync.peer: every call comes after at least one more store of a writer. */
static inline void peer_renew(struct mp_ctx *ctx)
{
	struct mp_sync *s = ctx->state;

	s->stores = mp_sync_peers_await(s->peers);
	s->calls++;
}
MP_DEFINE_RUN_APART_AS(peer, sync_op, peer_renew)

/* Axes and descriptors */

static const char *const backings[] = { "memfd", "ramdisk", "disk", NULL };
static const char *const patterns[] = { "dense", "sparse", NULL };
static const char *const scopes[] = { "whole", "part", NULL };

#define BACKING(representative)                                                                    \
	{                                                                                          \
		.name = "backing", .kind = MP_AXIS_CHOICE, .values = (representative),             \
		.matrix = "memfd,ramdisk,disk", .choices = backings,                               \
		.needy = { { "ramdisk", MP_NEED_RAMDISK } },                                       \
		.help = "what is mapped: a memfd, a file on the RAM disk, or one in $TMPDIR, "     \
			"else in /var/tmp",                                                        \
	}
#define SIZE(representative, all)                                                                  \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative), .matrix = (all), \
		.min = 4096, .max = 1u << 30, .whole_pages = true, .scale = MP_SCALE_LOG2,         \
		.help = "bytes that one call covers",                                              \
	}
#define DIRTY(representative)                                                                      \
	{                                                                                          \
		.name = "dirty", .kind = MP_AXIS_COUNT, .values = (representative),                \
		.matrix = "1,64,512", .min = 1, .max = 262144, .scale = MP_SCALE_LOG2,             \
		.help = "dirty pages among them",                                                  \
	}
#define VMAS                                                                                       \
	{                                                                                          \
		.name = "vmas", .kind = MP_AXIS_COUNT, .values = "64", .matrix = "2,8,64,512",     \
		.min = 2, .max = 16384, .scale = MP_SCALE_LOG2,                                    \
		.help = "mappings of one page each that one call covers",                          \
	}

static const struct mp_axis async_axes[] = { BACKING("memfd"), DIRTY("64"),
					     SIZE("2M", "page,2M,64M") };
static const struct mp_axis clean_axes[] = { BACKING("memfd,ramdisk,disk"),
					     SIZE("2M", "page,2M,64M") };
static const struct mp_axis dirty_axes[] = {
	BACKING("memfd,ramdisk,disk"),
	DIRTY("64"),
	{ .name = "pattern",
	  .kind = MP_AXIS_CHOICE,
	  .values = "dense",
	  .matrix = "dense,sparse",
	  .choices = patterns,
	  .help = "dirty pages side by side, or one in what a page table maps (2 MiB)" },
	{ .name = "scope",
	  .kind = MP_AXIS_CHOICE,
	  .values = "whole",
	  .matrix = "whole,part",
	  .choices = scopes,
	  .help = "the call covers the file, or half of it, and as many pages are dirty in the "
		  "other" },
	SIZE("2M", "page,2M,128M"),
};
static const struct mp_axis invalidate_axes[] = { SIZE("2M", "page,2M,64M") };
static const struct mp_axis multi_axes[] = { BACKING("memfd"), VMAS };
static const struct mp_axis multi_async_axes[] = { VMAS };
static const struct mp_axis peer_axes[] = {
	BACKING("ramdisk"),
	SIZE("2M", "64K,2M"),
	{ .name = "writers",
	  .kind = MP_AXIS_COUNT,
	  .values = "1",
	  .matrix = "1..cpus:x2",
	  .min = 1,
	  .max = 64,
	  .scale = MP_SCALE_LOG2,
	  .help = "threads on other CPUs that store to all pages all the time" },
};
static const char *const disks[] = { "ramdisk", "disk", NULL };
static const struct mp_axis redirty_axes[] = {
	{ .name = "backing",
	  .kind = MP_AXIS_CHOICE,
	  .values = "ramdisk,disk",
	  .choices = disks,
	  .needy = { { "ramdisk", MP_NEED_RAMDISK } },
	  .help = "a file on the RAM disk, or in $TMPDIR, else in /var/tmp; a memfd takes no such "
		  "fault" },
	{ .name = "range",
	  .kind = MP_AXIS_SIZE,
	  .values = "4M",
	  .matrix = "64K,4M,64M",
	  .min = 4096,
	  .max = 1u << 30,
	  .whole_pages = true,
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes of the file, all written and synced before they are written again" },
};

#define COMMON COMMON_AS(1)
#define COMMON_AS(definition)                                                                      \
	.unit = "call", .version = (definition), .modes = MP_MODE_CALL | MP_MODE_BATCH,            \
	.state_size = sizeof(struct mp_sync), .legal = mp_sync_legal, .teardown = mp_sync_teardown

static const struct mp_bench benches[] = {
	{
		.name = "msync.async",
		.summary = "msync(2) MS_ASYNC of dirty pages: starts no writing",
		.timed = "the raw msync call; mapping, loading and dirtying are outside",
		COMMON,
		MP_AXES(async_axes),
		.setup = mp_sync_async_setup,
		.arm = mp_sync_arm,
		.run = async_op_run,
		.check = mp_sync_async_check,
	},
	{
		.name = "msync.invalidate",
		.summary = "msync(2) MS_INVALIDATE of clean pages of a memfd",
		.timed = "the raw msync call, which only looks at the mapping",
		COMMON,
		MP_AXES(invalidate_axes),
		.setup = mp_sync_clean_setup,
		.arm = mp_sync_arm,
		.run = invalidate_op_run,
		.check = mp_sync_clean_check,
	},
	{
		.name = "msync.invalidate_locked",
		.summary = "msync(2) MS_INVALIDATE of locked pages: refused with EBUSY",
		.timed = "the raw msync call; locking is outside",
		COMMON,
		.needs = MP_NEED_MEMLOCK,
		MP_AXES(invalidate_axes),
		.setup = mp_sync_locked_setup,
		.arm = mp_sync_arm,
		.run = locked_op_run,
		.check = mp_sync_locked_check,
	},
	{
		.name = "msync.multi",
		.summary = "msync(2) MS_SYNC of clean pages in a row of separate mappings",
		.timed = "the raw msync call, which syncs the file once for every mapping; mapping "
			 "and loading are outside",
		COMMON,
		MP_AXES(multi_axes),
		.setup = mp_sync_multi_setup,
		.arm = mp_sync_arm,
		.run = sync_op_run,
		.check = mp_sync_multi_check,
	},
	{
		.name = "msync.multi_async",
		.summary = "msync(2) MS_ASYNC of a row of separate mappings of a memfd",
		.timed = "the raw msync call, which only goes through the mappings; mapping and "
			 "loading are outside",
		COMMON,
		MP_AXES(multi_async_axes),
		.setup = mp_sync_multi_setup,
		.arm = mp_sync_arm,
		.run = async_op_run,
		.check = mp_sync_multi_check,
	},
	{
		.name = "msync.peer",
		.summary = "msync(2) MS_SYNC of a file that threads on other CPUs keep dirtying",
		.timed = "the raw msync call, which writes what is dirty just then, at least one "
			 "page (of a memfd nothing); mapping and loading are outside, the writers' "
			 "stores beside it",
		COMMON,
		MP_AXES(peer_axes),
		.setup = mp_sync_peer_setup,
		.arm = mp_sync_peer_arm,
		.run = sync_op_run,
		.run_apart = peer_run_apart,
		.check = mp_sync_peer_check,
	},
	{
		.name = "msync.redirty",
		.summary = "the first store to a page after it was synced",
		.timed = "one store to a page that is mapped, was dirty and has been written back: "
			 "a write-protection fault; writing and syncing before are outside",
		.unit = "fault",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		MP_AXES(redirty_axes),
		.state_size = sizeof(struct mp_sync_range),
		.legal = mp_sync_redirty_legal,
		.setup = mp_sync_redirty_setup,
		.arm = mp_sync_redirty_arm,
		.run = redirty_op_run,
		.check = mp_sync_redirty_check,
		.disarm = mp_range_disarm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "msync.sync_clean",
		.summary = "msync(2) MS_SYNC of a file in which nothing is dirty",
		.timed = "the raw msync call, which may still flush the device's cache; mapping, "
			 "loading and syncing before are outside",
		COMMON,
		MP_AXES(clean_axes),
		.setup = mp_sync_clean_setup,
		.arm = mp_sync_arm,
		.run = sync_op_run,
		.check = mp_sync_clean_check,
	},
	{
		.name = "msync.sync_dirty",
		.summary = "msync(2) MS_SYNC of dirty pages",
		.timed = "the raw msync call, which writes the dirty pages back and waits for the "
			 "device; in a memfd they stay dirty; mapping, loading and dirtying are "
			 "outside: the stores have left the store buffer",
		COMMON_AS(2), /* 2: no store is left to drain in the call */
		MP_AXES(dirty_axes),
		.setup = mp_sync_dirty_setup,
		.arm = mp_sync_arm,
		.run = sync_op_run,
		.run_apart = sync_op_run_apart,
		.check = mp_sync_dirty_check,
	},
};

const struct mp_family mp_family_msync = MP_FAMILY("msync", "writing mapped files back", benches);
