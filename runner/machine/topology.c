/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine's topology as XML without what names it: see topology.h. */
#include "runner/machine/topology.h"

#include <errno.h>
#include <hwloc.h>
#include <hwloc/export.h>
#include <stdlib.h>
#include <string.h>

#include "runner/machine/internal.h"

static const char *const harmless[] = {
	"Architecture",	    "Backend",		"CPUFamilyNumber", "CPUModel",
	"CPUModelNumber",   "CPURevision",	"CPUStepping",	   "CPUVendor",
	"CoreType",	    "DAXType",		"DMIBIOSDate",	   "DMIBIOSVendor",
	"DMIBIOSVersion",   "DMIBoardName",	"DMIBoardVendor",  "DMIProductName",
	"DMISysVendor",	    "FrequencyBaseMHz", "FrequencyMaxMHz", "Inclusive",
	"LinuxCapacity",    "MemoryMode",	"MemoryTier",	   "OSName",
	"OSRelease",	    "PlatformBoardID",	"PlatformModel",   "PlatformName",
	"PlatformRevision", "hwlocVersion",
};

static bool is_harmless(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (strlen(harmless[i]) == len && !strncmp(harmless[i], name, len))
			return true;
	return false;
}

/* hwloc writes <info name="..." value="..."/>, with quotes and angle brackets inside values escaped. */
void mp_topology_strip(char *xml)
{
	static const char open[] = "<info ", named[] = "name=\"";
	char *to = xml;
	const char *from = xml, *info;

	while ((info = strstr(from, open))) {
		const char *end = strchr(info, '>');
		const char *name = strstr(info, named);
		bool keep = false;

		end = end ? end + 1 : info + strlen(info);
		if (name && name < end) {
			name += strlen(named);
			keep = is_harmless(name, strcspn(name, "\""));
		}
		memmove(to, from, (size_t)(info - from));
		to += info - from;
		if (keep) {
			memmove(to, info, (size_t)(end - info));
			to += end - info;
		} else {
			/* its line, too */
			while (to > xml && to[-1] == ' ')
				to--;
			end += *end == '\n';
		}
		from = end;
	}
	memmove(to, from, strlen(from) + 1);
}

int mp_machine_topology(const struct mp_machine *machine, char **ret_xml, struct mp_err *err)
{
	hwloc_topology_t topology = mp_machine_map(machine)->topology;
	char *buffer = NULL, *text;
	int size = 0;

	/* Version 2 of the format is the one that every hwloc since 2.0 reads; later ones write it by themselves until 3. */
	if (hwloc_topology_export_xmlbuffer(topology, &buffer, &size, 0) || size <= 0)
		return mp_err_env(err, -EIO, "hwloc cannot write the topology as XML");
	text = malloc((size_t)size + 1);
	if (text) {
		memcpy(text, buffer, (size_t)size);
		text[size] = '\0';
	}
	hwloc_free_xmlbuffer(topology, buffer);
	if (!text)
		return mp_err_env(err, -ENOMEM, "no memory for the topology of this machine");
	mp_topology_strip(text);
	*ret_xml = text;
	return 0;
}
