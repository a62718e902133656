/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a results file knows that helps to plan: what the cases cost on this machine when they were last run. */
#ifndef CLI_STORED_H
#define CLI_STORED_H

#include "cli/cmd.h"
#include "results/store.h"
#include "runner/plan/plan.h"

#include <limits.h>

struct mp_stored {
	struct mp_store *
		store; /* NULL: there is no such file, or (when it was not named) it cannot be read */
	char machine[33];
};

/* The results file of --db, else HOSTNAME.db here. -ENAMETOOLONG. */
int mp_stored_path(const struct mp_args *args, char ret_path[PATH_MAX], struct mp_err *err);

/* Opens it for reading when it exists. 0, or the negative errno of a file that was named and cannot be read. */
int mp_stored_open(const struct mp_args *args, struct mp_stored *ret_stored, struct mp_err *err);
void mp_stored_close(struct mp_stored *stored);

/* For struct mp_plan_options: `user` is a struct mp_stored. */
double mp_stored_overhead(void *user, const struct mp_planned *c);

#endif
