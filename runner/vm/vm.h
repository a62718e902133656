/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memperf in a throw-away guest: a kernel image boots in QEMU with a RAM disk that holds this memperf and nothing else; memperf is its
 * first program, runs one command line, and sends what it says and its results file out.
 *
 * All that the kernel needs is two serial ports: its console is on the first, what comes out goes through the second, in frames
 * (channel.h).
 */
#ifndef RUNNER_VM_VM_H
#define RUNNER_VM_VM_H

#include "common/err.h"
#include "common/str.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mp_vm_accel {
	MP_VM_AUTO, /* KVM where it works, else TCG */
	MP_VM_KVM,
	MP_VM_TCG, /* the processor is emulated */
};

/* A guest and what it is to do. Texts are borrowed. */
struct mp_vm {
	const char *kernel; /* its image */
	const char *modules; /* folder like /lib/modules/VERSION, or NULL */
	const char *const
		*load; /* names of modules of it that are loaded first, with what they depend on */
	size_t n_load;
	const char *kmod; /* memperf's own module, built for this kernel, or NULL */
	const char *append; /* to the kernel's command line, or NULL */
	const char *const *words; /* memperf's command line, without "memperf" */
	size_t n_words;
	const char *db; /* the results file that it writes, or NULL */
	const char *const *files; /* that it names; in the guest they have the same paths */
	size_t n_files;
	unsigned cpus, nodes;
	uint64_t memory; /* bytes */
	uint64_t timeout_ns; /* of it all */
	enum mp_vm_accel accel;
	const char *folder; /* exists; gets the disk, logs, and the results file results.db */
	const volatile sig_atomic_t *stop; /* non-zero: end */

	void (*output)(void *user, bool error, const char *bytes,
		       size_t len); /* the command said */
	void (*note)(void *user, const char *sentence); /* what the user should know */
	void *user;
};

/* How it ended. */
struct mp_vm_end {
	int code; /* the command's exit code */
	bool database; /* results.db came back whole */
	enum mp_vm_accel accel; /* that it ran with */
};

/*
 * Boots it, once more when it ends before memperf starts, and waits for its end. 0 and how that was; -ENOENT without QEMU, -EINTR,
 * -ETIMEDOUT, -EIO when the kernel or QEMU died; all with a sentence.
 */
int mp_vm_run(const struct mp_vm *vm, struct mp_vm_end *ret_end, struct mp_err *err);

/* The last lines that the kernel wrote on its console, each after "  | ". */
void mp_vm_console(const char *folder, struct mp_str *out);

/* Builds memperf's module, whose source is at hand beside the executable, for the kernel whose headers are in `headers`; *ret_path is
 * heap memory of the caller. 0 or negative errno with a sentence. */
int mp_vm_build_module(const char *headers, const char *folder, char **ret_path,
		       struct mp_err *err);

/* What the guest's first program does, to the end: it never comes back. Only process 1 may call it: it mounts, and switches off. */
_Noreturn void mp_vm_guest(void);

#endif
