/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf db topology: see db_topology.h. */
#include "cli/db_topology.h"

#include <errno.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "results/store.h"

int mp_db_topology(const struct mp_args *args)
{
	const char *path = args->words[1], *out = mp_args_get(args, "o");
	MP_CLEANUP(mp_free_ptr) int64_t *runs = NULL;
	MP_CLEANUP(mp_free_ptr) char *xml = NULL;
	struct mp_store *store = NULL;
	struct mp_err err;
	size_t count = 0;
	int rc = out ? mp_output_allowed(out, &err) : 0;

	if (!rc)
		rc = mp_store_open(path, MP_STORE_READ, &store, &err);
	if (!rc)
		rc = mp_store_select(store, args->n_words > 2 ? args->words[2] : NULL, &runs,
				     &count, &err);
	if (!rc)
		rc = mp_store_topology(store, runs[0], &xml, &err);
	if (!rc && !xml)
		rc = mp_err_env(
			&err, -ENOENT,
			"run #%lld in '%s' has no topology: it was stored by an older memperf",
			(long long)runs[0], path);
	mp_store_close(store);
	return rc ? mp_fail(&err) : mp_print_to(out, xml);
}
