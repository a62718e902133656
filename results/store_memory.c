/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory that runs out inside of SQLite is not always an error there: integrity_check names the page that it could not read, json_valid()
 * says no, a blob is NULL. Each looks like damage. So SQLite's allocator is watched, and nothing is called damaged after it failed.
 */
#include "results/store_internal.h"

#include <pthread.h>
#include <stdatomic.h>

static sqlite3_mem_methods sqlite_memory;
static atomic_uint failures;

static void *watched(void *p)
{
	if (!p)
		atomic_fetch_add_explicit(&failures, 1, memory_order_relaxed);
	return p;
}

static void *watched_malloc(int size)
{
	return watched(sqlite_memory.xMalloc(size));
}

static void *watched_realloc(void *p, int size)
{
	return watched(sqlite_memory.xRealloc(p, size));
}

/* Where SQLite is in use already, it refuses: then nothing is watched. */
static void watch(void)
{
	sqlite3_mem_methods own;

	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory) != SQLITE_OK)
		return;
	own = sqlite_memory;
	own.xMalloc = watched_malloc;
	own.xRealloc = watched_realloc;
	sqlite3_config(SQLITE_CONFIG_MALLOC, &own);
}

void mp_store_watch_memory(struct mp_store *s)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, watch);
	s->failures = atomic_load_explicit(&failures, memory_order_relaxed);
}

bool mp_store_short_of_memory(const struct mp_store *s)
{
	return s->failures != atomic_load_explicit(&failures, memory_order_relaxed);
}
