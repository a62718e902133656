/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Subjects in a child: see remote.h. System calls are raw: no handler of libc's fork may run here or there. */
#include "benchmarks/support/remote.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "benchmarks/support/privilege.h"

struct mp_remote_talk {
	_Atomic uint32_t asked, answered; /* times; futexes */
	long ret; /* of the last steps */
};

static void sleep_until(_Atomic uint32_t *word, uint32_t want)
{
	uint32_t now;

	while ((now = atomic_load(word)) != want)
		mp_syscall6(SYS_futex, (long)word, FUTEX_WAIT, now, 0, 0, 0);
}

static void tell(_Atomic uint32_t *word, uint32_t value)
{
	atomic_store(word, value);
	mp_syscall6(SYS_futex, (long)word, FUTEX_WAKE, 1, 0, 0, 0);
}

/* The first time the first steps, then the steps before every call. */
static long perform(struct mp_subject *s, bool first)
{
	long ret = 0;

	for (uint64_t i = 0; i < s->n; i++)
		for (const struct mp_step *step = first ? s->plan->first : s->steps; step->kind;
		     step++)
			ret |= mp_subject_step(s, *step, s->at[i], s->size);
	return ret;
}

/* Works on what the subject was when the child was born: its memory may be shared. */
static void serve(const struct mp_subject *parents, long parent)
{
	struct mp_subject own = *parents, *s = &own;
	struct mp_remote_talk *talk = s->remote.talk;

	mp_syscall6(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
	mp_privilege_drop_all();
	for (uint32_t turn = 1; mp_syscall0(SYS_getppid) == parent; turn++) {
		sleep_until(&talk->asked, turn);
		talk->ret = perform(s, turn == 1);
		tell(&talk->answered, turn);
	}
	for (;;)
		mp_syscall3(SYS_exit_group, 0, 0, 0);
}

static bool has_died(int pid)
{
	siginfo_t info = { 0 };

	mp_syscall6(SYS_waitid, P_PID, pid, (long)&info, WEXITED | WNOHANG | WNOWAIT, 0, 0);
	return info.si_pid == pid;
}

/* -ECHILD when the child has died over it. */
static long ask(const struct mp_remote *r)
{
	const struct timespec while_it_lives = { .tv_nsec = 200000000 };
	struct mp_remote_talk *talk = r->talk;
	uint32_t turn = atomic_load(&talk->asked) + 1, now;

	tell(&talk->asked, turn);
	while ((now = atomic_load(&talk->answered)) != turn)
		if (mp_syscall6(SYS_futex, (long)&talk->answered, FUTEX_WAIT, now,
				(long)&while_it_lives, 0, 0) == -ETIMEDOUT &&
		    has_died(r->pid))
			return -ECHILD;
	return talk->ret;
}

int mp_remote_start(struct mp_subject *s, struct mp_err *err)
{
	struct mp_remote *r = &s->remote;
	long self = mp_syscall0(SYS_getpid), pid, ret;

	r->pidfd = -1;
	r->talk = mmap(NULL, sizeof(*r->talk), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (r->talk == MAP_FAILED)
		return mp_err_env(err, -errno, "cannot share a page with a child: %s",
				  strerror(errno));
	/* clone(SIGCHLD) is fork: a null stack, and no other argument is looked at */
	pid = mp_syscall6(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
	if (pid == 0)
		serve(s, self);
	if (pid < 0)
		return mp_err_env(err, (int)pid, "cannot fork: %s", strerror((int)-pid));
	r->pid = (int)pid;
	r->pidfd = (int)mp_syscall3(SYS_pidfd_open, pid, 0, 0);
	if (r->pidfd < 0)
		return mp_err_env(err, r->pidfd, "cannot open a pidfd: %s", strerror(-r->pidfd));
	ret = ask(r);
	return ret ? mp_err_env(err, (int)ret, "a child cannot prepare its memory") : 0;
}

void mp_remote_stop(struct mp_subject *s)
{
	if (!s->remote.pid)
		return;
	mp_syscall3(SYS_kill, s->remote.pid, SIGKILL, 0);
	while (mp_syscall6(SYS_wait4, s->remote.pid, 0, 0, 0, 0, 0) == -EINTR)
		;
	if (s->remote.pidfd >= 0)
		close(s->remote.pidfd);
	s->remote.pid = 0;
}

long mp_remote_prepare(struct mp_subject *s)
{
	long ret = ask(&s->remote);

	s->made++;
	s->trouble += ret != 0;
	return ret;
}
