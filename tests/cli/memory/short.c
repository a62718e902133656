/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded by memory.sh: allocation number $MEMORY_FAIL, counted from 1, finds no memory. $MEMORY_COUNT names a file that is
 * told at the end how many there were. glibc's own strdup, getline and stdio come through here as well. What hwloc,
 * libnuma and libconfig allocate while they read is left alone: they go on with what they did not get, or exit, and nothing
 * outside them can help.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static unsigned long count, fail_at;
static int armed;

/* Not before: a loader that finds no memory says so in its own words. */
__attribute__((constructor)) static void arm(void)
{
	const char *text = getenv("MEMORY_FAIL");

	fail_at = text ? strtoul(text, NULL, 10) : 0;
	armed = 1;
}

__attribute__((destructor)) static void tell(void)
{
	const char *path = getenv("MEMORY_COUNT");
	char text[32];
	int fd, len = snprintf(text, sizeof(text), "%lu\n", count);

	armed = 0;
	fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
	if (fd < 0)
		return;
	if (write(fd, text, (size_t)len) != len)
		_exit(99);
	close(fd);
}

/* What an instrument of a build for coverage allocates at the end is none of the command's. */
static void disarm(void)
{
	armed = 0;
}

static int none_left(void)
{
	static int told;

	if (armed == 1 && !told) {
		told = 1;
		atexit(disarm);
	}
	if (armed != 1 || __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED) != fail_at)
		return 0;
	errno = ENOMEM;
	return 1;
}

#define LEFT_ALONE(type, name)                                                                     \
	type name(void *self, const char *text);                                                   \
	type name(void *self, const char *text)                                                    \
	{                                                                                          \
		type (*theirs)(void *, const char *) =                                             \
			(type(*)(void *, const char *))dlsym(RTLD_NEXT, #name);                    \
		type ret;                                                                          \
                                                                                                   \
		armed--;                                                                           \
		ret = theirs(self, text);                                                          \
		armed++;                                                                           \
		return ret;                                                                        \
	}
LEFT_ALONE(int, hwloc_topology_init)
LEFT_ALONE(int, hwloc_topology_load)
LEFT_ALONE(void *, numa_get_mems_allowed)
LEFT_ALONE(int, config_init)
LEFT_ALONE(int, config_read_string)

void *malloc(size_t size)
{
	return none_left() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return none_left() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return none_left() ? NULL : __libc_realloc(old, size);
}
