/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making, counting and removing SysV segments: see shm.h. The counts: shmctl(2), SHM_INFO and IPC_STAT. */
#include "benchmarks/support/shm.h"
#include "benchmarks/support/map.h"
#include "benchmarks/support/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEGMENTS_LIMIT "/proc/sys/kernel/shmmni"
#define SEGMENTS_SPARE 4096 /* beside those of the axis */
#define FIRST_KEY      1 /* of the segments that are there before */
#define TOGETHER       (1ULL << 30) /* most bytes of all touched objects */

uint64_t mp_shm_huge_reserved(void)
{
	uint64_t reserved = mp_map_proc_field("/proc/meminfo", "HugePages_Rsvd:");

	return reserved == UINT64_MAX ? 0 : reserved;
}

/* The limit is the namespace's own. */
static int raise_limit(uint64_t segments, struct mp_err *err)
{
	unsigned long long limit = segments + SEGMENTS_SPARE;
	char text[32];
	int length = snprintf(text, sizeof(text), "%llu\n", limit);
	int fd = open(SEGMENTS_LIMIT, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, (size_t)length) == length;
	int error = errno;

	if (fd >= 0)
		close(fd);
	return written ? 0
		       : mp_err_env(err, -error,
				    "cannot allow %llu segments in " SEGMENTS_LIMIT ": %s; run as "
				    "root, or choose segments=0",
				    (unsigned long long)segments, strerror(error));
}

static int create(int key, uint64_t size, int flags, int64_t *ret_id, struct mp_err *err)
{
	long id = mp_sys_shmget(key, size, flags);

	if (mp_sys_failed(id))
		return mp_err_env(err, (int)id,
				  "cannot create a segment of %llu bytes: %s; check "
				  "/proc/sys/kernel/shmmni and shmall",
				  (unsigned long long)size, strerror((int)-id));
	*ret_id = id;
	return 0;
}

/* The segments that are there before, of one page each, which nobody touches. */
static int fill(const struct mp_ctx *ctx, struct mp_err *err)
{
	uint64_t count = mp_params_number(ctx->params, "segments", 0);
	int ret = count > 1 ? raise_limit(count, err) : 0;
	int64_t id;

	for (uint64_t i = 0; !ret && i < count; i++)
		ret = create(FIRST_KEY + (int)i, ctx->host->page_size,
			     IPC_CREAT | IPC_EXCL | MP_SHM_MODE, &id, err);
	return ret;
}

int mp_shm_begin(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	int ret = mp_namespace_ipc(err);

	s->size = mp_params_number(ctx->params, "size", ctx->host->page_size);
	s->flags = IPC_CREAT | MP_SHM_MODE;
	s->step = ctx->host->page_size;
	s->private = ctx->threads == 1;
	s->look = true;
	s->last = MP_SHM_NO_ANSWER;
	for (uint64_t i = 0; i < MP_SHM_MAX; i++)
		s->id[i] = -1;
	ctx->depth = mp_params_number(ctx->params, "outstanding", 0);
	if (mp_params_is(ctx->params, "huge", "hugetlb"))
		s->flags |= SHM_HUGETLB;
	if (mp_params_is(ctx->params, "reserve", "no"))
		s->flags |= SHM_NORESERVE;
	if (!ret)
		ret = fill(ctx, err);
	if (!ret)
		ret = mp_vma_open(&s->view, err);
	if (!ret)
		ret = mp_pages_open(&s->pages, ctx->host->page_size, err);
	if (!ret && s->private)
		ret = mp_space_settle(&s->space, &s->view, ctx->host, s->size, err);
	if (!ret && s->private && s->size < mp_space_shared_table(ctx->host))
		ret = mp_space_warm(&s->space, &s->pages, err);
	return ret;
}

int mp_shm_segments(struct mp_ctx *ctx, uint64_t count, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	int ret = 0;

	for (uint64_t i = 0; !ret && i < count; i++)
		ret = create(IPC_PRIVATE, s->size, s->flags, &s->id[i], err);
	s->one = count == 1;
	for (uint64_t i = 1; !ret && s->one && i < MP_SHM_MAX; i++)
		s->id[i] = s->id[0];
	s->objects = ret ? 0 : count;
	return ret;
}

/* What the kernel counts: of the namespace, and of the segments of n objects. */
static struct mp_shm_count look(const struct mp_shm *s, uint64_t n)
{
	struct mp_shm_count count = { 0 };
	struct shm_info info = { 0 };

	if (!mp_sys_failed(mp_sys_shmctl(0, SHM_INFO, &info))) {
		count.segments = (uint64_t)info.used_ids;
		count.pages = info.shm_rss + info.shm_swp;
	}
	for (uint64_t i = 0; i < (s->one ? 1 : n); i++) {
		struct shmid_ds about;

		if (s->id[i] < 0 || mp_sys_shmctl((int)s->id[i], IPC_STAT, &about))
			continue;
		count.attached += about.shm_nattch;
		count.mode += (about.shm_perm.mode & (SHM_DEST | SHM_LOCKED)) != 0;
	}
	return count;
}

int mp_shm_ready(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;

	(void)err;
	s->base = look(s, s->objects);
	s->huge_reserved = mp_shm_huge_reserved();
	return 0;
}

int mp_shm_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;

	s->last = MP_SHM_NO_ANSWER;
	for (uint64_t i = 0; i < n && i < MP_SHM_MAX; i++) {
		mp_shm_make(s, i);
		if (s->make & MP_SHM_CREATE && s->id[i] < 0)
			return mp_err_env(err, (int)s->id[i],
					  "cannot create a segment of %llu bytes: %s",
					  (unsigned long long)s->size, strerror((int)-s->id[i]));
		if (s->make & MP_SHM_ATTACH && mp_sys_failed(s->at[i]))
			return mp_err_env(err, (int)s->at[i],
					  "cannot attach a segment of %llu bytes: %s",
					  (unsigned long long)s->size, strerror((int)-s->at[i]));
	}
	s->looked = s->look && s->private;
	if (s->looked)
		s->seen = look(s, n);
	s->look = false;
	return 0;
}

int mp_shm_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;

	(void)err;
	for (uint64_t i = 0; i < n && i < MP_SHM_MAX; i++)
		mp_shm_undo(s, i);
	return 0;
}

void mp_shm_check_answers(struct mp_ctx *ctx, uint64_t n, int64_t want)
{
	const struct mp_shm *s = ctx->state;
	uint64_t right = 0;

	for (uint64_t i = 0; i < n && i < MP_SHM_MAX; i++)
		right += s->got[i] == want;
	mp_expect_equal(ctx, "operations", n, ctx->succeeded < right ? ctx->succeeded : right);
}

void mp_shm_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shm *s = ctx->state;
	struct mp_shm_count now;
	uint64_t pages = s->size / ctx->host->page_size;

	s->look = true;
	if (!s->private)
		return;
	now = look(s, n);
	/* Attachments of segments that every object has for itself begin at none. */
	mp_expect_equal(ctx, "segments", s->base.segments + n * s->after.segments, now.segments);
	mp_expect_equal(ctx, "resident_pages", s->base.pages + n * pages * s->after.pages,
			now.pages);
	mp_expect_equal(ctx, "attached", (s->one ? s->base.attached : 0) + n * s->after.attached,
			now.attached);
	mp_expect_equal(ctx, "mode", n * s->after.mode, now.mode);
	if (!s->looked)
		return;
	mp_expect_equal(ctx, "segments_before", s->base.segments + n * s->before.segments,
			s->seen.segments);
	mp_expect_equal(ctx, "pages_before", s->base.pages + n * pages * s->before.pages,
			s->seen.pages);
	mp_expect_equal(ctx, "attached_before",
			(s->one ? s->base.attached : 0) + n * s->before.attached, s->seen.attached);
	mp_expect_equal(ctx, "mode_before", n * s->before.mode, s->seen.mode);
}

void mp_shm_teardown(struct mp_ctx *ctx)
{
	struct mp_shm *s = ctx->state;

	/* What is left is removed with the namespace. */
	mp_vma_close(&s->view);
	mp_pages_done(&s->pages);
}

int mp_shm_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err)
{
	uint64_t size = mp_params_number(params, "size", host->page_size);
	uint64_t together = size * mp_params_number(params, "outstanding", 1);

	if (mp_params_is(params, "huge", "hugetlb") &&
	    (!host->hugetlb_size || size % host->hugetlb_size))
		return mp_err_usage(err, -EINVAL, "the size is no multiple of the hugetlb page");
	if (mp_params_number(params, "touched", 0) &&
	    (together > TOGETHER || together > host->memory_bytes / 4))
		return mp_err_usage(err, -EINVAL,
				    "the segments together are too large for this machine");
	return 0;
}
