/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of a run to JSON and back: see run_options.h. */
#include "cli/run_options.h"

#include "cli/args.h"
#include "cli/run_counters.h"
#include "common/cleanup.h"
#include "common/vec.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* What decides the measurement; the rest of run's options says where things go. */
static const char *const kept[] = { "suite",	   "bench", "filter",	"set",	   "budget",
				    "invocations", "clock", "no-aslr",	"timeout", "sabotage",
				    "place",	   "mem",   "counters", "setup" };

static bool is_kept(const char *name)
{
	for (size_t i = 0; i < MP_COUNT_OF(kept); i++)
		if (!strcmp(kept[i], name))
			return true;
	return false;
}

/* One option; false: out of memory. */
static bool keep(json_t *list, const char *name, const char *value)
{
	return value && !json_array_append_new(list, json_pack("[s, s]", name, value));
}

char *mp_run_options_json(const struct mp_args *args, uint64_t seed, const char *asked,
			  const struct mp_counter_group *group)
{
	const char *sabotage = mp_args_get(args, "sabotage");
	json_t *root = json_object(), *list = json_array();
	char number[32], *text = NULL;
	bool good = true;

	snprintf(number, sizeof(number), "%llu", (unsigned long long)seed);
	for (size_t i = 0; good && i < args->n_given; i++) {
		const char *name = args->given[i].name, *value = args->given[i].value;

		/* The cases are in the stored plan, whatever file they came from. */
		bool file = !strcmp(name, "suite") && mp_config_is_path(value);

		if (is_kept(name) && !file && strcmp(name, "counters") != 0)
			good = keep(list, name, value ? value : "");
	}
	if (asked) {
		MP_CLEANUP(mp_free_ptr) char *metrics = mp_run_counters_kept(asked, group);

		good = good && keep(list, "counters", metrics);
	}
	/* A 64-bit seed does not fit a JSON number everywhere. */
	json_object_set_new(root, "seed", json_string(number));
	json_object_set_new(root, "options", list);
	json_object_set_new(root, "sabotage", sabotage ? json_string(sabotage) : json_null());
	if (!json_object_set_new(root, "counters", mp_run_counters_json(group, asked)) && good)
		text = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	return text;
}

static const struct mp_option *find(const struct mp_cmd *cmd, const char *name)
{
	for (size_t i = 0; i < cmd->n_options; i++)
		if (is_kept(name) && !strcmp(cmd->options[i].name, name))
			return &cmd->options[i];
	return NULL;
}

int mp_run_options_parse(const struct mp_cmd *cmd, const char *json, struct mp_args *ret_args,
			 void **ret_text, uint64_t *ret_seed, struct mp_err *err)
{
	struct mp_args args = { .options = cmd->options, .n_options = cmd->n_options };
	json_t *root = json_loads(json, 0, NULL), *pair;
	const char *seed = json_string_value(json_object_get(root, "seed"));
	const json_t *list = json_object_get(root, "options");
	size_t i;

	if (!seed || !json_is_array(list))
		goto damaged;
	json_array_foreach(list, i, pair)
	{
		const char *name = json_string_value(json_array_get(pair, 0));
		const char *value = json_string_value(json_array_get(pair, 1));
		const struct mp_option *o = name ? find(cmd, name) : NULL;
		struct mp_given *given;

		if (!o || !value)
			goto damaged;
		given = mp_vec_push((void **)&args.given, &args.n_given, &args.cap_given,
				    sizeof(*given));
		if (!given)
			goto damaged;
		*given = (struct mp_given){ o->name, o->value ? value : NULL };
	}
	*ret_seed = strtoull(seed, NULL, 10);
	*ret_args = args;
	*ret_text = root;
	return 0;
damaged:
	mp_args_done(&args);
	json_decref(root);
	return mp_err_env(err, -EBADMSG,
			  "the stored options of the run cannot be read; start a new run");
}

void mp_run_options_done(struct mp_args *args, void *text)
{
	mp_args_done(args);
	json_decref(text);
}
