/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The things that memperf may change, and the plainest kind of them: a file that holds one value. See tune_internal.h. */
#include "runner/machine/tune_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/machine/setup_paths.h"
#include "runner/machine/sysfile.h"

/* What a run sets up; the doctor's settings are in tune.c. */
static const struct mp_tune_thing things[] = {
	{ "hugetlb pool", MP_SETUP_HUGEPAGES "/hugepages-*kB/nr_hugepages",
	  "pages for benchmarks of hugetlb memory", &mp_tune_file, .in_part = true },
	{ "overcommit ratio", MP_SETUP_OVERCOMMIT_RATIO,
	  "what is committed elsewhere must not exceed the limit of mode 2", &mp_tune_file, false },
	{ "overcommit mode", MP_SETUP_OVERCOMMIT, "a benchmark is about the mode", &mp_tune_file,
	  false },
	{ "transparent huge pages of one size", MP_SETUP_THP "/hugepages-*kB/enabled",
	  "a benchmark is about that size", &mp_tune_file, false },
	{ "transparent huge pages of shared memory", MP_SETUP_THP "/shmem_enabled",
	  "a benchmark is about them", &mp_tune_file, false },
	{ "zram size", "/sys/block/zram*/disksize", "a disk in compressed memory, to swap to",
	  &mp_tune_zram, false },
	{ "swap", "/dev/zram*", "a benchmark is about pages that are swapped", &mp_tune_swap,
	  false },
	{ "memory for the RAM disk", MP_SETUP_RAM, "holds the image of the RAM disk",
	  &mp_tune_mount, false },
	{ "RAM disk", MP_SETUP_DISK, "a file system without a disk behind it", &mp_tune_mount,
	  false },
};

bool mp_tune_fits(const char *pattern, const char *path)
{
	return !strstr(path, "..") && !fnmatch(pattern, path, FNM_PATHNAME | FNM_PERIOD);
}

const struct mp_tune_thing *mp_tune_find(const char *path)
{
	for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++)
		if (mp_tune_fits(things[i].path, path))
			return &things[i];
	return mp_tune_find_setting(path);
}

int mp_tune_read(const char *root, const char *path, char ret_value[64])
{
	const struct mp_tune_thing *thing = mp_tune_find(path);

	return thing ? thing->kind->read(root, path, ret_value) : -EINVAL;
}

int mp_tune_write(const char *root, const char *path, const char *value)
{
	const struct mp_tune_thing *thing = mp_tune_find(path);
	char now[64];
	int err = thing ? thing->kind->write(root, path, value) : -EINVAL;

	if (!err)
		err = thing->kind->read(root, path, now);
	/* Some drivers take a write and keep their value. */
	return err ? err : strcmp(now, value) ? -EBUSY : 0;
}

/* The value in force: the word in brackets, or the first line. */
static int read_file(const char *root, const char *path, char ret_value[64])
{
	return mp_sysfile_choice(root, ret_value, 64, "%s", path)
		       ? mp_sysfile_line(root, ret_value, 64, "%s", path)
		       : 0;
}

/* Opens what is there and makes nothing; one write, as the kernel's files want it. */
static int write_file(const char *root, const char *path, const char *value)
{
	char full[MP_SYSFILE_PATH], text[80];
	int len = snprintf(text, sizeof(text), "%s\n", value), fd, err = 0;

	if (snprintf(full, sizeof(full), "%s%s", root, path) >= (int)sizeof(full))
		return -ENAMETOOLONG;
	fd = open(full, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, (size_t)len) != len)
		err = errno ? -errno : -EIO;
	if (close(fd) && !err)
		err = -errno;
	return err;
}

const struct mp_tune_kind mp_tune_file = { read_file, write_file };
