/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The proofs of the mmap family: what the kernel says is mapped, where, and what is present in it. */
#include "benchmarks/support/map.h"
#include "benchmarks/support/syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The calls that returned an address. */
static uint64_t addresses(const struct mp_map_state *s, uint64_t n)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i < n; i++)
		count += s->got[i] != 0 && !mp_sys_failed(s->got[i]);
	return count;
}

/* The range that all n mappings lie in. */
static void extent(const struct mp_map_state *s, uint64_t n, uint64_t *ret_start, uint64_t *ret_end)
{
	uint64_t start = UINT64_MAX, end = 0;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = (uint64_t)s->got[i];

		start = at < start ? at : start;
		end = at + s->size > end ? at + s->size : end;
	}
	*ret_start = start;
	*ret_end = end;
}

/* n mappings that are separate; or one, into which all have merged and which is larger than they are. */
static void expect_vmas(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;
	struct mp_vma_entry vma = { 0 };
	uint64_t start, end;

	if (!s->merge) {
		mp_expect_equal(ctx, "vmas", n,
				mp_vma_exact(&s->view, (const uint64_t *)s->got, n, s->size));
		return;
	}
	extent(s, n, &start, &end);
	mp_vma_find(&s->view, start, &vma, NULL, NULL);
	mp_expect_true(ctx, "merged",
		       vma.start <= start && vma.end >= end &&
			       vma.end - vma.start >= end - start + s->size,
		       "all lie in one mapping that is larger than they are");
}

static uint64_t present(const struct mp_map_state *s, uint64_t n)
{
	struct mp_residency sum = { 0 };

	for (uint64_t i = 0; i < n; i++)
		if (mp_pages_add(&s->pages, (const void *)s->got[i], s->size / s->pages.page_size,
				 &sum))
			return UINT64_MAX;
	return sum.present;
}

static bool expect_addresses(struct mp_ctx *ctx, uint64_t n)
{
	uint64_t got = addresses(ctx->state, n);

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "addresses", n, got);
	return got == n;
}

void mp_map_new_check(struct mp_ctx *ctx, uint64_t n)
{
	if (!expect_addresses(ctx, n))
		return;
	expect_vmas(ctx, n);
	mp_expect_equal(ctx, "present", 0, present(ctx->state, n));
}

void mp_map_flag_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;
	struct mp_vma vma = { 0 };
	int ret = mp_vma_at(&s->pages, (void *)s->got[0], &vma);

	mp_map_new_check(ctx, n);
	mp_expect_true(ctx, "flag",
		       !ret && mp_vma_flag(&vma, s->flags & MAP_GROWSDOWN ? "gd" : "nr"),
		       vma.flags);
}

void mp_map_at_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;
	uint64_t there = 0;

	for (uint64_t i = 0; i < n; i++)
		there += (uint64_t)s->got[i] == s->want[i];
	mp_expect_equal(ctx, "placed", n, there);
	mp_map_new_check(ctx, n);
}

void mp_map_over_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;

	if (s->looked)
		mp_expect_equal(ctx, "present_before", n * (s->size / ctx->host->page_size),
				s->seen.present);
	if (s->looked_closely)
		mp_expect_equal(ctx, "huge_before", mp_ctx_is(ctx, "huge", "thp") ? s->size : 0,
				s->seen_vma.anon_huge);
	s->look = true;
	s->looked = false;
	s->looked_closely = false;
	mp_map_at_check(ctx, n);
}

void mp_map_search_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;

	mp_expect_equal(ctx, "placed", s->target, (uint64_t)s->got[0]);
	mp_map_new_check(ctx, n);
}

void mp_map_elsewhere_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;
	uint64_t there = 0;

	for (uint64_t i = 0; i < n; i++)
		there += (uint64_t)s->got[i] == s->want[i];
	mp_expect_equal(ctx, "at_hint", 0, there);
	mp_map_new_check(ctx, n);
}

/* Huge pages as smaps counts them; it takes long, so only the last mapping is asked. */
static void expect_huge(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;
	struct mp_vma vma = { 0 };
	int ret = mp_vma_at(&s->pages, (const void *)s->got[n - 1], &vma);

	mp_expect_equal(ctx, "huge_bytes", s->huge, ret ? UINT64_MAX : vma.anon_huge);
}

void mp_map_resident_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;

	if (!expect_addresses(ctx, n))
		return;
	expect_vmas(ctx, n);
	mp_expect_equal(ctx, "present", n * (s->size / ctx->host->page_size), present(s, n));
	expect_huge(ctx, n);
}

uint64_t mp_map_proc_field(const char *path, const char *name)
{
	char text[8192];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	uint64_t value = 0;
	const char *p;

	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	p = strstr(text, name);
	if (!p)
		return UINT64_MAX;
	for (p += strlen(name); *p == ' ' || *p == '\t' || *p == ':'; p++)
		;
	for (; *p >= '0' && *p <= '9'; p++)
		value = value * 10 + (uint64_t)(*p - '0');
	return value;
}

void mp_map_locked_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;

	mp_map_resident_check(ctx, n);
	mp_expect_equal(ctx, "locked_kib", s->before + n * s->size / 1024,
			mp_map_proc_field("/proc/self/status", "VmLck"));
}

/* The pool is the system's: others may reserve pages of it as well. */
void mp_map_hugetlb_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;

	uint64_t hugepage = mp_ctx_number(ctx, "hugepage");
	uint64_t want = mp_ctx_flag(ctx, "reserve") ? n * (s->size / hugepage) : 0;

	mp_map_new_check(ctx, n);
	mp_expect_range(ctx, "reserved", s->before + want, s->before + (want ? 1u << 30 : 0),
			mp_map_hugetlb_reserved(hugepage));
}

uint64_t mp_map_hugetlb_reserved(uint64_t hugepage)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%llukB/resv_hugepages",
		 (unsigned long long)hugepage / 1024);
	return mp_map_proc_field(path, "");
}

void mp_map_prot_none_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;
	struct mp_vma_entry vma = { 0 };
	uint64_t at = (uint64_t)s->got[0];

	if (!expect_addresses(ctx, n))
		return;
	mp_expect_true(ctx, "reserved",
		       mp_vma_find(&s->view, at, &vma, NULL, NULL) && vma.start == at &&
			       vma.end == at + s->size && !vma.read && !vma.write && !vma.exec,
		       "one mapping of that size without access");
	mp_expect_equal(ctx, "present", 0, present(s, n));
}

void mp_map_close_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;
	uint64_t size = mp_ctx_number(ctx, "size"), closed = 0;

	for (uint64_t i = 0; i < n; i++)
		closed += s->got[i] == 0 && fcntl((int)s->want[i], F_GETFD) < 0 && errno == EBADF;
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "closed", n, closed);
	mp_expect_equal(ctx, "pages_before",
			mp_ctx_flag(ctx, "touched") ? n * (size / ctx->host->page_size) : 0,
			s->seen.present);
}

/* Operations that all use slot 0 leave their answers in a ring. */
static int64_t last_answer(const struct mp_map_state *s, uint64_t n)
{
	return s->got[(n - 1) & (MP_MAP_MAX - 1)];
}

void mp_map_last_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;
	struct mp_residency sum = { 0 };
	int ret;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "placed", s->want[0], (uint64_t)last_answer(s, n));
	mp_expect_equal(ctx, "vmas", 1, mp_vma_exact(&s->view, s->want, 1, s->size));
	ret = mp_pages_add(&s->pages, (const void *)s->want[0], s->size / ctx->host->page_size,
			   &sum);
	mp_expect_equal(ctx, "present", 0, ret ? UINT64_MAX : sum.present);
}

void mp_map_taken_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;
	struct mp_vma_entry vma = { 0 };
	bool found = mp_vma_find(&s->view, s->want[0], &vma, NULL, NULL);

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "eexist", EEXIST, (uint64_t)-last_answer(s, n));
	mp_expect_true(ctx, "kept",
		       found && !vma.read && !vma.write && vma.end >= s->want[0] + s->size,
		       "the mapping that was there is as it was");
}

void mp_map_overcommit_check(struct mp_ctx *ctx, uint64_t n)
{
	static const char *const modes[] = { "heuristic", "always", "never" };
	uint64_t mode = 0;

	while (mode < 2 && !mp_ctx_is(ctx, "mode", modes[mode]))
		mode++;
	mp_expect_equal(ctx, "overcommit", mode,
			mp_map_proc_field("/proc/sys/vm/overcommit_memory", ""));
	mp_map_new_check(ctx, n);
}

void mp_map_refused_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "enomem", ENOMEM, (uint64_t)-last_answer(s, n));
	mp_expect_equal(ctx, "vmas", s->before, mp_vma_count(&s->view));
}

struct row {
	uint64_t first, end, writable;
};

static bool row_one(void *user, const struct mp_vma_entry *vma)
{
	struct row *r = user;

	r->writable += vma->write && vma->start >= r->first && vma->end <= r->end;
	return vma->start < r->end;
}

void mp_map_pair_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = ctx->state;
	uint64_t last = (uint64_t)last_answer(s, n);
	struct row row = { .first = s->row_first, .end = s->row_end };

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	if (ctx->threads == 1) {
		mp_expect_equal(ctx, "placed", s->space.spot, last);
		mp_expect_equal(ctx, "left", 0, mp_vma_overlaps(&s->view, s->space.spot, s->size));
		return;
	}
	mp_expect_range(ctx, "placed", s->row_first, s->row_end - s->size, last);
	mp_vma_walk(&s->view, row_one, &row);
	mp_expect_range(ctx, "left", 0, ctx->threads - 1, row.writable);
}
