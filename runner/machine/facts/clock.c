/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about time: what the kernel keeps it with, and whether a hypervisor stands between it and the hardware. */
#include "runner/machine/facts.h"

#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "common/cleanup.h"
#include "runner/machine/clocksource.h"
#include "runner/machine/facthelp.h"

#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/"

static const struct mp_fact_file files[] = {
	{ { "current_clocksource", MP_FACT_BOOT, MP_WEIGHT_MUCH,
	    "the kernel's verdict on the counter; without it every clock read may be a system "
	    "call" },
	  MP_FACT_LINE,
	  CLOCKSOURCE "current_clocksource" },
	{ { "available_clocksource", MP_FACT_BOOT, MP_WEIGHT_LITTLE,
	    "a counter missing from the list was found unstable" },
	  MP_FACT_LINE,
	  CLOCKSOURCE "available_clocksource" },
	{ { "clock_event", MP_FACT_BOOT, MP_WEIGHT_LITTLE,
	    "the device of timer interrupts: programming it is cheap or a trap out of the guest" },
	  MP_FACT_LINE,
	  "/sys/devices/system/clockevents/clockevent0/current_device" },
};

static const struct mp_fact_line hypervisor = {
	"hypervisor", MP_FACT_HARDWARE, MP_WEIGHT_MUCH,
	"a guest walks two page tables on a TLB miss, and some instructions leave it"
};

#if defined(__x86_64__)
/* The signature of CPUID leaf 40000000h (EBX, ECX, EDX), "KVMKVMKVM". */
static void live_signature(char buf[13])
{
	unsigned regs[3], eax;

	__cpuid(0x40000000u, eax, regs[0], regs[1], regs[2]);
	(void)eax;
	memcpy(buf, regs, 12);
	buf[12] = '\0';
	for (char *c = buf; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '\0';
	}
}
#else
static void live_signature(char buf[13])
{
	*buf = '\0';
}
#endif

/* Where the processor has no flag for it (arm64): a device tree names the hypervisor, and boards of guests are known. */
static void put_hypervisor_by_board(const struct mp_fact_group *group)
{
	static const char *const boards[] = {
		"QEMU",		"Amazon EC2", "Google",
		"VMware",	"Xen",	      "Microsoft Corporation",
		"innotek GmbH", "Parallels",  "Apple Virtualization"
	};
	static const char vendor[] = "/sys/class/dmi/id/sys_vendor";
	static const char product[] = "/sys/class/dmi/id/product_name";
	char value[128], model[128] = "";

	if (!mp_sysfile_line(group->root, value, sizeof(value),
			     "/proc/device-tree/hypervisor/compatible")) {
		mp_fact_put(group, &hypervisor, value, "/proc/device-tree/hypervisor/compatible");
		return;
	}
	if (mp_sysfile_line(group->root, value, sizeof(value), "%s", vendor)) {
		mp_fact_put(group, &hypervisor, NULL,
			    "no /sys/hypervisor/type, no flags in /proc/cpuinfo, no board name");
		return;
	}
	mp_sysfile_line(group->root, model, sizeof(model), "%s", product);
	for (size_t i = 0; i < MP_COUNT(boards); i++) {
		if (strncmp(value, boards[i], strlen(boards[i])))
			continue;
		/* These sell the bare machine under the same name. */
		if (strstr(model, "metal") || strstr(model, "Surface"))
			break;
		mp_fact_put(group, &hypervisor, value, vendor);
		return;
	}
	mp_fact_put(group, &hypervisor, "none", vendor);
}

static void put_hypervisor(const struct mp_fact_group *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str cpuinfo = MP_STR_INIT;
	char value[128], flags[8192];
	int err;

	if (!mp_sysfile_line(group->root, value, sizeof(value), "/sys/hypervisor/type")) {
		mp_fact_put(group, &hypervisor, value, "/sys/hypervisor/type");
		return;
	}
	err = mp_sysfile_read(group->root, &cpuinfo, "/proc/cpuinfo");
	if (!err)
		err = mp_sysfile_field(cpuinfo.text, "flags", flags, sizeof(flags));
	if (err) {
		put_hypervisor_by_board(group);
		return;
	}
	if (!strstr(flags, " hypervisor")) {
		mp_fact_put(group, &hypervisor, "none", "/proc/cpuinfo: flags");
		return;
	}
	if (!*group->root) {
		live_signature(value);
		if (*value) {
			mp_fact_put(group, &hypervisor, value, "CPUID 40000000h");
			return;
		}
	}
	mp_fact_put(group, &hypervisor, "yes", "/proc/cpuinfo: flags");
}

void mp_facts_clocksource(const struct mp_clocksource *source, const struct mp_fact_sink *sink)
{
	static const struct mp_fact_line step = {
		"step", MP_FACT_NOW, MP_WEIGHT_NONE,
		"in what the run's clock advances: no single call is known finer"
	};
	static const struct mp_fact_line pair_p50 = {
		"pair_p50", MP_FACT_NOW, MP_WEIGHT_NONE,
		"half of the empty pairs of clock readings take no longer: a call of call mode "
		"holds one"
	};
	static const struct mp_fact_line pair_p99 = {
		"pair_p99", MP_FACT_NOW, MP_WEIGHT_NONE,
		"99 % of them take no longer: what is above it in a call is not the clock's"
	};
	const struct {
		const struct mp_fact_line *line;
		double ns;
	} all[] = { { &step, source->step_ns },
		    { &pair_p50, source->pair_p50_ns },
		    { &pair_p99, source->pair_p99_ns } };
	struct mp_fact_group group = { "", "clock", sink };

	for (size_t i = 0; i < MP_COUNT(all); i++) {
		char value[32];

		snprintf(value, sizeof(value), "%.4g ns", all[i].ns);
		mp_fact_put(&group, all[i].line, value, "empty pairs of readings before the run");
	}
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "clock", sink };

	mp_fact_put_files(&group, files, MP_COUNT(files));
	put_hypervisor(&group);
}

const struct mp_fact_collector mp_facts_clock = { "clock", collect };
