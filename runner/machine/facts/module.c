/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about memperf's kernel module, where it is loaded: its version, the commit and the hash of the source it was built from. */
#include "runner/machine/facts.h"

#include <errno.h>

#include "runner/machine/facthelp.h"

#define MODULE "/sys/module/memperf/"

static const struct {
	struct mp_fact_line line;
	const char *path;
} files[] = {
	{ { "version", MP_FACT_NOW, MP_WEIGHT_LITTLE, "the measuring code itself changed" },
	  MODULE "version" },
	/* A parameter that nobody sets, kmod/main.c; empty when it was built outside of a checkout. */
	{ { "commit", MP_FACT_NOW, MP_WEIGHT_LITTLE,
	    "of the module; it may measure otherwise than another one" },
	  MODULE "parameters/commit" },
	/* What its build wrote: the hash of all its source files (modinfo(8), srcversion). */
	{ { "source", MP_FACT_NOW, MP_WEIGHT_LITTLE, "the measuring code itself changed" },
	  MODULE "srcversion" },
};

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "module", sink };
	char **names;
	size_t count;
	bool loaded = !mp_fact_names(root, MODULE, "*", &names, &count);

	if (loaded)
		mp_fact_names_free(names, count);

	for (size_t i = 0; i < MP_COUNT(files); i++) {
		char value[128];
		int err = mp_sysfile_line(root, value, sizeof(value), "%s", files[i].path);

		if (loaded && !err && !*value)
			mp_fact_put(&group, &files[i].line, NULL,
				    "the module was built outside of a checkout");
		else if (loaded)
			mp_fact_put_result(&group, &files[i].line, err, value, files[i].path);
		else
			mp_fact_put(&group, &files[i].line, NULL, "the module is not loaded");
	}
}

const struct mp_fact_collector mp_facts_module = { "module", collect };
