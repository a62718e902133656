/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `memperf vm` was told: the kernels, and the command that each of their guests runs. */
#ifndef CLI_GUESTS_H
#define CLI_GUESTS_H

#include "cli/args.h"
#include "common/str.h"
#include "results/store.h"
#include "runner/vm/vm.h"

#include <limits.h>

#define MP_GUESTS_KERNELS 2 /* most */

/* One kernel, what its guests need, and what came of them. */
struct mp_guest_kernel {
	struct mp_vm vm;
	char folder[PATH_MAX];
	char *kmod; /* that was built here */
	struct mp_str tag; /* "kernel=NAME" */
	struct mp_str runs; /* "#3,#5" in the results file */
};

struct mp_guests {
	const struct mp_args *args;
	struct mp_args run; /* the guest's command, when it is "run" */
	struct mp_guest_kernel kernels[MP_GUESTS_KERNELS];
	size_t n;
	const char **words, **files, **load; /* of the guests */
	size_t n_words, n_files, n_load;
	uint64_t cpus, nodes, memory, rounds, timeout_ns;
	enum mp_vm_accel accel;
	bool is_run, bisect;
	bool keep; /* the folder */
	struct mp_store *into; /* the results file, while guests run */
	char folder[64];
	char db[PATH_MAX];
	int lock;
};

/* Everything that the command line says, judged before anything boots. `args` must outlive it; the caller ends with mp_guests_done(),
 * after errors, too. 0, or negative errno with a sentence. */
int mp_guests_init(struct mp_guests *g, const struct mp_args *args, struct mp_err *err);
void mp_guests_done(struct mp_guests *g);

/* The place in `words` of the run's tag, where the command is "run". */
#define MP_GUESTS_TAG 4

#endif
