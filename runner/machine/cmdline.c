/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which words of the kernel's command line are stored: see cmdline.h. */
#include "runner/machine/cmdline.h"

#include <ctype.h>
#include <string.h>

/* Globs of parameters whose values are stored (Documentation/admin-guide/kernel-parameters.txt). Numbers, sizes,
 * CPU lists and words of the kernel's own; none takes a path, an address or an identity. */
static const char *const kept[] = {
	/* processor, speculation */
	"mitigations",
	"spec_*",
	"spectre_*",
	"retbleed",
	"mds",
	"l1tf",
	"tsx*",
	"mmio_stale_data",
	"srbds",
	"gather_data_sampling",
	"reg_file_data_sampling",
	"srso",
	"nospectre_*",
	"pti",
	"nopti",
	"nosmt",
	"nosmep",
	"nosmap",
	"nopcid",
	"noinvpcid",
	"no5lvl",
	"la57",
	"clearcpuid",
	"nopku",
	"kpti",
	"arm64.*",
	"x86_intel_*",
	"idle",
	"nohlt",
	"processor.max_cstate",
	"intel_idle.*",
	"cpuidle*",
	"haltpoll.*",
	"intel_pstate",
	"amd_pstate",
	"cpufreq.*",
	"nox2apic",
	/* scheduling, interrupts, time */
	"isolcpus",
	"nohz",
	"nohz_full",
	"rcu_nocbs",
	"rcu_nocb_poll",
	"rcutree.*",
	"rcupdate.*",
	"irqaffinity",
	"threadirqs",
	"preempt",
	"skew_tick",
	"tsc",
	"clocksource",
	"highres",
	"hpet",
	"nowatchdog",
	"nmi_watchdog",
	"nosoftlockup",
	"maxcpus",
	"nr_cpus",
	"possible_cpus",
	"psi",
	"noautogroup",
	"workqueue.*",
	"kthread_cpus",
	"housekeeping",
	/* memory */
	"mem",
	"memmap",
	"hugepages",
	"hugepagesz",
	"default_hugepagesz",
	"hugetlb_*",
	"transparent_hugepage",
	"transparent_hugepage_*",
	"thp_*",
	"kernelcore",
	"movablecore",
	"movable_node",
	"numa",
	"numa_balancing",
	"numa_zonelist_order",
	"swapaccount",
	"cgroup_disable",
	"cgroup_enable",
	"cgroup.memory",
	"cgroup_no_v1",
	"systemd.unified_cgroup_hierarchy",
	"init_on_alloc",
	"init_on_free",
	"init_mlocked_on_free",
	"slab_*",
	"slub_*",
	"no_hash_pointers",
	"page_alloc.*",
	"page_owner",
	"page_poison",
	"page_reporting.*",
	"page_table_check",
	"debug_pagealloc",
	"debug_guardpage_minorder",
	"kfence.*",
	"kasan",
	"kasan.*",
	"kcsan.*",
	"kmemleak",
	"mem_encrypt",
	"memory_corruption_check*",
	"memtest",
	"vmalloc",
	"nokaslr",
	"kaslr",
	"randomize_kstack_offset",
	"hardened_usercopy",
	"sysctl.vm.*",
	"vm_debug",
	"zswap.*",
	"zram.*",
	"ksm",
	"lru_gen*",
	"deferred_init",
	"stack_depot_*",
	"stackdepot_*",
	"percpu_alloc",
	"hash_pointers",
	"swiotlb",
	"iommu",
	"intel_iommu",
	"amd_iommu",
	"rodata",
	"nohugeiomap",
	"nohugevmalloc",
	/* the rest of what changes how the kernel runs */
	"quiet",
	"ro",
	"rw",
	"debug",
	"nomodule",
	"nomodules",
	"noapic",
	"nolapic",
	"acpi",
	"lsm",
	"security",
	"apparmor",
	"selinux",
	"audit",
	"lockdown",
	"ftrace",
	"trace_clock",
	"ibt",
	"shstk",
	"nouser_shstk",
	"vdso",
	"norandmaps",
	"cpu_init_udelay",
	"nested_pvm",
	"sched_*",
	"fips",
	"panic",
	"reboot",
	"crashkernel",
};

static bool is_kept(const char *name)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (mp_str_glob(kept[i], name))
			return true;
	}
	return false;
}

/* "root", "systemd.journald_foo", but not "bootif-01-2a-..": letters, and few enough of everything else. */
static bool is_name(const char *word, size_t len)
{
	size_t digits = 0;

	if (!len || len > 48 || !isalpha((unsigned char)*word))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)word[i]) && !strchr("._-", word[i]))
			return false;
		digits += isdigit((unsigned char)word[i]) != 0;
	}
	return digits <= 3;
}

static void add_word(const char *word, size_t len, struct mp_str *out)
{
	const char *equals = memchr(word, '=', len);
	size_t name_len = equals ? (size_t)(equals - word) : len;
	char name[64];

	if (out->len)
		mp_str_addc(out, ' ');
	if (!is_name(word, name_len)) {
		mp_str_add(out, "...");
		return;
	}
	/* The kernel takes '-' and '_' in names for the same. */
	for (size_t i = 0; i < name_len; i++)
		name[i] = word[i] == '-' ? '_' : word[i];
	name[name_len] = '\0';
	mp_str_add_len(out, word, name_len);
	if (!equals)
		return;
	if (is_kept(name))
		mp_str_add_len(out, equals, len - name_len);
	else
		mp_str_add(out, "=...");
}

void mp_cmdline_filter(const char *cmdline, struct mp_str *out)
{
	const char *at = cmdline;

	for (;;) {
		const char *end;
		bool quoted = false;

		at += strspn(at, " \t\n");
		if (!*at)
			return;
		for (end = at; *end && (quoted || !strchr(" \t\n", *end)); end++)
			quoted ^= *end == '"';
		if (end - at == 2 && !strncmp(at, "--", 2)) {
			mp_str_add(out, " -- ...");
			return;
		}
		add_word(at, (size_t)(end - at), out);
		at = end;
	}
}
