/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Policies on captured and made topologies. What is expected was worked out from the pictures of these machines (which
 * CPUs share a core, an L3, a package, a node), not taken from what the code says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/machine/internal.h"
#include "runner/machine/topology.h"

#define XML MEMPERF_TESTS "/data/hwloc/"

#define RAPTOR	XML "intel-raptorlake-i7-1370p.xml"
#define ARROW	XML "intel-arrowlake-ultra5-225u.xml"
#define STRIX	XML "amd-strixpoint-hx370.xml"
#define KUNPENG XML "arm64-kunpeng920-thinned.xml"
#define TIERS	XML "vm-hetero-memory-tiers.xml"
#define FIVE	XML "made-five-capacities.xml"
#define NVDIMM	XML "made-two-nodes-a-cache.xml"
#define SERVER	"pack:2 [numa(memory=64GB)] l3:2(size=32MB) core:2 pu:2"

static struct mp_machine *open_on(const char *root, const char *what)
{
	struct mp_machine_source source = { .root = root };
	struct mp_machine *machine = NULL;
	struct mp_err err = { 0 };

	*(what[0] == '/' ? &source.xml : &source.synthetic) = what;
	if (mp_machine_open_from(&source, &machine, &err))
		fail_msg("%s: %s", what, err.text);
	return machine;
}

static struct mp_params params_of(const char *place, const char *mem)
{
	struct mp_params params = { 0 };

	if (mem) {
		snprintf(params.items[params.count].axis, MP_WORD_MAX, "mem");
		snprintf(params.items[params.count++].word, MP_WORD_MAX, "%s", mem);
	}
	if (place) {
		snprintf(params.items[params.count].axis, MP_WORD_MAX, "place");
		snprintf(params.items[params.count++].word, MP_WORD_MAX, "%s", place);
	}
	return params;
}

/* ---- CPUs ---- */

struct row {
	const char *machine, *place,
		*want; /* all CPUs that the policy has; "!" and a part of the reason */
};

static const struct row rows[] = {
	/* P cores (0,1) (2,3) .. (10,11), E cores 12 .. 19; one L3 */
	{ RAPTOR, "compact", "2,3,4,5,6,7,8,9,10,11,1,0,12,13,14,15,16,17,18,19" },
	{ RAPTOR, "spread", "2,4,6,8,10,1,12,13,14,15,16,17,18,19,3,5,7,9,11,0" },
	{ RAPTOR, "spread:l3", "2,4,6,8,10,1,12,13,14,15,16,17,18,19,3,5,7,9,11,0" },
	{ RAPTOR, "smt", "2,3,4,5,6,7,8,9,10,11,1,0" },
	{ RAPTOR, "p-cores", "2,4,6,8,10,1,3,5,7,9,11,0" },
	{ RAPTOR, "e-cores", "12,13,14,15,16,17,18,19" },
	{ RAPTOR, "lp-cores", "!no low-power cores" },
	{ RAPTOR, "cpus:7+0-2", "7,0,1,2" },
	{ RAPTOR, "cpus:0+20", "!CPU 20 is absent" },
	/* P cores (0,1) (2,3), E cores 4 .. 11; 12 and 13 under no L3 */
	{ ARROW, NULL, "2,1,4,5,6,7,8,9,10,11,12,13,3,0" },
	{ ARROW, "compact", "2,3,1,0,4,5,6,7,8,9,10,11,12,13" },
	{ ARROW, "spread", "2,1,4,5,6,7,8,9,10,11,12,13,3,0" },
	{ ARROW, "spread:l3", "2,1,4,5,6,7,8,9,10,11,3,0,12,13" },
	{ ARROW, "smt", "2,3,1,0" },
	{ ARROW, "p-cores", "2,1,3,0" },
	{ ARROW, "e-cores", "4,5,6,7,8,9,10,11" },
	{ ARROW, "lp-cores", "12,13" },
	/* 16 MiB over (0,12) .. (3,15), 8 MiB over (4,16) .. (11,23) */
	{ STRIX, "compact", "4,16,5,17,6,18,7,19,8,20,9,21,10,22,11,23,1,13,2,14,3,15,12,0" },
	{ STRIX, "spread:l3", "1,4,2,5,3,6,12,7,8,9,10,11,13,16,14,17,15,18,0,19,20,21,22,23" },
	{ STRIX, "spread", "1,4,2,5,3,6,12,7,8,9,10,11,13,16,14,17,15,18,0,19,20,21,22,23" },
	{ STRIX, "smt", "1,13,2,14,3,15,12,0,4,16,5,17,6,18,7,19,8,20,9,21,10,22,11,23" },
	{ STRIX, "p-cores", "!all are of one kind" },
	/* nodes 0 to 3 with CPUs 0-3, 32-35 in one package, 64-67, 96-99 in the other; an L3 each */
	{ KUNPENG, NULL, "64,65,66,67,96,97,98,99,32,33,34,35,1,2,3,0" },
	{ KUNPENG, "spread:l3", "64,96,32,1,65,97,33,2,66,98,34,3,67,99,35,0" },
	{ KUNPENG, "spread:node", "64,96,32,1,65,97,33,2,66,98,34,3,67,99,35,0" },
	{ KUNPENG, "spread:package", "64,32,65,33,66,34,67,35,96,1,97,2,98,3,99,0" },
	{ KUNPENG, "spread", "64,32,96,1,65,33,97,2,66,34,98,3,67,35,99,0" },
	{ KUNPENG, "smt", "!no core has two threads" },
	{ KUNPENG, "e-cores", "!all are of one kind" },
	/* CPUs 0,1 near node 0; 2,3 near node 1; 4,5 near node 2 */
	{ TIERS, "spread:node", "2,4,1,3,5,0" },
	/* 4 .. 7 are one kind, 0 .. 3 the other, whatever the firmware ranks single ones by */
	{ FIVE, NULL, "4,5,6,7,1,2,3,0" },
	{ FIVE, "p-cores", "4,5,6,7" },
	{ FIVE, "e-cores", "1,2,3,0" },
	{ FIVE, "lp-cores", "!no low-power cores" },
	/* package 0: (0,4) (2,6); package 1: (1,5) (3,7) */
	{ NVDIMM, "spread:node", "1,2,3,4,5,6,7,0" },
	{ NVDIMM, "spread:package", "1,2,3,4,5,6,7,0" },
	{ NVDIMM, "compact", "1,5,3,7,2,6,4,0" },
	/* CPUs 0-7 in package 0: L3 of 0-3 and of 4-7; siblings are neighbours */
	{ SERVER, NULL, "8,10,12,14,4,6,2,1,9,11,13,15,5,7,3,0" },
	{ SERVER, "compact", "8,9,10,11,12,13,14,15,4,5,6,7,2,3,1,0" },
	{ SERVER, "spread", "8,4,12,2,10,6,14,1,9,5,13,3,11,7,15,0" },
	{ SERVER, "spread:package", "8,4,10,6,12,2,14,1,9,5,11,7,13,3,15,0" },
	{ SERVER, "spread:core", "8,10,12,14,4,6,2,1,9,11,13,15,5,7,3,0" },
	{ "core:2 pu:4", "smt", "4,5,6,7,1,2,3,0" },
	{ "core:4 pu:1", "spread:l3", "!no L3 cache" },
};

static void check_row(const struct row *r)
{
	struct mp_machine *m = open_on("", r->machine);
	struct mp_params params = params_of(r->place, NULL);
	unsigned n = 1, cpus = mp_machine_host(m)->cpus;
	struct mp_seat *seats = calloc(cpus + 1, sizeof(*seats));
	struct mp_err err = { 0 };
	char got[1024] = "";

	if (*r->want != '!')
		for (const char *at = r->want; (at = strchr(at, ',')); at++)
			n++;
	assert_non_null(seats);
	assert_true(n <= cpus);
	if (mp_machine_seats(m, &params, n, seats, &err)) {
		snprintf(got, sizeof(got), "!%s", err.text);
		if (*r->want == '!' && strstr(got, r->want + 1) && strstr(got, r->place))
			snprintf(got, sizeof(got), "%s", r->want);
	} else {
		for (unsigned i = 0; i < n; i++)
			sprintf(got + strlen(got), "%s%d", i ? "," : "", seats[i].cpu);
		/* One worker more than places is refused. */
		if (r->place && n < cpus) {
			assert_int_equal(mp_machine_seats(m, &params, n + 1, seats, &err), -34);
			assert_non_null(strstr(err.text, r->place));
		}
	}
	if (strcmp(got, r->want))
		fail_msg("%s place=%s: %s, not %s", r->machine, r->place ? r->place : "auto", got,
			 r->want);
	free(seats);
	mp_machine_close(m);
}

static void test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

/* ---- cores of one full speed ---- */

/* Of every CPU by its number. */
static const struct {
	const char *machine, *want;
} speeds[] = {
	{ RAPTOR, "p p p p p p p p p p p p e e e e e e e e" },
	{ ARROW, "p p p p e e e e e e e e lp lp" },
	/* Firmware ranks cores of one kind: capacities 718 and 731, 997, 1017 and 1024. */
	{ FIVE, "e:718 e:718 e:731 e:731 p:997 p:1017 p:1017 p:1024" },
	{ TIERS, "'' '' '' '' '' ''" },
	{ NVDIMM, "'' '' '' '' '' '' '' ''" },
	{ SERVER, "'' '' '' '' '' '' '' '' '' '' '' '' '' '' '' ''" },
};

static void assert_speeds(const char *root, const char *machine, const char *want)
{
	struct mp_machine *m = open_on(root, machine);
	unsigned cpus = mp_machine_host(m)->cpus;
	char got[1024] = "", place[32];

	for (unsigned i = 0; i < cpus; i++) {
		struct mp_params params;
		struct mp_seat seat;
		struct mp_err err;

		snprintf(place, sizeof(place), "cpus:%u", i);
		params = params_of(place, NULL);
		assert_int_equal(mp_machine_seats(m, &params, 1, &seat, &err), 0);
		sprintf(got + strlen(got), "%s%s", i ? " " : "", *seat.kind ? seat.kind : "''");
	}
	if (strcmp(got, want))
		fail_msg("%s: %s, not %s", machine, got, want);
	mp_machine_close(m);
}

static void test_speeds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
		assert_speeds("", speeds[i].machine, speeds[i].want);
}

/* ---- nodes ---- */

static const struct {
	const char *machine, *place, *mem;
	unsigned threads;
	const char *want; /* per worker mode and nodes */
} memories[] = {
	{ KUNPENG, "cpus:0", NULL, 1, "bind 0;" },
	{ KUNPENG, "cpus:0+32", NULL, 2, "default ;default ;" },
	{ KUNPENG, "cpus:0+32+64+96", "local", 4, "local 0;local 1;local 2;local 3;" },
	/* distances 10 16 32 33, 16 10 25 32, 32 25 10 16, 33 32 16 10 */
	{ KUNPENG, "cpus:0+32+64+96", "remote", 4, "bind 3;bind 3;bind 0;bind 0;" },
	{ KUNPENG, "cpus:0", "interleave", 1, "interleave 0-3;" },
	{ KUNPENG, "cpus:0", "interleave:1+3", 1, "interleave 1,3;" },
	{ KUNPENG, "cpus:0", "preferred-many:1-2@map", 1, "preferred-many 1,2 @map;" },
	{ KUNPENG, "cpus:0", "bind:4", 1,
	  "!NUMA node 4 is absent, without memory, or outside the cpuset of "
	  "this process, which may use 0-3" },
	/* The own node is the DRAM one, not the persistent memory beside it; remote is another CPU's own. */
	{ TIERS, "cpus:0+2+4", "local", 3, "local 0;local 1;local 2;" },
	{ TIERS, "cpus:0+2+4", "remote", 3, "bind 1;bind 0;bind 0;" },
	{ TIERS, "cpus:0", "interleave", 1, "interleave 0-2,4,6,8,9;" },
	{ TIERS, "cpus:0", "bind:5", 1, "!which may use 0-2,4,6,8,9" },
	{ NVDIMM, "cpus:0+1", "local", 2, "local 0;local 1;" },
	/* node 3 is farther from CPU 0 (28), but no CPU's own */
	{ NVDIMM, "cpus:0+1", "remote", 2, "bind 1;bind 0;" },
	{ RAPTOR, "cpus:2", NULL, 1, "default ;" },
	{ RAPTOR, "cpus:2", "bind:0", 1, "bind 0;" },
	{ RAPTOR, "cpus:2", "remote", 1, "!there is one" },
	{ RAPTOR, "cpus:2", "interleave", 1, "!there is one" },
	/* No sizes in a cpuid dump: the node counts all the same. */
	{ STRIX, "cpus:2", "local", 1, "local 0;" },
};

static void test_memories(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(memories) / sizeof(memories[0]); i++) {
		struct mp_machine *m = open_on("", memories[i].machine);
		struct mp_params params = params_of(memories[i].place, memories[i].mem);
		struct mp_seat seats[4];
		struct mp_err err = { 0 };
		char got[1024] = "", list[64];

		if (mp_machine_seats(m, &params, memories[i].threads, seats, &err)) {
			if (*memories[i].want != '!' || !strstr(err.text, memories[i].want + 1))
				fail_msg("%s mem=%s: %s", memories[i].machine, memories[i].mem,
					 err.text);
			mp_machine_close(m);
			continue;
		}
		for (unsigned t = 0; t < memories[i].threads; t++) {
			const struct mp_mempolicy *p = &seats[t].memory;

			mp_node_list(p, list, sizeof(list));
			sprintf(got + strlen(got), "%s %s%s;",
				mp_memory_name((enum mp_memory)p->mode), list,
				p->per_mapping ? " @map" : "");
		}
		if (strcmp(got, memories[i].want))
			fail_msg("%s place=%s mem=%s: %s, not %s", memories[i].machine,
				 memories[i].place, memories[i].mem, got, memories[i].want);
		mp_machine_close(m);
	}
}

/* ---- the kernel's core PMUs come before hwloc ---- */

static void write_pmu(const char *root, const char *name, const char *cpus)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "mkdir -p %s/sys/bus/event_source/devices/%s && echo '%s' "
		 ">%s/sys/bus/event_source/devices/%s/cpus",
		 root, name, cpus, root, name);
	assert_int_equal(system(command), 0);
}

static void assert_place(const char *root, const char *what, const char *place, unsigned n,
			 const char *want)
{
	struct mp_machine *m = open_on(root, what);
	struct mp_params params = params_of(place, NULL);
	struct mp_seat seats[32];
	struct mp_err err = { 0 };
	char got[1024] = "";

	if (mp_machine_seats(m, &params, n, seats, &err))
		snprintf(got, sizeof(got), "!%s", err.text);
	for (unsigned i = 0; i < n && *got != '!'; i++)
		sprintf(got + strlen(got), "%s%d", i ? "," : "", seats[i].cpu);
	if (*want == '!' ? !strstr(got, want + 1) : strcmp(got, want) != 0)
		fail_msg("place=%s: %s, not %s", place, got, want);
	mp_machine_close(m);
}

static void test_pmus(void **state)
{
	char root[] = "/tmp/memperf-test-XXXXXX", command[64];

	(void)state;
	assert_non_null(mkdtemp(root));
	write_pmu(root, "cpu_core", "0-3");
	/* One core PMU with a list says nothing about others. */
	assert_place(root, "l3:1(size=8MB) core:8 pu:1", "p-cores", 1, "!all are of one kind");
	write_pmu(root, "cpu_atom", "4-7");
	write_pmu(root, "uncore_imc_0", "0");
	assert_place(root, "l3:1(size=8MB) core:8 pu:1", "p-cores", 4, "1,2,3,0");
	assert_place(root, "l3:1(size=8MB) core:8 pu:1", "e-cores", 4, "4,5,6,7");
	/* Against hwloc's opinion, which calls 4 .. 7 the fast ones. */
	assert_place(root, FIVE, "p-cores", 4, "1,2,3,0");
	write_pmu(root, "cpu_atom", "4-5");
	write_pmu(root, "cpu_lowpower", "6-7");
	assert_place(root, "l3:1(size=8MB) core:8 pu:1", "lp-cores", 2, "6,7");
	assert_speeds(root, "l3:1(size=8MB) core:8 pu:1", "p p p p e e lp lp");
	snprintf(command, sizeof(command), "rm -r %s/sys", root);
	assert_int_equal(system(command), 0);
	/* Two microarchitectures of arm64; which is the faster one is told by hwloc's capacities. */
	write_pmu(root, "armv8_cortex_a725", "0-3");
	write_pmu(root, "armv8_cortex_x925", "4-7");
	assert_place(root, FIVE, "p-cores", 4, "4,5,6,7");
	assert_place(root, FIVE, "e-cores", 4, "1,2,3,0");
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

/* ---- words ---- */

static const struct {
	const char *word, *want; /* canonical; "!" and a part of the sentence */
} words[] = {
	{ "auto", "" },
	{ "spread:l3", "spread:l3" },
	{ "cpus:0,1,2,3", "cpus:0-3" },
	{ "cpus:3+1-2", "cpus:3+1+2" },
	{ "cpus:0-14:2", "cpus:0-14:2" },
	{ "cpus:0,8,1,9", "cpus:0+8+1+9" },
	{ "cpus:0-3,2", "!each once" },
	{ "cpus:", "!does not name CPUs" },
	{ "cpus:3-1", "!does not name CPUs" },
	{ "cpus:1,", "!does not name CPUs" },
	{ "cpus:0+2+5+9+11+13+14+19+23+28+31+37", "!longer than the 31 characters" },
	{ "spred:l3", "!did you mean 'spread:l3'" },
	{ "e-core", "!did you mean 'e-cores'" },
	{ "spread:numa", "!did you mean" },
};

static const struct {
	const char *word, *want;
} mem_words[] = {
	{ "default", "" },
	{ "local", "local" },
	{ "remote@map", "remote@map" },
	{ "interleave", "interleave" },
	{ "interleave:2,0,1", "interleave:0-2" },
	{ "bind:0+1@map", "bind:0+1@map" },
	{ "preferred-many:3", "preferred-many:3" },
	{ "bind", "!bind:LIST" },
	{ "bind:x", "!does not name NUMA nodes" },
	{ "bind:1024", "!does not name NUMA nodes" },
	{ "remote:1", "!memory policy" },
	{ "default@map", "!memory policy" },
	{ "local@mop", "!no memory policy" },
};

static void assert_word(const char *word, int code, const char *canonical, const char *text,
			const char *want)
{
	if (*want == '!' ? !code || !strstr(text, want + 1) : code || strcmp(canonical, want))
		fail_msg("'%s': %d '%s' '%s', not '%s'", word, code, canonical, text, want);
}

static void test_words(void **state)
{
	struct mp_place_policy place;
	struct mp_mem_policy mem;
	char *set;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char canonical[MP_WORD_MAX] = "?";
		struct mp_err err = { 0 };
		int code = mp_place_parse(words[i].word, &place, canonical, &err);

		assert_word(words[i].word, code, canonical, err.text, words[i].want);
	}
	for (size_t i = 0; i < sizeof(mem_words) / sizeof(mem_words[0]); i++) {
		char canonical[MP_WORD_MAX] = "?";
		struct mp_err err = { 0 };
		int code = mp_mem_parse(mem_words[i].word, &mem, canonical, &err);

		assert_word(mem_words[i].word, code, canonical, err.text, mem_words[i].want);
	}
	set = mp_policy_set("cpus:0,2, 4-6,compact,cpus:1");
	assert_string_equal(set, "cpus:0+2+4-6,compact,cpus:1");
	free(set);
}

/* ---- what is kept of a topology ---- */

static void test_strip(void **state)
{
	char xml[] =
		"<topology>\n  <info name=\"DMIProductSerial\" value=\"A1\"/>\n"
		"  <info name=\"CPUModel\" value=\"x &lt;/&gt; y\"/>\n"
		"  <info name=\"HostName\" value=\"me\"/><info name=\"CPUModelX\" value=\"?\"/>\n"
		"  <cpukind cpuset=\"0x1\">\n    <info name=\"CoreType\" value=\"IntelAtom\"/>\n"
		"    <info name=\"New\" value=\"\"/>\n  </cpukind>\n</topology>\n";
	char cut[] = "<topology><info name=\"HostName\" value=\"me";
	struct mp_machine *m = open_on("", KUNPENG);
	char *kept = NULL;

	(void)state;
	mp_topology_strip(xml);
	assert_string_equal(xml, "<topology>\n  <info name=\"CPUModel\" value=\"x &lt;/&gt; y\"/>\n"
				 "  <cpukind cpuset=\"0x1\">\n"
				 "    <info name=\"CoreType\" value=\"IntelAtom\"/>\n"
				 "  </cpukind>\n</topology>\n");
	mp_topology_strip(cut);
	assert_string_equal(cut, "<topology>");
	/* What is left is a topology still: the same nodes at the same distances. */
	assert_int_equal(mp_machine_topology(m, &kept, NULL), 0);
	assert_non_null(strstr(kept, "NUMALatency"));
	assert_non_null(strstr(kept, "LinuxCapacity"));
	assert_null(strstr(kept, "DMIChassis"));
	free(kept);
	mp_machine_close(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strip),	 cmocka_unit_test(test_places),
		cmocka_unit_test(test_memories), cmocka_unit_test(test_pmus),
		cmocka_unit_test(test_words),	 cmocka_unit_test(test_speeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
