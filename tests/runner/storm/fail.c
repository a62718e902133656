/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded by storms.sh: from call number $STORM_AT on, counted from 1, the calls of one kind fail. $STORM_KIND is "write"
 * (whatever writes to a results file or to what SQLite has beside it: errno $STORM_ERRNO), "spawn" (new processes, likewise), or
 * "clock" (the calendar's clock goes $STORM_ERRNO seconds wrong). $STORM_COUNT names a file that is told at the end how many there
 * were.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static const char *kind = "";
static unsigned long at, calls;
static long number;

__attribute__((constructor)) static void arm(void)
{
	if (getenv("STORM_KIND"))
		kind = getenv("STORM_KIND");
	at = getenv("STORM_AT") ? strtoul(getenv("STORM_AT"), NULL, 10) : 0;
	number = getenv("STORM_ERRNO") ? strtol(getenv("STORM_ERRNO"), NULL, 10) : EIO;
}

__attribute__((destructor)) static void tell(void)
{
	FILE *file = getenv("STORM_COUNT") ? fopen(getenv("STORM_COUNT"), "we") : NULL;

	if (file && (fprintf(file, "%lu\n", calls) < 0 || fclose(file)))
		_exit(99);
}

static int strikes(const char *what)
{
	return !strcmp(kind, what) && __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) >= at && at;
}

static int writes_fail(int fd)
{
	char link[64], path[4096];
	ssize_t len;

	if (strcmp(kind, "write") != 0)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = '\0';
	if (!strstr(path, ".db") || !strikes("write"))
		return 0;
	errno = (int)number;
	return 1;
}

/* Each calls what it hides, unless its turn has come. */
#define HIDE(type, name, parameters, fails, result, arguments)                                     \
	type name parameters;                                                                      \
	type name parameters                                                                       \
	{                                                                                          \
		type(*theirs) parameters = (type(*) parameters)dlsym(RTLD_NEXT, #name);            \
                                                                                                   \
		return (fails) ? (result) : theirs arguments;                                      \
	}
HIDE(ssize_t, write, (int fd, const void *data, size_t len), writes_fail(fd), -1, (fd, data, len))
HIDE(ssize_t, pwrite, (int fd, const void *data, size_t len, off_t to), writes_fail(fd), -1,
     (fd, data, len, to))
HIDE(ssize_t, pwrite64, (int fd, const void *data, size_t len, off64_t to), writes_fail(fd), -1,
     (fd, data, len, to))
HIDE(int, ftruncate, (int fd, off_t len), writes_fail(fd), -1, (fd, len))
HIDE(int, ftruncate64, (int fd, off64_t len), writes_fail(fd), -1, (fd, len))
HIDE(int, posix_fallocate, (int fd, off_t from, off_t len), writes_fail(fd), (int)number,
     (fd, from, len))
HIDE(int, fsync, (int fd), writes_fail(fd), -1, (fd))
HIDE(int, fdatasync, (int fd), writes_fail(fd), -1, (fd))
HIDE(int, posix_spawn,
     (pid_t * pid, const char *path, const posix_spawn_file_actions_t *actions,
      const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]),
     strikes("spawn"), (int)number, (pid, path, actions, attributes, argv, envp))

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	static int (*theirs)(clockid_t, struct timespec *);
	int err;

	if (!theirs)
		theirs = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	err = theirs(clock, ret);
	if (clock == CLOCK_REALTIME && strikes("clock"))
		ret->tv_sec += number;
	return err;
}
