/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shmposix: POSIX shared memory call by call. shm_open(3) is open(2) of a file in /dev/shm, shm_unlink(3) is unlink(2):
 * the calls here are those that libc makes. What is around them is in support/shmem.c.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/shmem.h"

#include <sys/stat.h>

static inline void renew(struct mp_ctx *ctx)
{
	mp_shmem_renew(ctx->state);
}

/* Every operation finds an object of its own. */
static int on_new(struct mp_ctx *ctx, unsigned make, struct mp_shmem_count before,
		  struct mp_shmem_count after, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;
	int ret = mp_shmem_begin_named(ctx, err);

	s->make = make;
	s->unlinks = !s->nameless;
	s->before = before;
	s->after = after;
	return ret ? ret : mp_shmem_ready(ctx, err);
}

/* The objects are made once, as `files` says, and stay; arm does to them what `make` says. */
static int on_files(struct mp_ctx *ctx, unsigned files, unsigned make, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;
	int ret = mp_shmem_begin_named(ctx, err);

	s->make = MP_SHMEM_NAMED | MP_SHMEM_SIZED | files;
	if (!ret)
		ret = mp_shmem_setup_objects(ctx, ctx->depth, err);
	s->make = make;
	return ret ? ret : mp_shmem_ready(ctx, err);
}

static void fd_check(struct mp_ctx *ctx, uint64_t n)
{
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_shmem_check(ctx, n);
}

static void answers_check(struct mp_ctx *ctx, uint64_t n)
{
	mp_shmem_check_answers(ctx, n);
	mp_shmem_check(ctx, n);
}

/* shmposix.create, .open */

static int create_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return on_new(ctx, 0, (struct mp_shmem_count){ 0 },
		      (struct mp_shmem_count){ .files = 1, .open = 1 }, err);
}

static inline uint64_t create_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shmem *s = ctx->state;

	s->fd[i] = mp_sys_openat(AT_FDCWD, s->name[i], MP_SHMEM_OPEN | O_CREAT | O_EXCL,
				 MP_SHMEM_MODE);
	return s->fd[i] >= 0;
}
MP_DEFINE_RUN(create_op)
MP_DEFINE_RUN_APART(create_op, renew)

static int open_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;

	s->after = (struct mp_shmem_count){ .open = 1, .sized = 1 };
	return on_files(ctx, MP_SHMEM_CLOSED, 0, err);
}

static inline uint64_t open_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shmem *s = ctx->state;

	s->fd[i] = mp_sys_openat(AT_FDCWD, s->name[i], MP_SHMEM_OPEN, 0);
	return s->fd[i] >= 0;
}
MP_DEFINE_RUN(open_op)
MP_DEFINE_RUN_APART(open_op, renew)

/* shmposix.ftruncate, .ftruncate_shrink */

static int grow_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return on_new(ctx, MP_SHMEM_NAMED, (struct mp_shmem_count){ .files = 1, .open = 1 },
		      (struct mp_shmem_count){ .files = 1, .open = 1, .sized = 1 }, err);
}

static int shrink_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return on_new(ctx, MP_SHMEM_NAMED | MP_SHMEM_SIZED | MP_SHMEM_FILLED,
		      (struct mp_shmem_count){ .files = 1, .open = 1, .sized = 1, .pages = 1 },
		      (struct mp_shmem_count){ .files = 1, .open = 1 }, err);
}

MP_DEFINE_RUN(mp_shmem_grow_op)
MP_DEFINE_RUN_APART(mp_shmem_grow_op, renew)
MP_DEFINE_RUN(mp_shmem_shrink_op)
MP_DEFINE_RUN_APART(mp_shmem_shrink_op, renew)

/* shmposix.mmap, .munmap */

static int mmap_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;

	s->keep = true;
	s->before = s->after = (struct mp_shmem_count){ .open = 1, .sized = 1 };
	return on_files(ctx, 0, 0, err);
}

static inline uint64_t mmap_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shmem *s = ctx->state;

	s->at[i] = mp_shmem_map(s, s->fd[i]);
	return !mp_sys_failed(s->at[i]);
}
MP_DEFINE_RUN(mmap_op)
MP_DEFINE_RUN_APART(mmap_op, renew)

static void mmap_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shmem *s = ctx->state;
	struct mp_residency now = { 0 };
	uint64_t whole = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct mp_vma_entry vma = { 0 };
		uint64_t at = (uint64_t)s->at[i];

		whole += mp_vma_find(&s->view, at, &vma, NULL, NULL) && vma.start == at &&
			 vma.end == at + s->size && vma.shared && vma.read && vma.write;
		mp_pages_add(&s->pages, (const void *)at, s->size / ctx->host->page_size, &now);
	}
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "mappings", n, whole);
	mp_expect_equal(ctx, "present", 0, now.present);
	mp_shmem_check(ctx, n);
}

static int munmap_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;
	bool touched = mp_ctx_flag(ctx, "touched");

	s->keep = true;
	s->unmaps = true;
	s->before = s->after = (struct mp_shmem_count){ .open = 1, .sized = 1 };
	return on_files(ctx, touched ? MP_SHMEM_FILLED : 0,
			MP_SHMEM_MAPPED | (touched ? MP_SHMEM_TOUCHED : 0), err);
}

static inline uint64_t munmap_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shmem *s = ctx->state;

	s->got[i] = mp_sys_munmap((void *)s->at[i], s->size);
	return s->got[i] == 0;
}
MP_DEFINE_RUN(munmap_op)
MP_DEFINE_RUN_APART(munmap_op, renew)

static void munmap_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shmem *s = ctx->state;
	bool touched = mp_ctx_flag(ctx, "touched"), huge = mp_ctx_is(ctx, "huge", "always");
	uint64_t mapped = 0;

	for (uint64_t i = 0; i < n; i++)
		mapped += mp_vma_find(&s->view, (uint64_t)s->at[i], NULL, NULL, NULL);
	mp_shmem_check_answers(ctx, n);
	mp_expect_equal(ctx, "still_mapped", 0, mapped);
	if (s->looked) {
		mp_expect_equal(ctx, "present_before",
				touched ? n * (s->size / ctx->host->page_size) : 0,
				s->present.present);
		mp_expect_equal(ctx, "huge_before", touched && huge ? s->size : 0, s->huge_mapped);
	}
	mp_shmem_check(ctx, n);
}

/* shmposix.close, .close_last */

static inline uint64_t close_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shmem *s = ctx->state;

	s->got[i] = mp_sys_close((int)s->fd[i]);
	return s->got[i] == 0;
}
MP_DEFINE_RUN(close_op)
MP_DEFINE_RUN_APART(close_op, renew)

static int close_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;

	s->closes = true;
	s->before = (struct mp_shmem_count){ .open = 1, .sized = 1 };
	return on_files(ctx, MP_SHMEM_CLOSED, MP_SHMEM_OPENED, err);
}

static int close_last_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;

	s->closes = true;
	s->nameless = true;
	return on_new(ctx, MP_SHMEM_NAMED | MP_SHMEM_SIZED | MP_SHMEM_FILLED | MP_SHMEM_UNLINKED,
		      (struct mp_shmem_count){ .files = 1, .open = 1, .sized = 1, .pages = 1 },
		      (struct mp_shmem_count){ 0 }, err);
}

/* shmposix.unlink, .unlink_last */

static inline uint64_t unlink_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shmem *s = ctx->state;

	s->got[i] = mp_sys_unlinkat(AT_FDCWD, s->name[i], 0);
	return s->got[i] == 0;
}
MP_DEFINE_RUN(unlink_op)
MP_DEFINE_RUN_APART(unlink_op, renew)

static int unlink_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	const struct mp_shmem_count both = { .files = 1, .open = 1, .sized = 1, .pages = 1 };
	struct mp_shmem *s = ctx->state;

	s->nameless = true;
	return on_new(ctx, MP_SHMEM_NAMED | MP_SHMEM_SIZED | MP_SHMEM_FILLED, both, both, err);
}

static int unlink_last_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;

	s->nameless = true;
	return on_new(ctx, MP_SHMEM_NAMED | MP_SHMEM_SIZED | MP_SHMEM_FILLED | MP_SHMEM_CLOSED,
		      (struct mp_shmem_count){ .files = 1, .pages = 1 },
		      (struct mp_shmem_count){ 0 }, err);
}

/* The names that calls removed are gone; those of the objects that others hold open, too. */
static void unlink_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shmem *s = ctx->state;
	uint64_t found = 0;
	struct stat st;

	for (uint64_t i = 0; i < n; i++)
		found += !stat(s->name[i], &st);
	mp_expect_equal(ctx, "names", 0, found);
	answers_check(ctx, n);
}

/* Axes and descriptors */

static const char *const policies[] = { "never", "always", NULL };

#define HUGE                                                                                       \
	{                                                                                          \
		.name = "huge", .kind = MP_AXIS_CHOICE, .values = "never",                         \
		.matrix = "never,always", .choices = policies,                                     \
		.needy = { { "always", MP_NEED_THP } },                                            \
		.help = "mount option of the tmpfs: never huge pages, or always where they fit",   \
	}
#define OUTSTANDING                                                                                \
	{                                                                                          \
		.name = "outstanding", .kind = MP_AXIS_COUNT, .values = "1", .matrix = "1,64",     \
		.min = 1, .max = MP_SHMEM_MAX, .scale = MP_SCALE_LOG2,                             \
		.help = "calls for an object each, before all is put back, untimed",               \
	}
#define SIZE(representative, all)                                                                  \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative), .matrix = (all), \
		.min = 4096, .max = 1ULL << 34, .whole_pages = true, .scale = MP_SCALE_LOG2,       \
		.help = "bytes of an object",                                                      \
	}

static const struct mp_axis name_axes[] = { OUTSTANDING };
static const struct mp_axis grow_axes[] = { OUTSTANDING, SIZE("2M", "page,2M,64M") };
static const struct mp_axis freed_axes[] = { HUGE, OUTSTANDING, SIZE("2M", "page,64K,2M,64M") };
static const struct mp_axis munmap_axes[] = {
	HUGE,
	OUTSTANDING,
	SIZE("2M", "page,64K,2M,64M"),
	{ .name = "touched",
	  .kind = MP_AXIS_FLAG,
	  .values = "yes",
	  .matrix = "no,yes",
	  .help = "was every page written to through the mapping" },
};

#define COMMON                                                                                     \
	.unit = "call", .version = 2, .modes = MP_MODE_CALL | MP_MODE_BATCH,                       \
	.needs = MP_NEED_DEV_SHM, .state_size = sizeof(struct mp_shmem), .legal = mp_shmem_legal,  \
	.arm = mp_shmem_arm, .disarm = mp_shmem_disarm, .teardown = mp_shmem_teardown
#define RUNS(op) .run = op##_run, .run_apart = op##_run_apart

static const struct mp_bench benches[] = {
	{
		.name = "shmposix.close",
		.summary = "close(2) of a descriptor of an object that has a name",
		.timed = "the raw close call, which frees nothing; opening is outside",
		COMMON,
		RUNS(close_op),
		MP_AXES(name_axes),
		.setup = close_setup,
		.check = answers_check,
	},
	{
		.name = "shmposix.close_last",
		.summary = "close(2) of the last descriptor of an object without a name",
		.timed = "the raw close call, which frees the object and its pages; creating, "
			 "writing and unlinking it are outside",
		COMMON,
		RUNS(close_op),
		.bytes_axis = "size",
		MP_AXES(freed_axes),
		.setup = close_last_setup,
		.check = answers_check,
	},
	{
		.name = "shmposix.create",
		.summary = "shm_open(3) that creates an object",
		.timed = "the raw openat call with O_CREAT and O_EXCL for a path in /dev/shm; "
			 "closing and unlinking are outside",
		COMMON,
		RUNS(create_op),
		MP_AXES(name_axes),
		.setup = create_setup,
		.check = fd_check,
	},
	{
		.name = "shmposix.ftruncate",
		.summary = "ftruncate(2) that gives a new object its size",
		.timed = "the raw ftruncate call, which allocates no page; creating and removing "
			 "the object are outside",
		COMMON,
		RUNS(mp_shmem_grow_op),
		MP_AXES(grow_axes),
		.setup = grow_setup,
		.check = answers_check,
	},
	{
		.name = "shmposix.ftruncate_shrink",
		.summary = "ftruncate(2) to nothing of an object with all its pages",
		.timed = "the raw ftruncate call, which frees the pages; creating, writing and "
			 "removing the object are outside",
		COMMON,
		RUNS(mp_shmem_shrink_op),
		.bytes_axis = "size",
		MP_AXES(freed_axes),
		.setup = shrink_setup,
		.check = answers_check,
	},
	{
		.name = "shmposix.mmap",
		.summary = "mmap(2) of an object, shared",
		.timed = "the raw mmap call, which makes no page present; unmapping is outside",
		COMMON,
		RUNS(mmap_op),
		MP_AXES(grow_axes),
		.setup = mmap_setup,
		.check = mmap_check,
	},
	{
		.name = "shmposix.munmap",
		.summary = "munmap(2) of an object, which stays",
		.timed = "the raw munmap call, which frees no page; mapping and touching are "
			 "outside",
		COMMON,
		RUNS(munmap_op),
		.bytes_axis = "size",
		MP_AXES(munmap_axes),
		.setup = munmap_setup,
		.check = munmap_check,
	},
	{
		.name = "shmposix.open",
		.summary = "shm_open(3) of an object that exists",
		.timed = "the raw openat call for a path in /dev/shm; closing is outside",
		COMMON,
		RUNS(open_op),
		MP_AXES(name_axes),
		.setup = open_setup,
		.check = fd_check,
	},
	{
		.name = "shmposix.unlink",
		.summary = "shm_unlink(3) of an object that is open",
		.timed = "the raw unlinkat call, which frees no page; creating, writing and "
			 "closing the object are outside",
		COMMON,
		RUNS(unlink_op),
		MP_AXES(grow_axes),
		.setup = unlink_setup,
		.check = unlink_check,
	},
	{
		.name = "shmposix.unlink_last",
		.summary = "shm_unlink(3) of an object that nobody has open",
		.timed = "the raw unlinkat call, which frees the object and its pages; creating, "
			 "writing and closing it are outside",
		COMMON,
		RUNS(unlink_op),
		.bytes_axis = "size",
		MP_AXES(freed_axes),
		.setup = unlink_last_setup,
		.check = unlink_check,
	},
};

const struct mp_family mp_family_shmposix =
	MP_FAMILY("shmposix", "POSIX shared memory, call by call", benches);
