/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fact of guests that `memperf vm` boots: what ran them. Other machines have none. */
#include "runner/machine/facts.h"

#include <string.h>

#include "common/cleanup.h"
#include "runner/machine/facthelp.h"
#include "runner/vm/internal.h"

static const struct mp_fact_line accelerator = {
	"accelerator", MP_FACT_HARDWARE, MP_WEIGHT_MUCH,
	"a processor that is emulated (tcg) shows what works, not how fast"
};

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	MP_CLEANUP(mp_str_done) struct mp_str cmdline = MP_STR_INIT;
	struct mp_fact_group group = { root, "guest", sink };
	char *at;

	if (mp_sysfile_read(root, &cmdline, "/proc/cmdline"))
		return;
	at = strstr(cmdline.text, " " MP_VM_PARAMETER);
	if (!at)
		return;
	at += strlen(" " MP_VM_PARAMETER);
	at[strcspn(at, " \n")] = '\0';
	mp_fact_put(&group, &accelerator, at, "/proc/cmdline");
}

const struct mp_fact_collector mp_facts_guest = { "guest", collect };
