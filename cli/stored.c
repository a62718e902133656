/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The results file as a plan's memory: see stored.h. */
#include "cli/stored.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "results/spread.h"
#include "runner/machine/machine.h"

int mp_stored_path(const struct mp_args *args, char ret_path[PATH_MAX], struct mp_err *err)
{
	const char *path = mp_args_get(args, "db");
	char host[64] = "memperf";

	if (gethostname(host, sizeof(host)) || !host[0])
		strcpy(host, "memperf");
	host[sizeof(host) - 1] = '\0';
	host[strcspn(host, "./")] = '\0';
	if (snprintf(ret_path, PATH_MAX, "%s%s", path ? path : host, path ? "" : ".db") >= PATH_MAX)
		return mp_err_usage(err, -ENAMETOOLONG, "'%s': file name too long", path);
	return 0;
}

int mp_stored_open(const struct mp_args *args, struct mp_stored *ret_stored, struct mp_err *err)
{
	struct mp_stored stored = { 0 };
	char path[PATH_MAX];
	int ret = mp_stored_path(args, path, err);

	if (ret)
		return ret;
	mp_machine_key(stored.machine);
	if (!access(path, F_OK)) {
		ret = mp_store_open(path, MP_STORE_READ, &stored.store, err);
		if (ret && mp_args_get(args, "db"))
			return ret;
	}
	*ret_stored = stored;
	return 0;
}

void mp_stored_close(struct mp_stored *stored)
{
	mp_store_close(stored->store);
	stored->store = NULL;
}

double mp_stored_overhead(void *user, const struct mp_planned *c)
{
	const struct mp_stored *stored = user;
	double seconds = NAN;

	if (!stored->store || mp_store_case_overhead(stored->store, stored->machine, c->text,
						     c->bench->version, &seconds, NULL))
		return NAN;
	return seconds;
}
