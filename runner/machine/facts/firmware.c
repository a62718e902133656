/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about the firmware and the board, from the identification files that everybody may read. */
#include "runner/machine/facts.h"

#include "runner/machine/facthelp.h"

#define DMI "/sys/class/dmi/id/"

static const struct mp_fact_file files[] = {
	{ { "vendor", MP_FACT_BOOT, MP_WEIGHT_NONE, "for people" },
	  MP_FACT_LINE,
	  DMI "bios_vendor" },
	{ { "version", MP_FACT_BOOT, MP_WEIGHT_LITTLE,
	    "another firmware sets up memory and power limits in another way" },
	  MP_FACT_LINE,
	  DMI "bios_version" },
	{ { "date", MP_FACT_BOOT, MP_WEIGHT_NONE, "for people" }, MP_FACT_LINE, DMI "bios_date" },
	{ { "board", MP_FACT_HARDWARE, MP_WEIGHT_NONE, "for people" },
	  MP_FACT_LINE,
	  DMI "board_name" },
	{ { "platform_profile", MP_FACT_NOW, MP_WEIGHT_SOME,
	    "the firmware trades speed for heat and noise by it" },
	  MP_FACT_LINE,
	  "/sys/firmware/acpi/platform_profile" },
};

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "firmware", sink };

	mp_fact_put_files(&group, files, MP_COUNT(files));
}

const struct mp_fact_collector mp_facts_firmware = { "firmware", collect };
