/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports of what is viewed: see export.h. */
#include "report/viewer/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "report/format/show.h"
#include "report/viewer/view_internal.h"

#define WIDE 120 /* columns of formats for people */

struct wanted {
	const struct mp_model *model;
	const struct mp_format *format;
};

/* Nothing is freed: the process ends with this. */
static int write_report(void *user, FILE *out, struct mp_err *err)
{
	const struct wanted *w = user;
	const struct mp_model_side *from = w->model->sides;
	const char *texts[2] = { from[0].name, from[1].name };
	struct mp_show show = { .format = w->format, .wide = WIDE, .all = true };
	struct mp_str text = MP_STR_INIT;
	struct mp_comparison comparison;
	struct mp_side sides[2];
	int rc;

	if (w->model->n_sides == 2) {
		rc = mp_side_open_all(texts, 2, MP_SIDE_COMPARE, sides, err);
		if (!rc)
			rc = mp_compare(&sides[0], &sides[1], &w->model->options, &comparison, err);
		if (rc)
			return rc;
		rc = mp_show_comparison(&comparison, &show, &text);
	} else {
		rc = mp_side_open(texts[0], MP_SIDE_REPORT, &sides[0], &show.matches, err);
		if (rc)
			return rc;
		rc = mp_show_run(&sides[0], &show, &text);
	}
	if (rc)
		return mp_err_env(err, rc, "the report cannot be written: %s", strerror(-rc));
	fwrite(text.text, 1, text.len, out);
	return 0;
}

/* A new file alone. 0 or negative errno. */
static int copy_to(const char *path, int from)
{
	MP_CLEANUP(mp_close_fd)
	int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	char bytes[65536];
	ssize_t got;

	if (to < 0)
		return -errno;
	for (off_t at = 0; (got = pread(from, bytes, sizeof(bytes), at)) > 0; at += got) {
		errno = 0;
		if (write(to, bytes, (size_t)got) != got)
			return errno ? -errno : -EIO;
	}
	return got ? -errno : 0;
}

static void done(struct mp_view *view, void *state, int file, const struct mp_err *err)
{
	MP_CLEANUP(mp_close_fd) int own = file;
	int rc;

	(void)state;
	if (own < 0) {
		mp_view_fail(view, -EIO, err);
		return;
	}
	rc = copy_to(view->export_path, own);
	if (rc) {
		struct mp_err why;

		if (rc != -EEXIST)
			unlink(view->export_path);
		mp_err_env(&why, rc, "cannot write '%s': %s", view->export_path, strerror(-rc));
		mp_view_fail(view, rc, &why);
		return;
	}
	mp_view_say(view, "exported as %s", view->export_path);
}

int mp_export_new(struct mp_view *view, const char *path,
		  int (*work)(void *user, FILE *out, struct mp_err *err), void *user,
		  struct mp_err *err)
{
	if (strlen(path) >= sizeof(view->export_path))
		return mp_err_usage(err, -ENAMETOOLONG, "the file's name is too long");
	if (!access(path, F_OK))
		return mp_err_usage(err, -EEXIST, "'%s' exists; choose another name", path);
	snprintf(view->export_path, sizeof(view->export_path), "%s", path);
	mp_view_say(view, "writing %s", path);
	return mp_view_job(view, mp_screen_find("results"), work, user, done);
}

const char *mp_export_format(const char *arguments, const struct mp_format **ret_format)
{
	size_t len = strcspn(arguments, " \t");
	const char *path = arguments + len + strspn(arguments + len, " \t");
	char name[32];

	snprintf(name, sizeof(name), "%.*s", (int)len, arguments);
	*ret_format = mp_format_find(name);
	return *ret_format && *path ? path : NULL;
}

int mp_view_export(struct mp_view *view, const char *arguments, struct mp_err *err)
{
	struct wanted w = { .model = &view->model };
	const char *path = mp_export_format(arguments, &w.format);
	MP_CLEANUP(mp_str_done) struct mp_str names = MP_STR_INIT;

	mp_format_names(&names);
	if (!path)
		return mp_err_usage(err, -EINVAL, "export wants FORMAT FILE; formats are %s",
				    names.text);
	return mp_export_new(view, path, write_report, &w, err);
}
