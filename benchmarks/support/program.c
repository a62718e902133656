/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program of three instructions: see program.h. elf(5). */
#include "benchmarks/support/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOADED_AT 0x400000

struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	unsigned char code[12];
};

/* exit_group(MP_PROGRAM_STATUS) */
static const unsigned char code[12] = {
#if defined(__x86_64__)
	0xbf, MP_PROGRAM_STATUS,
	0,    0,
	0, /* mov edi, 42 */
	0xb8, 231,
	0,    0,
	0, /* mov eax, 231 */
	0x0f, 0x05 /* syscall */
#elif defined(__aarch64__)
	0x40, 0x05, 0x80, 0xd2, /* mov x0, 42 */
	0xc8, 0x0b, 0x80, 0xd2, /* mov x8, 94 */
	0x01, 0x00, 0x00, 0xd4 /* svc 0 */
#endif
};

static void fill(struct image *image)
{
	*image = (struct image){
		.header = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
					 ELFDATA2LSB, EV_CURRENT },
			    .e_type = ET_EXEC,
#if defined(__x86_64__)
			    .e_machine = EM_X86_64,
#else
			    .e_machine = EM_AARCH64,
#endif
			    .e_version = EV_CURRENT,
			    .e_entry = LOADED_AT + offsetof(struct image, code),
			    .e_phoff = offsetof(struct image, segment),
			    .e_ehsize = sizeof(Elf64_Ehdr),
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 1 },
		.segment = { .p_type = PT_LOAD,
			     .p_flags = PF_R | PF_X,
			     .p_vaddr = LOADED_AT,
			     .p_filesz = sizeof(*image),
			     .p_memsz = sizeof(*image),
			     .p_align = 0x10000 },
	};
	memcpy(image->code, code, sizeof(code));
}

int mp_program_open(struct mp_program *program, struct mp_err *err)
{
	int fd = memfd_create("memperf-program", MFD_CLOEXEC), ret = 0;
	struct image image;

	program->fd = -1;
	fill(&image);
	if (fd < 0 || write(fd, &image, sizeof(image)) != sizeof(image)) {
		ret = mp_err_env(err, -errno, "cannot write a program into a memfd: %s",
				 strerror(errno));
	} else {
		/* What is open for writing is not executed: ETXTBSY. */
		snprintf(program->path, sizeof(program->path), "/proc/self/fd/%d", fd);
		program->fd = open(program->path, O_RDONLY | O_CLOEXEC);
		if (program->fd < 0)
			ret = mp_err_env(err, -errno, "cannot open a memfd again: %s",
					 strerror(errno));
		snprintf(program->path, sizeof(program->path), "/proc/self/fd/%d", program->fd);
	}
	if (fd >= 0)
		close(fd);
	return ret;
}

void mp_program_close(struct mp_program *program)
{
	if (program->fd > 0)
		close(program->fd);
	program->fd = -1;
}
