/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf db topology: see db_topology.h. */
#include "cli/db_topology.h"

#include <errno.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "results/store.h"

/* `selector`: which run; NULL: the latest. */
static int read_topology(const char *path, const char *selector, char **ret_xml, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) int64_t *runs = NULL;
	struct mp_store *store;
	size_t count = 0;
	int rc = mp_store_open(path, MP_STORE_READ, &store, err);

	if (rc)
		return rc;
	rc = mp_store_select(store, selector, &runs, &count, err);
	if (!rc)
		rc = mp_store_topology(store, runs[0], ret_xml, err);
	if (!rc && !*ret_xml)
		rc = mp_err_env(
			err, -ENOENT,
			"run #%lld in '%s' has no topology: it was stored by an older memperf",
			(long long)runs[0], path);
	mp_store_close(store);
	return rc;
}

int mp_db_topology(const struct mp_args *args)
{
	const char *out = mp_args_get(args, "o");
	MP_CLEANUP(mp_free_ptr) char *xml = NULL;
	struct mp_err err;
	int rc = out ? mp_output_allowed(out, &err) : 0;

	if (!rc)
		rc = read_topology(args->words[1], args->n_words > 2 ? args->words[2] : NULL, &xml,
				   &err);
	return rc ? mp_fail(&err) : mp_print_to(out, xml);
}
