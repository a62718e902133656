/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory system calls as functions: see syscall.h for why they are no inline ones. */
#include "benchmarks/support/syscall.h"

#include <errno.h>
#include <signal.h>

#include "benchmarks/mempolicy.h"

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

long mp_sys_fork(void)
{
	/* a null stack, and no other argument is looked at */
	return mp_syscall6(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
}

long mp_sys_wait(long pid, int *ret_status)
{
	long got;

	while ((got = mp_syscall6(SYS_wait4, pid, (long)ret_status, 0, 0, 0, 0)) == -EINTR)
		;
	return got;
}

/* The kernel takes one bit less of a mask than it is told (set_mempolicy(2)). */

long mp_sys_set_mempolicy(int mode, const void *nodes)
{
	return mp_syscall3(SYS_set_mempolicy, mode, (long)nodes, nodes ? MP_NODES_MAX + 1 : 0);
}

long mp_sys_get_mempolicy(int *ret_mode, void *ret_nodes, const void *addr, int flags)
{
	return mp_syscall6(SYS_get_mempolicy, (long)ret_mode, (long)ret_nodes,
			   ret_nodes ? MP_NODES_MAX + 1 : 0, (long)addr, flags, 0);
}

long mp_sys_mbind(void *addr, unsigned long len, int mode, const void *nodes, int flags)
{
	return mp_syscall6(SYS_mbind, (long)addr, (long)len, mode, (long)nodes,
			   nodes ? MP_NODES_MAX + 1 : 0, flags);
}

long mp_sys_move_pages(unsigned long count, void **pages, const int *nodes, int *ret_status,
		       int flags)
{
	return mp_syscall6(SYS_move_pages, 0, (long)count, (long)pages, (long)nodes,
			   (long)ret_status, flags);
}

long mp_sys_migrate_pages(const void *from, const void *to)
{
	return mp_syscall6(SYS_migrate_pages, 0, MP_NODES_MAX + 1, (long)from, (long)to, 0, 0);
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
