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
#include "report/viewer/columns.h"

#define COLUMNS "results.columns ="

int mp_settings_load(const char *path, struct mp_view_show *show, struct mp_err *err)
{
	FILE *file = fopen(path, "re");
	char line[1024];

	if (!file)
		return errno == ENOENT ? 0
				       : mp_err_env(err, -errno, "cannot read settings '%s': %s",
						    path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		unsigned columns;

		if (strncmp(line, COLUMNS, strlen(COLUMNS)))
			continue;
		line[strcspn(line, "\r\n")] = '\0';
		columns = mp_columns_of(line + strlen(COLUMNS));
		show->columns = columns ? columns : show->columns;
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

int mp_settings_save(const char *path, const struct mp_view_show *show, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str names = MP_STR_INIT;
	FILE *file;
	bool fine;

	make_folders(path);
	mp_columns_names(show->columns, &names);
	file = fopen(path, "we");
	if (!file)
		return mp_err_env(err, -errno, "cannot remember the columns in '%s': %s", path,
				  strerror(errno));
	fine = fprintf(file, COLUMNS " %s\n", names.text) > 0;
	fine = !fclose(file) && fine;
	return fine ? 0
		    : mp_err_env(err, -EIO, "cannot remember the columns in '%s': %s", path,
				 strerror(errno));
}
