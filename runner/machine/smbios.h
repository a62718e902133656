/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory devices of the firmware's SMBIOS table (DMTF DSP0134 3.7, type 17). Serial numbers and asset tags, which
 * stand in the same structure, are stepped over.
 */
#ifndef RUNNER_MACHINE_SMBIOS_H
#define RUNNER_MACHINE_SMBIOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One slot. 0 and "" where the firmware does not know; never a value of it. */
struct mp_smbios_dimm {
	bool populated;
	uint64_t bytes;
	uint8_t type; /* 0x22: DDR5 */
	uint8_t form; /* 0x0d: SODIMM */
	uint8_t technology; /* 0x03: DRAM */
	unsigned rated_mts, configured_mts; /* transfers a second, millions */
	unsigned data_width, total_width; /* bits; total holds those of the error correction */
	unsigned ranks;
	unsigned millivolts; /* configured */
	char maker[32], part[40]; /* printable, blanks trimmed */
};

/*
 * Calls `each` for every memory device of a table (the bytes of /sys/firmware/dmi/tables/DMI), in its order. Returns
 * how many there were, or -EINVAL when a structure does not fit into the table: what came before has been told.
 */
int mp_smbios_dimms(const void *table, size_t len,
		    void (*each)(void *user, const struct mp_smbios_dimm *dimm), void *user);

/* "DDR5", "LPDDR5", "HBM3"; NULL for unknown and for a number that the specification did not have. */
const char *mp_smbios_memory_type(uint8_t type);
const char *mp_smbios_form(uint8_t form); /* "DIMM", "SODIMM"; NULL as above */

#endif
