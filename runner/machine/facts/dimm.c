/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts about memory modules: from the firmware's SMBIOS table, which only root may read, else from the kernel's edac
 * drivers, which know less. Serial numbers and asset tags are never looked at; makers and part numbers are.
 */
#include "runner/machine/facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/units.h"
#include "runner/machine/facthelp.h"
#include "runner/machine/smbios.h"

#define SMBIOS "/sys/firmware/dmi/tables/DMI"
#define EDAC   "/sys/devices/system/edac/mc"

enum what { SLOTS, TYPE, SIZE, SPEED, RATED, RANKS, WIDTH, VOLTAGE, FORM, PART, COUNT };

static const struct mp_fact_line lines[COUNT] = {
	[SLOTS] = { "slots", MP_FACT_HARDWARE, MP_WEIGHT_MUCH,
		    "an empty channel is bandwidth that is not there" },
	[TYPE] = { "type", MP_FACT_HARDWARE, MP_WEIGHT_MUCH,
		   "generations differ in latency and bandwidth" },
	[SIZE] = { "size", MP_FACT_HARDWARE, MP_WEIGHT_SOME,
		   "modules of unequal size are interleaved in part only" },
	[SPEED] = { "speed", MP_FACT_BOOT, MP_WEIGHT_MUCH,
		    "transfers a second, as the firmware set them" },
	[RATED] = { "rated_speed", MP_FACT_HARDWARE, MP_WEIGHT_LITTLE,
		    "what the module could do: higher than its speed, it is held back" },
	[RANKS] = { "ranks", MP_FACT_HARDWARE, MP_WEIGHT_SOME,
		    "accesses to two ranks overlap, and too many ranks slow the channel" },
	[WIDTH] = { "width", MP_FACT_HARDWARE, MP_WEIGHT_LITTLE,
		    "data bits of a module, and with those of error correction" },
	[VOLTAGE] = { "voltage", MP_FACT_BOOT, MP_WEIGHT_NONE, "for people: a profile is active" },
	[FORM] = { "form", MP_FACT_HARDWARE, MP_WEIGHT_NONE, "for people" },
	[PART] = { "part", MP_FACT_HARDWARE, MP_WEIGHT_LITTLE,
		   "the same type and speed is sold with other timings" },
};

struct modules {
	unsigned slots, populated;
	struct mp_fact_tally tally[COUNT];
};

static void count_number(struct mp_fact_tally *tally, unsigned number, const char *unit)
{
	char text[32];

	snprintf(text, sizeof(text), "%u %s", number, unit);
	mp_fact_tally(tally, number ? text : "unknown");
}

static void count_dimm(void *user, const struct mp_smbios_dimm *dimm)
{
	struct modules *m = user;
	const char *type = mp_smbios_memory_type(dimm->type), *form = mp_smbios_form(dimm->form);
	char text[96], size[MP_UNITS_LEN];

	m->slots++;
	if (!dimm->populated)
		return;
	m->populated++;
	snprintf(text, sizeof(text), "type 0x%02x", dimm->type);
	mp_fact_tally(&m->tally[TYPE], type ? type : dimm->type > 2 ? text : "unknown");
	mp_fact_tally(&m->tally[SIZE], dimm->bytes ? mp_size_format(dimm->bytes, size) : "unknown");
	count_number(&m->tally[SPEED], dimm->configured_mts, "MT/s");
	count_number(&m->tally[RATED], dimm->rated_mts, "MT/s");
	snprintf(text, sizeof(text), "%u", dimm->ranks);
	mp_fact_tally(&m->tally[RANKS], dimm->ranks ? text : "unknown");
	snprintf(text, sizeof(text), "%u of %u bits", dimm->data_width, dimm->total_width);
	mp_fact_tally(&m->tally[WIDTH], dimm->data_width ? text : "unknown");
	count_number(&m->tally[VOLTAGE], dimm->millivolts, "mV");
	mp_fact_tally(&m->tally[FORM], form ? form : "unknown");
	snprintf(text, sizeof(text), "%s%s%s", dimm->maker, *dimm->maker && *dimm->part ? " " : "",
		 dimm->part);
	mp_fact_tally(&m->tally[PART], *text ? text : "unknown");
}

/* Nothing but "unknown" is no value. */
static bool is_known(const struct mp_fact_tally *tally)
{
	return tally->n > 1 || (tally->n && strcmp(tally->items[0].text, "unknown"));
}

static void put(const struct mp_fact_group *group, const struct modules *m, const char *origin)
{
	char slots[64], unsaid[MP_SYSFILE_PATH];

	snprintf(slots, sizeof(slots), "%u, %u of them populated", m->slots, m->populated);
	mp_fact_put(group, &lines[SLOTS], slots, origin);
	snprintf(unsaid, sizeof(unsaid), "%s: does not say", origin);
	for (int i = TYPE; i < COUNT; i++) {
		MP_CLEANUP(mp_str_done) struct mp_str value = MP_STR_INIT;
		bool known = is_known(&m->tally[i]);

		mp_fact_tally_text(&m->tally[i], &value);
		mp_fact_put(group, &lines[i], known ? value.text : NULL, known ? origin : unsaid);
	}
}

/* One edac module: size in MiB, and a type like "Registered-DDR5" (drivers/edac/edac_mc.c); 0 is an empty slot. */
static void count_edac(const struct mp_fact_group *group, const char *controller, const char *name,
		       struct modules *m)
{
	static const struct {
		const char *word, *type;
	} types[] = { { "LPDDR5", "LPDDR5" }, { "LPDDR4", "LPDDR4" }, { "DDR5", "DDR5" },
		      { "DDR4", "DDR4" },     { "DDR3", "DDR3" },     { "HBM3", "HBM3" },
		      { "HBM2", "HBM2" } };
	char word[64], size[MP_UNITS_LEN];
	const char *type = "unknown";
	uint64_t mib;

	if (mp_sysfile_number(group->root, &mib, EDAC "/%s/%s/size", controller, name))
		return;
	m->slots++;
	if (!mib)
		return;
	m->populated++;
	mp_fact_tally(&m->tally[SIZE], mp_size_format(mib << 20, size));
	if (!mp_sysfile_line(group->root, word, sizeof(word), EDAC "/%s/%s/dimm_mem_type",
			     controller, name)) {
		for (size_t i = 0; i < MP_COUNT(types); i++) {
			if (strstr(word, types[i].word)) {
				type = types[i].type;
				break;
			}
		}
	}
	mp_fact_tally(&m->tally[TYPE], type);
}

/* 0, or -ENOENT without a driver that knows a module. */
static int put_edac(const struct mp_fact_group *group)
{
	struct modules m = { .slots = 0 };
	char **controllers, **names, folder[MP_SYSFILE_PATH];
	size_t n_controllers, count;

	if (mp_fact_names(group->root, EDAC, "mc[0-9]*", &controllers, &n_controllers))
		return -ENOENT;
	for (size_t c = 0; c < n_controllers; c++) {
		snprintf(folder, sizeof(folder), EDAC "/%s", controllers[c]);
		/* Modules, or ranks where the driver cannot tell modules. */
		if (mp_fact_names(group->root, folder, "dimm[0-9]*", &names, &count))
			continue;
		if (!count) {
			free(names);
			if (mp_fact_names(group->root, folder, "rank[0-9]*", &names, &count))
				continue;
		}
		for (size_t i = 0; i < count; i++)
			count_edac(group, controllers[c], names[i], &m);
		mp_fact_names_free(names, count);
	}
	mp_fact_names_free(controllers, n_controllers);
	if (!m.slots)
		return -ENOENT;
	put(group, &m, EDAC "/mc*/dimm*");
	return 0;
}

static void put_unknown(const struct mp_fact_group *group, int err)
{
	const char *why = SMBIOS ": needs root, or an edac driver for this memory controller";

	if (err == -ENOENT || err == -ENOTDIR)
		why = "no SMBIOS table and no edac driver on this machine";
	else if (err != -EACCES && err != -EPERM)
		why = SMBIOS ": not a table of the form that was expected";
	for (size_t i = 0; i < COUNT; i++)
		mp_fact_put(group, &lines[i], NULL, why);
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "dimm", sink };
	MP_CLEANUP(mp_str_done) struct mp_str table = MP_STR_INIT;
	struct modules m = { .slots = 0 };
	int err = mp_sysfile_read(root, &table, SMBIOS), count = 0;

	if (!err)
		count = mp_smbios_dimms(table.text, table.len, count_dimm, &m);
	if (!err && count > 0)
		put(&group, &m, SMBIOS);
	else if (put_edac(&group))
		put_unknown(&group, err ? err : count < 0 ? count : -ENOENT);
}

const struct mp_fact_collector mp_facts_dimm = { "dimm", collect };
