/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making processes, with 2 MiB of small pages stored to before each.
 */
#include "hand.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE (2ul << 20)

static char *memory;
static volatile unsigned *word; /* shared with children */
static char program[32];

static void store_all(void)
{
	for (size_t b = 0; b < SIZE; b += 4096)
		((volatile char *)memory)[b] = 1;
}

static int get_memory(void)
{
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || word == MAP_FAILED)
		return -1;
	madvise(memory, SIZE, MADV_NOHUGEPAGE);
	store_all();
	return 0;
}

/* A program that exits at once, in a memfd. */
static int get_program(void){ static struct { Elf64_Ehdr head;
Elf64_Phdr load;
unsigned char code[12];
}
image = {
	.head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		  .e_type = ET_EXEC,
		  .e_version = EV_CURRENT,
		  .e_entry = 0x400000 + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
		  .e_phoff = sizeof(Elf64_Ehdr),
		  .e_ehsize = sizeof(Elf64_Ehdr),
		  .e_phentsize = sizeof(Elf64_Phdr),
		  .e_phnum = 1,
#if defined(__x86_64__)
		  .e_machine = EM_X86_64 },
	.code = { 0x31, 0xff, 0xb8, 231, 0, 0, 0, 0x0f, 0x05 },
#else
		  .e_machine = EM_AARCH64 },
	.code = { 0, 0, 0x80, 0xd2, 0xc8, 0x0b, 0x80, 0xd2, 1, 0, 0, 0xd4 },
#endif
	.load = { .p_type = PT_LOAD,
		  .p_flags = PF_R | PF_X,
		  .p_vaddr = 0x400000,
		  .p_filesz = sizeof(image),
		  .p_memsz = sizeof(image),
		  .p_align = 0x10000 },
};
int fd = memfd_create("hand", MFD_CLOEXEC);

if (get_memory() || write(fd, &image, sizeof(image)) != sizeof(image))
	return -1;
snprintf(program, sizeof(program), "/proc/self/fd/%d", fd);
snprintf(program, sizeof(program), "/proc/self/fd/%d", open(program, O_RDONLY | O_CLOEXEC));
close(fd);
return 0;
}

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

static size_t do_fork(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		long pid;

		store_all();
		TIMED(if (!(pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0))) sleep_for_ever());
		kill((pid_t)pid, SIGKILL);
		waitpid((pid_t)pid, NULL, 0);
	}
	return n;
}

static long fork_and_hear(void)
{
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (!pid) {
		*word = 1;
		syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
		sleep_for_ever();
	}
	while (!*word)
		syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
	return pid;
}

static size_t do_fork_child(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		long pid;

		*word = 0;
		store_all();
		TIMED(pid = fork_and_hear());
		kill((pid_t)pid, SIGKILL);
		waitpid((pid_t)pid, NULL, 0);
	}
	return n;
}

static __attribute__((noinline)) pid_t run_program(void)
{
	char *const argv[] = { program, NULL }, *const envp[] = { NULL };
	pid_t pid = vfork();

	if (!pid) {
		execve(program, argv, envp);
		_exit(1);
	}
	return pid;
}

static size_t do_vfork_exec(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		pid_t pid;

		store_all();
		TIMED(pid = run_program());
		waitpid(pid, NULL, 0);
	}
	return n;
}

static size_t do_posix_spawn(uint32_t *out)
{
	char *const argv[] = { program, NULL }, *const envp[] = { NULL };
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		pid_t pid = 0;

		store_all();
		TIMED(posix_spawn(&pid, program, NULL, NULL, argv, envp));
		waitpid(pid, NULL, 0);
	}
	return n;
}

HAND_OPS({ .name = "fork",
	   .bench = "fork.parent",
	   .state = "size=2M and huge=none and extra_vmas=0 and dontfork=none",
	   .prepare = get_memory,
	   .run = do_fork },
	 { .name = "fork_child",
	   .bench = "fork.child",
	   .state = "size=2M and huge=none",
	   .prepare = get_memory,
	   .run = do_fork_child },
	 { .name = "vfork_exec",
	   .bench = "fork.vfork_exec",
	   .state = "size=2M",
	   .prepare = get_program,
	   .run = do_vfork_exec },
	 { .name = "posix_spawn",
	   .bench = "fork.posix_spawn",
	   .state = "size=2M",
	   .prepare = get_program,
	   .run = do_posix_spawn });
