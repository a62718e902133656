/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where kernels leave their configuration, and how to read it: see kconfig.h. The compressed one is given to
 * gzip(1), which every Linux system has, once a run; a library for one file would be one more dependency.
 */
#include "runner/machine/kconfig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/spawn.h"

#define MOST_BYTES (4u << 20) /* a full configuration is 0.3 MB */

/* Starts "gzip -dc path" with its output in a new pipe. 0 or negative errno. */
static int start_gzip(const char *path, pid_t *ret_pid, int *ret_fd)
{
	const char *const argv[] = { "gzip", "-dc", "--", path, NULL };
	int pipes[2], rc;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	rc = mp_spawn_start(&(struct mp_spawn){ .argv = argv, .out = pipes[1] }, ret_pid);
	close(pipes[1]);
	if (rc)
		close(pipes[0]);
	else
		*ret_fd = pipes[0];
	return rc;
}

static int read_compressed(const char *path, struct mp_str *text)
{
	char chunk[16384];
	ssize_t got = 0;
	pid_t pid;
	int fd = -1, err;

	if (access(path, R_OK))
		return -errno;
	err = start_gzip(path, &pid, &fd);
	if (err)
		return err;
	while (text->len < MOST_BYTES) {
		got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		mp_str_add_len(text, chunk, (size_t)got);
	}
	close(fd);
	err = mp_spawn_wait(pid);
	return got || err || text->failed ? -EIO : 0;
}

/* Is it one? An empty or truncated file would read as "everything is off". */
static bool plausible(const struct mp_str *text)
{
	return strstr(text->text, "CONFIG_MMU") && strstr(text->text, "\nCONFIG_");
}

int mp_kconfig_load(const char *root, struct mp_kconfig *ret_config)
{
	struct mp_kconfig config = { .text = MP_STR_INIT };
	char path[MP_SYSFILE_PATH], release[64];

	if (snprintf(path, sizeof(path), "%s/proc/config.gz", root) < (int)sizeof(path) &&
	    !read_compressed(path, &config.text) && plausible(&config.text)) {
		strcpy(config.origin, "/proc/config.gz");
		*ret_config = config;
		return 0;
	}
	if (mp_sysfile_line(root, release, sizeof(release), "/proc/sys/kernel/osrelease"))
		strcpy(release, "RELEASE");
	for (unsigned modules = 0; modules <= 1; modules++) {
		mp_str_clear(&config.text);
		snprintf(config.origin, sizeof(config.origin),
			 modules ? "/lib/modules/%s/config" : "/boot/config-%s", release);
		if (!mp_sysfile_read(root, &config.text, "%s", config.origin) &&
		    plausible(&config.text)) {
			*ret_config = config;
			return 0;
		}
	}
	mp_str_clear(&config.text);
	snprintf(config.origin, sizeof(config.origin), "no /proc/config.gz, no /boot/config-%s",
		 release);
	*ret_config = config;
	return -ENOENT;
}

void mp_kconfig_done(struct mp_kconfig *config)
{
	mp_str_done(&config->text);
}

void mp_kconfig_get(const struct mp_kconfig *config, const char *option, char *buf, size_t size)
{
	size_t len = strlen(option);

	for (const char *at = config->text.text; (at = strstr(at, option)); at += len) {
		const char *value = at + len;
		size_t value_len;

		if ((at != config->text.text && at[-1] != '\n') || *value != '=')
			continue;
		value += value[1] == '"' ? 2 : 1;
		value_len = strcspn(value, "\"\n");
		snprintf(buf, size, "%.*s", (int)value_len, value);
		return;
	}
	snprintf(buf, size, "n");
}

bool mp_kconfig_is_set(const struct mp_kconfig *config, const char *option)
{
	char value[32];

	mp_kconfig_get(config, option, value, sizeof(value));
	return !strcmp(value, "y") || !strcmp(value, "m");
}
