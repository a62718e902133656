/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads /proc/self/maps without allocating, and carves the arena: see vma.h. The format: proc_pid_maps(5). */
#include "benchmarks/support/vma.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNK	       4096
#define LINE_MAX_BYTES 192 /* the tail of a longer line is a file name, which nobody here reads */

int mp_vma_open_of(struct mp_vma_view *view, int pid, struct mp_err *err)
{
	char path[32] = "/proc/self/maps";
	int fd;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return mp_err_env(err, -errno, "cannot open '%s': %s; is /proc mounted?", path,
				  strerror(errno));
	*view = (struct mp_vma_view){ .open = true, .maps = fd };
	return 0;
}

int mp_vma_open(struct mp_vma_view *view, struct mp_err *err)
{
	return mp_vma_open_of(view, 0, err);
}

void mp_vma_close(struct mp_vma_view *view)
{
	if (view->open)
		close(view->maps);
	view->open = false;
}

/* Calls `line` for every line of a procfs file, cut at LINE_MAX_BYTES, until it returns false. */
static void read_lines(int fd, bool (*line)(void *user, const char *text), void *user)
{
	char chunk[CHUNK], text[LINE_MAX_BYTES];
	size_t used = 0;
	ssize_t got;

	if (lseek(fd, 0, SEEK_SET))
		return;
	while ((got = read(fd, chunk, sizeof(chunk))) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			if (chunk[i] != '\n') {
				if (used < sizeof(text) - 1)
					text[used++] = chunk[i];
				continue;
			}
			text[used] = '\0';
			used = 0;
			if (!line(user, text))
				return;
		}
	}
}

static const char *parse_number(const char *text, unsigned base, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (;; text++) {
		unsigned digit = *text >= '0' && *text <= '9'	? (unsigned)(*text - '0')
				 : *text >= 'a' && *text <= 'f' ? (unsigned)(*text - 'a' + 10)
								: 99;

		if (digit >= base)
			break;
		value = value * base + digit;
	}
	*ret_value = value;
	return text;
}

static const char *skip_word(const char *text)
{
	while (*text == ' ')
		text++;
	while (*text && *text != ' ')
		text++;
	while (*text == ' ')
		text++;
	return text;
}

/* "start-end rwxp offset device inode path" */
static bool parse_vma(const char *text, struct mp_vma_entry *ret)
{
	const char *p = parse_number(text, 16, &ret->start);

	if (p == text || *p != '-')
		return false;
	p = parse_number(p + 1, 16, &ret->end);
	if (*p != ' ' || strlen(p) < 6)
		return false;
	ret->read = p[1] == 'r';
	ret->write = p[2] == 'w';
	ret->exec = p[3] == 'x';
	ret->shared = p[4] == 's';
	parse_number(skip_word(skip_word(skip_word(p))), 10, &ret->inode);
	return true;
}

struct walk {
	bool (*each)(void *user, const struct mp_vma_entry *vma);
	void *user;
};

static bool walk_line(void *user, const char *text)
{
	struct walk *w = user;
	struct mp_vma_entry vma;

	return !parse_vma(text, &vma) || w->each(w->user, &vma);
}

void mp_vma_walk(const struct mp_vma_view *view,
		 bool (*each)(void *user, const struct mp_vma_entry *vma), void *user)
{
	struct walk w = { .each = each, .user = user };

	if (view->open)
		read_lines(view->maps, walk_line, &w);
}

static bool count_one(void *user, const struct mp_vma_entry *vma)
{
	(void)vma;
	++*(uint64_t *)user;
	return true;
}

uint64_t mp_vma_count(const struct mp_vma_view *view)
{
	uint64_t count = 0;

	mp_vma_walk(view, count_one, &count);
	return count;
}

struct find {
	uint64_t address, below, above;
	struct mp_vma_entry vma;
	bool found;
};

static bool find_one(void *user, const struct mp_vma_entry *vma)
{
	struct find *f = user;

	if (vma->end <= f->address) {
		f->below = vma->end;
		return true;
	}
	if (vma->start <= f->address) {
		f->vma = *vma;
		f->found = true;
		return true;
	}
	f->above = vma->start;
	return false;
}

bool mp_vma_find(const struct mp_vma_view *view, uint64_t address, struct mp_vma_entry *ret_vma,
		 uint64_t *ret_below, uint64_t *ret_above)
{
	struct find f = { .address = address, .above = UINT64_MAX };

	mp_vma_walk(view, find_one, &f);
	if (ret_vma && f.found)
		*ret_vma = f.vma;
	if (ret_below)
		*ret_below = f.below;
	if (ret_above)
		*ret_above = f.above;
	return f.found;
}

struct exact {
	const uint64_t *at;
	uint64_t n, size, count;
};

static bool exact_one(void *user, const struct mp_vma_entry *vma)
{
	struct exact *e = user;

	if (vma->end - vma->start != e->size || !vma->write)
		return true;
	for (uint64_t i = 0; i < e->n; i++)
		if (e->at[i] == vma->start) {
			e->count++;
			break;
		}
	return true;
}

uint64_t mp_vma_exact(const struct mp_vma_view *view, const uint64_t *at, uint64_t n, uint64_t size)
{
	struct exact e = { .at = at, .n = n, .size = size };

	mp_vma_walk(view, exact_one, &e);
	return e.count;
}

struct range {
	uint64_t start, end, count;
};

static bool overlaps_one(void *user, const struct mp_vma_entry *vma)
{
	struct range *r = user;

	r->count += vma->start < r->end && vma->end > r->start;
	return vma->start < r->end;
}

uint64_t mp_vma_overlaps(const struct mp_vma_view *view, uint64_t at, uint64_t size)
{
	struct range r = { .start = at, .end = at + size };

	mp_vma_walk(view, overlaps_one, &r);
	return r.count;
}

int mp_arena_hole(const struct mp_ctx *ctx, uint64_t offset, uint64_t size, struct mp_err *err)
{
	if (offset > ctx->arena_size || size > ctx->arena_size - offset)
		return mp_err_internal(err, -ERANGE,
				       "a hole of %llu bytes does not fit into the arena",
				       (unsigned long long)size);
	if (munmap(ctx->arena + offset, size))
		return mp_err_env(err, -errno, "cannot unmap a part of the arena: %s",
				  strerror(errno));
	return 0;
}

int mp_arena_fill(const struct mp_ctx *ctx, uint64_t count, struct mp_err *err)
{
	uint64_t page = ctx->host->page_size;
	char *at = ctx->arena + ctx->arena_size / 2;

	if (count > ctx->arena_size / 2 / page)
		return mp_err_env(err, -ERANGE, "%llu mappings do not fit into the arena",
				  (unsigned long long)count);
	/* Every other page of the reservation becomes readable: it and the page after it are two
	 * mappings that cannot merge, and neither is charged as memory. */
	for (uint64_t i = 0; i < count; i += 2, at += 2 * page)
		if (mprotect(at, page, PROT_READ))
			return mp_err_env(err, -errno,
					  "cannot make %llu mappings (%s): raise "
					  "/proc/sys/vm/max_map_count",
					  (unsigned long long)count, strerror(errno));
	return 0;
}
