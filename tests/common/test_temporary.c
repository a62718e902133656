/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Temporary files: anywhere in them, also where $TMPDIR cannot have one, and an end is not read past. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/temporary.h"

static void use(void)
{
	int file = mp_temporary_file();
	struct stat st;
	char bytes[8];

	assert_true(file >= 0);
	assert_int_equal(fstat(file, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(mp_temporary_write(file, "behind", 6, 1000), 0);
	assert_int_equal(mp_temporary_write(file, "before", 6, 0), 0);
	assert_int_equal(mp_temporary_read(file, bytes, 6, 1000), 0);
	assert_memory_equal(bytes, "behind", 6);
	assert_int_equal(mp_temporary_read(file, bytes, 6, 0), 0);
	assert_memory_equal(bytes, "before", 6);
	assert_int_equal(mp_temporary_read(file, bytes, 7, 1000), -EIO);
	assert_int_equal(mp_temporary_read(file, bytes, 0, 5000), 0);
	close(file);
	assert_int_equal(mp_temporary_write(file, "x", 1, 0), -EBADF);
}

static void test_anywhere(void **state)
{
	(void)state;
	use();
	assert_int_equal(setenv("TMPDIR", "/no/such/folder", 1), 0);
	use();
	unsetenv("TMPDIR");
	use();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_anywhere) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
