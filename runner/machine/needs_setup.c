/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The needs that a run can set up: how each is probed, and what has to change for it. See needs.h. */
#include "runner/machine/needs.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/units.h"
#include "runner/machine/facthelp.h"
#include "runner/machine/internal.h"
#include "runner/machine/setup_paths.h"
#include "runner/machine/sysfile.h"
#include "runner/machine/tune_mount.h"

#define ZRAM_BYTES "536870912" /* 512 MiB that can be swapped */
#define REMEDY	   "sudo memperf run --setup"

/* Adds a change unless the thing has that state already. One that is not there is left out: the probe tells. */
static void change(const struct mp_machine *machine, struct mp_need_changes *changes,
		   const char *after, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void change(const struct mp_machine *machine, struct mp_need_changes *changes,
		   const char *after, const char *format, ...)
{
	struct mp_change *c = &changes->items[changes->n];
	va_list args;

	assert(changes->n < MP_COUNT(changes->items));
	va_start(args, format);
	vsnprintf(c->path, sizeof(c->path), format, args);
	va_end(args);
	if (mp_tune_read(mp_machine_root(machine), c->path, c->before) || !strcmp(c->before, after))
		return;
	snprintf(c->after, sizeof(c->after), "%s", after);
	changes->n++;
}

/* ---- hugetlb pools ---- */

static uint64_t hugetlb_size(const struct mp_machine *machine, const char *word)
{
	uint64_t bytes;

	return word && !mp_size_parse(word, &bytes) ? bytes
						    : mp_machine_host(machine)->hugetlb_size;
}

/* Pages that nobody has or was promised. 0 or negative errno: there is no such pool. */
static int hugetlb_free(const struct mp_machine *machine, const char *word, uint64_t *ret_free)
{
	MP_CLEANUP(mp_str_done) struct mp_str meminfo = MP_STR_INIT;
	const char *root = mp_machine_root(machine);
	unsigned long long kib = hugetlb_size(machine, word) / 1024;
	uint64_t pages, reserved = 0;
	int err;

	if (hugetlb_size(machine, word) == mp_machine_host(machine)->hugetlb_size) {
		err = mp_sysfile_read(root, &meminfo, "/proc/meminfo");
		if (!err)
			err = mp_sysfile_field_number(meminfo.text, "HugePages_Free", &pages);
		if (!err)
			mp_sysfile_field_number(meminfo.text, "HugePages_Rsvd", &reserved);
	} else {
		err = mp_sysfile_number(root, &pages,
					MP_SETUP_HUGEPAGES "/hugepages-%llukB/free_hugepages", kib);
		if (!err)
			mp_sysfile_number(root, &reserved,
					  MP_SETUP_HUGEPAGES "/hugepages-%llukB/resv_hugepages",
					  kib);
	}
	if (!err)
		*ret_free = pages > reserved ? pages - reserved : 0;
	return err;
}

static uint64_t hugetlb_wanted(const struct mp_machine *machine, const char *word)
{
	uint64_t size = hugetlb_size(machine, word);

	return size < MP_HUGETLB_POOL ? MP_HUGETLB_POOL / size : 1;
}

static void probe_hugetlb(const struct mp_machine *machine, const char *word, struct mp_str *why)
{
	uint64_t size = hugetlb_size(machine, word), pages;

	if (!size || hugetlb_free(machine, word, &pages))
		mp_str_printf(why,
			      "this kernel has no hugetlb pages%s%s: boot one with "
			      "CONFIG_HUGETLBFS=y",
			      word ? " of " : "", word ? word : "");
	else if (!pages)
		mp_str_printf(why,
			      "the hugetlb pool of %llu KiB pages has no free page: echo %llu "
			      "> " MP_SETUP_HUGEPAGES "/hugepages-%llukB/nr_hugepages, or " REMEDY,
			      (unsigned long long)size / 1024,
			      (unsigned long long)hugetlb_wanted(machine, word),
			      (unsigned long long)size / 1024);
}

static void plan_hugetlb(const struct mp_machine *machine, const char *word,
			 struct mp_need_changes *changes, struct mp_str *why)
{
	uint64_t size = hugetlb_size(machine, word), pages, total;
	uint64_t wanted = size ? hugetlb_wanted(machine, word) : 0;
	char after[32], path[160];

	snprintf(path, sizeof(path), MP_SETUP_HUGEPAGES "/hugepages-%llukB/nr_hugepages",
		 (unsigned long long)size / 1024);
	if (!size || hugetlb_free(machine, word, &pages) ||
	    mp_sysfile_number(mp_machine_root(machine), &total, "%s", path))
		return;
	if (pages >= wanted)
		return;
	if ((wanted - pages) * size > mp_machine_host(machine)->memory_bytes / 4) {
		mp_str_printf(why,
			      "%llu hugetlb pages of %s are more than a quarter of the memory: "
			      "run on a machine with more",
			      (unsigned long long)(wanted - pages), word ? word : "default size");
		return;
	}
	snprintf(after, sizeof(after), "%llu", (unsigned long long)(total + wanted - pages));
	change(machine, changes, after, "%s", path);
}

/* ---- swap on zram ---- */

/* The priority in the last column decides where a page goes. */
static void probe_zram(const struct mp_machine *machine, struct mp_str *why)
{
	MP_CLEANUP(mp_str_done) struct mp_str swaps = MP_STR_INIT;
	int best = -1000000, zram = best, priority;
	char path[128], *rest, *line;

	mp_sysfile_read(mp_machine_root(machine), &swaps, "/proc/swaps");
	for (rest = swaps.text; (line = strsep(&rest, "\n"));) {
		if (sscanf(line, "%127s %*s %*s %*s %d", path, &priority) != 2)
			continue;
		if (priority > best)
			best = priority;
		if (!strncmp(path, "/dev/zram", 9) && priority > zram)
			zram = priority;
	}
	if (zram < best || zram == -1000000)
		mp_str_add(why, "pages are not swapped to zram first: " REMEDY);
}

static void plan_zram(const struct mp_machine *machine, const char *word,
		      struct mp_need_changes *changes, struct mp_str *why)
{
	const char *root = mp_machine_root(machine);
	char **names = NULL;
	size_t count = 0, i;
	uint64_t size;

	(void)word;
	probe_zram(machine, why);
	if (!why->len)
		return;
	mp_str_clear(why);
	mp_fact_names(root, "/sys/block", "zram*", &names, &count);
	for (i = 0; i < count; i++)
		if (!mp_sysfile_number(root, &size, "/sys/block/%s/disksize", names[i]) && !size)
			break;
	if (i < count) {
		change(machine, changes, ZRAM_BYTES, "/sys/block/%s/disksize", names[i]);
		change(machine, changes, "on", "/dev/%s", names[i]);
	} else if (count) {
		mp_str_add(why, "every zram device is in use: cat "
				"/sys/class/zram-control/hot_add makes another");
	} else {
		mp_str_add(why, "there is no zram device: modprobe zram");
	}
	mp_fact_names_free(names, count);
}

/* ---- modes of the kernel ---- */

static const char *const overcommit_words[] = { "heuristic", "always", "never" };

static void probe_overcommit(const struct mp_machine *machine, const char *word, struct mp_str *why)
{
	uint64_t mode;

	if (mp_sysfile_number(mp_machine_root(machine), &mode, MP_SETUP_OVERCOMMIT))
		mp_str_add(why, "the overcommit mode cannot be read: mount procfs");
	else if (mode >= MP_COUNT(overcommit_words) || strcmp(word, overcommit_words[mode]))
		mp_str_printf(why, "vm.overcommit_memory is %llu, not '%s': " REMEDY,
			      (unsigned long long)mode, word);
}

static void plan_overcommit(const struct mp_machine *machine, const char *word,
			    struct mp_need_changes *changes, struct mp_str *why)
{
	MP_CLEANUP(mp_str_done) struct mp_str meminfo = MP_STR_INIT;
	uint64_t kbytes = 0, committed = 0, total = 0;
	char ratio[24];
	size_t mode = 0;

	mp_sysfile_number(mp_machine_root(machine), &kbytes, "/proc/sys/vm/overcommit_kbytes");
	while (mode < MP_COUNT(overcommit_words) - 1 && strcmp(word, overcommit_words[mode]))
		mode++;
	if (mode == 2) {
		if (mp_sysfile_read(mp_machine_root(machine), &meminfo, "/proc/meminfo") ||
		    mp_sysfile_field_number(meminfo.text, "Committed_AS", &committed) ||
		    mp_sysfile_field_number(meminfo.text, "MemTotal", &total) || !total) {
			mp_str_add(why, "what is committed cannot be read: mount procfs");
			return;
		}
		/* Far above what is committed, by anybody: only the accounting is measured, and nobody is refused memory. */
		snprintf(ratio, sizeof(ratio), "%llu",
			 10000 + (unsigned long long)(committed / total) * 200);
		/* A limit in kilobytes would be lost, and stands. */
		if (!kbytes)
			change(machine, changes, ratio, MP_SETUP_OVERCOMMIT_RATIO);
		else if (kbytes < (committed + total) / 1024)
			mp_str_printf(
				why,
				"%llu kB are committed and vm.overcommit_kbytes is %llu: mode "
				"'never' would refuse memory to everybody; raise it",
				(unsigned long long)committed / 1024, (unsigned long long)kbytes);
		if (why->len)
			return;
	}
	change(machine, changes, mode == 2 ? "2" : mode == 1 ? "1" : "0", MP_SETUP_OVERCOMMIT);
}

/* What the switch of one size says, "inherit" resolved. 0 or negative errno. */
static int thp_switch(const struct mp_machine *machine, uint64_t bytes, char ret_word[32])
{
	const char *root = mp_machine_root(machine);
	int err = mp_sysfile_choice(root, ret_word, 32, MP_SETUP_THP "/hugepages-%llukB/enabled",
				    (unsigned long long)bytes / 1024);

	return err || strcmp(ret_word, "inherit")
		       ? err
		       : mp_sysfile_choice(root, ret_word, 32, MP_SETUP_THP "/enabled");
}

/* The smallest size above `bytes` whose pages would be taken instead; 0: none. */
static uint64_t thp_above(const struct mp_machine *machine, uint64_t bytes)
{
	char now[32];

	for (uint64_t size = bytes * 2; size && size <= mp_machine_host(machine)->thp_sizes;
	     size *= 2)
		if (mp_machine_host(machine)->thp_sizes & size && !thp_switch(machine, size, now) &&
		    strcmp(now, "never"))
			return size;
	return 0;
}

static void probe_mthp(const struct mp_machine *machine, const char *word, struct mp_str *why)
{
	uint64_t bytes = 0;
	char now[32];

	if (mp_size_parse(word, &bytes) || thp_switch(machine, bytes, now))
		mp_str_printf(why, "this kernel has no huge pages of %s: boot Linux 6.8 or newer",
			      word);
	else if (!strcmp(now, "never") || thp_above(machine, bytes))
		mp_str_printf(why, "memory does not get huge pages of just %s: " REMEDY, word);
}

static void plan_mthp(const struct mp_machine *machine, const char *word,
		      struct mp_need_changes *changes, struct mp_str *why)
{
	uint64_t sizes = mp_machine_host(machine)->thp_sizes, bytes = 0;
	char now[32];

	(void)why;
	if (mp_size_parse(word, &bytes) || thp_switch(machine, bytes, now))
		return;
	for (uint64_t size = bytes * 2; size && size <= sizes; size *= 2)
		if (sizes & size)
			change(machine, changes, "never", MP_SETUP_THP "/hugepages-%llukB/enabled",
			       (unsigned long long)size / 1024);
	if (!strcmp(now, "never"))
		change(machine, changes, "madvise", MP_SETUP_THP "/hugepages-%llukB/enabled",
		       (unsigned long long)bytes / 1024);
}

static void probe_shmem_thp(const struct mp_machine *machine, struct mp_str *why)
{
	char now[32];

	if (mp_sysfile_choice(mp_machine_root(machine), now, sizeof(now),
			      MP_SETUP_THP "/shmem_enabled"))
		mp_str_add(why, "this kernel has no huge pages for shared memory: boot one with "
				"CONFIG_TRANSPARENT_HUGEPAGE=y and CONFIG_SHMEM=y");
	else if (!strcmp(now, "never") || !strcmp(now, "deny"))
		mp_str_add(why, "shared memory gets no huge pages: echo advise > " MP_SETUP_THP
				"/shmem_enabled, or " REMEDY);
}

static void plan_shmem_thp(const struct mp_machine *machine, const char *word,
			   struct mp_need_changes *changes, struct mp_str *why)
{
	(void)word;
	probe_shmem_thp(machine, why);
	if (why->len)
		change(machine, changes, "advise", MP_SETUP_THP "/shmem_enabled");
	mp_str_clear(why);
}

/* ---- the RAM disk ---- */

static void probe_ramdisk(const struct mp_machine *machine, struct mp_str *why)
{
	char now[64];

	if (mp_tune_read(mp_machine_root(machine), MP_SETUP_DISK, now) || !strcmp(now, "none"))
		mp_str_add(why, "there is no file system in memory at " MP_SETUP_DISK ": " REMEDY);
}

static void plan_ramdisk(const struct mp_machine *machine, const char *word,
			 struct mp_need_changes *changes, struct mp_str *why)
{
	MP_CLEANUP(mp_str_done) struct mp_str types = MP_STR_INIT;
	char now[64];

	(void)word;
	if (mp_tune_read(mp_machine_root(machine), MP_SETUP_DISK, now) || strcmp(now, "none"))
		return;
	if (!mp_tune_mkfs())
		mp_str_add(why, "mkfs.ext4 is not installed: apt install e2fsprogs");
	else if (access("/dev/loop-control", R_OK | W_OK))
		mp_str_add(why, "there are no loop devices to be had: modprobe loop, or run as "
				"root");
	else if (!mp_sysfile_read(mp_machine_root(machine), &types, "/proc/filesystems") &&
		 !strstr(types.text, "\text4\n"))
		mp_str_add(why, "this kernel has no ext4 yet: modprobe ext4");
	if (why->len)
		return;
	change(machine, changes, "tmpfs", MP_SETUP_RAM);
	change(machine, changes, "ext4", MP_SETUP_DISK);
}

static const struct mp_need_row needs[] = {
	{ MP_NEED_HUGETLB, "hugetlb", "free huge pages in the hugetlb pool", NULL, probe_hugetlb,
	  plan_hugetlb, MP_TUNE_RUN, NULL },
	{ MP_NEED_ZRAM, "zram", "swap on zram", probe_zram, NULL, plan_zram, MP_TUNE_CASE, NULL },
	{ MP_NEED_OVERCOMMIT, "overcommit", "a mode of vm.overcommit_memory", NULL,
	  probe_overcommit, plan_overcommit, MP_TUNE_CASE, NULL },
	{ MP_NEED_MTHP, "mthp", "transparent huge pages of one size", NULL, probe_mthp, plan_mthp,
	  MP_TUNE_CASE, NULL },
	{ MP_NEED_SHMEM_THP, "shmem-thp", "transparent huge pages of shared memory",
	  probe_shmem_thp, NULL, plan_shmem_thp, MP_TUNE_CASE, NULL },
	{ MP_NEED_RAMDISK, "ramdisk", "a file system in memory", probe_ramdisk, NULL, plan_ramdisk,
	  MP_TUNE_RUN, NULL },
};

const struct mp_need_row *mp_need_find_setup(enum mp_need need)
{
	for (size_t i = 0; i < MP_COUNT(needs); i++)
		if (needs[i].need == need)
			return &needs[i];
	return NULL;
}
