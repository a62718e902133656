/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts about libpfm4: which PMUs it knows of this CPU, and the variables that change its answers. It is asked about the
 * machine it runs on; a captured one has no such facts.
 */
#include "runner/machine/facts.h"

#include "common/cleanup.h"
#include "runner/counters/pfm.h"
#include "runner/machine/facthelp.h"

static const struct mp_fact_line pmus = { "pmus", MP_FACT_BOOT, MP_WEIGHT_LITTLE,
					  "whose event names counters can be encoded from" };

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	const struct mp_fact_group group = { root, "libpfm", sink };
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

	if (*root)
		return;
	mp_pfm_describe(&text);
	if (!text.failed)
		mp_fact_put(&group, &pmus, text.text, "pfm_get_pmu_info()");
}

const struct mp_fact_collector mp_facts_libpfm = { "libpfm", collect };
