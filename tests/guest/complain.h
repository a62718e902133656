/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the programs share that drive the kernel module in the machines of tests: its device, and what was wrong so far. */
#ifndef TESTS_GUEST_COMPLAIN_H
#define TESTS_GUEST_COMPLAIN_H

#include <stdarg.h>
#include <stdio.h>

static int device;
static unsigned wrong;

__attribute__((format(printf, 1, 2))) static inline void complain(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	printf("WRONG: ");
	vprintf(format, list);
	printf("\n");
	va_end(list);
	wrong++;
}

#endif
