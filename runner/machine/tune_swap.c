/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two kinds of things that can be changed: the size of a zram device ("0": unused), and a swap device ("on", "off"). */
#include "runner/machine/tune_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/swap.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "runner/machine/sysfile.h"

static int read_zram(const char *root, const char *path, char ret_value[64])
{
	return mp_sysfile_line(root, ret_value, 64, "%s", path);
}

/* A device in use takes no other size: it is emptied by its file "reset", and then has none. That also forgets which
 * algorithm an administrator chose. */
static int write_zram(const char *root, const char *path, const char *value)
{
	char reset[MP_SYSFILE_PATH], algorithm[MP_SYSFILE_PATH], chosen[64];
	int folder = (int)(strrchr(path, '/') - path), err;
	bool known;

	if (strcmp(value, "0"))
		return mp_tune_file.write(root, path, value);
	if (snprintf(reset, sizeof(reset), "%.*s/reset", folder, path) >= (int)sizeof(reset) ||
	    snprintf(algorithm, sizeof(algorithm), "%.*s/comp_algorithm", folder, path) >=
		    (int)sizeof(algorithm))
		return -ENAMETOOLONG;
	known = !mp_sysfile_choice(root, chosen, sizeof(chosen), "%s", algorithm);
	err = mp_tune_file.write(root, reset, "1");
	return err || !known ? err : mp_tune_file.write(root, algorithm, chosen);
}

const struct mp_tune_kind mp_tune_zram = { read_zram, write_zram };

/* /proc/swaps has one line a device in use, which begins with its path. */
static int read_swap(const char *root, const char *path, char ret_value[64])
{
	MP_CLEANUP(mp_str_done) struct mp_str swaps = MP_STR_INIT;
	size_t len = strlen(path);
	bool on = false;
	int err;

	if (access(path, F_OK))
		return -ENOENT;
	err = mp_sysfile_read(root, &swaps, "/proc/swaps");
	for (const char *line = err ? NULL : swaps.text; line && !on; line = strchr(line, '\n')) {
		line += *line == '\n';
		on = !strncmp(line, path, len) && (line[len] == ' ' || line[len] == '\t');
	}
	strcpy(ret_value, on ? "on" : "off");
	return err;
}

/* The first page of a swap device, as mkswap(8) writes it: union swap_header of include/linux/swap.h. */
static int write_header(const char *path)
{
	static const char magic[] = "SWAPSPACE2";
	MP_CLEANUP(mp_close_fd) int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char header[65536] = { 0 };
	uint32_t *info = (uint32_t *)(header + 1024); /* version, last page, number of bad pages */
	uint64_t bytes;

	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &bytes))
		return -errno;
	if (page > sizeof(header) || bytes / page < 2)
		return -EINVAL;
	info[0] = 1;
	info[1] = (uint32_t)(bytes / page - 1);
	memcpy(header + page - (sizeof(magic) - 1), magic, sizeof(magic) - 1);
	if (write(fd, header, page) != (ssize_t)page || fsync(fd))
		return errno ? -errno : -EIO;
	return 0;
}

static int write_swap(const char *root, const char *path, const char *value)
{
	int err;

	if (*root)
		return -ENOTSUP;
	if (strcmp(value, "on"))
		return swapoff(path) ? -errno : 0;
	err = write_header(path);
	/* Before all other devices: what is swapped goes there. */
	if (!err && swapon(path, SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK))
		err = -errno;
	return err;
}

const struct mp_tune_kind mp_tune_swap = { read_swap, write_swap };
