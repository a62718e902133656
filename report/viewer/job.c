/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child process that works into a temporary file: see job.h. */
#include "report/viewer/job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/temporary.h"

#define BUFFER (1u << 20)

struct mp_job {
	pid_t pid;
	int notice; /* read end: the child's word at each result, then its end */
	int files[2]; /* of the results; -1: taken */
	size_t taken;
};

/* What the child says when a result is there. */
struct notice {
	int rc;
	bool more; /* another one follows */
	struct mp_err err;
};

/* In the child: where it says so, and the file of its second result. */
static int say_to = -1, second = -1;

static void say(const struct notice *notice)
{
	const char *at = (const char *)notice;
	size_t left = sizeof(*notice);

	while (left) {
		ssize_t put = write(say_to, at, left);

		if (put <= 0 && errno != EINTR)
			break;
		if (put > 0) {
			at += put;
			left -= (size_t)put;
		}
	}
}

static int complete(FILE *out, struct mp_err *err)
{
	return fflush(out) || ferror(out)
		       ? mp_err_env(err, -EIO,
				    "cannot write the temporary file: %s; set TMPDIR to where "
				    "there is room",
				    strerror(errno))
		       : 0;
}

int mp_job_hand_over(FILE *out, struct mp_err *err)
{
	const struct notice notice = { .more = true };
	int rc = complete(out, err);

	if (rc)
		return rc;
	if (second < 0 || dup2(second, fileno(out)) < 0)
		return mp_err_internal(err, -EBADF, "a job hands over one result");
	close(second);
	second = -1;
	rewind(out);
	say(&notice);
	return 0;
}

static _Noreturn void child(struct mp_job *job,
			    int (*work)(void *user, FILE *out, struct mp_err *err), void *user)
{
	struct notice notice = { .rc = -EIO };
	char *buffer = malloc(BUFFER);
	FILE *out;

	/* The viewer's handlers restore its terminal: that is not this process's to touch. */
	for (int s = 1; s < 32; s++)
		signal(s, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	second = job->files[1];
	out = fdopen(job->files[0], "w");
	if (out && buffer) {
		setvbuf(out, buffer, _IOFBF, BUFFER);
		notice.rc = work(user, out, &notice.err);
		if (!notice.rc)
			notice.rc = complete(out, &notice.err);
	} else {
		mp_err_env(&notice.err, -ENOMEM, "out of memory");
	}
	say(&notice);
	_exit(0);
}

static void close_files(struct mp_job *job)
{
	for (size_t i = 0; i < 2; i++) {
		if (job->files[i] >= 0)
			close(job->files[i]);
	}
}

int mp_job_start(int (*work)(void *user, FILE *out, struct mp_err *err), void *user,
		 struct mp_job **ret_job, struct mp_err *err)
{
	struct mp_job *job = calloc(1, sizeof(*job));
	int ends[2] = { -1, -1 };
	int rc = 0;

	if (!job)
		return mp_err_env(err, -ENOMEM, "out of memory");
	job->files[0] = mp_temporary_file();
	job->files[1] = mp_temporary_file();
	if (job->files[0] < 0 || job->files[1] < 0)
		rc = job->files[0] < 0 ? job->files[0] : job->files[1];
	else if (pipe2(ends, O_CLOEXEC))
		rc = -errno;
	if (!rc) {
		job->pid = fork();
		if (job->pid < 0)
			rc = -errno;
	}
	if (rc) {
		close_files(job);
		if (ends[0] >= 0) {
			close(ends[0]);
			close(ends[1]);
		}
		free(job);
		return mp_err_env(err, rc, "cannot start the process that reads and judges: %s",
				  strerror(-rc));
	}
	if (!job->pid) {
		close(ends[0]);
		say_to = ends[1];
		child(job, work, user);
	}
	close(ends[1]);
	job->notice = ends[0];
	*ret_job = job;
	return 0;
}

int mp_job_fd(const struct mp_job *job)
{
	return job->notice;
}

bool mp_job_ready(const struct mp_job *job)
{
	struct pollfd fd = { .fd = job->notice, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

/* A child that has said its last word takes down its memory and files: the viewer does not wait for that, but for the one
 * before it. */
static void let_leave(pid_t pid)
{
	static pid_t leaving;

	if (leaving > 0)
		waitpid(leaving, NULL, 0);
	leaving = waitpid(pid, NULL, WNOHANG) ? 0 : pid;
}

static void forget(struct mp_job *job)
{
	close(job->notice);
	close_files(job);
	free(job);
}

static int reap(struct mp_job *job)
{
	int status = 0;

	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	forget(job);
	return status;
}

/* false: the child ended without a word. */
static bool hear(const struct mp_job *job, struct notice *notice)
{
	char *at = (char *)notice;
	size_t left = sizeof(*notice);

	while (left) {
		ssize_t got = read(job->notice, at, left);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		left -= (size_t)got;
	}
	return true;
}

int mp_job_take(struct mp_job **job, int *ret_file, struct mp_err *err)
{
	struct notice notice;
	bool heard = hear(*job, &notice);
	int *file = &(*job)->files[(*job)->taken], result = *file, status;

	if (heard && !notice.rc) {
		/* The caller's from now on. */
		*file = -1;
		(*job)->taken++;
		*ret_file = result;
		if (!notice.more) {
			let_leave((*job)->pid);
			forget(*job);
			*job = NULL;
		}
		return 0;
	}
	status = reap(*job);
	*job = NULL;
	if (!heard)
		return mp_err_env(
			err, -EIO, "the process that reads and judges was ended by signal %d%s",
			WIFSIGNALED(status) ? WTERMSIG(status) : 0,
			WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? " (out of memory?)"
									   : "");
	if (err)
		*err = notice.err;
	return notice.rc;
}

void mp_job_stop(struct mp_job *job)
{
	if (!job)
		return;
	kill(job->pid, SIGKILL);
	reap(job);
}
