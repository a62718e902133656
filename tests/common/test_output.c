/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that are written for somebody: whole or as they were; over links of one's own and of nobody else, in whatever folder; what is a
 * hard link, a FIFO, a folder, a device or an open file where a file should be.
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
#include <unistd.h>

#include "common/output.h"
#include "common/str.h"

#define OTHER 65534

static struct mp_err err;

static int into_folder(void **state)
{
	static char folder[64];

	*state = folder;
	strcpy(folder, "/tmp/memperf-test-XXXXXX");
	return !mkdtemp(folder) || chmod(folder, 0777) || chdir(folder);
}

/* No file is left beside the one that was to be written. */
static int out_of_folder(void **state)
{
	char command[128];
	int left;

	left = system("ls -A | grep '^[.]memperf'") == 0;
	snprintf(command, sizeof(command), "rm -rf '%s'", (const char *)*state);
	return left || chdir("/") || system(command);
}

static int put(const char *path, const char *text)
{
	return mp_output_write(path, text, strlen(text), &err);
}

static void holds(const char *path, const char *want)
{
	struct mp_str text = MP_STR_INIT;

	assert_int_equal(mp_str_read_file(&text, path), 0);
	assert_string_equal(text.text, want);
	mp_str_done(&text);
}

/* Refused in a sentence that says so; with nothing written. */
static void refused(const char *path, int code, const char *words)
{
	int fd;

	err.text[0] = '\0';
	assert_int_equal(put(path, "new"), code);
	assert_non_null(strstr(err.text, words));
	fd = mp_output_open(path, &err);
	assert_int_equal(fd, code);
}

static void test_whole_or_as_it_was(void **state)
{
	const struct rlimit none = { 1, RLIM_INFINITY };
	struct rlimit before;
	struct stat st;

	(void)state;
	umask(027);
	assert_int_equal(put("a", "first"), 0);
	holds("a", "first");
	assert_int_equal(stat("a", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(chmod("a", 0600), 0);
	assert_int_equal(put("./a", "second"), 0);
	holds("a", "second");
	assert_int_equal(stat("a", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(put("a", "third"), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	holds("a", "second");

	refused("", -ENOENT, "cannot write ''");
	refused("no/such", -ENOENT, "cannot write 'no/such': No such file");
	refused(".", -EISDIR, "Is a directory");
	refused("new/", -ENOENT, "No such file");
	assert_int_equal(mkdir("folder", 0755), 0);
	refused("folder", -EISDIR, "Is a directory");
	refused("folder/", -EISDIR, "Is a directory");
	refused("a/b", -ENOTDIR, "Not a directory");
}

static void test_streams(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(put("a", "before"), 0);
	assert_int_equal(link("a", "other"), 0);
	fd = mp_output_open("a", &err);
	assert_true(fd >= 0);
	holds("a", "");
	assert_int_equal(write(fd, "after", 5), 5);
	close(fd);
	holds("a", "after");
	holds("other", "before");
}

/* What is another name of the same file is not written through. */
static void test_hard_link(void **state)
{
	(void)state;
	assert_int_equal(put("kept", "kept"), 0);
	assert_int_equal(link("kept", "a"), 0);
	assert_int_equal(put("a", "new"), 0);
	holds("kept", "kept");
	holds("a", "new");
}

static void test_own_links(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(mkdir("folder", 0755), 0);
	assert_int_equal(symlink("folder/", "to"), 0);
	assert_int_equal(symlink("to/../to/b", "a"), 0);
	assert_int_equal(put("a", "text"), 0);
	holds("folder/b", "text");
	assert_int_equal(lstat("a", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(mp_output_check("a", &err), 0);
	assert_int_equal(symlink("self", "self"), 0);
	refused("self", -ELOOP, "cannot write 'self': ");
	/* Only who they belong to is asked. */
	assert_int_equal(mp_output_check("self", &err), 0);
	assert_int_equal(mp_output_check("no/such", &err), 0);
}

static void test_links_of_others(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(mkdir("folder", 0755), 0);
	assert_int_equal(put("folder/kept", "kept"), 0);
	assert_int_equal(symlink("folder/kept", "a"), 0);
	assert_int_equal(symlink("folder/new", "dangling"), 0);
	assert_int_equal(symlink("folder", "way"), 0);
	assert_int_equal(symlink("way/new", "mine"), 0);
	assert_int_equal(lchown("a", OTHER, OTHER), 0);
	assert_int_equal(lchown("dangling", OTHER, OTHER), 0);
	assert_int_equal(lchown("way", OTHER, OTHER), 0);
	refused("a", -EPERM,
		"'a' is a symbolic link of another user (65534); name the file itself");
	refused("dangling", -EPERM, "'dangling' is a symbolic link of another user");
	refused("way/new", -EPERM,
		"cannot write 'way/new': 'way' is a symbolic link of another user");
	refused("mine", -EPERM, "cannot write 'mine': 'way' is");
	assert_int_equal(mp_output_check("dangling", &err), -EPERM);
	holds("folder/kept", "kept");
	assert_int_equal(access("folder/new", F_OK), -1);
}

static void test_fifos(void **state)
{
	char got[8];
	int fd;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0666), 0);
	fd = open("fifo", O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(put("fifo", "text"), 0);
	assert_int_equal(read(fd, got, sizeof(got)), 4);
	if (!geteuid()) {
		assert_int_equal(chown("fifo", OTHER, OTHER), 0);
		refused("fifo", -EPERM, "it is a FIFO of another user (65534)");
	}
	close(fd);
}

static void test_devices_and_open_files(void **state)
{
	char path[64], got[8];
	int pipe_fds[2], fd;

	(void)state;
	assert_int_equal(put("/dev/null", "text"), 0);
	assert_int_equal(pipe(pipe_fds), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", pipe_fds[1]);
	assert_int_equal(put(path, "text"), 0);
	assert_int_equal(read(pipe_fds[0], got, sizeof(got)), 4);
	assert_int_equal(put("a", "text"), 0);
	fd = open("a", O_WRONLY);
	assert_true(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(put(path, "+more"), 0);
	holds("a", "text+more");
	close(fd);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, into_folder, out_of_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_whole_or_as_it_was),
		IN_FOLDER(test_streams),
		IN_FOLDER(test_hard_link),
		IN_FOLDER(test_own_links),
		IN_FOLDER(test_links_of_others),
		IN_FOLDER(test_fifos),
		IN_FOLDER(test_devices_and_open_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
