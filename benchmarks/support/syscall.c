/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory system calls as functions: see syscall.h for why they are no inline ones. */
#include "benchmarks/support/syscall.h"

long mp_sys_mmap(void *addr, unsigned long len, int prot, int flags, int fd, long offset)
{
	return mp_syscall6(SYS_mmap, (long)addr, (long)len, prot, flags, fd, offset);
}

long mp_sys_munmap(void *addr, unsigned long len)
{
	return mp_syscall3(SYS_munmap, (long)addr, (long)len, 0);
}

long mp_sys_madvise(void *addr, unsigned long len, int advice)
{
	return mp_syscall3(SYS_madvise, (long)addr, (long)len, advice);
}

long mp_sys_mprotect(void *addr, unsigned long len, int prot)
{
	return mp_syscall3(SYS_mprotect, (long)addr, (long)len, prot);
}

long mp_sys_mlock(void *addr, unsigned long len)
{
	return mp_syscall3(SYS_mlock, (long)addr, (long)len, 0);
}

long mp_sys_mlock2(void *addr, unsigned long len, int flags)
{
	return mp_syscall3(SYS_mlock2, (long)addr, (long)len, flags);
}

long mp_sys_munlock(void *addr, unsigned long len)
{
	return mp_syscall3(SYS_munlock, (long)addr, (long)len, 0);
}

long mp_sys_mlockall(int flags)
{
	return mp_syscall3(SYS_mlockall, flags, 0, 0);
}

long mp_sys_munlockall(void)
{
	return mp_syscall0(SYS_munlockall);
}

long mp_sys_mincore(void *addr, unsigned long len, unsigned char *answer)
{
	return mp_syscall3(SYS_mincore, (long)addr, (long)len, (long)answer);
}

long mp_sys_process_madvise(int pidfd, const struct iovec *ranges, unsigned long count, int advice)
{
	return mp_syscall6(SYS_process_madvise, pidfd, (long)ranges, (long)count, advice, 0, 0);
}

long mp_sys_brk(unsigned long address)
{
	return mp_syscall3(SYS_brk, (long)address, 0, 0);
}
