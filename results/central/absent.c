/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The central database in a memperf that was built without libpq: one sentence. */
#include "results/central.h"

#include <errno.h>

#include "results/central/pull.h"

static int refuse(struct mp_err *err)
{
	return mp_err_env(
		err, -ENOTSUP,
		"this memperf was built without PostgreSQL; install libpq-dev (Debian, Ubuntu) "
		"or libpq's headers and build it again");
}

int mp_central_open(const char *url, struct mp_central **ret_central, struct mp_err *err)
{
	(void)url;
	(void)ret_central;
	return refuse(err);
}

void mp_central_close(struct mp_central *central)
{
	(void)central;
}

int mp_central_push(struct mp_central *into, struct mp_store *from,
		    void (*each)(void *user, unsigned done, unsigned runs), void *user,
		    unsigned *ret_added, unsigned *ret_present, struct mp_err *err)
{
	(void)into;
	(void)from;
	(void)each;
	(void)user;
	(void)ret_added;
	(void)ret_present;
	return refuse(err);
}

int mp_central_read(const char *url, struct mp_store **ret_store, struct mp_err *err)
{
	(void)url;
	(void)ret_store;
	return refuse(err);
}

int mp_central_details(struct mp_store *s, const int64_t *runs, size_t n, struct mp_err *err)
{
	(void)s;
	(void)runs;
	(void)n;
	return refuse(err);
}
