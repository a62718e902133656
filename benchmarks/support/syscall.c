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

long mp_sys_brk(unsigned long address)
{
	return mp_syscall3(SYS_brk, (long)address, 0, 0);
}

long mp_sys_msync(void *addr, unsigned long len, int flags)
{
	return mp_syscall3(SYS_msync, (long)addr, (long)len, flags);
}

long mp_sys_shmget(int key, unsigned long size, int flags)
{
	return mp_syscall3(SYS_shmget, key, (long)size, flags);
}

long mp_sys_shmat(int id, const void *addr, int flags)
{
	return mp_syscall3(SYS_shmat, id, (long)addr, flags);
}

long mp_sys_shmdt(const void *addr)
{
	return mp_syscall3(SYS_shmdt, (long)addr, 0, 0);
}

long mp_sys_shmctl(int id, int command, void *buffer)
{
	return mp_syscall3(SYS_shmctl, id, command, (long)buffer);
}

long mp_sys_memfd_create(const char *name, unsigned flags)
{
	return mp_syscall3(SYS_memfd_create, (long)name, (long)flags, 0);
}

long mp_sys_ftruncate(int fd, unsigned long size)
{
	return mp_syscall3(SYS_ftruncate, fd, (long)size, 0);
}

long mp_sys_fallocate(int fd, int mode, unsigned long offset, unsigned long len)
{
	return mp_syscall6(SYS_fallocate, fd, mode, (long)offset, (long)len, 0, 0);
}

long mp_sys_fcntl(int fd, int command, unsigned long argument)
{
	return mp_syscall3(SYS_fcntl, fd, command, (long)argument);
}

long mp_sys_openat(int folder, const char *path, int flags, unsigned mode)
{
	return mp_syscall6(SYS_openat, folder, (long)path, flags, (long)mode, 0, 0);
}

long mp_sys_unlinkat(int folder, const char *path, int flags)
{
	return mp_syscall3(SYS_unlinkat, folder, (long)path, flags);
}

long mp_sys_close(int fd)
{
	return mp_syscall3(SYS_close, fd, 0, 0);
}
