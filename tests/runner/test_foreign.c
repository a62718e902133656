/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Topologies that somebody gave: one that comes by a pipe is as good as a file; those that never come, never end, or would take all
 * the memory are refused in a sentence, in seconds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/str.h"
#include "runner/machine/machine.h"

#define GIVEN MEMPERF_TESTS "/data/hwloc/arm64-kunpeng920-thinned.xml"
#define MOST  10 /* seconds */

static struct mp_err err;

static void refused(const char *file, int code, const char *words)
{
	uint64_t begin = mp_clock_raw_ns();
	struct mp_machine *machine = NULL;

	err.text[0] = '\0';
	assert_int_equal(mp_machine_open_topology(file, &machine, &err), code);
	assert_null(machine);
	assert_non_null(strstr(err.text, words));
	assert_true(mp_clock_raw_ns() - begin < MOST * 1000000000ull);
}

/* The name of a pipe into which a child writes `text`, again and again where `pause_us` is not 0. */
static pid_t feed(const struct mp_str *text, useconds_t pause_us, char name[32], int *ret_fd)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(fds[0]);
		do {
			for (size_t at = 0; at < text->len;) {
				ssize_t put = write(fds[1], text->text + at, text->len - at);

				if (put < 0)
					_exit(0);
				at += (size_t)put;
			}
			usleep(pause_us);
		} while (pause_us);
		_exit(0);
	}
	close(fds[1]);
	*ret_fd = fds[0];
	snprintf(name, 32, "/dev/fd/%d", fds[0]);
	return pid;
}

static void test_pipe(void **state)
{
	struct mp_str text = MP_STR_INIT;
	struct mp_machine *machine = NULL;
	char name[32];
	pid_t pid;
	int fd;

	(void)state;
	assert_int_equal(mp_str_read_file(&text, GIVEN), 0);
	pid = feed(&text, 0, name, &fd);
	if (mp_machine_open_topology(name, &machine, &err))
		fail_msg("%s", err.text);
	assert_int_equal(mp_machine_host(machine)->cpus, 16);
	mp_machine_close(machine);
	close(fd);
	waitpid(pid, NULL, 0);
	mp_str_done(&text);
}

static void test_never_comes(void **state)
{
	char folder[] = "/tmp/memperf-test-XXXXXX", name[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/fifo", folder);
	assert_int_equal(mkfifo(name, 0600), 0);
	refused(name, -ENODATA, "/fifo' is not an hwloc XML file: ");
	refused(folder, -EISDIR, "' is not an hwloc XML file: Is a directory");
	unlink(name);
	rmdir(folder);
}

static void test_never_ends(void **state)
{
	struct mp_str text = MP_STR_INIT;
	char name[32];
	pid_t pid;
	int fd;

	(void)state;
	refused("/dev/zero", -EFBIG, "'/dev/zero' is not an hwloc XML file: File too large");
	mp_str_add(&text, " ");
	pid = feed(&text, 100000, name, &fd);
	refused(name, -ETIMEDOUT, "is not an hwloc XML file: Connection timed out");
	close(fd);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	mp_str_done(&text);
}

#define SETS "cpuset=\"0x1\" complete_cpuset=\"0x1\" nodeset=\"0x1\" complete_nodeset=\"0x1\""

/* The topology with `n` more objects in its machine: its file, to be removed. */
static void with_objects(const char *object, const char *ends, size_t n, char name[32])
{
	struct mp_str given = MP_STR_INIT, text = MP_STR_INIT;
	char *end;
	int fd;

	strcpy(name, "/tmp/memperf-test-XXXXXX");
	fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(mp_str_read_file(&given, GIVEN), 0);
	end = strstr(given.text, "</topology>");
	assert_non_null(end);
	while (strncmp(end, "</object>", 9) != 0)
		end--;
	mp_str_add_len(&text, given.text, (size_t)(end - given.text));
	for (size_t i = 0; i < n; i++)
		mp_str_add(&text, object);
	for (size_t i = 0; i < n; i++)
		mp_str_add(&text, ends);
	mp_str_add(&text, end);
	assert_false(text.failed || given.failed);
	assert_int_equal(write(fd, text.text, text.len), (ssize_t)text.len);
	close(fd);
	mp_str_done(&text);
	mp_str_done(&given);
}

/* A bit for each of four thousand million CPUs; whether hwloc does without it, or not, is its own. */
static void test_takes_memory(void **state)
{
	struct mp_machine *machine = NULL;
	struct rusage self, children;
	char name[32];

	(void)state;
	with_objects("<object type=\"PU\" os_index=\"4000000000\" " SETS "/>", "", 1, name);
	mp_machine_open_topology(name, &machine, &err);
	mp_machine_close(machine);
	unlink(name);
	assert_int_equal(getrusage(RUSAGE_SELF, &self), 0);
	assert_int_equal(getrusage(RUSAGE_CHILDREN, &children), 0);
	assert_true(self.ru_maxrss < (400 << 10) && children.ru_maxrss < (400 << 10));
}

/* Each is compared with each. */
static void test_takes_time(void **state)
{
	char name[32];

	(void)state;
	with_objects("<object type=\"Core\" os_index=\"0\" " SETS "/>", "", 300000, name);
	refused(name, -EINVAL, "' is no topology: hwloc does not survive it within 5 s");
	unlink(name);
}

/* Deeper than the stack. */
static void test_crashes(void **state)
{
	char name[32];

	(void)state;
	with_objects("<object type=\"Group\" kind=\"10\" " SETS ">", "</object>", 100000, name);
	refused(name, -EINVAL, "' is no topology: hwloc does not survive it");
	unlink(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipe),	   cmocka_unit_test(test_never_comes),
		cmocka_unit_test(test_never_ends), cmocka_unit_test(test_takes_memory),
		cmocka_unit_test(test_takes_time), cmocka_unit_test(test_crashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
