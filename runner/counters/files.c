/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counters in text files (/proc/vmstat, resctrl) and in getrusage(2). */
#include "runner/counters/internal.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "common/vec.h"

/* The sum of the values in lines "name value" whose name matches. -ENOENT without one. */
static int sum_fields(const char *text, const char *pattern, uint64_t *ret_sum)
{
	uint64_t sum = 0;
	bool any = false;

	while (*text) {
		char name[64];
		unsigned long long value;

		if (sscanf(text, "%63s %llu", name, &value) == 2 && mp_str_glob(pattern, name)) {
			sum += value;
			any = true;
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	*ret_sum = sum;
	return any ? 0 : -ENOENT;
}

static int read_one(const struct mp_counter_file *file, uint64_t *ret_value)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	int rc = mp_str_read_file(&text, file->path);

	if (rc)
		return rc;
	if (file->fields)
		return sum_fields(text.text, file->fields, ret_value);
	/* Words in place of a number: resctrl says Unavailable, Error, Unassigned. */
	if (!isdigit((unsigned char)text.text[0]))
		return -ENODATA;
	*ret_value = strtoull(text.text, NULL, 10);
	return 0;
}

int mp_counter_files_read(const struct mp_counter *counter, uint64_t *ret_sum)
{
	uint64_t sum = 0, value;

	for (size_t i = 0; i < counter->n_files; i++) {
		int rc = read_one(&counter->files[i], &value);

		if (rc)
			return rc;
		sum += value;
	}
	*ret_sum = sum;
	return counter->n_files ? 0 : -ENOENT;
}

static int add_file(struct mp_counter *c, const char *path, const char *fields,
		    struct mp_refusal *refusal)
{
	struct mp_counter_file *file =
		mp_vec_push((void **)&c->files, &c->n_files, &c->cap_files, sizeof(*file));

	if (file)
		file->path = strdup(path);
	if (file && fields)
		file->fields = strdup(fields);
	return file && file->path && (file->fields || !fields)
		       ? 0
		       : mp_refuse(refusal, -ENOMEM, "", "no memory");
}

static int encode_vmstat(struct mp_resolving *r, const char *fields, struct mp_counter *c,
			 struct mp_refusal *refusal)
{
	char path[512];
	uint64_t sum;
	int rc;

	snprintf(path, sizeof(path), "%s/vmstat", r->roots.proc);
	rc = add_file(c, path, fields, refusal);
	if (rc)
		return rc;
	rc = mp_counter_files_read(c, &sum);
	if (rc == -ENOENT && !access(path, F_OK))
		return mp_refuse(refusal, rc, "", "this kernel's vmstat has no %s", fields);
	return rc ? mp_refuse(refusal, rc, "", "cannot read '%s': %s", path, strerror(-rc)) : 0;
}

/* Is this thread listed in the group's file `tasks`? */
static bool holds_us(const char *folder)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char path[600], *end;

	snprintf(path, sizeof(path), "%s/tasks", folder);
	if (mp_str_read_file(&text, path))
		return false;
	for (const char *at = text.text; *at; at = end + strspn(end, "\n")) {
		if (strtol(at, &end, 10) == getpid())
			return true;
		if (end == at)
			break;
	}
	return false;
}

/* The monitoring group that this process is in: monitoring groups come before the control group above them. */
static bool find_group(const char *root, char *buf, size_t size)
{
	static const char *const levels[] = { "/*/mon_groups/*", "/mon_groups/*", "/*", "" };
	bool found = false;

	for (size_t i = 0; !found && i < sizeof(levels) / sizeof(levels[0]); i++) {
		glob_t folders = { 0 };
		char pattern[600];

		snprintf(pattern, sizeof(pattern), "%s%s", root, levels[i]);
		if (!glob(pattern, 0, NULL, &folders))
			for (size_t k = 0; !found && k < folders.gl_pathc; k++) {
				found = holds_us(folders.gl_pathv[k]);
				snprintf(buf, size, "%s", folders.gl_pathv[k]);
			}
		globfree(&folders);
	}
	return found;
}

static int encode_resctrl(struct mp_resolving *r, const char *file, struct mp_counter *c,
			  struct mp_refusal *refusal)
{
	static const char mount_it[] = "as root: mount -t resctrl resctrl /sys/fs/resctrl (servers "
				       "with RDT or QoS)";
	char folder[512], pattern[640];
	glob_t files = { 0 };
	uint64_t sum;
	int rc = 0;

	snprintf(pattern, sizeof(pattern), "%s/mon_data", r->roots.resctrl);
	if (access(pattern, F_OK))
		return mp_refuse(refusal, -ENOENT, mount_it, "resctrl is not mounted at '%s'",
				 r->roots.resctrl);
	if (!r->query->ops)
		snprintf(folder, sizeof(folder), "%s", r->roots.resctrl);
	else if (!find_group(r->roots.resctrl, folder, sizeof(folder)))
		return mp_refuse(refusal, -ENOENT, "",
				 "no group of resctrl at '%s' holds this process",
				 r->roots.resctrl);
	/* Directories of sub-NUMA clusters are parts of the one above them: one level is summed. */
	snprintf(pattern, sizeof(pattern), "%s/mon_data/mon_L3_*/%s", folder, file);
	if (glob(pattern, 0, NULL, &files))
		rc = mp_refuse(refusal, -ENOENT, "",
			       "no %s in '%s': this CPU monitors no bandwidth", file, folder);
	for (size_t i = 0; !rc && i < files.gl_pathc; i++)
		rc = add_file(c, files.gl_pathv[i], NULL, refusal);
	globfree(&files);
	if (rc)
		return rc;
	rc = mp_counter_files_read(c, &sum);
	if (rc)
		return mp_refuse(refusal, rc, "",
				 "a %s of '%s' holds no number (Unavailable, Error, Unassigned)",
				 file, folder);
	return 0;
}

int mp_encode_file(struct mp_resolving *r, const struct mp_counter_source *source,
		   struct mp_counter *counter, struct mp_refusal *refusal)
{
	const char *name = strchr(source->event, '/') + 1;

	mp_set_text(&counter->event, "%s", source->event);
	return *source->event == 'v' ? encode_vmstat(r, name, counter, refusal)
				     : encode_resctrl(r, name, counter, refusal);
}

int mp_encode_rusage(struct mp_resolving *r, const struct mp_counter_source *source,
		     struct mp_counter *counter, struct mp_refusal *refusal)
{
	uint64_t now;
	int rc = mp_rusage_read(source->event, &now);

	(void)r;
	mp_set_text(&counter->event, "getrusage/%s", source->event);
	return rc ? mp_refuse(refusal, rc, "", "getrusage has no field '%s'", source->event) : 0;
}
