/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf's module for a kernel that is not running here. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/beside.h"
#include "common/cleanup.h"
#include "runner/vm/internal.h"

extern char **environ;

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

/* Runs make; what it says is in `log`. 0 or negative errno. */
static int make(char *const argv[], const char *log)
{
	posix_spawn_file_actions_t actions;
	int status, code;
	pid_t pid;

	if (posix_spawn_file_actions_init(&actions))
		return -ENOMEM;
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&actions, 1, 2);
	code = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (code)
		return -code;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status ? -EIO : 0;
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
	char log[PATH_MAX], said[300];
	struct mp_str path = MP_STR_INIT;
	char *argv[] = { (char *)"make", (char *)"-s", (char *)"-C", source, out, kdir, NULL };
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
		first_error(log, said, sizeof(said));
		return mp_err_env(err, rc, "the module does not build with '%s': %s", absolute,
				  *said ? said : strerror(-rc));
	}
	mp_str_printf(&path, "%s/kmod/memperf.ko", folder);
	*ret_path = mp_str_take(&path);
	return *ret_path ? 0 : mp_err_env(err, -ENOMEM, "out of memory");
}
