/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf db prune: see db_prune.h. */
#include "cli/db_prune.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/store.h"

#define NIGHTS_MAX 10000

static int nights(const struct mp_args *args, const char *name, unsigned *ret_nights,
		  struct mp_err *err)
{
	const char *text = mp_args_get(args, name);
	size_t len = text ? strlen(text) : 0;
	unsigned long value;

	if (!text)
		return 0;
	value = len && len < 6 && strspn(text, "0123456789") == len ? strtoul(text, NULL, 10) : 0;
	if (!value || value > NIGHTS_MAX)
		return mp_err_usage(err, -EINVAL,
				    "--%s '%s' is not a whole number of nights from 1 to %d", name,
				    text, NIGHTS_MAX);
	*ret_nights = (unsigned)value;
	return 0;
}

int mp_db_prune(const struct mp_args *args)
{
	struct mp_prune options = { .dry_run = mp_args_has(args, "dry-run") };
	struct mp_pruned pruned = { 0 };
	struct mp_store *store = NULL;
	struct mp_err err;
	char line[160];
	int rc = nights(args, "keep-raw", &options.keep_raw, &err);

	if (!rc)
		rc = nights(args, "keep-runs", &options.keep_runs, &err);
	if (!rc && !options.keep_raw && !options.keep_runs)
		rc = mp_err_usage(&err, -EINVAL,
				  "db prune wants --keep-raw NIGHTS, --keep-runs NIGHTS or both");
	if (!rc)
		rc = mp_store_open(args->words[1], MP_STORE_READ, &store, &err);
	/* A file that must exist: a writer would make it. */
	if (!rc && !options.dry_run) {
		mp_store_close(store);
		store = NULL;
		rc = mp_store_open(args->words[1], MP_STORE_WRITE, &store, &err);
	}
	if (!rc)
		rc = mp_store_prune(store, &options, &pruned, &err);
	mp_store_close(store);
	if (rc)
		return mp_fail(&err);
	snprintf(line, sizeof(line), "%s%u runs removed, raw data of %u removed%s\n",
		 options.dry_run ? "would be: " : "", pruned.runs, pruned.raw,
		 options.dry_run ? "; nothing was changed" : "");
	return mp_print(line);
}
