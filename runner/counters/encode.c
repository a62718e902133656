/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses the encoder by the form of the name: see encode.h. */
#include "runner/counters/encode.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runner/counters/internal.h"
#include "runner/counters/pfm.h"

struct call {
	const char *name;
	void (*each)(void *user, const char *name, const struct mp_encoded *encoded);
	void *user;
	struct mp_err *err;
};

static int by_libpfm(const struct call *call, const char *event_source)
{
	struct mp_encoded e = { .encoder = MP_ENCODER_LIBPFM, .scale = 1 };
	int rc;

	if (event_source)
		return mp_err_usage(
			call->err, -EINVAL,
			"'%s' is a name of libpfm4, which knows the machine that it runs "
			"on and no captured one: leave --sysfs out",
			call->name);
	rc = mp_pfm_encode(call->name, &e.event, call->err);
	if (!rc)
		call->each(call->user, call->name, &e);
	return rc;
}

static int by_sysfs(const struct call *call, const struct mp_pmus *pmus)
{
	struct mp_encoded e = { .encoder = MP_ENCODER_SYSFS };
	struct mp_pmu_unit unit;
	int rc = mp_pmu_encode_text(pmus, call->name, &e.event, &unit, call->err);

	if (rc)
		return rc;
	e.scale = unit.scale;
	memcpy(e.unit, unit.unit, sizeof(e.unit));
	call->each(call->user, call->name, &e);
	return 0;
}

/* A generic event of one core PMU (NULL: of none, for software events). */
static int generic(const struct call *call, const struct mp_pmus *pmus, const struct mp_pmu *core)
{
	static const char *const kinds[] = { "software", "hardware", "cache" };
	struct mp_encoded e = { .encoder = MP_ENCODER_KERNEL, .scale = 1 };
	int rc = -EINVAL;

	for (size_t i = 0; rc == -EINVAL && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char name[128];

		snprintf(name, sizeof(name), "%s/%s", kinds[i], call->name);
		rc = mp_generic_event(pmus, core, name, &e.event);
	}
	if (rc == -EINVAL)
		return mp_err_usage(
			call->err, rc,
			"'%s' is no event: write PMU/TERMS/, libpfm4's PMU::EVENT, or a "
			"generic name such as cache-misses",
			call->name);
	if (rc)
		return mp_err_env(call->err, rc, "'%s': there is no core PMU in '%s'", call->name,
				  pmus->root);
	call->each(call->user, call->name, &e);
	/* Software events are the same for every core. */
	return e.event.type == PERF_TYPE_SOFTWARE ? 1 : 0;
}

static int by_kernel(const struct call *call, const struct mp_pmus *pmus)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < pmus->n; i++)
		if (pmus->items[i].core)
			rc = generic(call, pmus, &pmus->items[i]);
	if (!pmus->n_core)
		rc = generic(call, pmus, NULL);
	return rc > 0 ? 0 : rc;
}

int mp_encode_event(const char *name, const char *event_source,
		    void (*each)(void *user, const char *name, const struct mp_encoded *encoded),
		    void *user, struct mp_err *err)
{
	const struct call call = { .name = name, .each = each, .user = user, .err = err };
	struct mp_pmus pmus;
	int rc;

	if (strstr(name, "::"))
		return by_libpfm(&call, event_source);
	rc = mp_pmus_read(event_source ? event_source : MP_EVENT_SOURCE, &pmus, err);
	if (rc)
		return rc;
	rc = strchr(name, '/') ? by_sysfs(&call, &pmus) : by_kernel(&call, &pmus);
	mp_pmus_done(&pmus);
	return rc;
}
