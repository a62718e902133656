/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which settings make a machine quiet, and how they are set and put back: see tune.h. Never among them: the random layout of
 * address spaces (its absence is a bias), swappiness and the other settings that a benchmark is there to measure.
 */
#include "runner/machine/tune.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "common/vec.h"
#include "runner/machine/facthelp.h"
#include "runner/machine/tune_internal.h"

#define CPU "/sys/devices/system/cpu/"

/* When a setting is changed. */
enum rule {
	ALWAYS, /* it has another value */
	IF_OFFERED, /* and the file `offers`, beside it, lists the new one */
	IF_ABOVE, /* it is a larger number */
	IF_ONE, /* it is 1, not yet another state */
	IF_ASKED, /* the caller named a value */
};

/* In the order of application. Undo goes the other way: a driver refuses the preference while the governor is "performance". */
static const struct {
	const char *name, *path, *value, *offers;
	enum rule rule;
	const char *why;
} settings[] = {
	{ "energy preference", CPU "cpufreq/policy*/energy_performance_preference", "performance",
	  "energy_performance_available_preferences", IF_OFFERED,
	  "the processor itself chooses its frequency by it" },
	{ "governor", CPU "cpufreq/policy*/scaling_governor", "performance",
	  "scaling_available_governors", IF_OFFERED, "else the frequency follows the load" },
	{ "turbo", CPU "intel_pstate/no_turbo", "1", NULL, ALWAYS,
	  "with turbo the speed depends on heat and neighbours" },
	{ "turbo", CPU "cpufreq/boost", "0", NULL, ALWAYS,
	  "with turbo the speed depends on heat and neighbours" },
	{ "transparent huge pages", "/sys/kernel/mm/transparent_hugepage/enabled", NULL, NULL,
	  IF_ASKED, "as asked by --thp" },
	{ "page merging", "/sys/kernel/mm/ksm/run", "0", NULL, IF_ONE,
	  "pages are scanned in the background; what is merged stays" },
	{ "numa balancing", "/proc/sys/kernel/numa_balancing", "0", NULL, ALWAYS,
	  "hinting faults and migrations fall into the samples" },
	{ "nmi watchdog", "/proc/sys/kernel/nmi_watchdog", "0", NULL, ALWAYS,
	  "it interrupts every CPU and holds one of its counters" },
	{ "perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid", "0", NULL, IF_ABOVE,
	  "above 1 users count nothing of the kernel, above 0 no memory controller" },
};

const char *mp_tune_outcome_name(enum mp_tune_outcome outcome)
{
	static const char *const names[] = { "done", "was as before", "left: set by somebody else",
					     "failed" };

	return names[outcome];
}

int mp_tune_recognise(struct mp_change *change)
{
	for (size_t i = 0; i < MP_COUNT(settings); i++) {
		if (fnmatch(settings[i].path, change->path, FNM_PATHNAME | FNM_PERIOD) ||
		    strstr(change->path, ".."))
			continue;
		change->name = settings[i].name;
		change->why = settings[i].why;
		return 0;
	}
	return -EINVAL;
}

/* The value in force: the word in brackets, or the first line. */
static int read_value(const char *root, const char *path, char value[64])
{
	return mp_sysfile_choice(root, value, 64, "%s", path)
		       ? mp_sysfile_line(root, value, 64, "%s", path)
		       : 0;
}

/* Opens what is there and makes nothing; one write, as the kernel's files want it. */
static int write_value(const char *root, const char *path, const char *value)
{
	char full[MP_SYSFILE_PATH], text[80], now[64];
	int len = snprintf(text, sizeof(text), "%s\n", value), fd, err = 0;

	if (snprintf(full, sizeof(full), "%s%s", root, path) >= (int)sizeof(full))
		return -ENAMETOOLONG;
	fd = open(full, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, (size_t)len) != len)
		err = errno ? -errno : -EIO;
	if (close(fd) && !err)
		err = -errno;
	if (!err)
		err = read_value(root, path, now);
	/* Some drivers take a write and keep their value. */
	return err ? err : strcmp(now, value) ? -EBUSY : 0;
}

static bool offers(const char *root, const char *path, const char *file, const char *value)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	int folder = (int)(strrchr(path, '/') - path);
	char *rest, *word;

	if (mp_sysfile_read(root, &text, "%.*s/%s", folder, path, file) || !text.len)
		return false;
	rest = text.text;
	while ((word = strsep(&rest, " \n[]"))) {
		if (!strcmp(word, value))
			return true;
	}
	return false;
}

static bool wants(const char *root, size_t setting, const char *path, const char *now,
		  const char *value)
{
	if (!strcmp(now, value))
		return false;
	switch (settings[setting].rule) {
	case IF_OFFERED:
		return offers(root, path, settings[setting].offers, value);
	case IF_ABOVE:
		return atoi(now) > atoi(value);
	case IF_ONE:
		return !strcmp(now, "1");
	case ALWAYS:
	case IF_ASKED:
		break;
	}
	return true;
}

struct plan {
	struct mp_change *changes;
	size_t n, cap;
};

/* Adds the change of one file, when there is one to make. */
static int consider(const char *root, size_t setting, const char *path, const char *value,
		    struct plan *plan)
{
	struct mp_change *slot;
	char now[64];

	if (read_value(root, path, now) || !wants(root, setting, path, now, value))
		return 0;
	slot = mp_vec_push((void **)&plan->changes, &plan->n, &plan->cap, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slot = (struct mp_change){ .name = settings[setting].name, .why = settings[setting].why };
	snprintf(slot->path, sizeof(slot->path), "%s", path);
	snprintf(slot->before, sizeof(slot->before), "%s", now);
	snprintf(slot->after, sizeof(slot->after), "%s", value);
	return 0;
}

/* One setting in all the files that hold it. */
static int consider_all(const char *root, size_t setting, const char *value, struct plan *plan)
{
	char pattern[MP_SYSFILE_PATH];
	size_t skip = strlen(root);
	glob_t found;
	int err = 0;

	if (snprintf(pattern, sizeof(pattern), "%s%s", root, settings[setting].path) >=
	    (int)sizeof(pattern))
		return -ENAMETOOLONG;
	switch (glob(pattern, 0, NULL, &found)) {
	case 0:
		break;
	case GLOB_NOSPACE:
		return -ENOMEM;
	default:
		return 0;
	}
	for (size_t i = 0; !err && i < found.gl_pathc; i++)
		err = consider(root, setting, found.gl_pathv[i] + skip, value, plan);
	globfree(&found);
	return err;
}

int mp_tune_plan(const char *root, const char *thp, struct mp_change **ret_changes, size_t *ret_n,
		 struct mp_err *err)
{
	struct plan plan = { .changes = NULL };
	int code = 0;

	for (size_t i = 0; !code && i < MP_COUNT(settings); i++) {
		const char *value = settings[i].rule == IF_ASKED ? thp : settings[i].value;

		if (!value)
			continue;
		if (settings[i].rule == IF_ASKED &&
		    !offers(root, settings[i].path, strrchr(settings[i].path, '/') + 1, value)) {
			free(plan.changes);
			return mp_err_usage(err, -EINVAL,
					    "--thp '%s': this kernel offers the words of '%s'",
					    value, settings[i].path);
		}
		code = consider_all(root, i, value, &plan);
	}
	if (code) {
		free(plan.changes);
		return mp_err_env(err, code, "no memory for the list of changes");
	}
	*ret_changes = plan.changes;
	*ret_n = plan.n;
	return 0;
}

static struct mp_change *find(struct mp_change *changes, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(changes[i].path, path))
			return &changes[i];
	}
	return NULL;
}

/*
 * What is to be undone after these changes: those of an earlier record, with the value from before all of them, and the new
 * ones behind. A file that somebody else has set since begins anew with the value it has now.
 */
static int merge(const char *state, const struct mp_change *changes, size_t n, struct plan *plan,
		 struct mp_err *err)
{
	int code = mp_tune_record_read(state, &plan->changes, &plan->n, err);

	if (code && code != -ENOENT)
		return code;
	plan->cap = plan->n;
	for (size_t i = 0; i < n; i++) {
		struct mp_change *old = find(plan->changes, plan->n, changes[i].path);

		if (!old) {
			old = mp_vec_push((void **)&plan->changes, &plan->n, &plan->cap,
					  sizeof(*old));
			if (!old)
				return mp_err_env(err, -ENOMEM, "no memory for the undo record");
			*old = changes[i];
		} else if (!strcmp(old->after, changes[i].before)) {
			strcpy(old->after, changes[i].after);
		} else {
			*old = changes[i];
		}
	}
	return 0;
}

int mp_tune_apply(const char *root, const char *state, const struct mp_change *changes, size_t n,
		  mp_tune_each *each, void *user, struct mp_err *err)
{
	struct plan plan = { .changes = NULL };
	int code;

	if (!n)
		return 0;
	code = merge(state, changes, n, &plan, err);
	if (!code)
		code = mp_tune_record_write(state, plan.changes, plan.n, err);
	free(plan.changes);
	for (size_t i = 0; !code && i < n; i++) {
		int failed = write_value(root, changes[i].path, changes[i].after);

		each(user, &changes[i], failed ? MP_TUNE_FAILED : MP_TUNE_DONE, failed);
	}
	return code;
}

static enum mp_tune_outcome put_back(const char *root, const struct mp_change *change, int *ret_err)
{
	char now[64];

	*ret_err = read_value(root, change->path, now);
	/* A CPU that went, a module that was unloaded: there is nothing to put back. */
	if (*ret_err == -ENOENT)
		return MP_TUNE_FOREIGN;
	if (*ret_err)
		return MP_TUNE_FAILED;
	if (!strcmp(now, change->before))
		return MP_TUNE_KEPT;
	if (strcmp(now, change->after))
		return MP_TUNE_FOREIGN;
	*ret_err = write_value(root, change->path, change->before);
	return *ret_err ? MP_TUNE_FAILED : MP_TUNE_DONE;
}

int mp_tune_undo(const char *root, const char *state, mp_tune_each *each, void *user,
		 struct mp_err *err)
{
	struct mp_change *changes = NULL;
	size_t n = 0, left = 0;
	int code = mp_tune_record_read(state, &changes, &n, err);

	if (code == -ENOENT)
		return mp_err_env(err, code, "there is nothing to undo: no record in '%s'", state);
	if (code)
		return code;
	for (size_t i = n; i-- > 0;) {
		int failed;
		enum mp_tune_outcome outcome = put_back(root, &changes[i], &failed);

		each(user, &changes[i], outcome, failed);
		if (outcome != MP_TUNE_FAILED)
			changes[i].path[0] = '\0';
	}
	for (size_t i = 0; i < n; i++) {
		if (changes[i].path[0])
			changes[left++] = changes[i];
	}
	code = mp_tune_record_write(state, changes, left, err);
	free(changes);
	return code;
}
