/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading /proc/self about pages: see page.h. */
#include "benchmarks/support/page.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define PM_PRESENT   (1ULL << 63)
#define PM_SWAP	     (1ULL << 62)
#define PM_FILE	     (1ULL << 61)
#define PM_EXCLUSIVE (1ULL << 56)

static int open_proc(int pid, const char *name, int *ret_fd, struct mp_err *err)
{
	char path[48];
	int fd;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	else
		snprintf(path, sizeof(path), "/proc/self/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return mp_err_env(err, -errno, "cannot open '%s': %s; is /proc mounted?", path,
				  strerror(errno));
	*ret_fd = fd;
	return 0;
}

int mp_pages_open(struct mp_pages *pages, uint64_t page_size, struct mp_err *err)
{
	return mp_pages_open_of(pages, 0, page_size, err);
}

int mp_pages_open_of(struct mp_pages *pages, int pid, uint64_t page_size, struct mp_err *err)
{
	struct mp_pages p = { .open = true, .pagemap = -1, .smaps = -1, .page_size = page_size };
	int ret = open_proc(pid, "pagemap", &p.pagemap, err);

	if (!ret)
		ret = open_proc(pid, "smaps", &p.smaps, err);
	if (!ret)
		ret = open_proc(pid, "status", &p.status, err);
	if (!ret) {
		*pages = p;
		return 0;
	}
	if (p.pagemap >= 0)
		close(p.pagemap);
	if (p.smaps >= 0)
		close(p.smaps);
	return ret;
}

void mp_pages_done(struct mp_pages *pages)
{
	if (!pages->open)
		return;
	close(pages->pagemap);
	close(pages->smaps);
	close(pages->status);
	pages->open = false;
}

struct mp_faults mp_faults_now(void)
{
	struct rusage usage = { 0 };

	getrusage(RUSAGE_THREAD, &usage);
	return (struct mp_faults){ .minor = (uint64_t)usage.ru_minflt,
				   .major = (uint64_t)usage.ru_majflt };
}

uint64_t mp_faults_since(const struct mp_faults *then)
{
	struct mp_faults now = mp_faults_now();

	return now.minor - then->minor + now.major - then->major;
}

int mp_pages_add(const struct mp_pages *pages, const void *start, uint64_t count,
		 struct mp_residency *sum)
{
	uint64_t entries[256];
	uint64_t first = (uint64_t)start / pages->page_size;

	while (count) {
		uint64_t now = count < 256 ? count : 256;
		ssize_t got = pread(pages->pagemap, entries, now * sizeof(entries[0]),
				    (off_t)(first * sizeof(entries[0])));

		if (got < (ssize_t)sizeof(entries[0]))
			return got < 0 ? -errno : -ENODATA;
		now = (uint64_t)got / sizeof(entries[0]);
		for (uint64_t i = 0; i < now; i++) {
			sum->present += (entries[i] & PM_PRESENT) != 0;
			sum->file += (entries[i] & PM_FILE) != 0;
			sum->exclusive += (entries[i] & PM_EXCLUSIVE) != 0;
			sum->swapped += (entries[i] & PM_SWAP) != 0;
		}
		first += now;
		count -= now;
	}
	return 0;
}

uint64_t mp_pages_cached(const struct mp_pages *pages, void *start, uint64_t count)
{
	unsigned char vector[1024];
	char *at = start;
	uint64_t cached = 0;

	while (count) {
		uint64_t now = count < sizeof(vector) ? count : sizeof(vector);

		if (mincore(at, now * pages->page_size, vector))
			return UINT64_MAX;
		for (uint64_t i = 0; i < now; i++)
			cached += vector[i] & 1;
		at += now * pages->page_size;
		count -= now;
	}
	return cached;
}

/* A field of /proc/self/status in KiB, as bytes; its name with the newline before it and the colon after it. */
static uint64_t status_bytes(const struct mp_pages *pages, const char *name)
{
	char text[4096];
	ssize_t got = pread(pages->status, text, sizeof(text) - 1, 0);
	const char *field;

	if (got <= 0)
		return UINT64_MAX;
	text[got] = '\0';
	field = strstr(text, name);
	return field ? strtoull(field + strlen(name), NULL, 10) * 1024 : UINT64_MAX;
}

uint64_t mp_pages_tables(const struct mp_pages *pages)
{
	return status_bytes(pages, "\nVmPTE:");
}

uint64_t mp_pages_locked(const struct mp_pages *pages)
{
	return status_bytes(pages, "\nVmLck:");
}

/* The value of "Field:   12 kB" in bytes, when the line is of that field. */
static bool field_bytes(const char *line, const char *field, uint64_t *bytes)
{
	size_t length = strlen(field);

	if (strncmp(line, field, length))
		return false;
	*bytes = strtoull(line + length, NULL, 10) * 1024;
	return true;
}

/* A header is "start-end perms ...", in hexadecimal; every other line begins with a capital. */
static bool header(const char *line, uint64_t *start, uint64_t *end)
{
	char *after;

	if (*line >= 'A' && *line <= 'Z')
		return false;
	*start = strtoull(line, &after, 16);
	if (*after != '-')
		return false;
	*end = strtoull(after + 1, NULL, 16);
	return true;
}

bool mp_vma_flag(const struct mp_vma *vma, const char *letters)
{
	char word[4] = { ' ', letters[0], letters[1], '\0' };

	return strstr(vma->flags, word) != NULL;
}

/* One line inside the VMA that is looked for. */
static void take(const char *line, struct mp_vma *vma)
{
	uint64_t bytes = 0;

	if (field_bytes(line, "AnonHugePages:", &bytes)) {
		vma->anon_huge = bytes;
	} else if (field_bytes(line, "ShmemPmdMapped:", &bytes)) {
		vma->shmem_huge = bytes;
	} else if (field_bytes(line, "KernelPageSize:", &bytes)) {
		vma->page_size = bytes;
	} else if (field_bytes(line, "LazyFree:", &bytes)) {
		vma->lazy_free = bytes;
	} else if (field_bytes(line, "Referenced:", &bytes)) {
		vma->referenced = bytes;
	} else if (field_bytes(line, "Shared_Dirty:", &bytes) ||
		   field_bytes(line, "Private_Dirty:", &bytes)) {
		vma->dirty += bytes;
	} else if (!strncmp(line, "VmFlags:", 8)) {
		snprintf(vma->flags, sizeof(vma->flags), "%s", line + 8);
		vma->no_huge = mp_vma_flag(vma, "nh");
		vma->huge = mp_vma_flag(vma, "hg");
	}
}

/* Lines arrive in pieces of the buffer's size; `line` is whole and without its newline. True: past it. */
static bool one_line(const char *line, uint64_t address, struct mp_vma *vma)
{
	uint64_t start, end;

	if (!header(line, &start, &end)) {
		if (vma->end)
			take(line, vma);
		return false;
	}
	if (vma->end || start > address)
		return true;
	if (address < end)
		*vma = (struct mp_vma){ .start = start, .end = end };
	return false;
}

int mp_vma_at(const struct mp_pages *pages, const void *address, struct mp_vma *ret_vma)
{
	struct mp_vma vma = { 0 };
	char text[4096];
	size_t have = 0;
	bool past = false;

	if (lseek(pages->smaps, 0, SEEK_SET) < 0)
		return -ENOENT;
	while (!past) {
		ssize_t got = read(pages->smaps, text + have, sizeof(text) - 1 - have);
		char *line = text, *newline;

		if (got <= 0)
			break;
		have += (size_t)got;
		text[have] = '\0';
		while (!past && (newline = strchr(line, '\n'))) {
			*newline = '\0';
			past = one_line(line, (uint64_t)address, &vma);
			line = newline + 1;
		}
		have = (size_t)(text + have - line);
		/* a line longer than the buffer is a path: its tail holds nothing of interest */
		if (have == sizeof(text) - 1)
			have = 0;
		memmove(text, line, have);
	}
	if (!vma.end)
		return -ENOENT;
	*ret_vma = vma;
	return 0;
}

int mp_thp_possible(uint64_t hugepage_size, struct mp_err *err)
{
	char text[128];
	ssize_t got;
	int fd;

	if (!hugepage_size)
		return mp_err_env(err, -EINVAL, "this kernel has no transparent huge pages");
	fd = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	if (strstr(text, "[never]"))
		return mp_err_env(err, -EINVAL,
				  "transparent huge pages are switched off: write 'madvise' to "
				  "/sys/kernel/mm/transparent_hugepage/enabled");
	return 0;
}
