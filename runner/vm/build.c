/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf's module for a kernel that is not running here. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/beside.h"
#include "common/cleanup.h"
#include "common/spawn.h"
#include "runner/vm/internal.h"

/* build/share/memperf-kmod is kmod/ itself; installed, the source is where dkms(8) has it. */
static int find_source(char buf[PATH_MAX], struct mp_err *err)
{
	static const char *const places[] = { "/../share/memperf-kmod",
					      "/../src/memperf-" MEMPERF_VERSION };
	char path[PATH_MAX];

	if (mp_beside(places, sizeof(places) / sizeof(places[0]), R_OK, path) ||
	    !realpath(path, buf))
		return mp_err_env(err, -ENOENT,
				  "the module's source is not beside this memperf (package "
				  "memperf-dkms); give the built module with --kmod FILE");
	return 0;
}

/* Runs make; what it says is in `log`. As mp_spawn(). */
static int make(const char *const argv[], const char *log)
{
	MP_CLEANUP(mp_close_fd)
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : mp_spawn(&(struct mp_spawn){ .argv = argv, .out = fd, .err = fd });
}

/* The first line of the log that tells of an error, else the last one. */
static void first_error(const char *log, char *buf, size_t size)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

	buf[0] = '\0';
	mp_str_read_file(&text, log);
	for (char *line = text.text, *rest = NULL; (line = strtok_r(line, "\n", &rest));
	     line = NULL) {
		snprintf(buf, size, "%s", line);
		if (strstr(line, "error") || strstr(line, "***"))
			return;
	}
}

int mp_vm_build_module(const char *headers, const char *folder, char **ret_path, struct mp_err *err)
{
	char source[PATH_MAX], absolute[PATH_MAX], out[PATH_MAX + 16], kdir[PATH_MAX + 16];
	char log[PATH_MAX], line[300], said[MP_SPAWN_SAID];
	struct mp_str path = MP_STR_INIT;
	const char *const argv[] = { "make", "-s", "-C", source, out, kdir, NULL };
	int rc = find_source(source, err);

	if (rc)
		return rc;
	if (!realpath(headers, absolute))
		return mp_err_usage(err, -errno, "cannot find the headers '%s': %s", headers,
				    strerror(errno));
	snprintf(out, sizeof(out), "OUT=%s/kmod", folder);
	snprintf(kdir, sizeof(kdir), "KDIR=%s", absolute);
	snprintf(log, sizeof(log), "%s/make", folder);
	rc = make(argv, log);
	if (rc == -ENOENT)
		return mp_err_env(err, rc, "there is no 'make' here; apt-get install make gcc");
	if (rc) {
		first_error(log, line, sizeof(line));
		return mp_err_env(err, rc < 0 ? rc : -EIO,
				  "the module does not build with '%s': %s", absolute,
				  *line ? line : mp_spawn_said(rc, said));
	}
	mp_str_printf(&path, "%s/kmod/memperf.ko", folder);
	*ret_path = mp_str_take(&path);
	return *ret_path ? 0 : mp_err_env(err, -ENOMEM, "out of memory");
}
