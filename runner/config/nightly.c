/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings of a night, read against one table: see nightly.h. */
#include "runner/config/nightly.h"

#include <errno.h>
#include <libconfig.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/filter.h"
#include "common/units.h"
#include "common/vec.h"
#include "runner/config/countergroup.h"
#include "runner/config/internal.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum kind { TEXT, TEXTS, FILTER, COUNTERS, TIME, NUMBER, SHARE };

struct setting {
	const char *group; /* NULL: of the night itself */
	const char *key;
	enum kind kind;
	size_t at; /* in struct mp_nightly */
	int min, max; /* NUMBER */
	const char *want; /* its form, for people */
};

#define AT(member) offsetof(struct mp_nightly, member)
#define NIGHTS	   "a whole number of nights from 0 (all are kept) to 10000"

static const struct setting settings[] = {
	{ NULL, "suite", TEXTS, AT(suites), 0, 0, "names of suites, such as [\"nightly\"]" },
	{ NULL, "filter", FILTER, AT(filter), 0, 0, "an expression, such as \"size <= 2M\"" },
	{ NULL, "database", TEXT, AT(database), 0, 0, "a file in quotes, such as \"night.db\"" },
	{ NULL, "budget", TIME, AT(budget), 0, 0, "a time in quotes, such as \"30m\"" },
	{ NULL, "invocations", NUMBER, AT(invocations), 1, 1000, "a whole number from 1 to 1000" },
	{ NULL, "counters", COUNTERS, AT(counters), 0, 0,
	  "a group, metrics with commas, or none, such as \"memory\"" },
	{ NULL, "notify", TEXTS, AT(notify), 0, 0,
	  "a command and its arguments, such as [\"mail\", \"-s\", \"memperf\", \"root\"]" },
	{ "judge", "baseline", TEXT, AT(baseline), 0, 0, "a name in quotes, such as \"default\"" },
	{ "judge", "least_nights", NUMBER, AT(least_nights), 3, 60, "a whole number from 3 to 60" },
	{ "judge", "least_calm", SHARE, AT(least_calm), 0, 0, "a share from 0.0 to 1.0" },
	{ "judge", "most_together", SHARE, AT(most_together), 0, 0, "a share from 0.0 to 1.0" },
	{ "confirm", "invocations", NUMBER, AT(confirm_invocations), 6, 100,
	  "a whole number from 6 to 100" },
	{ "confirm", "budget", TIME, AT(confirm_budget), 0, 0,
	  "a time in quotes, such as \"15m\"" },
	{ "confirm", "controls", NUMBER, AT(confirm_controls), 0, 20,
	  "a whole number from 0 to 20" },
	{ "confirm", "most", NUMBER, AT(confirm_most), 1, 1000, "a whole number from 1 to 1000" },
	{ "reports", "folder", TEXT, AT(folder), 0, 0, "a folder in quotes" },
	{ "reports", "formats", TEXTS, AT(formats), 0, 0,
	  "names of formats, such as [\"text\", \"html\"]" },
	{ "keep", "raw", NUMBER, AT(keep_raw), 0, 10000, NIGHTS },
	{ "keep", "runs", NUMBER, AT(keep_runs), 0, 10000, NIGHTS },
};

static const char *const groups[] = { "judge", "confirm", "reports", "keep" };

struct reader {
	const char *path;
	struct mp_nightly *nightly;
	struct mp_err *err;
};

static int wrong(const struct reader *r, const config_setting_t *s, const char *want)
{
	return mp_err_usage(r->err, -EINVAL, "%s:%u: '%s' wants %s", r->path,
			    (unsigned)config_setting_source_line(s), config_setting_name(s), want);
}

static int set_text(const struct reader *r, char **text, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return mp_config_no_memory(r->err);
	free(*text);
	*text = copy;
	return 0;
}

static char **add_slot(struct mp_texts *texts)
{
	return mp_vec_push((void **)&texts->items, &texts->count, &texts->cap, sizeof(char *));
}

/* Behind the last one stands NULL, which is not counted: the list may be the argv of a command. */
static int push_text(const struct reader *r, struct mp_texts *texts, const char *value)
{
	char **slot = add_slot(texts);

	if (!slot)
		return mp_config_no_memory(r->err);
	*slot = strdup(value);
	if (!*slot || !add_slot(texts))
		return mp_config_no_memory(r->err);
	texts->items[--texts->count] = NULL;
	return 0;
}

static void clear_texts(struct mp_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->items[i]);
	free(texts->items);
	*texts = (struct mp_texts){ 0 };
}

/* A list of texts, or one alone. */
static int take_texts(const struct reader *r, const config_setting_t *s, struct mp_texts *texts,
		      const char *want)
{
	const char *alone = config_setting_get_string(s);
	int rc = 0;

	if (!alone && !config_setting_is_aggregate(s))
		return wrong(r, s, want);
	clear_texts(texts);
	if (alone)
		return push_text(r, texts, alone);
	for (int i = 0; !rc && i < config_setting_length(s); i++) {
		const char *item = config_setting_get_string_elem(s, i);

		rc = item && *item ? push_text(r, texts, item) : wrong(r, s, want);
	}
	return rc;
}

static int take_text(const struct reader *r, const config_setting_t *s, const struct setting *known,
		     char **text)
{
	const char *value = config_setting_get_string(s);
	struct mp_counter_group group;
	struct mp_filter *filter;
	uint64_t ns;
	int rc = 0;

	if (!value || !*value)
		return wrong(r, s, known->want);
	if (known->kind == TIME && (mp_duration_parse(value, &ns) || !ns || ns > MP_BUDGET_MAX_NS))
		return wrong(r, s, known->want);
	if (known->kind == FILTER) {
		rc = mp_filter_parse(value, &filter, r->err);
		if (!rc)
			mp_filter_free(filter);
	} else if (known->kind == COUNTERS) {
		rc = mp_counter_group_choose(value, &group, r->err);
		if (!rc)
			mp_counter_group_done(&group);
	}
	if (rc)
		return mp_err_prefix(r->err, rc, "%s:%u", r->path,
				     (unsigned)config_setting_source_line(s));
	return set_text(r, text, value);
}

static int take(const struct reader *r, const config_setting_t *s, const struct setting *known)
{
	void *at = (char *)r->nightly + known->at;
	double share;
	int number;

	switch (known->kind) {
	case TEXTS:
		return take_texts(r, s, at, known->want);
	case TEXT:
	case FILTER:
	case COUNTERS:
	case TIME:
		return take_text(r, s, known, at);
	case NUMBER:
		number = config_setting_get_int(s);
		if (config_setting_type(s) != CONFIG_TYPE_INT || number < known->min ||
		    number > known->max)
			return wrong(r, s, known->want);
		*(unsigned *)at = (unsigned)number;
		return 0;
	case SHARE:
		share = config_setting_get_float(s);
		if (config_setting_type(s) != CONFIG_TYPE_FLOAT || !(share >= 0 && share <= 1))
			return wrong(r, s, known->want);
		*(double *)at = share;
		return 0;
	}
	return 0;
}

static bool in_group(const struct setting *s, const char *group)
{
	return !strcmp(s->group ? s->group : "", group ? group : "");
}

static int unknown(const struct reader *r, const config_setting_t *s, const char *group)
{
	const char *names[COUNT_OF(settings) + COUNT_OF(groups)], *near;
	const char *name = config_setting_name(s);
	size_t count = 0;

	for (size_t i = 0; i < COUNT_OF(settings); i++) {
		if (in_group(&settings[i], group))
			names[count++] = settings[i].key;
	}
	for (size_t i = 0; !group && i < COUNT_OF(groups); i++)
		names[count++] = groups[i];
	near = mp_str_nearest(name, names, count);
	return mp_err_usage(r->err, -EINVAL, "%s:%u: unknown setting '%s' in %s; %s%s%s", r->path,
			    (unsigned)config_setting_source_line(s), name,
			    group ? group : "nightly",
			    near ? "did you mean '" : "configs/nightly.cfg shows all of them",
			    near ? near : "", near ? "'?" : "");
}

/* The settings of the night, or of one group in it. */
static int take_group(const struct reader *r, const config_setting_t *group, const char *name)
{
	int rc = 0;

	if (!config_setting_is_group(group))
		return wrong(r, group, "a group in braces");
	for (int i = 0; !rc && i < config_setting_length(group); i++) {
		const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
		const char *key = config_setting_name(s);
		const struct setting *known = NULL;
		bool inner = false;

		for (size_t k = 0; k < COUNT_OF(settings); k++) {
			if (!strcmp(settings[k].key, key) && in_group(&settings[k], name))
				known = &settings[k];
		}
		for (size_t k = 0; !name && k < COUNT_OF(groups); k++)
			inner = inner || !strcmp(groups[k], key);
		rc = known   ? take(r, s, known)
		     : inner ? take_group(r, s, key)
			     : unknown(r, s, name);
	}
	return rc;
}

static int parse(const struct reader *r, const char *text)
{
	const config_setting_t *root, *night;
	config_t config;
	int rc;

	config_init(&config);
	if (!config_read_string(&config, text)) {
		rc = mp_err_usage(r->err, -EINVAL,
				  "%s:%d: %s; a setting is name = value; and texts stand in quotes",
				  r->path, config_error_line(&config), config_error_text(&config));
		config_destroy(&config);
		return rc;
	}
	root = config_root_setting(&config);
	night = config_setting_get_member(root, "nightly");
	if (!night || config_setting_length(root) != 1)
		rc = mp_err_usage(r->err, -EINVAL,
				  "%s:1: a nightly configuration is one group 'nightly: { ... };'",
				  r->path);
	else
		rc = take_group(r, night, NULL);
	config_destroy(&config);
	return rc;
}

static int defaults(const struct reader *r)
{
	struct mp_nightly *n = r->nightly;
	int rc = push_text(r, &n->suites, "nightly");

	n->least_nights = 10;
	n->least_calm = 0.1;
	n->most_together = 0.5;
	n->confirm_invocations = 10;
	n->confirm_controls = 3;
	n->confirm_most = 30;
	if (!rc)
		rc = push_text(r, &n->formats, "text");
	if (!rc)
		rc = set_text(r, &n->baseline, "default");
	return rc ? rc : set_text(r, &n->confirm_budget, "15m");
}

/* "night" of "configs/night.cfg". */
static int take_name(const struct reader *r)
{
	const char *slash = strrchr(r->path, '/');
	const char *base = slash ? slash + 1 : r->path;
	size_t len = strlen(base);

	if (len > 4 && !strcmp(base + len - 4, ".cfg"))
		len -= 4;
	r->nightly->name = strndup(base, len);
	return r->nightly->name ? 0 : mp_config_no_memory(r->err);
}

/* What it names to notify is run: by root only where nobody else can change the file, as cron(8) and logrotate(8) have it. */
static int check_owner(const struct reader *r, const struct stat *st)
{
	if (!r->nightly->notify.count || geteuid())
		return 0;
	if (!st->st_uid && !(st->st_mode & S_IWOTH) && (!st->st_gid || !(st->st_mode & S_IWGRP)))
		return 0;
	return mp_err_usage(r->err, -EACCES,
			    "'%s' names a program to notify, which root would run, and others can "
			    "change it: chown root and chmod go-w",
			    r->path);
}

int mp_nightly_load(const char *name_or_file, struct mp_nightly *ret_nightly, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	MP_CLEANUP(mp_nightly_done) struct mp_nightly nightly = { 0 };
	char folder[PATH_MAX], path[PATH_MAX + 300];
	struct stat st;
	const struct reader r = { .path = path, .nightly = &nightly, .err = err };
	int rc = 0;

	if (!mp_config_is_path(name_or_file))
		rc = mp_config_folder(folder, sizeof(folder));
	if (rc)
		return mp_err_env(err, rc, "the configuration folder cannot be found: %s",
				  strerror(-rc));
	if (mp_config_is_path(name_or_file))
		snprintf(path, sizeof(path), "%s", name_or_file);
	else
		snprintf(path, sizeof(path), "%s/%.255s.cfg", folder, name_or_file);
	rc = mp_config_read(path, "nightly", &text, &st, err);
	if (!rc)
		rc = take_name(&r);
	if (!rc)
		rc = defaults(&r);
	if (!rc)
		rc = parse(&r, text.text);
	if (!rc)
		rc = check_owner(&r, &st);
	if (rc)
		return rc;
	*ret_nightly = nightly;
	nightly = (struct mp_nightly){ 0 };
	return 0;
}

void mp_nightly_done(struct mp_nightly *nightly)
{
	clear_texts(&nightly->suites);
	clear_texts(&nightly->formats);
	clear_texts(&nightly->notify);
	free(nightly->name);
	free(nightly->filter);
	free(nightly->database);
	free(nightly->budget);
	free(nightly->counters);
	free(nightly->baseline);
	free(nightly->confirm_budget);
	free(nightly->folder);
	*nightly = (struct mp_nightly){ 0 };
}
