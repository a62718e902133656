/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sleeping child: see sleeper.h. System calls are raw: no handler of libc's fork may run here or there. */
#include "benchmarks/support/sleeper.h"

#include "benchmarks/support/syscall.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

void mp_sleeper_sleep(long parent)
{
	mp_syscall6(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
	while (mp_syscall0(SYS_getppid) == parent)
		mp_syscall6(SYS_ppoll, 0, 0, 0, 0, 0, 0);
	for (;;)
		mp_syscall3(SYS_exit_group, 0, 0, 0);
}

static __attribute__((noinline)) void own_stack(void)
{
	volatile char pages[4 * 4096];

	for (size_t i = 0; i < sizeof(pages); i += 4096)
		pages[i] = 1;
}

int mp_sleeper_start(struct mp_sleeper *sleeper, struct mp_err *err)
{
	long self = mp_syscall0(SYS_getpid);
	/* clone(SIGCHLD) is fork: a null stack, and no other argument is looked at */
	long pid = mp_syscall6(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);

	if (pid == 0)
		mp_sleeper_sleep(self);
	if (pid < 0)
		return mp_err_env(err, (int)pid, "cannot fork: %s", strerror((int)-pid));
	sleeper->pid = (int)pid;
	own_stack();
	return 0;
}

bool mp_sleeper_alive(const struct mp_sleeper *sleeper)
{
	siginfo_t info = { .si_pid = 0 };

	if (!sleeper->pid)
		return false;
	/* WNOWAIT: it stays for mp_sleeper_stop to reap */
	return !mp_syscall6(SYS_waitid, P_PID, sleeper->pid, (long)&info,
			    WEXITED | WNOHANG | WNOWAIT, 0, 0) &&
	       !info.si_pid;
}

void mp_sleeper_stop(struct mp_sleeper *sleeper)
{
	if (!sleeper->pid)
		return;
	mp_syscall3(SYS_kill, sleeper->pid, SIGKILL, 0);
	while (mp_syscall6(SYS_wait4, sleeper->pid, 0, 0, 0, 0, 0) == -EINTR)
		;
	sleeper->pid = 0;
}
