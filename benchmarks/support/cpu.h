/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What threads beside the measured one share: waiting in user mode, and keeping off its CPU. */
#ifndef BENCHMARKS_SUPPORT_CPU_H
#define BENCHMARKS_SUPPORT_CPU_H

#include <errno.h>
#include <sched.h>
#include <string.h>

/* Inside a loop that spins. */
static inline void mp_cpu_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#else
	__asm__ volatile("yield");
#endif
}

/* From here on the calling thread runs on any CPU that this process may use, except that one; the kernel cuts the mask to
 * those. 0 or an errno. */
static inline int mp_cpu_leave(int cpu)
{
	cpu_set_t set;

	memset(&set, 0xff, sizeof(set));
	CPU_CLR(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? errno : 0;
}

#endif
