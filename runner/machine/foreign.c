/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The topology of another machine: a file of hwloc's XML that somebody gave.
 *
 * hwloc trusts the numbers of a file so far that a wrong one can crash it, or have it ask for all the memory there is. The file is
 * read once, as far as a topology can be long, and a child of no further use makes a machine of it first, within limits: what it
 * survives is safe here, because it is the same text.
 */
#include "runner/machine/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/str.h"
#include "runner/machine/internal.h"

#define FILE_MAX    (64u << 20) /* bytes; machines of thousands of CPUs take less */
#define FILE_MS	    5000 /* that a pipe has until its end */
#define TRIAL_S	    5 /* of the CPU, and by the clock */
#define TRIAL_BYTES (256ull << 20) /* of address space, beside what this process has */

/* How the child that tries a topology ends. */
enum { TRIAL_READ = 60, TRIAL_REFUSED };

/* Waits for more of a pipe. 0, -ETIMEDOUT, or another negative errno. */
static int await(int fd, uint64_t end)
{
	struct pollfd more = { .fd = fd, .events = POLLIN };
	uint64_t now = mp_clock_raw_ns();
	int ready = now < end ? poll(&more, 1, (int)((end - now) / 1000000 + 1)) : 0;

	if (ready < 0 && errno != EINTR)
		return -errno;
	return ready ? 0 : -ETIMEDOUT;
}

/* All of the file. A FIFO that nobody writes to is empty. 0 or negative errno. */
static int read_file(const char *file, struct mp_str *text)
{
	MP_CLEANUP(mp_close_fd)
	int fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	uint64_t end = mp_clock_raw_ns() + FILE_MS * 1000000ull;
	char chunk[16384];

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t got = read(fd, chunk, sizeof(chunk));
		int rc = got < 0 ? -errno : 0;

		if (rc == -EAGAIN || rc == -EINTR)
			rc = await(fd, end);
		if (rc)
			return rc;
		if (!got)
			return text->failed ? -ENOMEM : text->len ? 0 : -ENODATA;
		if (got > 0)
			mp_str_add_len(text, chunk, (size_t)got);
		if (text->len > FILE_MAX)
			return -EFBIG;
	}
}

/* Bytes of address space that this process has; 0: unknown. */
static uint64_t address_space(void)
{
	unsigned long long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (file && fscanf(file, "%llu", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Within TRIAL_BYTES, also where the child has been within them: hwloc may go on without memory that it did not get. */
static int open_within(const struct mp_machine_source *source, struct mp_machine **ret_machine,
		       struct mp_err *err)
{
	const uint64_t most = address_space() + TRIAL_BYTES;
	struct rlimit before, within;
	int rc;

	if (getrlimit(RLIMIT_AS, &before))
		return mp_err_env(err, -errno, "cannot read a limit: %s", strerror(errno));
	within = before;
	if (within.rlim_cur > most)
		within.rlim_cur = most;
	setrlimit(RLIMIT_AS, &within);
	rc = mp_machine_open_from(source, ret_machine, err);
	setrlimit(RLIMIT_AS, &before);
	return rc;
}

/* In the child. A crash is no matter of this process: what it says goes nowhere, and no handler hears of it. */
static void become_trial(const struct mp_machine_source *source)
{
	const struct rlimit cpu = { TRIAL_S, TRIAL_S };
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct mp_machine *machine;

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	setrlimit(RLIMIT_CPU, &cpu);
	prctl(PR_SET_DUMPABLE, 0); /* no core file */
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	alarm(TRIAL_S);
	_exit(open_within(source, &machine, NULL) ? TRIAL_REFUSED : TRIAL_READ);
}

static int try_topology(const struct mp_machine_source *source, struct mp_err *err)
{
	int status = -1;
	pid_t pid = fork();

	if (pid < 0)
		return mp_err_env(err, -errno, "cannot start a process that reads '%s': %s",
				  source->xml, strerror(errno));
	if (!pid)
		become_trial(source);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) &&
	    (WEXITSTATUS(status) == TRIAL_READ || WEXITSTATUS(status) == TRIAL_REFUSED))
		return 0;
	return mp_err_usage(err, -EINVAL,
			    "'%s' is no topology: hwloc does not survive it within %d s and %u "
			    "MiB; export it anew with 'lstopo'",
			    source->xml, TRIAL_S, (unsigned)(TRIAL_BYTES >> 20));
}

int mp_machine_open_topology(const char *file, struct mp_machine **ret_machine, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	const struct mp_machine_source source = { .root = "", .xml = file, .text = &text };
	int rc = read_file(file, &text);

	if (rc)
		return mp_err_usage(err, rc, "'%s' is not an hwloc XML file: %s", file,
				    strerror(-rc));
	/* hwloc would print words of the file. */
	setenv("HWLOC_HIDE_ERRORS", "2", 1);
	rc = try_topology(&source, err);
	return rc ? rc : open_within(&source, ret_machine, err);
}
