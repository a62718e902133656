/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the viewer remembers: see settings_file.h. */
#include "report/viewer/settings_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/input.h"
#include "common/output.h"
#include "report/viewer/columns.h"
#include "report/viewer/view_internal.h"

#define COLUMNS	 "results.columns ="
#define COUNTERS "results.counters ="
#define UNITS	 "results.units ="

/* What stands behind the name, or NULL: it is another line. */
static const char *value_of(const char *line, const char *name)
{
	size_t len = strlen(name);

	return strncmp(line, name, len) ? NULL : line + len + strspn(line + len, " ");
}

int mp_settings_load(const char *path, struct mp_view *view, struct mp_err *err)
{
	FILE *file = mp_input_open(path);
	char line[1024];

	if (!file)
		return errno == ENOENT ? 0
				       : mp_err_env(err, -errno, "cannot read settings '%s': %s",
						    path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		const char *value;

		line[strcspn(line, "\r\n")] = '\0';
		value = value_of(line, COLUMNS);
		if (value)
			mp_columns_read(value, &view->show);
		value = value_of(line, COUNTERS);
		if (value)
			mp_counter_cells_choose(&view->counters, value);
		value = value_of(line, UNITS);
		if (value)
			view->show.own_units = !strcmp(value, "own");
	}
	fclose(file);
	return 0;
}

/* The folders that the file is in. */
static void make_folders(const char *path)
{
	char folder[PATH_MAX];

	if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
		return;
	for (char *slash = folder; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(folder, 0777);
		*slash = '/';
	}
}

int mp_settings_save(const char *path, const struct mp_view *view, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str columns = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str counters = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

	make_folders(path);
	mp_columns_names(&view->show, &columns);
	mp_counter_cells_names(&view->counters, &counters);
	mp_str_printf(&text, COLUMNS " %s\n" COUNTERS " %s\n" UNITS " %s\n", columns.text,
		      counters.text, view->show.own_units ? "own" : "column");
	if (text.failed)
		return mp_err_env(err, -ENOMEM, "out of memory");
	return mp_output_write(path, text.text, text.len, err);
}
