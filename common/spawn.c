/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other programs: see spawn.h. */
#include "common/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int give(posix_spawn_file_actions_t *actions, int from, int to)
{
	if (from)
		return posix_spawn_file_actions_adddup2(actions, from, to);
	return posix_spawn_file_actions_addopen(actions, to, "/dev/null",
						to == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
}

static int set_signals(posix_spawnattr_t *attributes)
{
	sigset_t set;
	int rc;

	sigemptyset(&set);
	rc = posix_spawnattr_setsigmask(attributes, &set);
	sigaddset(&set, SIGPIPE);
	if (!rc)
		rc = posix_spawnattr_setsigdefault(attributes, &set);
	return rc ? rc
		  : posix_spawnattr_setflags(attributes,
					     POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

int mp_spawn_start(const struct mp_spawn *what, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc)
		return -rc;
	rc = posix_spawnattr_init(&attributes);
	if (rc) {
		posix_spawn_file_actions_destroy(&actions);
		return -rc;
	}
	rc = set_signals(&attributes);
	if (!rc)
		rc = give(&actions, what->in, STDIN_FILENO);
	if (!rc)
		rc = give(&actions, what->out, STDOUT_FILENO);
	if (!rc)
		rc = give(&actions, what->err, STDERR_FILENO);
	if (!rc)
		rc = posix_spawnp(ret_pid, what->argv[0], &actions, &attributes,
				  (char *const *)what->argv,
				  what->environment ? what->environment : environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -rc;
}

int mp_spawn_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

int mp_spawn(const struct mp_spawn *what)
{
	pid_t pid;
	int rc = mp_spawn_start(what, &pid);

	return rc ? rc : mp_spawn_wait(pid);
}

const char *mp_spawn_said(int rc, char buf[MP_SPAWN_SAID])
{
	if (rc < 0)
		snprintf(buf, MP_SPAWN_SAID, "%s", strerror(-rc));
	else if (WIFSIGNALED(rc))
		snprintf(buf, MP_SPAWN_SAID, "killed by signal %d (%s)", WTERMSIG(rc),
			 strsignal(WTERMSIG(rc)));
	else
		snprintf(buf, MP_SPAWN_SAID, "exit status %d", WEXITSTATUS(rc));
	return buf;
}
