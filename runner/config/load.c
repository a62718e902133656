/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds and reads suite files: names under the configuration folder, paths, includes of both kinds. Each
 * file is read once per suite, loops are refused with the chain that closes them, and whatever is not a
 * plain text file of a sensible size is refused before libconfig's scanner, which exits the process on a
 * read error, gets to see it.
 */
#include "runner/config/suite.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/input.h"
#include "common/str.h"
#include "common/vec.h"
#include "runner/config/internal.h"

#define DEPTH_MAX    8 /* levels of includes of either kind; libconfig's own limit is 10 */
#define FILE_MAX     (1024 * 1024) /* bytes of one file */
#define INCLUDES_MAX 100 /* @include lines of one suite: stops the doubling of nested ones */

bool mp_config_is_path(const char *name)
{
	size_t len = strlen(name);

	return strchr(name, '/') || (len > 4 && !strcmp(name + len - 4, ".cfg"));
}

/* The folder part of a path, "." when it has none. */
static void folder_of(const char *path, char buf[PATH_MAX])
{
	char *slash;

	snprintf(buf, PATH_MAX, "%s", path);
	slash = strrchr(buf, '/');
	if (!slash)
		snprintf(buf, PATH_MAX, ".");
	else if (slash == buf)
		buf[1] = '\0';
	else
		*slash = '\0';
}

/* A forgotten quote makes libconfig swallow the lines up to the next one and blame something far below: no
 * text of a suite runs over a line's end, so that is said where it begins. */
static int check_quotes(const char *path, const char *text, struct mp_err *err)
{
	unsigned line = 1, start;

	for (const char *at = text; *at; at++) {
		if (*at == '#' || !strncmp(at, "//", 2)) {
			at += strcspn(at, "\n") - 1;
		} else if (!strncmp(at, "/*", 2)) {
			start = line;
			for (at += 2; *at && strncmp(at, "*/", 2); at++)
				line += *at == '\n';
			if (!*at)
				return mp_err_usage(err, -EINVAL,
						    "%s:%u: a comment that no '*/' ends", path,
						    start);
			at++;
		} else if (*at == '"') {
			for (at++; *at && *at != '"' && *at != '\n'; at++)
				at += *at == '\\' && at[1] && at[1] != '\n';
			if (*at != '"')
				return mp_err_usage(err, -EINVAL,
						    "%s:%u: a text in quotes that does not end on "
						    "its line",
						    path, line);
		} else {
			line += *at == '\n';
		}
	}
	return 0;
}

static int read_text(const char *path, const char *what, struct mp_str *text, struct stat *ret_st,
		     struct mp_err *err)
{
	FILE *file = mp_input_open(path);
	char chunk[4096];
	size_t got;
	bool failed;

	if (!file && errno == EINVAL)
		return mp_err_usage(err, -EINVAL, "'%s' is not a regular file", path);
	if (!file)
		return mp_err_usage(err, -errno, "cannot read %s file '%s': %s", what, path,
				    strerror(errno));
	while (text->len <= FILE_MAX && (got = fread(chunk, 1, sizeof(chunk), file)))
		mp_str_add_len(text, chunk, got);
	failed = ferror(file) || (ret_st && fstat(fileno(file), ret_st));
	fclose(file);
	if (failed)
		return mp_err_usage(err, -EIO, "cannot read %s file '%s'", what, path);
	if (text->failed)
		return mp_config_no_memory(err);
	if (text->len > FILE_MAX)
		return mp_err_usage(err, -EFBIG, "'%s' is larger than a %s can be (1 MiB)", path,
				    what);
	if (memchr(text->text, '\0', text->len))
		return mp_err_usage(err, -EINVAL, "'%s' is not a text file", path);
	/* libconfig wants an end of line after a comment, also in the last line. */
	mp_str_addc(text, '\n');
	return text->failed ? mp_config_no_memory(err) : check_quotes(path, text->text, err);
}

/* What stands behind @include in that line, as libconfig recognises it (scanner.l): at its start. */
static bool includes(const char *line, char name[256])
{
	return sscanf(line + strspn(line, " \t"), "@include%*[ \t]\"%255[^\"\n]", name) == 1;
}

int mp_config_read(const char *path, const char *what, struct mp_str *text, struct stat *ret_st,
		   struct mp_err *err)
{
	int rc = read_text(path, what, text, ret_st, err);
	unsigned line = 1;
	char name[256];

	for (const char *at = rc ? "" : text->text; *at; line++) {
		if (includes(at, name))
			return mp_err_usage(err, -EINVAL,
					    "%s:%u: @include of '%s': only a suite includes files",
					    path, line, name);
		at = strchrnul(at, '\n');
		at += *at == '\n';
	}
	return rc;
}

/* The error of an include that leads back to a file that is being read, with the whole chain. */
static int loop_error(const struct mp_config_file *from, const char *key, const char *path,
		      struct mp_err *err)
{
	struct mp_str chain = MP_STR_INIT;
	int rc;

	for (const struct mp_config_file *f = from; f; f = f->parent) {
		mp_str_printf(&chain, ", included by '%s'", f->path);
		if (f->key && !strcmp(f->key, key))
			break;
	}
	rc = mp_err_usage(err, -ELOOP, "include loop: '%s'%s", path, chain.text);
	mp_str_done(&chain);
	return rc;
}

/* May `key` be read below `parent`? 0, or -ELOOP with a sentence. */
static int check_chain(const struct mp_config_file *parent, const char *key, const char *path,
		       struct mp_err *err)
{
	for (const struct mp_config_file *f = parent; f; f = f->parent)
		if (f->key && !strcmp(f->key, key))
			return loop_error(parent, key, path, err);
	if (parent && parent->depth + 1 >= DEPTH_MAX)
		return mp_err_usage(err, -ELOOP, "'%s': more than %d levels of includes", path,
				    DEPTH_MAX);
	return 0;
}

static int check_includes(struct mp_suite *suite, const struct mp_config_file *file,
			  const char *text, struct mp_err *err);

/* One file that an @include line names: it must be readable text and must not lead back. Its text is kept
 * with the run; libconfig reads it again by itself. */
static int check_include(struct mp_suite *suite, const struct mp_config_file *file,
			 const char *name, unsigned line, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char path[PATH_MAX + 256], key[PATH_MAX];
	struct mp_config_file inner = { .path = path,
					.folder = file->folder,
					.key = key,
					.parent = file,
					.depth = file->depth + 1 };
	int rc;

	if (++suite->includes > INCLUDES_MAX)
		return mp_err_usage(err, -ELOOP, "%s:%u: more than %d @include lines in one suite",
				    file->path, line, INCLUDES_MAX);
	if (name[0] == '/')
		snprintf(path, sizeof(path), "%s", name);
	else
		snprintf(path, sizeof(path), "%s/%s", file->folder, name);
	if (!realpath(path, key))
		return mp_err_usage(err, -errno, "%s:%u: cannot read '%s': %s", file->path, line,
				    path, strerror(errno));
	rc = check_chain(file, key, path, err);
	if (!rc)
		rc = read_text(path, "suite", &text, NULL, err);
	if (rc)
		return mp_err_prefix(err, rc, "%s:%u", file->path, line);
	if (mp_config_append(&suite->text, "", text.text))
		return mp_config_no_memory(err);
	return check_includes(suite, &inner, text.text, err);
}

/* Every line of the form @include "file": as libconfig recognises it, at the start of a line. */
static int check_includes(struct mp_suite *suite, const struct mp_config_file *file,
			  const char *text, struct mp_err *err)
{
	unsigned line = 1;
	int rc = 0;

	for (const char *at = text; !rc && *at; line++) {
		const char *end = strchrnul(at, '\n');
		char name[256];

		if (includes(at, name))
			rc = check_include(suite, file, name, line, err);
		at = *end ? end + 1 : end;
	}
	return rc;
}

static int load_text(struct mp_suite *suite, const struct mp_config_file *file, const char *text,
		     struct mp_err *err)
{
	const char *slash = strrchr(file->path, '/');
	MP_CLEANUP(mp_str_done) struct mp_str title = MP_STR_INIT;
	int rc;

	mp_str_printf(&title, "# %s\n", slash ? slash + 1 : file->path);
	if (title.failed || mp_config_append(&suite->text, "\n", title.text) ||
	    mp_config_append(&suite->text, "", text))
		return mp_config_no_memory(err);
	rc = check_includes(suite, file, text, err);
	return rc ? rc : mp_config_parse(suite, file, text, err);
}

/* Remembers a file as read; *ret_known: it was already. */
static int remember(struct mp_suite *suite, const char *key, bool *ret_known)
{
	char **slot, *copy;

	*ret_known = false;
	for (size_t i = 0; i < suite->n_files; i++) {
		if (strcmp(suite->files[i], key))
			continue;
		*ret_known = true;
		return 0;
	}
	copy = strdup(key);
	slot = copy ? mp_vec_push((void **)&suite->files, &suite->n_files, &suite->cap_files,
				  sizeof(*slot))
		    : NULL;
	if (!slot) {
		free(copy);
		return -ENOMEM;
	}
	*slot = copy;
	return 0;
}

static int load_file(struct mp_suite *suite, const char *path, const struct mp_config_file *parent,
		     struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char key[PATH_MAX], folder[PATH_MAX];
	struct mp_config_file file = { .path = path,
				       .folder = folder,
				       .key = key,
				       .parent = parent,
				       .depth = parent ? parent->depth + 1 : 0 };
	bool known;
	int rc;

	if (!realpath(path, key))
		return mp_err_usage(err, -errno, "cannot read suite file '%s': %s", path,
				    strerror(errno));
	folder_of(path, folder);
	rc = check_chain(parent, key, path, err);
	if (rc)
		return rc;
	if (remember(suite, key, &known))
		return mp_config_no_memory(err);
	if (known)
		return 0;
	rc = read_text(path, "suite", &text, NULL, err);
	return rc ? rc : load_text(suite, &file, text.text, err);
}

static int unknown_suite(const char *name, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str list = MP_STR_INIT;
	const char *nearest;
	char **names;
	size_t count;
	int rc = mp_suite_names(&names, &count, err);

	if (rc)
		return mp_err_prefix(err, rc, "suite '%s'", name);
	for (size_t i = 0; i < count; i++)
		mp_str_printf(&list, "%s%s", i ? ", " : "", names[i]);
	nearest = mp_str_nearest(name, (const char *const *)names, count);
	if (nearest)
		mp_err_usage(err, 0, "unknown suite '%s'; did you mean '%s'? (there are %s)", name,
			     nearest, list.text);
	else
		mp_err_usage(err, 0,
			     "unknown suite '%s'; there are %s; a file is named by its path", name,
			     count ? list.text : "none");
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return -ENOENT;
}

/* The file of a suite's name. */
static int find_suite(const char *name, char path[PATH_MAX], struct mp_err *err)
{
	char folder[PATH_MAX], given[PATH_MAX + 512];
	int rc = mp_config_folder(folder, sizeof(folder));

	if (rc)
		return mp_err_env(err, rc, "the configuration folder cannot be found: %s",
				  strerror(-rc));
	if (strlen(name) > 255)
		return unknown_suite(name, err);
	snprintf(given, sizeof(given), "%s/suites/%s.cfg", folder, name);
	/* Resolved, so that errors show a path that a person can open. */
	if (!realpath(given, path))
		return unknown_suite(name, err);
	return 0;
}

int mp_config_load(struct mp_suite *suite, const char *name_or_file,
		   const struct mp_config_file *parent, struct mp_err *err)
{
	char path[PATH_MAX];
	int used;

	if (!mp_config_is_path(name_or_file)) {
		int rc = find_suite(name_or_file, path, err);

		return rc ? rc : load_file(suite, path, parent, err);
	}
	if (!parent || name_or_file[0] == '/')
		return load_file(suite, name_or_file, parent, err);
	used = snprintf(path, sizeof(path), "%s/%s", parent->folder, name_or_file);
	if (used < 0 || (size_t)used >= sizeof(path))
		return mp_err_usage(err, -ENAMETOOLONG, "include '%.60s...': the path is too long",
				    name_or_file);
	return load_file(suite, path, parent, err);
}

/* "quick" of "suites/quick.cfg", joined with a plus to the suites before it. */
static int add_name(struct mp_suite *suite, const char *name_or_file)
{
	const char *slash = strrchr(name_or_file, '/');
	char name[256];
	size_t len;

	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : name_or_file);
	len = strlen(name);
	if (len > 4 && !strcmp(name + len - 4, ".cfg"))
		name[len - 4] = '\0';
	return mp_config_append(&suite->name, "+", name);
}

int mp_suite_load(struct mp_suite *suite, const char *name_or_file, struct mp_err *err)
{
	int rc;

	if (!*name_or_file)
		return mp_err_usage(err, -EINVAL, "--suite wants a name or a file");
	rc = mp_config_load(suite, name_or_file, NULL, err);
	if (!rc && add_name(suite, name_or_file))
		rc = mp_config_no_memory(err);
	return rc;
}

int mp_suite_load_text(struct mp_suite *suite, const char *text, const char *where,
		       const char *folder, struct mp_err *err)
{
	struct mp_config_file file = { .path = where, .folder = folder };
	int rc = check_quotes(where, text, err);

	if (!rc)
		rc = load_text(suite, &file, text, err);

	if (!rc && add_name(suite, where))
		rc = mp_config_no_memory(err);
	return rc;
}
