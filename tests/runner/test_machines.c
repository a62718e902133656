/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts of five kinds of machine (tests/data/machines): a laptop with DDR5, servers of three makers, a container that
 * shows nothing. What each must say, word by word; that no serial number, UUID, name or path of theirs is in it; and
 * SMBIOS tables as firmware should not write them.
 */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/str.h"
#include "runner/machine/facts.h"
#include "runner/machine/smbios.h"
#include "tests/runner/tree.h"

#define MACHINES MEMPERF_TESTS "/data/machines/"

static const char *const machines[] = { "laptop-h", "server-2s", "server-amd", "server-arm",
					"container" };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* "group.key=value (origin)" a line; unknown is "?". */
static void add_line(void *user, const struct mp_fact *fact)
{
	mp_str_printf(user, "%s.%s=%s (%s)\n", fact->group, fact->key,
		      fact->value ? fact->value : "?", fact->origin);
}

static void collect_root(const char *root, struct mp_str *text)
{
	struct mp_fact_sink sink = { add_line, text };

	mp_facts_collect(root, &sink);
	assert_false(text->failed);
}

static void collect(const char *name, struct mp_str *text)
{
	char root[64];

	tree_unpack(MACHINES, name, root);
	collect_root(root, text);
	tree_remove(root);
}

/* "numa.online=0" */
static void assert_fact(const struct mp_str *text, const char *name, const char *value)
{
	struct mp_str want = MP_STR_INIT;
	const char *line;

	mp_str_printf(&want, "\n%s=", name);
	line = strstr(text->text, want.text);
	if (!line)
		fail_msg("no fact %s", name);
	line += want.len;
	if (strncmp(line, value, strlen(value)) || strncmp(line + strlen(value), " (", 2))
		fail_msg("%s is '%.*s', not '%s'", name, (int)strcspn(line, "\n"), line, value);
	mp_str_done(&want);
}

/* Unknown, and the reason holds these words. */
static void assert_unknown(const struct mp_str *text, const char *name, const char *reason)
{
	char line[512];
	const char *at;

	assert_fact(text, name, "?");
	snprintf(line, sizeof(line), "\n%s=?", name);
	at = strstr(text->text, line);
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
	if (!strstr(line, reason))
		fail_msg("'%s' does not say '%s'", line, reason);
}

static void test_laptop(void **state)
{
	static const char *const facts[][2] = {
		{ "dimm.slots", "2, 2 of them populated" },
		{ "dimm.type", "DDR5" },
		{ "dimm.size", "16G" },
		{ "dimm.speed", "5200 MT/s" },
		{ "dimm.rated_speed", "5600 MT/s" },
		{ "dimm.ranks", "1" },
		{ "dimm.width", "64 of 64 bits" },
		{ "dimm.voltage", "1100 mV" },
		{ "dimm.form", "SODIMM" },
		{ "dimm.part", "Micron Technology MTC8C1084S1SC56BD1" },
		{ "cpu.microcode", "0x4123" },
		{ "cpu.cores", "14" },
		{ "cpu.cache_kinds",
		  "L1d 48K, L2 1280K, L3 24576K (12), L1d 32K, L2 2048K, L3 24576K (8)" },
		{ "cpu.l3_domains", "1 of 24576K" },
		{ "cpu.fast_cores", "0-11" },
		{ "firmware.version", "1.21.0" },
		{ "firmware.platform_profile", "quiet" },
		{ "power.mains", "off" },
		{ "power.temperature", "41 C" },
		{ "power.intel_pstate", "active" },
		{ "power.package_throttled", "100 times" },
		{ "scheduling.throttled", "60 times" },
		{ "kernel.build_id", "4a5a9b0affb66c437abcd455d2738af879985fa9" },
		{ "kernel.cmdline",
		  "BOOT_IMAGE=... root=... ro quiet mitigations=auto wifi.key=..." },
		{ "perf.nmi_watchdog", "1" },
		{ "perf.units", "cpu_atom=10 cpu_core=4 uncore_imc_free_running_0=26 "
				"uncore_imc_free_running_1=27" },
		{ "process.limit_locked", "4062144K" },
		{ "process.limit_address_space", "unlimited" },
		{ "process.limit_files", "1024" },
		{ "process.root", "yes" },
		{ "process.seccomp", "off" },
		{ "process.environment", "LIBPFM_FORCE_PMU=skl HWLOC_XMLFILE=..." },
		{ "interrupts.affinity", "0-19" },
		{ "swap.zswap_compressor", "lz4" },
		{ "swap.zram", "none" },
		{ "numa.uninitialised", "none" },
		{ "numa.pool_node0_hugepages-2048kB", "total 0, free 0" },
	};
	struct mp_str text = MP_STR_INIT;

	(void)state;
	collect("laptop-h", &text);
	for (size_t i = 0; i < COUNT(facts); i++)
		assert_fact(&text, facts[i][0], facts[i][1]);
	assert_unknown(&text, "module.version", "not loaded");
	assert_unknown(&text, "module.commit", "not loaded");
	assert_unknown(&text, "damon.monitors", "No such file");
	assert_unknown(&text, "numa.access", "firmware");
	mp_str_done(&text);
}

static void test_two_sockets(void **state)
{
	static const char *const facts[][2] = {
		{ "dimm.slots", "5, 3 of them populated" },
		{ "dimm.type", "DDR5" },
		{ "dimm.size", "64G (2), 32G (1)" },
		/* From the extended fields for the first module, from the plain ones for the others. */
		{ "dimm.speed", "4400 MT/s" },
		{ "dimm.rated_speed", "4800 MT/s" },
		{ "dimm.width", "64 of 80 bits" },
		{ "dimm.part", "Samsung M321R8GA0BB0 (2), Hynix HMCG88AGBRA (1)" },
		{ "cpu.packages", "2" },
		{ "cpu.l3_domains", "2 of 61440K" },
		{ "numa.distances", "10 21; 21 10" },
		{ "numa.access", "node0: 0 ns, 281600 MiB/s; node1: 100 ns, 281600 MiB/s" },
		{ "numa.uninitialised", "none" },
		{ "numa.pool_node0_hugepages-1048576kB", "total 64, free 60" },
		{ "numa.pool_node1_hugepages-1048576kB", "total 0, free 0" },
		{ "damon.monitors", "1 on" },
		{ "cgroup.version", "1" },
		{ "cgroup.memory_limit_v1", "64G" },
		{ "cgroup.memory_usage_v1", "1048576" },
		{ "cgroup.cpuset_v1", "0-3" },
		{ "cgroup.cpu_quota", "2 CPUs" },
		{ "scheduling.isolated", "4-7" },
		{ "scheduling.nohz_full", "4-7" },
		{ "module.version", "0.1.0" },
		{ "module.commit", "1e5f0aa3c2d4" },
		{ "module.source", "7F3C6A4BDF1E29AA0C1D2E3" },
	};
	struct mp_str text = MP_STR_INIT;

	(void)state;
	collect("server-2s", &text);
	for (size_t i = 0; i < COUNT(facts); i++)
		assert_fact(&text, facts[i][0], facts[i][1]);
	/* No machine-id to key it with: a plain hash of the command line is none that may be stored. */
	assert_unknown(&text, "kernel.cmdline_hash", "machine-id");
	mp_str_done(&text);
}

static void test_other_servers(void **state)
{
	struct mp_str text = MP_STR_INIT;

	(void)state;
	collect("server-amd", &text);
	/* The edac driver knows slots, sizes and types, and nothing of speeds. */
	assert_fact(&text, "dimm.slots", "3, 2 of them populated");
	assert_fact(&text, "dimm.type", "DDR5");
	assert_fact(&text, "dimm.size", "32G");
	assert_unknown(&text, "dimm.speed", "does not say");
	assert_fact(&text, "cpu.l3_domains", "1 of 98304K, 1 of 32768K");
	assert_fact(&text, "power.amd_pstate", "active");
	assert_fact(&text, "process.root", "no");
	assert_fact(&text, "process.capabilities", "none");
	mp_str_clear(&text);
	collect("server-arm", &text);
	assert_fact(&text, "cpu.kinds", "0xd4f (2), 0xd80 (1)");
	assert_fact(&text, "kernel.page_size", "64 kB");
	assert_fact(&text, "clock.hypervisor", "QEMU");
	assert_fact(&text, "numa.uninitialised", "25320000K in all, 10853200K in nodes");
	assert_unknown(&text, "dimm.type", "no SMBIOS table and no edac driver");
	assert_unknown(&text, "scheduling.throttled", "No such file");
	assert_fact(&text, "perf.units", "armv8_pmuv3_0=8");
	assert_fact(&text, "memory.fragmentation_index_node0_Normal",
		    "order 1: -1.000, order 3: -1.000, order 13: 0.995");
	mp_str_done(&text);
}

/* Next to nothing is known of it, and nothing is made up: the known facts are listed. */
static void test_container(void **state)
{
	static const char *const known[] = {
		"build.",	   "kernel.compiler",	   "process.root",
		"process.seccomp", "process.capabilities", "process.environment"
	};
	struct mp_str text = MP_STR_INIT;
	char *rest, *line;
	size_t unknown = 0;

	(void)state;
	collect("container", &text);
	assert_fact(&text, "process.seccomp", "filter");
	assert_fact(&text, "process.environment", "LD_PRELOAD=...");
	assert_unknown(&text, "machine.class", "nothing of it");
	assert_unknown(&text, "machine.config", "nothing of it");
	rest = text.text;
	while ((line = strsep(&rest, "\n"))) {
		bool expected = !*line;

		unknown += strstr(line, "=? (") != NULL;
		for (size_t i = 0; i < COUNT(known); i++)
			expected |= !strncmp(line, known[i], strlen(known[i]));
		if (!expected && !strstr(line, "=? ("))
			fail_msg("known of a container: %s", line);
	}
	assert_true(unknown > 200);
	mp_str_done(&text);
}

static void write_text(const char *root, const char *path, const char *text)
{
	tree_write(root, path, text, strlen(text));
}

/*
 * The indices of mm/vmstat.c from /proc/buddyinfo, for the order of huge pages that the page size makes, or that the
 * kernel says; the numbers were worked out from the kernel's formulas apart from this code.
 */
static void test_fragmentation(void **state)
{
	static const struct {
		const char *smaps, *huge, *buddyinfo, *index, *unusable;
	} zones[] = {
		{ "KernelPageSize:        4 kB\n", NULL,
		  "Node 1, zone    DMA32 9 4 0 0 0 0 0 0 0 0 0\n",
		  "order 1: -1.000, order 3: 0.760, order 9: 0.921",
		  "order 1: 0.529, order 3: 1.000, order 9: 1.000" },
		{ "KernelPageSize:        4 kB\n", "2097152\n",
		  "Node 1, zone    DMA32 4000 900 300 100 40 20 10 5 2 1 3\n",
		  "order 1: -1.000, order 3: -1.000, order 9: -1.000",
		  "order 1: 0.276, order 3: 0.484, order 9: 0.752" },
		{ "KernelPageSize:       16 kB\n", NULL,
		  "Node 1, zone    DMA32 9 4 0 0 0 0 0 0 0 0 0 0\n",
		  "order 1: -1.000, order 3: 0.760, order 11: 0.923",
		  "order 1: 0.529, order 3: 1.000, order 11: 1.000" },
		/* Pages of 64K on a processor whose huge pages are of 2M. */
		{ "KernelPageSize:       64 kB\n", "2097152\n",
		  "Node 1, zone    DMA32 9 4 0 0 0 0 0 0 0\n",
		  "order 1: -1.000, order 3: 0.760, order 5: 0.883",
		  "order 1: 0.529, order 3: 1.000, order 5: 1.000" },
		/* No list holds blocks of 512M. */
		{ "KernelPageSize:       64 kB\n", NULL,
		  "Node 1, zone    DMA32 9 4 0 0 0 0 0 0 0 0 0\n",
		  "order 1: -1.000, order 3: 0.760", "order 1: 0.529, order 3: 1.000" },
		{ "", NULL, "Node 1, zone    DMA32 9 4 0 0 0 0 0 0 0 0 0\n",
		  "order 1: -1.000, order 3: 0.760", "order 1: 0.529, order 3: 1.000" },
		/* Nothing is free: as the kernel says it. */
		{ "KernelPageSize:        4 kB\n", NULL,
		  "Node 1, zone    DMA32 0 0 0 0 0 0 0 0 0 0 0\n",
		  "order 1: 0.000, order 3: 0.000, order 9: 0.000",
		  "order 1: 1.000, order 3: 1.000, order 9: 1.000" },
		{ "KernelPageSize:        4 kB\n", NULL, "Node 1, zone    DMA32\n", "?", "?" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(zones); i++) {
		struct mp_str text = MP_STR_INIT;
		char root[64];

		tree_unpack(MACHINES, "container", root);
		write_text(root, "/proc/self/smaps", zones[i].smaps);
		write_text(root, "/proc/buddyinfo", zones[i].buddyinfo);
		if (zones[i].huge)
			write_text(root, "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
				   zones[i].huge);
		collect_root(root, &text);
		assert_fact(&text, "memory.fragmentation_index_node1_DMA32", zones[i].index);
		assert_fact(&text, "memory.fragmentation_unusable_node1_DMA32", zones[i].unusable);
		if (!*zones[i].smaps)
			assert_non_null(strstr(text.text, "page size is unknown)"));
		mp_str_done(&text);
		tree_remove(root);
	}
}

/* A module that was built outside of a checkout, and one from before it told its commit. */
static void test_module_without_commit(void **state)
{
	struct mp_str text = MP_STR_INIT;
	char root[64];

	(void)state;
	tree_unpack(MACHINES, "container", root);
	write_text(root, "/sys/module/memperf/version", "1\n");
	collect_root(root, &text);
	assert_fact(&text, "module.version", "1");
	assert_unknown(&text, "module.commit", "No such file");
	mp_str_clear(&text);
	write_text(root, "/sys/module/memperf/parameters/commit", "\n");
	collect_root(root, &text);
	assert_unknown(&text, "module.commit", "outside of a checkout");
	mp_str_done(&text);
	tree_remove(root);
}

/* More kinds than a fact has room for are counted, not dropped. */
static void test_many_kinds(void **state)
{
	struct mp_str text = MP_STR_INIT;
	char root[64];

	(void)state;
	tree_unpack(MACHINES, "container", root);
	for (unsigned i = 0; i < 20; i++) {
		char path[64], list[16];

		snprintf(path, sizeof(path), "/proc/irq/%u/smp_affinity_list", i);
		tree_write(root, path, list, (size_t)snprintf(list, sizeof(list), "%u\n", i));
	}
	collect_root(root, &text);
	assert_non_null(strstr(text.text, "interrupts.affinity=0 (1), 1 (1), "));
	assert_non_null(strstr(text.text, ", 15 (1), others (4) ("));
	mp_str_done(&text);
	tree_remove(root);
}

static void assert_no_match(const char *text, const char *pattern, const char *name)
{
	regex_t regex;
	regmatch_t match;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_ICASE), 0);
	if (!regexec(&regex, text, 1, &match, 0))
		fail_msg("'%.*s' is in the facts of %s", (int)(match.rm_eo - match.rm_so),
			 text + match.rm_so, name);
	regfree(&regex);
}

static void test_no_leaks(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++) {
		struct mp_str text = MP_STR_INIT;

		collect(machines[i], &text);
		assert_no_match(text.text, "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-", machines[i]);
		assert_no_match(text.text, "([0-9a-f]{2}[:-]){5}[0-9a-f]{2}", machines[i]);
		assert_no_match(
			text.text,
			"MUST-NOT|hunter|anna|farm-17|slurm|4711|E5D9|0123456789abcdef|/dev/",
			machines[i]);
		mp_str_done(&text);
	}
}

static void id_of(const char *root, const char *which, char id[17])
{
	struct mp_str text = MP_STR_INIT, name = MP_STR_INIT;
	const char *at;

	collect_root(root, &text);
	mp_str_printf(&name, "\nmachine.%s=", which);
	at = strstr(text.text, name.text);
	assert_non_null(at);
	snprintf(id, 17, "%s", at + name.len);
	assert_int_equal(strspn(id, "0123456789abcdef"), 16);
	mp_str_done(&text);
	mp_str_done(&name);
}

/* The class is the hardware's, the configuration that of kernel and settings; load and use of memory are in neither. */
static void test_ids(void **state)
{
	static const struct {
		const char *path, *text;
		bool other_class, other_config;
	} changes[] = {
		{ "/proc/loadavg", "7.00 7.00 7.00 1/2 3\n", false, false },
		{ "/etc/machine-id", "ffffffffffffffffffffffffffffffff\n", false, false },
		/* Root alone reads the table: it must not make another class. */
		{ "/sys/firmware/dmi/tables/DMI", "", false, false },
		/* Another kernel keeps some pages for itself. */
		{ "/proc/meminfo", "MemTotal:       32497000 kB\nSwapTotal:       1000444 kB\n",
		  false, false },
		{ "/proc/meminfo", "MemTotal:       16000000 kB\nSwapTotal:       1000444 kB\n",
		  true, false },
		{ "/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n", false,
		  true },
		{ "/proc/sys/kernel/osrelease", "6.12.10-amd64\n", false, true },
		{ "/proc/meminfo", "MemTotal:       32497152 kB\nSwapTotal:       0 kB\n", false,
		  true },
		{ "/sys/devices/system/node/node0/distance", "10 20\n", true, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		char root[64], class[2][17], config[2][17];

		tree_unpack(MACHINES, "laptop-h", root);
		id_of(root, "class", class[0]);
		id_of(root, "config", config[0]);
		tree_write(root, changes[i].path, changes[i].text, strlen(changes[i].text));
		id_of(root, "class", class[1]);
		id_of(root, "config", config[1]);
		tree_remove(root);
		if ((strcmp(class[0], class[1]) != 0) != changes[i].other_class)
			fail_msg("change %zu of %s: class %s, %s", i, changes[i].path, class[0],
				 class[1]);
		if ((strcmp(config[0], config[1]) != 0) != changes[i].other_config)
			fail_msg("change %zu of %s: config %s, %s", i, changes[i].path, config[0],
				 config[1]);
	}
}

static void keep(void *user, const struct mp_smbios_dimm *dimm)
{
	*(struct mp_smbios_dimm *)user = *dimm;
}

static struct mp_smbios_dimm one_dimm(const char *line)
{
	struct mp_smbios_dimm dimm = { 0 };
	struct mp_str table = MP_STR_INIT;

	add_dimm(line, &table);
	assert_int_equal(mp_smbios_dimms(table.text, table.len, keep, &dimm), 1);
	mp_str_done(&table);
	return dimm;
}

static void test_smbios_fields(void **state)
{
	struct mp_smbios_dimm d = one_dimm("size=0x8400 type=0x23 speed=0xffff xspeed=8533");

	(void)state;
	assert_true(d.populated);
	assert_int_equal(d.bytes, 1 << 20); /* bit 15: KiB */
	assert_string_equal(mp_smbios_memory_type(d.type), "LPDDR5");
	assert_int_equal(d.rated_mts, 8533);
	assert_int_equal(d.configured_mts, 0);
	/* The top bits of the extended fields are reserved. */
	d = one_dimm(
		"size=0x7fff xsize=0x80020000 type=0x22 configured=0xffff xconfigured=0x80001f40");
	assert_int_equal(d.bytes, UINT64_C(128) << 30);
	assert_int_equal(d.configured_mts, 8000);
	d = one_dimm("size=0xffff type=2");
	assert_true(d.populated);
	assert_int_equal(d.bytes, 0);
	assert_null(mp_smbios_memory_type(d.type));
	assert_false(one_dimm("size=0 type=2").populated);
	assert_null(mp_smbios_memory_type(0xfe));
	/* A structure of SMBIOS 2.3 ends before these; what stands behind it belongs to its strings. */
	d = one_dimm("short size=512 type=0x12 speed=333 configured=9999 rank=2 maker=Old part=P1");
	assert_int_equal(d.rated_mts, 333);
	assert_int_equal(d.configured_mts, 0);
	assert_int_equal(d.ranks, 0);
	assert_string_equal(d.maker, "Old");
	assert_string_equal(d.part, "P1");
	d = one_dimm("size=1024 type=0x1a total=0xffff data=0xffff maker=___A_B___");
	assert_int_equal(d.data_width, 0);
	assert_string_equal(d.maker, "A B");
	assert_string_equal(d.part, "");
}

/* Every prefix of a table and every one of its bytes spoilt: no read beyond the end (the sanitizers look), no hang. */
static void test_smbios_hostile(void **state)
{
	struct mp_smbios_dimm dimm;
	struct mp_str table = MP_STR_INIT;

	(void)state;
	add_dimm("size=16384 type=0x22 speed=5600 maker=M serial=S part=P", &table);
	add_dimm("size=16384 type=0x22 speed=5600 maker=M serial=S part=P", &table);
	for (size_t len = 0; len < table.len; len++) {
		char *copy = malloc(len ? len : 1);

		assert_non_null(copy);
		memcpy(copy, table.text, len);
		assert_true(mp_smbios_dimms(copy, len, keep, &dimm) <= 2);
		free(copy);
	}
	for (size_t i = 0; i < table.len; i++) {
		for (unsigned value = 0; value < 256; value += 51) {
			char *copy = malloc(table.len);

			assert_non_null(copy);
			memcpy(copy, table.text, table.len);
			copy[i] = (char)value;
			assert_true(mp_smbios_dimms(copy, table.len, keep, &dimm) < 64);
			free(copy);
		}
	}
	assert_int_equal(mp_smbios_dimms("\x11\x02\0\0\0\0", 6, keep, &dimm), -22);
	assert_int_equal(mp_smbios_dimms("\x11\xff\0\0\0\0", 6, keep, &dimm), -22);
	mp_str_done(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_laptop),
		cmocka_unit_test(test_two_sockets),
		cmocka_unit_test(test_other_servers),
		cmocka_unit_test(test_container),
		cmocka_unit_test(test_fragmentation),
		cmocka_unit_test(test_module_without_commit),
		cmocka_unit_test(test_many_kinds),
		cmocka_unit_test(test_no_leaks),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_smbios_fields),
		cmocka_unit_test(test_smbios_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
