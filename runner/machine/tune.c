/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which settings make a machine quiet, and how they are set and put back: see tune.h. Never among them: the random layout of
 * address spaces (its absence is a bias), swappiness and the other settings that a benchmark is there to measure.
 */
#include "runner/machine/tune.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	struct mp_tune_thing thing;
	const char *value, *offers;
	enum rule rule;
} settings[] = {
#define FILE_OF(name_, path_, why_)                                                                \
	{                                                                                          \
		.name = (name_), .path = (path_), .why = (why_), .kind = &mp_tune_file             \
	}
	{ FILE_OF("energy preference", CPU "cpufreq/policy*/energy_performance_preference",
		  "the processor itself chooses its frequency by it"),
	  "performance", "energy_performance_available_preferences", IF_OFFERED },
	{ FILE_OF("governor", CPU "cpufreq/policy*/scaling_governor",
		  "else the frequency follows the load"),
	  "performance", "scaling_available_governors", IF_OFFERED },
	{ FILE_OF("turbo", CPU "intel_pstate/no_turbo",
		  "with turbo the speed depends on heat and neighbours"),
	  "1", NULL, ALWAYS },
	{ FILE_OF("turbo", CPU "cpufreq/boost",
		  "with turbo the speed depends on heat and neighbours"),
	  "0", NULL, ALWAYS },
	{ FILE_OF("transparent huge pages", "/sys/kernel/mm/transparent_hugepage/enabled",
		  "as asked by --thp"),
	  NULL, NULL, IF_ASKED },
	{ FILE_OF("page merging", "/sys/kernel/mm/ksm/run",
		  "pages are scanned in the background; what is merged stays"),
	  "0", NULL, IF_ONE },
	{ FILE_OF("numa balancing", "/proc/sys/kernel/numa_balancing",
		  "hinting faults and migrations fall into the samples"),
	  "0", NULL, ALWAYS },
	{ FILE_OF("nmi watchdog", "/proc/sys/kernel/nmi_watchdog",
		  "it interrupts every CPU and holds one of its counters"),
	  "0", NULL, ALWAYS },
	{ FILE_OF("perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid",
		  "above 1 users count nothing of the kernel, above 0 no memory controller"),
	  "0", NULL, IF_ABOVE },
#undef FILE_OF
};

const struct mp_tune_thing *mp_tune_find_setting(const char *path)
{
	for (size_t i = 0; i < MP_COUNT(settings); i++)
		if (mp_tune_fits(settings[i].thing.path, path))
			return &settings[i].thing;
	return NULL;
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

	if (mp_tune_read(root, path, now) || !wants(root, setting, path, now, value))
		return 0;
	slot = mp_vec_push((void **)&plan->changes, &plan->n, &plan->cap, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slot = (struct mp_change){ .name = settings[setting].thing.name,
				    .why = settings[setting].thing.why };
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

	if (snprintf(pattern, sizeof(pattern), "%s%s", root, settings[setting].thing.path) >=
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
		    !offers(root, settings[i].thing.path, strrchr(settings[i].thing.path, '/') + 1,
			    value)) {
			free(plan.changes);
			return mp_err_usage(err, -EINVAL,
					    "--thp '%s': this kernel offers the words of '%s'",
					    value, settings[i].thing.path);
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
