/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marked cases: listed alone, exported, measured again, compared with each other: see marked.h. */
#include "report/viewer/marked.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "report/viewer/export.h"
#include "report/viewer/view_internal.h"

/* "memperf run --bench mmap.anon/size=2M", a line for each. */
static void commands(const struct mp_view *view, struct mp_str *out)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	struct mp_row row;

	for (size_t at = mp_index_next_mark(x, 0); at != SIZE_MAX;
	     at = mp_index_next_mark(x, at + 1)) {
		if (mp_rows_get(x->rows, at, &row))
			continue;
		mp_str_printf(out, "memperf run --bench %s\n", row.text);
	}
}

static void list_alone(struct mp_view *view)
{
	struct mp_index *x = &mp_view_model(view)->index;
	char key[MP_KEY_NAME_LEN];

	mp_index_only_marked(x, !x->only_marked);
	if (x->only_marked)
		mp_view_say(view, "the marked cases; %s lists the others, too",
			    mp_view_key(view, "results", "no-filter", key));
	else
		mp_view_say(view, "what is not marked, too");
}

static void copy_commands(struct mp_view *view)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

	commands(view, &text);
	mp_view_copy_text(view, text.text);
}

static int save_script(struct mp_view *view, const char *path)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	MP_CLEANUP(mp_close_fd) int to = -1;
	struct mp_err err;

	mp_str_add(&text, "#!/bin/sh -e\n");
	commands(view, &text);
	to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0777);
	if (to < 0 || write(to, text.text, text.len) != (ssize_t)text.len) {
		mp_err_env(&err, -EIO, "cannot write '%s': %s", path, strerror(errno));
		return mp_view_fail(view, -EIO, &err);
	}
	mp_view_say(view, "saved as %s", path);
	return 0;
}

static void save_commands(struct mp_view *view)
{
	mp_view_prompt(view, "save the commands as", "again.sh", "a new file", save_script);
}

static int export_rows(struct mp_view *view, const char *text)
{
	struct mp_err err;
	int rc = mp_view_export_rows(view, text, &err);

	return rc ? mp_view_fail(view, rc, &err) : 0;
}

static void export_marked(struct mp_view *view)
{
	mp_view_prompt(view, "export the rows as", "csv marked.csv",
		       "FORMAT FILE: text, markdown, csv, json", export_rows);
}

bool mp_marked_two(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = "two cases are to be marked, with {results.mark}";
	return mp_view_model(view)->index.n_marks == 2;
}

int mp_marked_compare(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	return mp_view_open(view, "versus");
}

static void compare(struct mp_view *view)
{
	mp_marked_compare(view, NULL, 0);
}

bool mp_marked_any(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = "nothing is marked; {results.mark} marks the selected case";
	return mp_view_model(view)->index.n_marks > 0;
}

int mp_marked_clear(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	mp_index_unmark(&mp_view_model(view)->index);
	mp_view_say(view, "nothing is marked");
	return 0;
}

static void unmark(struct mp_view *view)
{
	mp_marked_clear(view, NULL, 0);
}

static const struct {
	const char *words;
	void (*run)(struct mp_view *view);
} acts[] = {
	{ "list them alone, or all again", list_alone },
	{ "export their rows as a table", export_marked },
	{ "copy the commands that measure them again", copy_commands },
	{ "save those commands as a script", save_commands },
	{ "compare two of them with each other", compare },
	{ "take all marks away", unmark },
};

static void item(const struct mp_view *view, size_t index, struct mp_str *out)
{
	(void)view;
	mp_str_add(out, acts[index].words);
}

static void chosen(struct mp_view *view, size_t index)
{
	acts[index].run(view);
}

int mp_marked_choose(struct mp_view *view, void *state, int with)
{
	const struct mp_choice choice = { .title = " the marked cases",
					  .count = sizeof(acts) / sizeof(acts[0]),
					  .item = item,
					  .chosen = chosen };

	(void)state;
	(void)with;
	mp_view_choose(view, &choice);
	return 0;
}
