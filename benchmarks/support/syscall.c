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

long mp_sys_mremap(void *addr, unsigned long old_len, unsigned long new_len, int flags,
		   void *new_addr)
{
	return mp_syscall6(SYS_mremap, (long)addr, (long)old_len, (long)new_len, flags,
			   (long)new_addr, 0);
}

long mp_sys_pkey_mprotect(void *addr, unsigned long len, int prot, int key)
{
	return mp_syscall6(SYS_pkey_mprotect, (long)addr, (long)len, prot, key, 0, 0);
}

long mp_sys_brk(unsigned long address)
{
	return mp_syscall3(SYS_brk, (long)address, 0, 0);
}
