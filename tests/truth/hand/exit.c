/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The end of a child that has touched 2 MiB, on the CPU of its parent. They lie in a large reservation, with page tables of their own
 * on every level: these take 6 us of 160.
 */
#include "hand.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE (2ul << 20)
#define ROOM (16ul << 30)

static volatile int *ready;
static char *room;

static int share(void)
{
	ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	room = mmap(NULL, ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	room = (char *)(((uintptr_t)room + SIZE - 1) & ~(SIZE - 1));
	return ready == MAP_FAILED ? -1 : 0;
}

static void child_main(void)
{
	char *p = mmap(room, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		       -1, 0);

	for (size_t at = 0; p != MAP_FAILED && at < SIZE; at += 4096)
		*(volatile char *)(p + at) = 1;
	*ready = 1;
	for (;;)
		pause();
}

static size_t do_exit(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < (AROUND + 3) / 4; i++) {
		pid_t pid;

		*ready = 0;
		pid = fork();
		if (!pid)
			child_main();
		while (!*ready)
			sched_yield();
		/* it goes to sleep */
		for (int k = 0; k < 10; k++)
			sched_yield();
		TIMED(kill(pid, SIGKILL); waitpid(pid, NULL, 0));
	}
	return n;
}

HAND_OPS({ .name = "exit_mm",
	   .bench = "exit.mm",
	   .state = "size=2M and huge=none and child_threads=1",
	   .prepare = share,
	   .run = do_exit });
