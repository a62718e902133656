/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings of a policy, read against one table: see policy.h. */
#include "runner/config/policy.h"

#include <errno.h>
#include <libconfig.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/vec.h"
#include "runner/config/internal.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum kind { TEXT, NUMBER, SHARE, CHANGE, YES_NO, GROUP, LIST };

struct setting {
	const char *group; /* NULL: of the policy itself */
	const char *key;
	enum kind kind;
	size_t at; /* in struct mp_policy; of a rule: in struct mp_policy_rule */
	const char *want; /* its form, for people */
};

#define AT(member)   offsetof(struct mp_policy, member)
#define RULE(member) offsetof(struct mp_policy_rule, member)
#define A_CHANGE     "a relative change from 0.0 to 10.0, such as 0.02"
#define A_SHARE	     "a share above 0.0 and up to 1.0, such as 0.05"
#define A_FLAG	     "true or false"

static const struct setting settings[] = {
	{ NULL, "title", TEXT, AT(title), "a text in quotes" },
	{ NULL, "q", SHARE, AT(q), A_SHARE },
	{ NULL, "invocations", NUMBER, AT(least), "a whole number from 4 to 1000" },
	{ NULL, "thresholds", GROUP, 0, "a group in braces" },
	{ NULL, "gate", GROUP, 0, "a group in braces" },
	{ NULL, "rules", LIST, 0, "a list of groups in parentheses" },
	{ "thresholds", "location", CHANGE, AT(at.location), A_CHANGE },
	{ "thresholds", "tail", CHANGE, AT(at.tail), A_CHANGE },
	{ "thresholds", "shape", CHANGE, AT(at.shape), A_CHANGE },
	{ "rules", "bench", TEXT, RULE(bench), "a benchmark or a pattern, such as \"mmap.*\"" },
	{ "rules", "location", CHANGE, RULE(at.location), A_CHANGE },
	{ "rules", "tail", CHANGE, RULE(at.tail), A_CHANGE },
	{ "rules", "shape", CHANGE, RULE(at.shape), A_CHANGE },
	{ "gate", "tail", YES_NO, AT(gate.tail), A_FLAG },
	{ "gate", "shape", YES_NO, AT(gate.shape), A_FLAG },
	{ "gate", "unsure", SHARE, AT(gate.unsure), A_SHARE },
	{ "gate", "missing", YES_NO, AT(gate.missing), A_FLAG },
};

struct reader {
	const char *path;
	struct mp_policy *policy;
	struct mp_err *err;
};

static bool belongs(const struct setting *s, const char *group)
{
	return group ? s->group && !strcmp(s->group, group) : !s->group;
}

static int wrong(const struct reader *r, const config_setting_t *s, const char *want)
{
	return mp_err_usage(r->err, -EINVAL, "%s:%u: '%s' wants %s", r->path,
			    (unsigned)config_setting_source_line(s), config_setting_name(s), want);
}

static int unknown(const struct reader *r, const config_setting_t *s, const char *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str list = MP_STR_INIT;
	const char *names[COUNT_OF(settings)], *near;
	size_t count = 0;

	for (size_t i = 0; i < COUNT_OF(settings); i++) {
		if (!belongs(&settings[i], group))
			continue;
		mp_str_printf(&list, "%s%s", count ? ", " : "", settings[i].key);
		names[count++] = settings[i].key;
	}
	near = mp_str_nearest(config_setting_name(s), names, count);
	return mp_err_usage(r->err, -EINVAL, "%s:%u: unknown setting '%s' in %s; %s%s%s", r->path,
			    (unsigned)config_setting_source_line(s), config_setting_name(s),
			    group ? group : "policy", near ? "did you mean '" : "it may hold ",
			    near ? near : list.text, near ? "'?" : "");
}

static int take_text(const struct reader *r, const config_setting_t *s, const struct setting *known,
		     char **text)
{
	const char *value = config_setting_get_string(s);
	char *copy;

	if (!value || !*value)
		return wrong(r, s, known->want);
	copy = strdup(value);
	if (!copy)
		return mp_config_no_memory(r->err);
	free(*text);
	*text = copy;
	return 0;
}

static int take_group(const struct reader *r, const config_setting_t *group, const char *name,
		      void *base);
static int take_rules(const struct reader *r, const config_setting_t *list);

static int take(const struct reader *r, const config_setting_t *s, const struct setting *known,
		void *base)
{
	void *at = (char *)base + known->at;
	double value = config_setting_get_float(s);
	int type = config_setting_type(s), number = config_setting_get_int(s);

	switch (known->kind) {
	case TEXT:
		return take_text(r, s, known, at);
	case NUMBER:
		if (type != CONFIG_TYPE_INT || number < MP_POLICY_LEAST || number > 1000)
			return wrong(r, s, known->want);
		*(unsigned *)at = (unsigned)number;
		return 0;
	case SHARE:
	case CHANGE:
		if (type != CONFIG_TYPE_FLOAT || !(value >= 0) ||
		    value > (known->kind == SHARE ? 1 : 10) || (known->kind == SHARE && value == 0))
			return wrong(r, s, known->want);
		*(double *)at = value;
		return 0;
	case YES_NO:
		if (type != CONFIG_TYPE_BOOL)
			return wrong(r, s, known->want);
		*(bool *)at = config_setting_get_bool(s);
		return 0;
	case GROUP:
		return config_setting_is_group(s) ? take_group(r, s, known->key, r->policy)
						  : wrong(r, s, known->want);
	case LIST:
		return config_setting_is_list(s) ? take_rules(r, s) : wrong(r, s, known->want);
	}
	return 0;
}

/* The settings of the policy (name NULL), of a group in it, or of a rule. */
static int take_group(const struct reader *r, const config_setting_t *group, const char *name,
		      void *base)
{
	int rc = 0;

	for (int i = 0; !rc && i < config_setting_length(group); i++) {
		const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
		size_t k = 0;

		while (k < COUNT_OF(settings) &&
		       !(belongs(&settings[k], name) &&
			 !strcmp(settings[k].key, config_setting_name(s))))
			k++;
		rc = k == COUNT_OF(settings) ? unknown(r, s, name) : take(r, s, &settings[k], base);
	}
	return rc;
}

static int take_rules(const struct reader *r, const config_setting_t *list)
{
	struct mp_policy *policy = r->policy;
	int rc = 0;

	for (int i = 0; !rc && i < config_setting_length(list); i++) {
		const config_setting_t *s = config_setting_get_elem(list, (unsigned)i);
		struct mp_policy_rule *rule = mp_vec_push((void **)&policy->rules, &policy->n_rules,
							  &policy->cap_rules, sizeof(*rule));

		if (!rule)
			return mp_config_no_memory(r->err);
		rule->at = (struct mp_thresholds){ NAN, NAN, NAN };
		if (!config_setting_is_group(s))
			return mp_err_usage(r->err, -EINVAL, "%s:%u: a rule is a group in braces",
					    r->path, (unsigned)config_setting_source_line(s));
		rc = take_group(r, s, "rules", rule);
		if (!rc && !rule->bench)
			rc = mp_err_usage(r->err, -EINVAL,
					  "%s:%u: a rule without 'bench'; name a benchmark or a "
					  "pattern, such as bench = \"mmap.*\"",
					  r->path, (unsigned)config_setting_source_line(s));
	}
	return rc;
}

static int parse(const struct reader *r, const char *text)
{
	const config_setting_t *policy;
	config_t config;
	int rc = 0;

	config_init(&config);
	if (!config_read_string(&config, text)) {
		rc = mp_err_usage(r->err, -EINVAL, "%s:%d: %s", r->path, config_error_line(&config),
				  config_error_text(&config));
		goto out;
	}
	policy = config_lookup(&config, "policy");
	if (!policy || !config_setting_is_group(policy) ||
	    config_setting_length(config_root_setting(&config)) != 1)
		rc = mp_err_usage(r->err, -EINVAL,
				  "%s: a policy is one group, 'policy: { ... };', and nothing else",
				  r->path);
	else
		rc = take_group(r, policy, NULL, r->policy);
out:
	config_destroy(&config);
	return rc;
}

/* The default policy under the file's name, "strict" of "policies/strict.cfg". */
static int start(const struct reader *r, const char *name_or_file)
{
	const char *slash = strrchr(r->path, '/'), *base = slash ? slash + 1 : r->path;
	size_t len = strlen(base);

	if (len > 4 && !strcmp(base + len - 4, ".cfg"))
		len -= 4;
	*r->policy = mp_policy_default;
	r->policy->name = strndup(base, len);
	r->policy->given = strdup(name_or_file);
	r->policy->title = strdup("");
	return r->policy->name && r->policy->given && r->policy->title
		       ? 0
		       : mp_config_no_memory(r->err);
}

static int unknown_policy(const char *name, const char *folder, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str list = MP_STR_INIT;
	const char *nearest;
	char **names;
	size_t count;
	int rc = mp_config_names(folder, &names, &count, err);

	if (rc)
		return mp_err_prefix(err, rc, "policy '%s'", name);
	for (size_t i = 0; i < count; i++)
		mp_str_printf(&list, "%s%s", i ? ", " : "", names[i]);
	nearest = mp_str_nearest(name, (const char *const *)names, count);
	rc = mp_err_usage(err, -ENOENT, "unknown policy '%s'; %s%s%sthere are %s", name,
			  nearest ? "did you mean '" : "", nearest ? nearest : "",
			  nearest ? "'? " : "", list.text);
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return rc;
}

/* The file of a policy's name. */
static int find(const char *name, char path[PATH_MAX], struct mp_err *err)
{
	char folder[PATH_MAX], given[PATH_MAX + 512];
	int rc = mp_config_folder(folder, sizeof(folder));

	if (rc)
		return mp_err_env(err, rc, "the configuration folder cannot be found: %s",
				  strerror(-rc));
	snprintf(given, sizeof(given), "%s/policies/%.255s.cfg", folder, name);
	/* Resolved, so that errors show a path that a person can open. */
	return realpath(given, path) ? 0 : unknown_policy(name, "policies", err);
}

int mp_policy_load(const char *name_or_file, struct mp_policy *ret_policy, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	MP_CLEANUP(mp_policy_done) struct mp_policy policy = { 0 };
	char path[PATH_MAX];
	const struct reader r = { .path = path, .policy = &policy, .err = err };
	int rc = 0;

	if (mp_config_is_path(name_or_file))
		snprintf(path, sizeof(path), "%s", name_or_file);
	else
		rc = find(name_or_file, path, err);
	if (!rc)
		rc = mp_config_read(path, "policy", &text, NULL, err);
	if (!rc)
		rc = start(&r, name_or_file);
	if (!rc)
		rc = parse(&r, text.text);
	if (rc)
		return rc;
	*ret_policy = policy;
	policy = (struct mp_policy){ 0 };
	return 0;
}
