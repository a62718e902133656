/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Topology, placement, limits, needs and the machine key, on synthetic and captured machines and on this one. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/machine/cgroup.h"
#include "runner/machine/internal.h"
#include "common/sha256.h"
#include "runner/machine/sysfile.h"

#define GUEST  MEMPERF_TESTS "/data/machine/guest"
#define LAPTOP MEMPERF_TESTS "/data/machine/laptop"
#define XML    MEMPERF_TESTS "/data/hwloc/"

static struct mp_machine *open_on(const char *root, const char *synthetic, const char *xml)
{
	struct mp_machine_source source = { .root = root, .synthetic = synthetic, .xml = xml };
	struct mp_machine *machine = NULL;
	struct mp_err err = { 0 };

	if (mp_machine_open_from(&source, &machine, &err))
		fail_msg("%s", err.text);
	return machine;
}

/* The whole order of CPUs as text: "2,3,1,0". */
static void assert_order(struct mp_machine *machine, const char *want)
{
	unsigned n = mp_machine_host(machine)->cpus;
	int cpus[256];
	char got[1024] = "";

	assert_true(n <= 256);
	assert_int_equal(mp_machine_place(machine, n, cpus, NULL), 0);
	for (unsigned i = 0; i < n; i++)
		sprintf(got + strlen(got), "%s%d", i ? "," : "", cpus[i]);
	assert_string_equal(got, want);
	mp_machine_close(machine);
}

static void test_order_one_core_each(void **state)
{
	(void)state;
	assert_order(open_on("", "pack:1 core:4 pu:1", NULL), "1,2,3,0");
	assert_order(open_on("", "pack:1 core:1 pu:1", NULL), "0");
	/* Siblings last, and of CPU 0's core the other one first. */
	assert_order(open_on("", "pack:1 core:2 pu:2", NULL), "2,1,3,0");
	/* The package, the cache and the core of CPU 0 come last within their level. */
	assert_order(open_on("", "pack:2 l3:2(size=1MB) core:2 pu:1", NULL), "4,5,6,7,2,3,1,0");
	/* Numbering with siblings far apart. */
	assert_order(open_on("", "pack:1 core:2 pu:2(indexes=0,2,1,3)", NULL), "1,2,3,0");
}

static void test_order_hybrid(void **state)
{
	(void)state;
	/* Performance cores first, then the efficiency cores, then siblings. */
	assert_order(open_on("", NULL, XML "intel-raptorlake-i7-1370p.xml"),
		     "2,4,6,8,10,1,12,13,14,15,16,17,18,19,3,5,7,9,11,0");
	/* Four cores with 16 MiB of cache before eight with 8 MiB. */
	assert_order(open_on("", NULL, XML "amd-strixpoint-hx370.xml"),
		     "1,2,3,12,4,5,6,7,8,9,10,11,13,14,15,0,16,17,18,19,20,21,22,23");
}

static void test_order_isolated(void **state)
{
	char root[] = "/tmp/memperf-test-XXXXXX", path[128];
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(root));
	snprintf(path, sizeof(path), "mkdir -p %s/sys/devices/system/cpu", root);
	assert_int_equal(system(path), 0);
	snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/isolated", root);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("2-3,6\n", file);
	fclose(file);
	assert_order(open_on(root, "pack:1 core:8 pu:1", NULL), "2,3,6,1,4,5,7,0");
	snprintf(path, sizeof(path), "rm -r %s", root);
	assert_int_equal(system(path), 0);
}

static void test_host(void **state)
{
	struct mp_machine *m = open_on("",
				       "pack:2 [numa(memory=4294967296)] l3:1(size=33554432) "
				       "l2:4(size=1048576) core:1 pu:2",
				       NULL);
	const struct mp_host *host = mp_machine_host(m);
	int cpus[17];
	struct mp_err err = { 0 };

	(void)state;
	assert_int_equal(host->cpus, 16);
	assert_int_equal(host->cores, 8);
	assert_int_equal(host->nodes, 2);
	assert_int_equal(host->llc_bytes, 32 << 20);
	assert_int_equal(host->page_size, sysconf(_SC_PAGESIZE));
	assert_true(host->memory_bytes > 0 && host->memory_bytes <= UINT64_C(8) << 30);
	assert_int_equal(mp_machine_node_of(m, 0), 0);
	assert_int_equal(mp_machine_node_of(m, 15), 1);
	assert_int_equal(mp_machine_node_of(m, 99), -1);
	assert_int_equal(mp_machine_place(m, 17, cpus, &err), -ERANGE);
	assert_int_equal(err.kind, MP_ERR_ENVIRONMENT);
	assert_non_null(strstr(err.text, "17 workers"));
	assert_non_null(strstr(err.text, "taskset"));
	mp_machine_close(m);
}

static void test_bad_topology(void **state)
{
	struct mp_machine_source source = { .root = "", .synthetic = "nonsense" };
	struct mp_machine *m = NULL;
	struct mp_err err = { 0 };

	(void)state;
	assert_int_equal(mp_machine_open_from(&source, &m, &err), -EINVAL);
	assert_non_null(strstr(err.text, "'nonsense'"));
	source = (struct mp_machine_source){ .root = "", .xml = "/nonexistent.xml" };
	assert_true(mp_machine_open_from(&source, &m, &err) < 0);
	assert_null(m);
	mp_machine_close(NULL);
}

/* This machine, with the whole mask and with one CPU of it. */
static void test_live(void **state)
{
	struct mp_machine *m = NULL;
	struct mp_err err = { 0 };
	cpu_set_t all, one;
	int cpu;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	if (mp_machine_open(&m, &err))
		fail_msg("%s", err.text);
	assert_int_equal(mp_machine_host(m)->cpus, CPU_COUNT(&all));
	assert_int_equal(mp_machine_place(m, 1, &cpu, &err), 0);
	assert_true(CPU_ISSET(cpu, &all));
	assert_true(mp_machine_host(m)->memory_bytes > 1 << 20);
	mp_machine_close(m);

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(mp_machine_open(&m, &err), 0);
	assert_int_equal(mp_machine_host(m)->cpus, 1);
	assert_int_equal(mp_machine_host(m)->cores, 1);
	assert_int_equal(mp_machine_place(m, 1, &cpu, &err), 0);
	assert_true(CPU_ISSET(cpu, &one));
	mp_machine_close(m);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

static void test_cgroup_limits(void **state)
{
	char folder[MP_SYSFILE_PATH];
	uint64_t bytes = 7;
	size_t mount;
	double cpus = 7;

	(void)state;
	/* Version 1: the parent's 3 GiB holds, the leaf has none. */
	assert_int_equal(mp_cgroup_memory_limit(GUEST, &bytes), 0);
	assert_int_equal(bytes, UINT64_C(3) << 30);
	assert_int_equal(mp_cgroup_cpu_limit(GUEST, &cpus), 0);
	assert_true(cpus > 1.499 && cpus < 1.501);
	assert_int_equal(mp_cgroup_folder(GUEST, MP_CGROUP_V1, "memory", folder, &mount), 0);
	assert_string_equal(folder, "/sys/fs/cgroup/memory/tenants/a");
	assert_int_equal(mount, strlen("/sys/fs/cgroup/memory"));
	/* Two controllers in one mount, and one that is a part of another's name. */
	assert_int_equal(mp_cgroup_folder(GUEST, MP_CGROUP_V1, "cpu", folder, &mount), 0);
	assert_string_equal(folder, "/sys/fs/cgroup/cpu,cpuacct/tenants/a");
	assert_int_equal(mp_cgroup_folder(GUEST, MP_CGROUP_V1, "mem", folder, &mount), -ENOENT);

	/* Version 2: memory.high of the slice is the tightest; no quota anywhere. */
	assert_int_equal(mp_cgroup_memory_limit(LAPTOP, &bytes), 0);
	assert_int_equal(bytes, UINT64_C(6) << 30);
	assert_int_equal(mp_cgroup_limit(LAPTOP, MP_CGROUP_V2, "memory", "memory.max", &bytes), 0);
	assert_int_equal(bytes, UINT64_C(8) << 30);
	assert_int_equal(mp_cgroup_limit(LAPTOP, MP_CGROUP_V2, "memory", "memory.swap.max", &bytes),
			 -ERANGE);
	assert_int_equal(mp_cgroup_cpu_limit(LAPTOP, &cpus), -ERANGE);
	assert_int_equal(mp_cgroup_memory_limit("/nonexistent", &bytes), -ERANGE);
}

/* The host's memory is what the tightest group leaves. */
static void test_memory_limited(void **state)
{
	struct mp_machine *m = open_on(GUEST, "pack:1 [numa(memory=8589934592)] core:2 pu:1", NULL);

	(void)state;
	assert_int_equal(mp_machine_host(m)->memory_bytes, UINT64_C(3) << 30);
	assert_int_equal(mp_machine_host(m)->hugepage_size, 2 << 20);
	assert_int_equal(mp_machine_host(m)->hugetlb_size, 2 << 20);
	mp_machine_close(m);
	/* Nodes that are smaller than the machine are the limit then. */
	m = open_on(LAPTOP, "pack:1 [numa(memory=1073741824)] core:2 pu:1", NULL);
	assert_int_equal(mp_machine_host(m)->memory_bytes, UINT64_C(1) << 30);
	mp_machine_close(m);
}

static void assert_need(const struct mp_machine *m, enum mp_need need, const char *part)
{
	char *why = mp_machine_need_unmet(m, need, NULL);

	if (!part) {
		if (why)
			fail_msg("need %d: %s", (int)need, why);
		return;
	}
	assert_non_null(why);
	if (!strstr(why, part))
		fail_msg("need %d: '%s' says nothing of '%s'", (int)need, why, part);
	free(why);
}

static void test_needs(void **state)
{
	struct mp_machine *guest = open_on(GUEST, "pack:1 core:2 pu:1", NULL);
	struct mp_machine *laptop = open_on(LAPTOP, "pack:2 [numa(memory=1GB)] core:2 pu:1", NULL);
	struct mp_machine *bare = open_on("/nonexistent", "core:2 pu:1", NULL);

	(void)state;
	assert_need(guest, MP_NEED_THP, NULL);
	assert_need(laptop, MP_NEED_THP, NULL);
	assert_need(bare, MP_NEED_THP, "CONFIG_TRANSPARENT_HUGEPAGE");
	/* The guest has CAP_IPC_LOCK, the laptop's user has 8 MiB. */
	assert_need(guest, MP_NEED_MEMLOCK, NULL);
	assert_need(laptop, MP_NEED_MEMLOCK, "only 8388608 bytes");
	assert_need(bare, MP_NEED_MEMLOCK, "cannot be read");
	/* 12 free, 2 of them promised; an empty pool. */
	assert_need(guest, MP_NEED_HUGETLB, NULL);
	assert_need(laptop, MP_NEED_HUGETLB, "nr_hugepages");
	assert_need(bare, MP_NEED_HUGETLB, "CONFIG_HUGETLBFS");
	assert_need(guest, MP_NEED_NODES, "numa=fake=2");
	assert_need(laptop, MP_NEED_NODES, NULL);
	/* A module whose name only begins alike is another one. */
	assert_need(laptop, MP_NEED_MODULE, "insmod");
	assert_need(guest, MP_NEED_MODULE, "CONFIG_MODULES");
	assert_need(guest, (enum mp_need)(1U << 31), "cannot probe");
	mp_machine_close(guest);
	mp_machine_close(laptop);
	mp_machine_close(bare);
}

static void write_file(const char *root, const char *path, const char *text)
{
	char command[512], full[256];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	snprintf(command, sizeof(command), "mkdir -p $(dirname %s)", full);
	assert_int_equal(system(command), 0);
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* The tightest level counts, wherever it is. */
static void test_cgroup_levels(void **state)
{
	static const struct {
		const char *parent, *leaf;
		uint64_t want;
	} cases[] = {
		{ "2147483648\n", "4294967296\n", UINT64_C(2) << 30 },
		{ "4294967296\n", "2147483648\n", UINT64_C(2) << 30 },
		{ "max\n", "1073741824\n", UINT64_C(1) << 30 },
	};
	char root[] = "/tmp/memperf-test-XXXXXX", command[64];
	uint64_t bytes;

	(void)state;
	assert_non_null(mkdtemp(root));
	write_file(root, "/proc/self/mountinfo",
		   "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	write_file(root, "/proc/self/cgroup", "0::/a/b\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_file(root, "/sys/fs/cgroup/a/memory.max", cases[i].parent);
		write_file(root, "/sys/fs/cgroup/a/b/memory.max", cases[i].leaf);
		assert_int_equal(mp_cgroup_memory_limit(root, &bytes), 0);
		assert_int_equal(bytes, cases[i].want);
	}
	/* In a container the mount may show a group as its top: the path is below that one. */
	write_file(root, "/proc/self/mountinfo",
		   "30 24 0:26 /a /sys/fs/cgroup/a rw - cgroup2 cgroup2 rw\n");
	assert_int_equal(mp_cgroup_memory_limit(root, &bytes), 0);
	assert_int_equal(bytes, UINT64_C(1) << 30);
	/* A group outside of what is mounted cannot be reached: the top of the mount is all there is. */
	write_file(root, "/proc/self/cgroup", "0::/../x\n");
	write_file(root, "/sys/fs/cgroup/a/memory.max", "3221225472\n");
	assert_int_equal(mp_cgroup_memory_limit(root, &bytes), 0);
	assert_int_equal(bytes, UINT64_C(3) << 30);
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

/* Each obstacle between here and a loaded module has its own sentence: the files that betray it, and words of it. */
static void test_need_module(void **state)
{
	static const struct {
		const char *path, *text, *part;
	} cases[] = {
		{ "/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0\n",
		  "not loaded: make -C kmod && sudo insmod" },
		{ "/proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\ta80425fb\n",
		  "no CAP_SYS_MODULE, as in a container" },
		{ "/proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t1ffffffffff\n",
		  "not loaded: make -C kmod && insmod" },
		{ "/dev/kmsg", "6,1,1,-;usb 1-1: memperf is not meant\n",
		  "not loaded: make -C kmod && insmod" },
		{ "/dev/kmsg", "4,1,1,-;memperf: loading out-of-tree module taints kernel.\n",
		  "not loaded: make -C kmod && insmod" },
		{ "/dev/kmsg",
		  "3,2,1,-;memperf: version magic '6.1.0-9 SMP ' should be '6.1.0-10 SMP '\n",
		  "another kernel (version magic '6.1.0-9 SMP ' should be '6.1.0-10 SMP '): make "
		  "-C kmod clean modules && insmod" },
		/* The remedy is one for whoever asks, whatever the log says. */
		{ "/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0\n",
		  "'6.1.0-10 SMP '): make -C kmod clean modules && sudo insmod" },
		{ "/proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\ta80425fb\n",
		  "'6.1.0-10 SMP '), and root may not load it here (no CAP_SYS_MODULE, as in a "
		  "container): outside, make -C kmod clean modules && insmod" },
		{ "/proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t1ffffffffff\n",
		  "'6.1.0-10 SMP '): make -C kmod clean modules && insmod" },
		{ "/dev/kmsg",
		  "3,2,1,-;memperf: .gnu.linkonce.this_module section size must match the kernel's "
		  "built struct module size at run time\n",
		  "another kernel (.gnu.linkonce" },
		{ "/dev/kmsg", "4,2,1,-;memperf: disagrees about version of symbol module_layout\n",
		  "another kernel (disagrees" },
		{ "/dev/kmsg",
		  "4,2,1,-;memperf: disagrees about version of symbol kfree\n"
		  "4,3,2,-;memperf: Unknown symbol kfree (err -22)\n",
		  "another kernel (Unknown symbol kfree" },
		/* The last try counts. */
		{ "/dev/kmsg",
		  "3,2,1,-;memperf: version magic '6.1.0-9 SMP ' should be '6.1.0-10 SMP '\n"
		  "4,3,2,-;memperf: Unknown symbol irq_work_queue (err -2)\n",
		  "lacks 'irq_work_queue'" },
		/* One that dkms built for the running kernel is at hand. */
		{ "/proc/sys/kernel/osrelease", "6.1.0-10\n", "lacks" },
		{ "/lib/modules/6.1.0-9/updates/dkms/memperf.ko", "", "lacks" },
		{ "/dev/kmsg", "", "not loaded: make -C kmod && insmod" },
		{ "/lib/modules/6.1.0-10/updates/dkms/memperf.ko.xz", "",
		  "not loaded: modprobe memperf" },
		/* What keeps every module out comes first, the strongest of it before the rest. */
		{ "/sys/module/module/parameters/sig_enforce", "Y\n", "module.sig_enforce" },
		{ "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n",
		  "module.sig_enforce" },
		{ "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n",
		  "Secure Boot" },
		{ "/proc/sys/kernel/modules_disabled", "0\n", "Secure Boot" },
		{ "/proc/sys/kernel/modules_disabled", "1\n", "reboot, then insmod" },
	};
	char root[] = "/tmp/memperf-test-XXXXXX", command[64];

	(void)state;
	assert_non_null(mkdtemp(root));
	write_file(root, "/proc/modules", "memperf_other 16384 0 - Live 0x0 (O)\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mp_machine *m;

		write_file(root, cases[i].path, cases[i].text);
		m = open_on(root, "core:2 pu:1", NULL);
		assert_need(m, MP_NEED_MODULE, cases[i].part);
		mp_machine_close(m);
	}
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

#define THP "/sys/kernel/mm/transparent_hugepage/"

static void test_need_thp_switches(void **state)
{
	static const struct {
		const char *global, *sized, *part;
	} cases[] = {
		{ "always madvise [never]", "always [inherit] madvise never", "echo madvise" },
		{ "always [madvise] never", "always inherit madvise [never]", "echo inherit" },
		{ "always madvise [never]", "[always] inherit madvise never", NULL },
		{ "[always] madvise never", "always [inherit] madvise never", NULL },
	};
	char root[] = "/tmp/memperf-test-XXXXXX", command[64];

	(void)state;
	assert_non_null(mkdtemp(root));
	write_file(root, THP "hpage_pmd_size", "2097152\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mp_machine *m;

		write_file(root, THP "enabled", cases[i].global);
		write_file(root, THP "hugepages-2048kB/enabled", cases[i].sized);
		m = open_on(root, "core:1 pu:1", NULL);
		assert_need(m, MP_NEED_THP, cases[i].part);
		mp_machine_close(m);
	}
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

static void test_key(void **state)
{
	char root[] = "/tmp/memperf-test-XXXXXX", command[64], live[33], again[33], one[33],
	     two[33];

	(void)state;
	mp_machine_key(live);
	mp_machine_key(again);
	assert_string_equal(live, again);
	assert_int_equal(strlen(live), 16);
	assert_int_equal(strspn(live, "0123456789abcdef"), 16);

	assert_non_null(mkdtemp(root));
	write_file(root, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	mp_machine_key_from(root, one);
	/* Salted: printf 'memperf machine key 1:0123456789abcdef0123456789abcdef' | sha256sum */
	assert_string_equal(one, "4d301c29fbeba904");
	write_file(root, "/etc/machine-id", "0123456789abcdef0123456789abcdee\n");
	mp_machine_key_from(root, two);
	assert_string_not_equal(one, two);
	/* What only begins like an id is none: then looks decide, and those are equal. */
	write_file(root, "/etc/machine-id", "0123456789abcdef0123456789abcdefz1\n");
	mp_machine_key_from(root, one);
	write_file(root, "/etc/machine-id", "0123456789abcdef0123456789abcdefz2\n");
	mp_machine_key_from(root, two);
	assert_string_equal(one, two);
	/* No id yet, or none at all: what the machine looks like. */
	write_file(root, "/etc/machine-id", "uninitialized\n");
	write_file(root, "/proc/cpuinfo", "model name\t: Example\n");
	mp_machine_key_from(root, one);
	write_file(root, "/proc/cpuinfo", "model name\t: Another\n");
	mp_machine_key_from(root, two);
	assert_string_not_equal(one, two);
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

static void assert_sha256(const char *text, const char *want)
{
	uint8_t digest[32];
	char hex[65];

	mp_sha256(text, strlen(text), digest);
	for (unsigned i = 0; i < 32; i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
	assert_string_equal(hex, want);
}

/* FIPS 180-4's examples, and the lengths around one block (sha256sum of as many letters a). */
static void test_sha256(void **state)
{
	(void)state;
	assert_sha256("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_sha256("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	assert_sha256("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		      "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
	assert_sha256("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		      "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

static void test_sysfile(void **state)
{
	static const char text[] =
		"model name\t: Big CPU\nmodel\t\t: 17\nMemTotal:  8 kB\nMax locked "
		"memory   unlimited\npgfault 12\n";
	uint64_t number = 5;
	char value[8];

	(void)state;
	assert_int_equal(mp_sysfile_field(text, "model", value, sizeof(value)), 0);
	assert_string_equal(value, "17");
	assert_int_equal(mp_sysfile_field(text, "model name", value, sizeof(value)), 0);
	assert_string_equal(value, "Big CPU");
	assert_int_equal(mp_sysfile_field(text, "name", value, sizeof(value)), -ENOENT);
	assert_int_equal(mp_sysfile_field(text, "Max locked memory", value, sizeof(value)), 0);
	assert_string_equal(value, "unlimit");
	assert_int_equal(mp_sysfile_field_number(text, "MemTotal", &number), 0);
	assert_int_equal(number, 8192);
	assert_int_equal(mp_sysfile_field_number(text, "pgfault", &number), 0);
	assert_int_equal(number, 12);
	assert_int_equal(mp_sysfile_field_number(text, "model name", &number), -EINVAL);
	assert_int_equal(number, 12);
	assert_true(mp_sysfile_list_has("0-3,8,10-11", 8));
	assert_true(mp_sysfile_list_has("0-3,8,10-11", 2));
	assert_true(mp_sysfile_list_has("0-3,8,10-11", 11));
	assert_false(mp_sysfile_list_has("0-3,8,10-11", 9));
	assert_false(mp_sysfile_list_has("", 0));
	assert_false(mp_sysfile_list_has("x", 0));
	assert_int_equal(mp_sysfile_number("", &number, "/nonexistent"), -ENOENT);
	assert_int_equal(mp_sysfile_number(GUEST, &number, "/proc/version"), -EINVAL);
	assert_int_equal(mp_sysfile_number(GUEST, &number, "/proc/sys/vm/%s", "swappiness"), 0);
	assert_int_equal(number, 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_one_core_each),
		cmocka_unit_test(test_order_hybrid),
		cmocka_unit_test(test_order_isolated),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_bad_topology),
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_cgroup_limits),
		cmocka_unit_test(test_cgroup_levels),
		cmocka_unit_test(test_memory_limited),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_need_module),
		cmocka_unit_test(test_need_thp_switches),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_sysfile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
