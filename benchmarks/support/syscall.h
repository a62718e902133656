/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * System calls issued directly: no libc function, no errno, nothing but the instruction (inline, for the floor), or the
 * instruction in a function (for what programs call). The result is the kernel's own: a value, or a negative errno.
 *
 * Conventions: x86-64 System V ABI, A.2.1 (Linux); arm64: syscall(2), "Architecture calling conventions".
 */
#ifndef BENCHMARKS_SUPPORT_SYSCALL_H
#define BENCHMARKS_SUPPORT_SYSCALL_H

#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#ifndef SYS_process_madvise
#define SYS_process_madvise 440 /* the same on every architecture (Linux 5.10) */
#endif

#define MP_INLINE_CALL static inline __attribute__((always_inline)) long

#if defined(__x86_64__)

MP_INLINE_CALL mp_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

MP_INLINE_CALL mp_syscall3(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return ret;
}

#elif defined(__aarch64__)

MP_INLINE_CALL mp_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

MP_INLINE_CALL mp_syscall3(long nr, long a, long b, long c)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
}

#endif

MP_INLINE_CALL mp_syscall0(long nr)
{
	return mp_syscall3(nr, 0, 0, 0);
}

/* Is a raw result an error? (The kernel's MAX_ERRNO, include/linux/err.h.) */
static inline __attribute__((always_inline)) bool mp_sys_failed(long ret)
{
	return (unsigned long)ret > (unsigned long)-4096L;
}

/*
 * The calls that benchmarks time, each a function of its own as libc's are, without errno: a call and a return around
 * the instruction. That is no detail. Where the kernel's returns are protected against speculation (AMD, safe RET), the
 * return of the function that made the system call leaves the return predictor in a state in which the whole kernel
 * path runs slower, by a third on Zen 4: getppid 164 ns instead of 116, mmap 1.50 us instead of 1.13, brk 1.03 us
 * instead of 0.74. Every program that calls libc is in that state; a loop around the bare instruction is not.
 */
long mp_sys_mmap(void *addr, unsigned long len, int prot, int flags, int fd, long offset);
long mp_sys_munmap(void *addr, unsigned long len);
long mp_sys_madvise(void *addr, unsigned long len, int advice);
long mp_sys_mprotect(void *addr, unsigned long len, int prot);
/* clone(2) as fork(2): returns 0 in the child, which is a process of its own with a copy of the memory. */
long mp_sys_fork(void);
/* Waits until that child has ended: its pid and, unless NULL, its status (wait4(2)). */
long mp_sys_wait(long pid, int *ret_status);
/* Nodes are bits of an array of MP_NODES_MAX bits. */
long mp_sys_set_mempolicy(int mode, const void *nodes);
long mp_sys_get_mempolicy(int *ret_mode, void *ret_nodes, const void *addr, int flags);
long mp_sys_mbind(void *addr, unsigned long len, int mode, const void *nodes, int flags);
long mp_sys_move_pages(unsigned long count, void **pages, const int *nodes, int *ret_status,
		       int flags);
long mp_sys_migrate_pages(const void *from, const void *to);
long mp_sys_mremap(void *addr, unsigned long old_len, unsigned long new_len, int flags,
		   void *new_addr);
long mp_sys_pkey_mprotect(void *addr, unsigned long len, int prot, int key);
long mp_sys_msync(void *addr, unsigned long len, int flags);
long mp_sys_shmget(int key, unsigned long size, int flags);
long mp_sys_shmat(int id, const void *addr, int flags);
long mp_sys_shmdt(const void *addr);
long mp_sys_shmctl(int id, int command, void *buffer);
long mp_sys_memfd_create(const char *name, unsigned flags);
long mp_sys_ftruncate(int fd, unsigned long size);
long mp_sys_fallocate(int fd, int mode, unsigned long offset, unsigned long len);
long mp_sys_fcntl(int fd, int command, unsigned long argument);
long mp_sys_openat(int folder, const char *path, int flags, unsigned mode);
long mp_sys_unlinkat(int folder, const char *path, int flags);
long mp_sys_close(int fd);
long mp_sys_mlock(void *addr, unsigned long len);
long mp_sys_mlock2(void *addr, unsigned long len, int flags);
long mp_sys_munlock(void *addr, unsigned long len);
long mp_sys_mlockall(int flags);
long mp_sys_munlockall(void);
long mp_sys_mincore(void *addr, unsigned long len, unsigned char *answer);
long mp_sys_process_madvise(int pidfd, const struct iovec *ranges, unsigned long count, int advice);
/* brk(2) of the kernel: returns the new break, or the old one on failure. */
long mp_sys_brk(unsigned long address);

#endif
