/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A suite as one text that needs no file: see mp_suite_flat() in suite.h. parse.c reads what this writes. */
#include "runner/config/suite.h"

#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>

static void put_text(config_setting_t *group, const char *key, const char *text)
{
	config_setting_set_string(config_setting_add(group, key, CONFIG_TYPE_STRING), text);
}

static void put_defaults(config_setting_t *group, const struct mp_suite *suite)
{
	char budget[32];

	snprintf(budget, sizeof(budget), "%lluns", (unsigned long long)suite->budget_ns);
	if (suite->invocations)
		config_setting_set_int(config_setting_add(group, "invocations", CONFIG_TYPE_INT),
				       (int)suite->invocations);
	if (suite->budget_ns)
		put_text(group, "budget", budget);
	if (suite->target > 0)
		config_setting_set_float(config_setting_add(group, "target", CONFIG_TYPE_FLOAT),
					 suite->target);
	if (suite->setup)
		config_setting_set_bool(config_setting_add(group, "setup", CONFIG_TYPE_BOOL),
					suite->setup > 0);
}

static void put_entry(config_setting_t *group, const struct mp_suite_entry *e)
{
	put_text(group, "bench", e->bench);
	if (e->matrix)
		put_text(group, "values", "matrix");
	if (e->space != MP_SPACE_ANY)
		put_text(group, "space", e->space == MP_SPACE_USER ? "user" : "kernel");
	if (e->filter)
		put_text(group, "filter", e->filter);
	for (size_t i = 0; i < e->n_axes; i++)
		put_text(group, e->axes[i].axis, e->axes[i].values);
}

char *mp_suite_flat(const struct mp_suite *suite)
{
	config_setting_t *root, *cases;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	config_t config;

	if (!out)
		return NULL;
	config_init(&config);
	root = config_setting_add(config_root_setting(&config), "suite", CONFIG_TYPE_GROUP);
	if (suite->title)
		put_text(root, "title", suite->title);
	put_defaults(config_setting_add(root, "defaults", CONFIG_TYPE_GROUP), suite);
	cases = config_setting_add(root, "cases", CONFIG_TYPE_LIST);
	for (size_t i = 0; i < suite->n_entries; i++)
		put_entry(config_setting_add(cases, NULL, CONFIG_TYPE_GROUP), &suite->entries[i]);
	fprintf(out, "# %s\n", suite->name);
	config_write(&config, out);
	config_destroy(&config);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
