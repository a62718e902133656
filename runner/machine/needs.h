/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of needs: how each is probed, and what has to change for it to be met. For setup.c. */
#ifndef RUNNER_MACHINE_NEEDS_H
#define RUNNER_MACHINE_NEEDS_H

#include "common/str.h"
#include "runner/machine/machine.h"
#include "runner/machine/tune.h"

/* Changes that are put together; zeroed at first. */
struct mp_need_changes {
	struct mp_change items[16];
	size_t n;
};

struct mp_need_row {
	enum mp_need need;
	const char *name; /* a word, as lists have it: "hugetlb" */
	const char *words; /* what it is: "free huge pages in the hugetlb pool" */
	/* Appends why the need is not met, nothing when it is. One of the two; `word`: that of struct mp_needed, or NULL. */
	void (*probe)(const struct mp_machine *machine, struct mp_str *why);
	void (*probe_word)(const struct mp_machine *machine, const char *word, struct mp_str *why);
	/* Adds what has to change on the machine; nothing when all is as wanted. Appends why that cannot be done here.
	 * NULL: the need cannot be set up. */
	void (*plan)(const struct mp_machine *machine, const char *word,
		     struct mp_need_changes *changes, struct mp_str *why);
	enum mp_tune_owner owner; /* with `plan`: MP_TUNE_RUN or MP_TUNE_CASE */
	void (*prepare)(void); /* what helps without changing the machine; NULL: nothing */
};

/* NULL: unknown. */
const struct mp_need_row *mp_need_find(enum mp_need need);
const struct mp_need_row *mp_need_find_setup(enum mp_need need); /* of those that can be set up */
const struct mp_need_row *mp_need_find_kernel(
	enum mp_need need); /* of those that are system calls */

/* Is this process root's? */
bool mp_need_root(const struct mp_machine *machine);

/* Is that capability (linux/capability.h) effective in this process? */
bool mp_need_capability(const struct mp_machine *machine, int capability);

#endif
