/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine's topology as hwloc's XML, for keeping with a run: without what names the machine. */
#ifndef RUNNER_MACHINE_TOPOLOGY_H
#define RUNNER_MACHINE_TOPOLOGY_H

#include "runner/machine/machine.h"

/* Heap text of the caller. 0, -ENOMEM, or -EIO with a sentence. */
int mp_machine_topology(const struct mp_machine *machine, char **ret_xml, struct mp_err *err);

/* Removes every <info> of the text whose name is not known to be harmless. As root, hwloc puts serial numbers, UUIDs and
 * asset tags from DMI there, and always the host's and the process's name; what a later version adds stays out until
 * somebody has looked at it. */
void mp_topology_strip(char *xml);

#endif
