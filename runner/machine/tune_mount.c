/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A kind of thing that can be changed: what is mounted at one of the folders that are ours ("none", "tmpfs", "ext4"). The ext4
 * file system is made in a file of the tmpfs, on a loop device that the kernel frees with the last mount (autoclear), so
 * that a kill at any moment leaves mounts and nothing else.
 */
#include "runner/machine/tune_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/spawn.h"
#include "common/str.h"
#include "runner/machine/setup_paths.h"
#include "runner/machine/sysfile.h"
#include "runner/machine/tune_internal.h"

#define IMAGE	    MP_SETUP_RAM "/image"
#define IMAGE_BYTES (1LL << 30) /* sparse: memory is taken by what is written */
#define TRIES	    50 /* to unmount what a process that just ended still holds, 20 ms apart */

/* The last line that names the mount point in its fifth field, "ID PARENT MAJ:MIN ROOT POINT OPTIONS ... - TYPE ..." (proc(5)). */
static int read_mount(const char *root, const char *path, char ret_value[64])
{
	MP_CLEANUP(mp_str_done) struct mp_str info = MP_STR_INIT;
	int err = mp_sysfile_read(root, &info, "/proc/self/mountinfo");
	char *rest = info.text, *line;

	strcpy(ret_value, "none");
	while (!err && (line = strsep(&rest, "\n"))) {
		char point[256], type[64], *dash = strstr(line, " - ");

		if (dash && sscanf(line, "%*s %*s %*s %*s %255s", point) == 1 &&
		    !strcmp(point, path) && sscanf(dash + 3, "%63s", type) == 1)
			strcpy(ret_value, type);
	}
	return err;
}

const char *mp_tune_mkfs(void)
{
	static const char *const places[] = { "/usr/sbin/mkfs.ext4", "/sbin/mkfs.ext4",
					      "/usr/bin/mkfs.ext4" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!access(places[i], X_OK))
			return places[i];
	return NULL;
}

/* Nothing is left for later: no thread of the kernel completes the file system while something is measured. */
static int make_fs(const char *device)
{
	const char *mkfs = mp_tune_mkfs();
	const char *const argv[] = { mkfs,
				     "-q",
				     "-F",
				     "-m",
				     "0",
				     "-E",
				     "lazy_itable_init=0,lazy_journal_init=0,nodiscard",
				     "-b",
				     "4096",
				     device,
				     NULL };
	char *environment[] = { NULL };
	int rc;

	if (!mkfs)
		return -ENOENT;
	rc = mp_spawn(&(struct mp_spawn){ .argv = argv, .environment = environment });
	return rc > 0 ? -EIO : rc;
}

/* A free loop device on the image; closing it frees the device unless it is mounted by then. */
static int open_loop(char ret_device[32], int *ret_fd)
{
	MP_CLEANUP(mp_close_fd)
	int image = open(IMAGE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	MP_CLEANUP(mp_close_fd) int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	struct loop_config config = { .fd = (__u32)image,
				      .info = { .lo_flags = LO_FLAGS_AUTOCLEAR } };
	int fd, number, err = -EBUSY;

	if (image < 0 || control < 0 || ftruncate(image, IMAGE_BYTES))
		return -errno;
	/* Somebody else may take the free one first. */
	for (int tries = 0; err == -EBUSY && tries < 10; tries++) {
		number = ioctl(control, LOOP_CTL_GET_FREE);
		if (number < 0)
			return -errno;
		snprintf(ret_device, 32, "/dev/loop%d", number);
		fd = open(ret_device, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		err = ioctl(fd, LOOP_CONFIGURE, &config) ? -errno : 0;
		if (err)
			close(fd);
	}
	if (!err)
		*ret_fd = fd;
	return err;
}

static int mount_disk(const char *path)
{
	MP_CLEANUP(mp_close_fd) int fd = -1;
	char device[32];
	int err = open_loop(device, &fd);

	if (!err)
		err = make_fs(device);
	if (!err && mount(device, path, "ext4", MS_NOATIME | MS_NOSUID | MS_NODEV, ""))
		err = -errno;
	return err;
}

/* What still uses it was killed a moment ago; else it goes when that ends. The folders were made for it. */
static int unmount(const char *path)
{
	int tries = 0;

	while (umount2(path, UMOUNT_NOFOLLOW)) {
		if (errno != EBUSY || tries++ == TRIES) {
			if (errno != EBUSY || umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW))
				return -errno;
			break;
		}
		usleep(20000);
	}
	rmdir(path);
	rmdir(MP_SETUP_FOLDER);
	return 0;
}

static int write_mount(const char *root, const char *path, const char *value)
{
	int err;

	if (*root)
		return -ENOTSUP;
	if (!strcmp(value, "none"))
		return unmount(path);
	if ((mkdir(MP_SETUP_FOLDER, 0755) && errno != EEXIST) ||
	    (mkdir(path, 0700) && errno != EEXIST))
		return -errno;
	if (strcmp(value, "tmpfs"))
		err = mount_disk(path);
	else
		err = mount("memperf", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700") ? -errno
											 : 0;
	if (err) {
		rmdir(path);
		rmdir(MP_SETUP_FOLDER);
	}
	return err;
}

const struct mp_tune_kind mp_tune_mount = { read_mount, write_mount };
