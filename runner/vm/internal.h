/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a guest: its disk, its machine, and the frames in which what it says comes out. */
#ifndef RUNNER_VM_INTERNAL_H
#define RUNNER_VM_INTERNAL_H

#include "runner/vm/vm.h"

#include <limits.h>

/* In the RAM disk: the command line, a NUL after each word, the path of the results file that it writes, and the modules to load, a line
 * each. */
#define MP_VM_WORDS   "/memperf/words"
#define MP_VM_DB      "/memperf/db"
#define MP_VM_MODULES "/memperf/modules"

/* On the kernel's command line: what runs the guest. Read by runner/machine/facts/guest.c. */
#define MP_VM_PARAMETER "memperf.guest="

#if defined(__aarch64__)
#define MP_VM_CHANNEL "/dev/ttyS0"
#else
#define MP_VM_CHANNEL "/dev/ttyS1"
#endif

/* A frame is its kind, a blank, the number of bytes in decimal, a line end, and the bytes. */
enum mp_vm_frame {
	MP_VM_STARTED = 's', /* memperf is process 1; the kernel's release */
	MP_VM_OUTPUT = 'o', /* of the command */
	MP_VM_ERROR = 'e',
	MP_VM_NOTE = 'n', /* a sentence for the user */
	MP_VM_DATABASE = 'd', /* a part of it */
	MP_VM_HASH = 'h', /* SHA-256 of all of it, 32 bytes */
	MP_VM_EXIT = 'x', /* code of the command, in decimal: the last frame */
};
#define MP_VM_FRAME_MAX (1 << 15)

const char *mp_vm_accel_name(enum mp_vm_accel accel); /* "kvm", "tcg" */

/* Writes the RAM disk. 0 or negative errno. */
int mp_vm_disk(const struct mp_vm *vm, enum mp_vm_accel accel, const char *path,
	       struct mp_err *err);

/* The modules of the folder that `names` need, each after those it depends on, as paths below the folder: appended to `out`, a line
 * each. What is built into the kernel needs nothing. 0 or negative errno. */
int mp_vm_modules(const char *folder, const char *const *names, size_t n, struct mp_str *out,
		  struct mp_err *err);

#endif
