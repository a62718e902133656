/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls of libpfm4: see pfm.h. */
#include "runner/counters/pfm.h"

#include <errno.h>
#include <perfmon/pfmlib.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdlib.h>
#include <string.h>

/* The library has no end marker that fits every version: PMU numbers end where it says that one is invalid. */
#define PMU_NUMBERS_MAX 4096

extern char **environ;

int mp_pfm_start(struct mp_err *err)
{
	int rc = pfm_initialize();

	return rc == PFM_SUCCESS
		       ? 0
		       : mp_err_env(err, -ENOSYS, "libpfm4 cannot start: %s", pfm_strerror(rc));
}

int mp_pfm_encode(const char *name, struct mp_perf_event *ret_event, struct mp_err *err)
{
	struct perf_event_attr attr = { .size = sizeof(attr) };
	char *full = NULL;
	pfm_perf_encode_arg_t arg = { .attr = &attr, .fstr = &full, .size = sizeof(arg) };
	size_t len;
	int rc = mp_pfm_start(err);

	if (rc)
		return rc;
	rc = pfm_get_os_event_encoding(name, PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT_EXT, &arg);
	if (rc != PFM_SUCCESS)
		return mp_err_env(err, rc == PFM_ERR_NOTSUPP ? -ENOTSUP : -ENOENT,
				  "libpfm4 does not encode '%s': %s", name, pfm_strerror(rc));
	ret_event->type = attr.type;
	ret_event->config = attr.config;
	ret_event->config1 = attr.config1;
	ret_event->config2 = attr.config2;
	ret_event->exclude_user = attr.exclude_user;
	ret_event->exclude_kernel = attr.exclude_kernel;
	ret_event->exclude_hv = attr.exclude_hv;
	ret_event->exclude_guest = attr.exclude_guest;
	/* "pmu::EVENT..." */
	len = full ? strcspn(full, ":") : 0;
	snprintf(ret_event->pmu, sizeof(ret_event->pmu), "%.*s", (int)len, full ? full : "");
	free(full);
	return 0;
}

/* Calls `each` with every PMU that is present. */
static int each_present(int (*each)(void *user, const pfm_pmu_info_t *info), void *user)
{
	for (int i = PFM_PMU_NONE + 1; i < PMU_NUMBERS_MAX; i++) {
		pfm_pmu_info_t info = { .size = sizeof(info) };
		int rc = pfm_get_pmu_info((pfm_pmu_t)i, &info);

		if (rc == PFM_ERR_INVAL)
			break;
		rc = rc == PFM_SUCCESS && info.is_present ? each(user, &info) : 0;
		if (rc)
			return rc;
	}
	return 0;
}

struct wanted {
	pfm_pmu_type_t type;
	int (*each)(void *user, const char *pmu);
	void *user;
};

static int one_wanted(void *user, const pfm_pmu_info_t *info)
{
	struct wanted *wanted = user;

	return info->type == wanted->type ? wanted->each(wanted->user, info->name) : 0;
}

int mp_pfm_pmus(bool core, int (*each)(void *user, const char *pmu), void *user)
{
	struct wanted wanted = { .type = core ? PFM_PMU_TYPE_CORE : PFM_PMU_TYPE_UNCORE,
				 .each = each,
				 .user = user };
	int rc = mp_pfm_start(NULL);

	return rc ? rc : each_present(one_wanted, &wanted);
}

static int name_one(void *user, const pfm_pmu_info_t *info)
{
	struct mp_str *out = user;

	if (info->type != PFM_PMU_TYPE_OS_GENERIC)
		mp_str_printf(out, "%s%s", out->len ? " " : "", info->name);
	return 0;
}

void mp_pfm_describe(struct mp_str *out)
{
	struct mp_str names = MP_STR_INIT;
	struct mp_err err;
	bool any = false;

	if (mp_pfm_start(&err)) {
		mp_str_add(out, err.text);
		return;
	}
	each_present(name_one, &names);
	mp_str_add(out, names.len ? names.text : "knows no PMU of this CPU");
	mp_str_done(&names);
	for (char **e = environ; *e; e++) {
		if (strncmp(*e, "LIBPFM_", 7) != 0)
			continue;
		/* Not the value: it may be a path in somebody's home. */
		mp_str_printf(out, "%s%.*s",
			      any ? " " : "; changed by the environment: ", (int)strcspn(*e, "="),
			      *e);
		any = true;
	}
}
