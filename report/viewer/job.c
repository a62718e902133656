/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child process that works into a temporary file: see job.h. */
#include "report/viewer/job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUFFER (1u << 20)

struct mp_job {
	pid_t pid;
	int notice; /* read end: the child's last word, then its end */
	int file;
};

/* What the child says at its end. */
struct notice {
	int rc;
	struct mp_err err;
};

/* An unnamed file where temporary files belong; in memory where that cannot be. */
static int temporary_file(void)
{
	const char *folder = getenv("TMPDIR");
	int fd = open(folder && *folder ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : memfd_create("memperf-view", MFD_CLOEXEC);
}

static _Noreturn void child(struct mp_job *job, int say,
			    int (*work)(void *user, FILE *out, struct mp_err *err), void *user)
{
	struct notice notice = { .rc = -EIO };
	char *buffer = malloc(BUFFER);
	FILE *out;
	const char *at = (const char *)&notice;
	size_t left = sizeof(notice);

	/* The viewer's handlers restore its terminal: that is not this process's to touch. */
	for (int s = 1; s < 32; s++)
		signal(s, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	out = fdopen(job->file, "w");
	if (out && buffer) {
		setvbuf(out, buffer, _IOFBF, BUFFER);
		notice.rc = work(user, out, &notice.err);
		if (!notice.rc && (fflush(out) || ferror(out)))
			notice.rc = mp_err_env(&notice.err, -EIO,
					       "cannot write the temporary file: %s; set TMPDIR to "
					       "where there is room",
					       strerror(errno));
	} else {
		mp_err_env(&notice.err, -ENOMEM, "out of memory");
	}
	while (left) {
		ssize_t put = write(say, at, left);

		if (put <= 0 && errno != EINTR)
			break;
		if (put > 0) {
			at += put;
			left -= (size_t)put;
		}
	}
	_exit(0);
}

int mp_job_start(int (*work)(void *user, FILE *out, struct mp_err *err), void *user,
		 struct mp_job **ret_job, struct mp_err *err)
{
	struct mp_job *job = calloc(1, sizeof(*job));
	int ends[2] = { -1, -1 };
	int rc = 0;

	if (!job)
		return mp_err_env(err, -ENOMEM, "out of memory");
	job->file = temporary_file();
	if (job->file < 0 || pipe2(ends, O_CLOEXEC))
		rc = -errno;
	if (!rc) {
		job->pid = fork();
		if (job->pid < 0)
			rc = -errno;
	}
	if (rc) {
		if (job->file >= 0)
			close(job->file);
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
		child(job, ends[1], work, user);
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

bool mp_job_ended(const struct mp_job *job)
{
	struct pollfd fd = { .fd = job->notice, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

static int reap(struct mp_job *job)
{
	int status = 0;

	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(job->notice);
	free(job);
	return status;
}

int mp_job_finish(struct mp_job *job, int *ret_file, struct mp_err *err)
{
	struct notice notice;
	char *at = (char *)&notice;
	size_t left = sizeof(notice);
	int file = job->file, status;

	while (left) {
		ssize_t got = read(job->notice, at, left);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		at += got;
		left -= (size_t)got;
	}
	status = reap(job);
	if (!left && !notice.rc) {
		*ret_file = file;
		return 0;
	}
	close(file);
	if (left)
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
	close(job->file);
	reap(job);
}
