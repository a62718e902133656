/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the programs share that drive the kernel module in the machines of tests: its device, what it says of itself, and
 * what was wrong so far. */
#ifndef TESTS_GUEST_COMPLAIN_H
#define TESTS_GUEST_COMPLAIN_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "kmod/memperf_uapi.h"

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

static inline struct mpk_info ask(void)
{
	struct mpk_info info = { 0 };

	if (ioctl(device, MPK_INFO, &info) || info.abi != MPK_ABI || info.page_size != 4096 ||
	    !(info.contexts & 1u << MPK_PROCESS)) {
		printf("the module does not say what it is\n");
		exit(1);
	}
	return info;
}

#endif
