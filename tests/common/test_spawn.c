/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other programs: what they get, and every way in which they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/spawn.h"
#include "common/temporary.h"

static int shell(const char *text, int in, int out)
{
	const char *const argv[] = { "sh", "-c", text, NULL };

	return mp_spawn(
		&(struct mp_spawn){ .argv = argv, .in = in, .out = out, .err = STDERR_FILENO });
}

/* Input and output are files; what is not given is /dev/null. */
static void test_files(void **state)
{
	const char *const argv[] = { "tr", "a-z", "A-Z", NULL };
	int in = mp_temporary_file(), out = mp_temporary_file();
	char bytes[8];

	(void)state;
	assert_int_equal(mp_temporary_write(in, "hello", 5, 0), 0);
	assert_int_equal(mp_spawn(&(struct mp_spawn){ .argv = argv, .in = in, .out = out }), 0);
	assert_int_equal(mp_temporary_read(out, bytes, 5, 0), 0);
	assert_memory_equal(bytes, "HELLO", 5);
	assert_int_equal(shell("! read line && echo x", 0, 0), 0);
	close(in);
	close(out);
}

static void test_environment(void **state)
{
	const char *const argv[] = { "/bin/sh", "-c", "test \"$A$HOME\" = b", NULL };
	char *environment[] = { (char[]){ "A=b" }, NULL };

	(void)state;
	assert_int_equal(mp_spawn(&(struct mp_spawn){ .argv = argv, .environment = environment }),
			 0);
}

static void test_ends(void **state)
{
	const char *const none[] = { "/nonexistent/program", NULL };
	char said[MP_SPAWN_SAID];
	int rc = mp_spawn(&(struct mp_spawn){ .argv = none });

	(void)state;
	/* An emulator of programs, where vfork(2) is a fork, lets nothing be known but what a shell would say. */
	if (rc != W_EXITCODE(127, 0)) {
		assert_int_equal(rc, -ENOENT);
		assert_string_equal(mp_spawn_said(rc, said), "No such file or directory");
	}
	rc = shell("exit 3", 0, 0);
	assert_true(rc > 0);
	assert_string_equal(mp_spawn_said(rc, said), "exit status 3");
	rc = shell("kill -9 $$", 0, 0);
	assert_true(rc > 0);
	assert_string_equal(mp_spawn_said(rc, said), "killed by signal 9 (Killed)");
	assert_int_equal(mp_spawn_wait(getpid()), -ECHILD);
}

/* memperf ignores SIGPIPE; a program that it starts must not, or `yes | head` in it never ends. */
static void test_signals(void **state)
{
	sigset_t set, before;
	void (*handler)(int) = signal(SIGPIPE, SIG_IGN);
	int rc;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &before);
	rc = shell("kill -PIPE $$", 0, 0);
	assert_true(WIFSIGNALED(rc) && WTERMSIG(rc) == SIGPIPE);
	rc = shell("kill -TERM $$", 0, 0);
	assert_true(WIFSIGNALED(rc) && WTERMSIG(rc) == SIGTERM);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, handler);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
