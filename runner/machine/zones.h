/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about zones: watermarks, and how fragmented free memory is. Part of the group "memory". */
#ifndef RUNNER_MACHINE_ZONES_H
#define RUNNER_MACHINE_ZONES_H

#include "runner/machine/facthelp.h"

void mp_facts_put_zones(const struct mp_fact_group *group);

#endif
