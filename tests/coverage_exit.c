/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In builds for coverage (--wrap=_exit): a child that ends with _exit(2) writes down what it ran, as exit(3) does. One that has become
 * another user may not, and its attempts would be counted by those who count what it does. */
#include <sys/stat.h>
#include <unistd.h>

void __gcov_dump(void); /* libgcov's */
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);

_Noreturn void __wrap__exit(int status)
{
	struct stat st;

	if (!stat("/proc/self/exe", &st) && st.st_uid == geteuid())
		__gcov_dump();
	__real__exit(status);
}
