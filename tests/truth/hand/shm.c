/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SysV shared memory, call by call, in an IPC namespace of this process: what is left when it ends goes with it.
 */
#include "hand.h"

#include <sched.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#define PAGE 4096ul
#define MORE (2ul << 20)
#define KEY  1234

static int id;
static void *at;
static struct shmid_ds about;

static int alone(void)
{
	return unshare(CLONE_NEWIPC);
}

static void *touched(int segment, size_t size)
{
	char *p = shmat(segment, NULL, 0);

	for (size_t b = 0; b < size; b += PAGE)
		((volatile char *)p)[b] = 1;
	return p;
}

/* One segment, touched and detached again. */
static int one(size_t size)
{
	if (alone())
		return -1;
	id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
	return id < 0 ? -1 : shmdt(touched(id, size));
}

static int one_page(void)
{
	return one(PAGE);
}

static int one_more(void)
{
	return one(MORE);
}

static int with_key(void)
{
	if (alone())
		return -1;
	id = shmget(KEY, PAGE, IPC_CREAT | 0600);
	return id < 0 ? -1 : shmctl(id, IPC_STAT, &about);
}

static int among_thousand(void)
{
	if (alone())
		return -1;
	for (int i = 1; i <= 1001; i++)
		if (shmget(i, PAGE, IPC_CREAT | 0600) < 0)
			return -1;
	return 0;
}

static size_t do_create(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600));
		shmctl(id, IPC_RMID, NULL);
	}
	return n;
}

static size_t do_lookup(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(id = shmget(KEY, 0, 0));
	return n;
}

static size_t do_shmat(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(at = shmat(id, NULL, 0));
		shmdt(at);
	}
	return n;
}

static size_t do_shmdt(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		at = touched(id, PAGE);
		TIMED(shmdt(at));
	}
	return n;
}

static size_t do_shmdt_more(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		at = touched(id, MORE);
		TIMED(shmdt(at));
	}
	return n;
}

static size_t do_destroy(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		id = shmget(IPC_PRIVATE, MORE, IPC_CREAT | 0600);
		at = touched(id, MORE);
		shmctl(id, IPC_RMID, NULL);
		TIMED(shmdt(at));
	}
	return n;
}

static size_t do_stat(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(shmctl(id, IPC_STAT, &about));
	return n;
}

static size_t do_limits(uint32_t *out)
{
	struct shminfo limits;
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(shmctl(0, IPC_INFO, (struct shmid_ds *)&limits));
	return n;
}

static size_t do_info(uint32_t *out)
{
	struct shm_info info;
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(shmctl(0, SHM_INFO, (struct shmid_ds *)&info));
	return n;
}

static size_t do_set(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(shmctl(id, IPC_SET, &about));
	return n;
}

static size_t do_lock(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(shmctl(id, SHM_LOCK, NULL));
		shmctl(id, SHM_UNLOCK, NULL);
	}
	return n;
}

static size_t do_unlock(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		shmctl(id, SHM_LOCK, NULL);
		TIMED(shmctl(id, SHM_UNLOCK, NULL));
	}
	return n;
}

static size_t rmid_last(uint32_t *out, size_t size, int count)
{
	size_t n = 0;

	for (int i = 0; i < count; i++) {
		id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
		shmdt(touched(id, size));
		TIMED(shmctl(id, IPC_RMID, NULL));
	}
	return n;
}

static size_t do_rmid_last(uint32_t *out)
{
	return rmid_last(out, PAGE, AROUND);
}

static size_t do_rmid_last_more(uint32_t *out)
{
	return rmid_last(out, MORE, AROUND);
}

static size_t do_rmid_live(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		id = shmget(IPC_PRIVATE, MORE, IPC_CREAT | 0600);
		at = touched(id, MORE);
		TIMED(shmctl(id, IPC_RMID, NULL));
		shmdt(at);
	}
	return n;
}

static void cycle(void)
{
	id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
	at = shmat(id, NULL, 0);
	*(volatile char *)at = 1;
	shmdt(at);
	shmctl(id, IPC_RMID, NULL);
}

static size_t do_cycle(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(cycle());
	return n;
}

HAND_OPS({ .name = "shmget",
	   .bench = "shmget.create",
	   .state = "size=4K and outstanding=1 and segments=0",
	   .prepare = alone,
	   .run = do_create },
	 { .name = "shmget_lookup",
	   .bench = "shmget.lookup",
	   .state = "segments=0",
	   .prepare = with_key,
	   .run = do_lookup },
	 { .name = "shmat",
	   .bench = "shmat.attach",
	   .state = "size=4K and address=any and outstanding=1",
	   .prepare = one_page,
	   .run = do_shmat },
	 { .name = "shmat_2M",
	   .bench = "shmat.attach",
	   .state = "size=2M and address=any and outstanding=1",
	   .prepare = one_more,
	   .run = do_shmat },
	 { .name = "shmdt",
	   .bench = "shmdt.detach",
	   .state = "size=4K and touched=yes and outstanding=1",
	   .prepare = one_page,
	   .run = do_shmdt },
	 { .name = "shmdt_2M",
	   .bench = "shmdt.detach",
	   .state = "size=2M and touched=yes and outstanding=1",
	   .prepare = one_more,
	   .run = do_shmdt_more },
	 { .name = "shmdt_destroy",
	   .bench = "shmdt.destroy",
	   .state = "size=2M and touched=yes and outstanding=1",
	   .prepare = alone,
	   .run = do_destroy },
	 { .name = "shm_stat",
	   .bench = "shmctl.stat",
	   .state = "",
	   .prepare = with_key,
	   .run = do_stat },
	 { .name = "shm_limits",
	   .bench = "shmctl.limits",
	   .state = "",
	   .prepare = with_key,
	   .run = do_limits },
	 { .name = "shm_info",
	   .bench = "shmctl.info",
	   .state = "segments=1000",
	   .prepare = among_thousand,
	   .run = do_info },
	 { .name = "shm_set",
	   .bench = "shmctl.set",
	   .state = "",
	   .prepare = with_key,
	   .run = do_set },
	 { .name = "shm_lock",
	   .bench = "shmctl.lock",
	   .state = "size=2M and touched=yes",
	   .prepare = one_more,
	   .run = do_lock },
	 { .name = "shm_unlock",
	   .bench = "shmctl.unlock",
	   .state = "size=2M and touched=yes",
	   .prepare = one_more,
	   .run = do_unlock },
	 { .name = "shm_rmid_last",
	   .bench = "shmctl.rmid_last",
	   .state = "size=4K and touched=yes and outstanding=1",
	   .prepare = alone,
	   .run = do_rmid_last },
	 { .name = "shm_rmid_last_2M",
	   .bench = "shmctl.rmid_last",
	   .state = "size=2M and touched=yes and outstanding=1",
	   .prepare = alone,
	   .run = do_rmid_last_more },
	 { .name = "shm_rmid_live",
	   .bench = "shmctl.rmid_live",
	   .state = "size=2M and touched=yes",
	   .prepare = alone,
	   .run = do_rmid_live },
	 { .name = "shm_cycle",
	   .bench = "shm.cycle",
	   .state = "size=4K and threads=1",
	   .prepare = alone,
	   .run = do_cycle });
