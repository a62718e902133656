/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker's place and pages, asked of the kernel: see verify.h. */
#include "runner/worker/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/worker/place.h"

#define AT_ONCE	   512 /* addresses of one system call */
#define MOST_ASKED 65536 /* addresses of one look: 256 MiB of small pages */
#define MOST_FOUND 8192 /* pages of one look */
#define LEAST_NS   0.1 /* of an operation in its loop: less than a cycle of any CPU */

/* One look at one arena. */
struct look {
	struct mp_wire_seat *seat;
	uint64_t page_size;
	unsigned asked, found, astray;
};

/* A node of a page, or a negative errno (ENOENT: not resident; EFAULT: the zero page, which is nobody's). */
static void count_page(struct look *l, int node)
{
	struct mp_wire_seat *s = l->seat;
	uint32_t i = 0;

	if (node < 0)
		return;
	l->found++;
	s->pages++;
	if (!mp_mempolicy_has(&s->memory, (unsigned)node)) {
		l->astray++;
		s->astray++;
	}
	while (i < s->n_on && s->on[i].node != node)
		i++;
	if (i == MP_WIRE_ON)
		return;
	if (i == s->n_on) {
		s->on[i].node = node;
		s->on[i].pages = 0;
		s->n_on++;
	}
	s->on[i].pages++;
}

static void look_at_range(struct look *l, uint64_t from, uint64_t to)
{
	while (from < to && l->asked < MOST_ASKED && l->found < MOST_FOUND &&
	       l->seat->looked >= 0) {
		void *pages[AT_ONCE];
		int nodes[AT_ONCE];
		unsigned n = 0;

		for (; n < AT_ONCE && from < to; n++, from += l->page_size)
			pages[n] = (void *)from;
		if (syscall(SYS_move_pages, 0, (unsigned long)n, pages, NULL, nodes, 0) < 0) {
			l->seat->looked = -errno;
			return;
		}
		for (unsigned i = 0; i < n; i++)
			count_page(l, nodes[i]);
		l->asked += n;
	}
}

/* A line of maps: looks at its part of the arena, unless nothing may be there. */
static void look_at_line(struct look *l, const char *line, uint64_t low, uint64_t high)
{
	char *at;
	uint64_t from = strtoull(line, &at, 16), to = *at == '-' ? strtoull(at + 1, &at, 16) : 0;

	if (to <= low || from >= high || !strncmp(at, " ---", 4))
		return;
	look_at_range(l, from < low ? low : from, to > high ? high : to);
}

/* Line by line of /proc/self/maps, through a buffer that an address and its rights always fit. */
static void look_at_arena(struct look *l, uint64_t low, uint64_t high)
{
	char buffer[4096];
	size_t have = 0;
	ssize_t got;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && (got = read(fd, buffer + have, sizeof(buffer) - 1 - have)) > 0) {
		char *line = buffer, *end;

		have += (size_t)got;
		buffer[have] = '\0';
		while ((end = strchr(line, '\n'))) {
			*end = '\0';
			look_at_line(l, line, low, high);
			line = end + 1;
		}
		have -= (size_t)(line - buffer);
		memmove(buffer, line, have);
		if (have == sizeof(buffer) - 1)
			have = 0;
	}
	if (fd >= 0)
		close(fd);
}

void mp_verify_pages(struct mp_measurer *m)
{
	struct mp_wire_seat *seat = &m->team->wire->seats[m->index];
	struct look l = { .seat = seat, .page_size = m->ctx.host->page_size };
	uint64_t low = (uint64_t)m->ctx.arena;
	char detail[MP_CHECK_TEXT];

	if (seat->memory.mode == MP_MEMORY_DEFAULT || m->n_blocks < m->look_at || seat->looked < 0)
		return;
	m->look_at = m->n_blocks ? 2 * m->n_blocks : 1;
	look_at_arena(&l, low, low + m->ctx.arena_size);
	if (!l.found)
		return;
	if (seat->looked >= 0)
		seat->looked = 1;
	snprintf(detail, sizeof(detail),
		 "%u of %u pages of the arena on other nodes than the policy's", l.astray, l.found);
	if (seat->memory.mode != MP_MEMORY_PREFERRED_MANY)
		mp_expect_true(&m->ctx, "memory_node", !l.astray, detail);
}

void mp_verify_seat(struct mp_measurer *m)
{
	int cpu = m->team->wire->request.cpus[m->index];
	struct mp_wire_seat *seat = &m->team->wire->seats[m->index];
	char detail[MP_CHECK_TEXT];
	bool holds;

	if (!seat->bound)
		return;
	seat->cpu_end = sched_getcpu();
	holds = mp_place_holds(cpu, &seat->memory);
	seat->migrated = !holds;
	if (holds || m->failed)
		return;
	snprintf(detail, sizeof(detail),
		 seat->cpu_end == cpu ? "bound to CPU %d: its affinity or memory policy was changed"
				      : "bound to CPU %d, and at the end ran on CPU %d",
		 cpu, seat->cpu_end);
	mp_expect_true(&m->ctx, "seat", false, detail);
}

void mp_verify_faults(struct mp_measurer *m)
{
	uint32_t measured = 0, stray = 0;
	char detail[MP_CHECK_TEXT];

	for (uint32_t i = 0; i < m->n_blocks; i++) {
		if (m->blocks[i].phase != MP_PHASE_MEASURE)
			continue;
		measured++;
		stray += (m->blocks[i].flags & MP_BLOCK_STRAY) != 0;
	}
	if (!stray || m->failed)
		return;
	snprintf(detail, sizeof(detail), "%u of %u measured blocks have a major fault", stray,
		 measured);
	mp_expect_true(&m->ctx, "major_faults", stray <= measured / 2, detail);
}

void mp_verify_duration(struct mp_measurer *m)
{
	double step_ns = m->team->wire->request.step_ns;
	uint32_t measured = 0, empty = 0;
	bool not_made = false;
	char detail[MP_CHECK_TEXT];

	for (uint32_t i = 0; i < m->n_blocks; i++) {
		const struct mp_block *b = &m->blocks[i];

		if (b->phase != MP_PHASE_MEASURE || b->mode == MP_MODE_CALL)
			continue;
		measured++;
		if ((double)b->ticks * m->team->ns_per_tick >= b->ops * LEAST_NS)
			continue;
		empty++;
		not_made |= b->ops * LEAST_NS >= step_ns;
	}
	/* A clock with long steps may stand still in a short block; where it does in half of them, their median is no time. */
	if (m->failed || !empty || (!not_made && 2 * empty < measured))
		return;
	snprintf(detail, sizeof(detail), "%u of %u measured blocks took %s", empty, measured,
		 not_made ? "no time: the operation was not made"
			  : "less than a step of the clock: not made, or not timed");
	mp_expect_true(&m->ctx, "duration", false, detail);
}
