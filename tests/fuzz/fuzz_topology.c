/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A topology of another machine, as hwloc's XML (--topology). Promises: read or refused with a sentence; what was read places
 * workers on CPUs that are there; taking names out of a text leaves none whose name is not known.
 * Runs: 300
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "runner/machine/machine.h"
#include "runner/machine/topology.h"

static void place(const struct mp_machine *machine)
{
	static const char *const policies[] = { "auto", "pack",	       "spread:l3", "spread:node",
						"smt",	"spread:core", "cpu:0-1",   "node:0" };
	struct mp_err err = { 0 };
	int cpus[4];

	fuzz_must(!mp_machine_is_live(machine) && mp_machine_host(machine)->cpus);
	if (mp_machine_place(machine, 4, cpus, &err))
		fuzz_sentence(&err);
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		struct mp_params params = { .count = 2,
					    .items = { { .axis = "mem", .word = "remote" },
						       { .axis = "place" } } };
		struct mp_seat seats[2];

		strcpy(params.items[1].word, policies[i]);
		if (mp_machine_seats(machine, &params, 2, seats, &err))
			fuzz_sentence(&err);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file("fuzz.xml", data, size);
	char *text = fuzz_text(data, size);
	size_t len = strlen(text);
	struct mp_machine *machine;
	struct mp_err err = { 0 };

	if (mp_machine_open_topology(path, &machine, &err)) {
		fuzz_sentence(&err);
	} else {
		place(machine);
		mp_machine_close(machine);
	}
	mp_topology_strip(text);
	fuzz_must(strlen(text) <= len);
	free(text);
	return 0;
}

size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	static const char *const files[] = { "tests/data/hwloc/*.xml" };

	return fuzz_seed_file(index, files, 1, ret_data);
}
