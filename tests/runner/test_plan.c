/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plans from families of this test's own: what is selected, left out and why, the order, the JSON.
 */
#include "runner/plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "common/str.h"
#include "tests/runner/plan_made.h"

static const struct mp_host wide = { .page_size = 64 * K,
				     .hugepage_size = 512 * M,
				     .memory_bytes = 4096 * M,
				     .cpus = 1,
				     .cores = 1,
				     .nodes = 1 };

/* ---- helpers ---- */

/* The plan as lines: cases ("!" and reason when skipped), then "-" dropped. Floors are left out: they are in
 * every plan and checked once. */
static char *show(const struct mp_plan *plan)
{
	struct mp_str s = MP_STR_INIT;

	for (size_t i = 0; i < plan->n_cases; i++) {
		if (!strncmp(plan->cases[i].text, "floor.", 6))
			continue;
		mp_str_add(&s, plan->cases[i].text);
		if (plan->cases[i].skip_reason)
			mp_str_printf(&s, " ! %s", plan->cases[i].skip_reason);
		mp_str_addc(&s, '\n');
	}
	for (size_t i = 0; i < plan->n_dropped; i++)
		mp_str_printf(&s, "- %s: %s\n", plan->dropped[i].text, plan->dropped[i].reason);
	return mp_str_take(&s);
}

static void check(const char *cases, const char *sets, const struct mp_host *on, const char *filter,
		  const char *want)
{
	struct mp_plan_options o = { .need_unmet = no_hugetlb, .filter = filter };
	struct mp_plan plan = { 0 };
	struct mp_err err = { .text = "" };
	char *got;

	if (make(cases, sets, on, &o, &plan, &err)) {
		got = strdup(err.text);
		assert_int_equal(plan.n_cases, 0);
	} else {
		got = show(&plan);
	}
	if (strcmp(got, want))
		fail_msg("%s --set %s\n want:\n%s\n got:\n%s", cases, sets, want, got);
	free(got);
	mp_plan_done(&plan);
}

#define ANON "{ bench = \"map.anon\"; }"

/* ---- selection ---- */

static void test_values(void **state)
{
	(void)state;
	/* representative values; sizes in the order of numbers, not of words */
	check(ANON, "", &host, NULL,
	      "map.anon/backing=anon/size=4K\nmap.anon/backing=anon/size=64K\n"
	      "map.anon/backing=anon/size=2M\n");
	check("{ bench = \"map.anon\"; size = \"8K,4K,8K\"; }", "", &host, NULL,
	      "map.anon/backing=anon/size=4K\nmap.anon/backing=anon/size=8K\n");
	check("{ bench = \"map.anon\"; size = \"512M..1G\"; values = \"matrix\"; }", "", &host,
	      NULL,
	      "map.anon/backing=anon/size=512M\nmap.anon/backing=anon/size=1G\n"
	      "map.anon/backing=memfd/size=512M\nmap.anon/backing=memfd/size=1G\n");
	/* --set wins over the file and over the matrix */
	check("{ bench = \"map.anon\"; size = \"512M\"; values = \"matrix\"; }",
	      "size=4K backing=memfd", &host, NULL, "map.anon/backing=memfd/size=4K\n");
	/* two entries for one benchmark: no repeats */
	check(ANON ", { bench = \"map.an*\"; size = \"2M,4M\"; }", "", &host, NULL,
	      "map.anon/backing=anon/size=4K\nmap.anon/backing=anon/size=64K\n"
	      "map.anon/backing=anon/size=2M\nmap.anon/backing=anon/size=4M\n");
	check("{ bench = \"map.touch\"; }, " ANON, "size=4M", &host, NULL,
	      "map.anon/backing=anon/size=4M\nmap.touch/size=4M/touch=none\n"
	      "map.touch/size=4M/touch=write\n");
}

static void test_dropped(void **state)
{
	(void)state;
	/* the benchmark's own law */
	check("{ bench = \"map.touch\"; size = \"4M,8M\"; }", "", &host, NULL,
	      "map.touch/size=4M/touch=none\nmap.touch/size=4M/touch=write\n"
	      "map.touch/size=8M/touch=none\n"
	      "- map.touch/size=8M/touch=write: touching more than 4M takes too long\n");
	/* the machine's pages */
	check("{ bench = \"map.anon\"; size = \"4K..256K:x4\"; }", "", &wide, NULL,
	      "map.anon/backing=anon/size=64K\nmap.anon/backing=anon/size=256K\n"
	      "- map.anon size=16K: is not a multiple of this machine's base page, 64K\n"
	      "- map.anon size=4K: is not a multiple of this machine's base page, 64K\n");
	/* the machine's CPUs */
	check("{ bench = \"map.scale\"; threads = \"1..8\"; }", "", &host, NULL,
	      "map.scale/huge=no/threads=1\nmap.scale/huge=no/threads=2\n"
	      "map.scale/huge=no/threads=4\n"
	      "- map.scale/huge=no/threads=8: 8 threads want as many CPUs; there are 4\n");
	/* said for several benchmarks, accepted by some: the others say why not */
	check("{ bench = \"map.*\"; size = \"4K\"; backing = \"memfd\"; }", "", &host, "size = 4K",
	      "map.anon/backing=memfd/size=4K\n"
	      "- map.huge backing=memfd: axis 'backing' has no value 'memfd'; it has "
	      "anon, hugetlb\n"
	      "- map.touch size=4K: axis 'size': '4K' is below the least value 64K\n");
	/* dropped once, however many entries say it */
	check("{ bench = \"map.touch\"; size = \"8M\"; }, { bench = \"map.t*\"; size = \"8M\"; }",
	      "", &host, NULL,
	      "map.touch/size=8M/touch=none\n"
	      "- map.touch/size=8M/touch=write: touching more than 4M takes too long\n");
}

static void test_skipped(void **state)
{
	struct mp_plan_options o = { .need_unmet = no_hugetlb };
	struct mp_plan plan;
	unsigned asked = 0;

	(void)state;
	check("{ bench = \"map.huge\"; }, { bench = \"map.gone\"; }, { bench = \"map.scale\"; }",
	      "", &host, NULL,
	      "map.gone ! this build's headers lack MAP_GONE: build on a newer kernel\n"
	      "map.huge/backing=hugetlb/size=2044K ! the pool is empty: fill it\n"
	      "map.huge/backing=hugetlb/size=2M ! the pool is empty: fill it\n"
	      "map.scale/huge=no/threads=1\n");
	/* a machine without the symbol */
	check("{ bench = \"map.huge\"; }, { bench = \"map.scale\"; }", "",
	      &(struct mp_host){ .page_size = 4 * K, .cpus = 1 }, NULL,
	      "map.scale/huge=no/threads=1\n"
	      "- map.huge size=hugepage: this kernel has no transparent huge pages\n"
	      "- map.huge size=hugepage-page: this kernel has no transparent huge pages\n");
	/* a value that needs more than its benchmark */
	check("{ bench = \"map.touch\"; touch = \"none,read\"; }", "", &host, NULL,
	      "map.touch/size=2M/touch=none\n"
	      "map.touch/size=2M/touch=read ! the pool is empty: fill it\n");
	/* every need is asked once */
	o.need_user = &asked;
	assert_int_equal(make("{ bench = \"*\"; }", "", &host, &o, &plan, NULL), 0);
	assert_int_equal(asked, 3);
	assert_int_equal(plan.n_runnable + 3, plan.n_cases);
	mp_plan_done(&plan);
	/* nobody to ask: nothing is skipped but what the build lacks */
	assert_int_equal(make("{ bench = \"*\"; }", "", &host, NULL, &plan, NULL), 0);
	assert_int_equal(plan.n_runnable + 1, plan.n_cases);
	mp_plan_done(&plan);
}

static void test_filters(void **state)
{
	(void)state;
	check(ANON, "", &host, "size >= 64K",
	      "map.anon/backing=anon/size=64K\nmap.anon/backing=anon/size=2M\n");
	check("{ bench = \"map.*\"; filter = \"threads >= 1\"; }", "", &host, NULL,
	      "map.scale/huge=no/threads=1\n");
	check("{ bench = \"*\"; filter = \"size > 4K\"; }", "", &host, "family = map and size < 2M",
	      "map.anon/backing=anon/size=64K\nmap.huge/backing=hugetlb/size=2044K ! the pool is "
	      "empty: fill it\n");
}

static void test_space(void **state)
{
	(void)state;
	check("{ bench = \"*\"; space = \"kernel\"; }", "", &host, NULL, "kmalloc.one\n");
	check("{ bench = \"*a*\"; space = \"user\"; size = \"2M\"; touch = \"none\"; }", "", &host,
	      "bench ~ map.t* or bench ~ k*", "map.touch/size=2M/touch=none\n");
	check("{ bench = \"map.*\"; space = \"kernel\"; }", "", &host, NULL,
	      "t.cfg:2: no benchmark that matches 'map.*' runs in kernel space");
	check("{ bench = \"kmaloc.*\"; space = \"kernel\"; }", "", &host, NULL,
	      "t.cfg:2: no benchmark matches 'kmaloc.*'; did you mean 'kmalloc.*'?");
}

/* The floor belongs to every plan, whatever is selected, at its own values. */
static void test_floor(void **state)
{
	struct mp_plan_options o = { .filter = "bench = map.anon and size = 8M" };
	struct mp_plan plan;

	(void)state;
	assert_int_equal(make("{ bench = \"map.*\"; }", "size=8M", &host, &o, &plan, NULL), 0);
	assert_int_equal(plan.n_cases, 5);
	assert_string_equal(plan.cases[0].text, "floor.access/backing=anon/size=4K");
	assert_string_equal(plan.cases[1].text, "floor.access/backing=anon/size=64K");
	assert_string_equal(plan.cases[2].text, "floor.access/backing=anon/size=2M");
	assert_string_equal(plan.cases[3].text, "floor.loop");
	assert_string_equal(plan.cases[4].text, "map.anon/backing=anon/size=8M");
	assert_int_equal(plan.n_runnable, 5);
	assert_ptr_equal(plan.cases[3].bench, &floor_benches[0]);
	mp_plan_done(&plan);
	mp_plan_done(&plan);
}

/* ---- errors ---- */

static void test_errors(void **state)
{
	static const struct {
		const char *cases, *sets, *filter, *message;
	} rows[] = {
		{ "{ bench = \"map.anom\"; }", "", NULL,
		  "t.cfg:2: no benchmark matches 'map.anom'; did you mean 'map.anon'?" },
		{ "{ bench = \"map\"; }", "", NULL,
		  "t.cfg:2: no benchmark matches 'map'; did you mean 'map.*'?" },
		{ "{ bench = \"network.*\"; }", "", NULL,
		  "t.cfg:2: no benchmark matches 'network.*'; 'memperf list' shows them all" },
		{ ANON ",\n{ bench = \"map.anon\";\n sise = \"4K\"; }", "", NULL,
		  "t.cfg:4: 'sise' is no axis of map.anon; did you mean 'size'?" },
		{ "{ bench = \"map.anon\"; touch = \"none\"; }", "", NULL,
		  "t.cfg:2: 'touch' is no axis of map.anon; 'memperf list NAME' shows what it "
		  "has" },
		{ "{ bench = \"map.*\"; treads = \"1\"; }", "", NULL,
		  "t.cfg:2: 'treads' is no axis of any benchmark selected here; did you mean "
		  "'threads'?" },
		{ "{ bench = \"map.*\"; vlues = \"matrix\"; }", "", NULL,
		  "t.cfg:2: 'vlues' is no axis of any benchmark selected here; did you mean "
		  "'values'?" },
		{ "{ bench = \"map.anon\"; size = \"4KB\"; }", "", NULL,
		  "t.cfg:2: axis 'size': '4KB' is not a size; did you mean '4K'?" },
		{ "{ bench = \"map.*\"; backing = \"anon,memdf\"; }", "", NULL,
		  "t.cfg:2: axis 'backing' has no value 'memdf'; it has anon, hugetlb" },
		{ "{ bench = \"map.anon\"; backing = \"memdf\"; }", "", NULL,
		  "t.cfg:2: axis 'backing' has no value 'memdf'; did you mean 'memfd'? (it has "
		  "anon, "
		  "memfd)" },
		{ "{ bench = \"map.anon\"; size = \"\"; }", "", NULL,
		  "t.cfg:2: axis 'size': an empty value in the list" },
		{ "{ bench = \"map.anon\"; size = \"1G..4K\"; }", "", NULL,
		  "t.cfg:2: axis 'size': range '1G..4K' runs downwards; swap its ends" },
		{ "{ bench = \"map.anon\"; filter = \"sise = 4K\"; }", "", NULL,
		  "t.cfg:2: the filter names 'sise', which is no axis; did you mean 'size'?" },
		{ ANON, "sise=4K", NULL,
		  "--set: 'sise' is no axis of map.anon; did you mean 'size'?" },
		/* the build has it, the selection does not: said as well, not passed over */
		{ ANON, "threads=4", NULL,
		  "--set: 'threads' is no axis of map.anon; 'memperf list NAME' shows what it "
		  "has" },
		{ ANON, "size=big", NULL,
		  "--set: axis 'size': 'big' is not a size; write 4096, 4K, 2M, 1G, or page, "
		  "hugepage, hugetlb, llc" },
		{ ANON, "", "size >",
		  "filter 'size >', column 7: expected a value, found the end" },
		{ ANON, "", "benhc = map.anon",
		  "--filter: the filter names 'benhc', which is no axis; did you mean 'bench'?" },
		{ ANON, "", "xyzzy = 1",
		  "--filter: the filter names 'xyzzy', which is no axis of any benchmark; 'memperf "
		  "list' shows them" },
		{ ANON, "", "size = 3", "no case matches filter 'size = 3'" },
		{ "{ bench = \"map.scale\"; threads = \"8,16\"; }", "", NULL,
		  "no case is left; 2 dropped, the first: 'map.scale/huge=no/threads=16': 16 "
		  "threads "
		  "want as many CPUs; there are 4" },
		{ "{ bench = \"map.scale\"; threads = \"8\"; }", "", "threads = 8",
		  "no case is left that matches the filter; 1 dropped, the first: "
		  "'map.scale/huge=no/threads=8': 8 threads want as many CPUs; there are 4" },
	};

	(void)state;
	for (size_t i = 0; i < MP_COUNT(rows); i++)
		check(rows[i].cases, rows[i].sets, &host, rows[i].filter, rows[i].message);
}

static void test_nothing(void **state)
{
	struct mp_suite suite = { 0 };
	struct mp_plan plan;
	struct mp_err err;

	(void)state;
	assert_int_equal(mp_plan_make(&suite, &host, NULL, &plan, &err), -ENOENT);
	assert_string_equal(err.text, "nothing is selected; name a suite or a benchmark");
	assert_int_equal(err.kind, MP_ERR_USAGE);
	/* without --bench the place is the option */
	assert_int_equal(mp_suite_add_bench(&suite, "map.anno", &err), 0);
	assert_int_equal(mp_plan_make(&suite, &host, NULL, &plan, &err), -EINVAL);
	assert_string_equal(err.text,
			    "--bench: no benchmark matches 'map.anno'; did you mean 'map.anon'?");
	mp_suite_done(&suite);
}

/* What --bench selects beside the floor: the texts, a blank behind each; or the sentence. */
static void selected(const char *glob, struct mp_str *ret)
{
	struct mp_suite suite = { 0 };
	struct mp_plan plan = { 0 };
	struct mp_err err;

	if (mp_suite_add_bench(&suite, glob, &err) ||
	    mp_plan_make(&suite, &host, NULL, &plan, &err))
		mp_str_add(ret, err.text);
	for (size_t i = 0; i < plan.n_cases; i++)
		if (strncmp(plan.cases[i].text, "floor.", 6))
			mp_str_printf(ret, "%s ", plan.cases[i].text);
	mp_plan_done(&plan);
	mp_suite_done(&suite);
}

/* Behind a slash stands which cases of a benchmark: by name, also such as no suite has, or by pattern. */
static void test_cases_by_name(void **state)
{
	static const struct {
		const char *glob, *want;
	} rows[] = {
		{ "map.anon/backing=anon/size=64K", "map.anon/backing=anon/size=64K " },
		{ "map.anon/backing=memfd/size=8K", "map.anon/backing=memfd/size=8K " },
		{ "map.anon/backing=anon/place=cpus:0+2/size=4K",
		  "map.anon/backing=anon/place=cpus:0+2/size=4K " },
		{ "map.touch/touch=write", "map.touch/size=2M/touch=write " },
		{ "map.to*/*size=2M*",
		  "map.touch/size=2M/touch=none map.touch/size=2M/touch=write " },
		{ "*/*=anon/size=?M", "map.anon/backing=anon/size=2M " },
		{ "map.anon/*size=3K*",
		  "--bench: no case matches filter 'case ~ \"map.anon/*size=3K*\"'; 'memperf plan "
		  "--bench map.anon' shows its cases" },
		{ "map.anon/sise=4K",
		  "--bench: 'sise' is no axis of map.anon; did you mean 'size'?" },
		{ "map.anon/size=4K/2M", "--bench: '2M' in the case 'map.anon/size=4K/2M' is not "
					 "AXIS=VALUE; 'memperf plan "
					 "--bench map.anon' shows its cases" },
		{ "map.anon/size=4K,2M",
		  "--bench: 'size=4K,2M' in the case 'map.anon/size=4K,2M' is "
		  "not AXIS=VALUE; 'memperf plan --bench map.anon' shows its "
		  "cases" },
		{ "map.anon/",
		  "--bench: 'map.anon/' names no case; 'memperf plan --bench map.anon' "
		  "shows them" },
		{ "map.anon/*\"*", "--bench: 'map.anon/*\"*' names no case; 'memperf plan --bench "
				   "map.anon' shows them" },
		{ "map.anno/size=4K",
		  "--bench: no benchmark matches 'map.anno'; did you mean 'map.anon'?" },
		{ "map.nothing_like_it/size=4K",
		  "--bench: no benchmark matches 'map.nothing_like_it'; did you mean 'map.*'?" },
	};

	(void)state;
	for (size_t i = 0; i < MP_COUNT(rows); i++) {
		struct mp_str got = MP_STR_INIT;

		selected(rows[i].glob, &got);
		assert_string_equal(got.text, rows[i].want);
		mp_str_done(&got);
	}
}

/* A slip that makes tens of thousands of cases is refused, not tried. */
static void test_explosion(void **state)
{
	struct mp_str text = MP_STR_INIT;
	struct mp_plan plan;
	struct mp_err err;

	(void)state;
	assert_int_equal(
		make("{ bench = \"map.anon\"; size = \"4K..16M:+4K\"; backing = \"anon,memfd\"; }",
		     "", &host, NULL, &plan, &err),
		0);
	assert_int_equal(plan.n_cases, 2 * 4096 + 4);
	mp_plan_done(&plan);
	for (int i = 0; i < 7; i++)
		mp_str_printf(
			&text,
			"%s{ bench = \"map.anon\"; size = \"%dM..%dM:+4K\"; values = \"matrix\"; }",
			i ? ",\n" : "", 1 + 16 * i, 16 + 16 * i);
	assert_int_equal(make(text.text, "", &host, NULL, &plan, &err), -E2BIG);
	assert_string_equal(err.text,
			    "the selection makes more than 50000 cases; select fewer values or "
			    "benchmarks");
	mp_str_done(&text);
}

static void test_determinism(void **state)
{
	struct mp_plan_options o = { .need_unmet = no_hugetlb };
	char *first = NULL;

	(void)state;
	for (int i = 0; i < 3; i++) {
		/* the order of the entries does not matter */
		const char *cases =
			i % 2 ? "{ bench = \"map.*\"; values = \"matrix\"; }, { bench = \"*\"; }"
			      : "{ bench = \"*\"; }, { bench = \"map.*\"; values = \"matrix\"; }";
		struct mp_plan plan;
		char *json;

		assert_int_equal(make(cases, "", &host, &o, &plan, NULL), 0);
		for (size_t k = 1; k < plan.n_cases; k++)
			assert_true(strcmp(plan.cases[k - 1].bench->name,
					   plan.cases[k].bench->name) <= 0);
		for (size_t k = 0; k < plan.n_cases; k++)
			for (size_t j = 0; j < k; j++)
				assert_string_not_equal(plan.cases[k].text, plan.cases[j].text);
		json = mp_plan_json(&plan);
		assert_non_null(json);
		if (first)
			assert_string_equal(json, first);
		else
			first = strdup(json);
		free(json);
		mp_plan_done(&plan);
	}
	free(first);
}

/* ---- defaults and JSON ---- */

static void test_defaults(void **state)
{
	struct mp_plan_options o = { .invocations = 20, .budget_ns = 3600000000000 };
	struct mp_suite suite = { 0 };
	struct mp_plan plan;

	(void)state;
	assert_int_equal(mp_suite_add_bench(&suite, "map.anon", NULL), 0);
	assert_int_equal(mp_plan_make(&suite, &host, NULL, &plan, NULL), 0);
	assert_int_equal(plan.invocations, 10);
	assert_int_equal(plan.budget_ns, 900000000000);
	assert_true(plan.target == 0.02);
	mp_plan_done(&plan);
	suite.invocations = 7;
	suite.budget_ns = 60000000000;
	suite.target = 0.05;
	assert_int_equal(mp_plan_make(&suite, &host, NULL, &plan, NULL), 0);
	assert_int_equal(plan.invocations, 7);
	assert_int_equal(plan.budget_ns, 60000000000);
	assert_true(plan.target == 0.05);
	mp_plan_done(&plan);
	assert_int_equal(mp_plan_make(&suite, &host, &o, &plan, NULL), 0);
	assert_int_equal(plan.invocations, 20);
	assert_int_equal(plan.budget_ns, 3600000000000);
	mp_plan_done(&plan);
	mp_suite_done(&suite);
}

static void test_json(void **state)
{
	static const char *const parts[] = {
		"\"case\": \"map.huge/backing=hugetlb/size=2M\"",
		"\"skipped\": \"the pool is empty: fill it\"",
		"\"bench\": \"map.touch\"",
		"\"version\": 3",
		"\"size\": 2097152",
		"\"touch\": \"write\"",
		"\"skipped\": null",
		"\"reason\": \"touching more than 4M takes too long\"",
		"\"runnable\": 7",
		"\"fits\": true",
	};
	struct mp_plan_options o = { .need_unmet = no_hugetlb };
	struct mp_plan plan;
	char *json;

	(void)state;
	assert_int_equal(
		make("{ bench = \"map.huge\"; }, { bench = \"map.touch\"; size = \"2M,8M\"; }", "",
		     &host, &o, &plan, NULL),
		0);
	json = mp_plan_json(&plan);
	assert_non_null(json);
	for (size_t i = 0; i < MP_COUNT(parts); i++)
		if (!strstr(json, parts[i]))
			fail_msg("no %s in\n%s", parts[i], json);
	free(json);
	mp_plan_done(&plan);
}

/* ---- noise ---- */

static void test_garbage(void **state)
{
	static const char *const globs[] = { "*",	"map.*", "map.anon", "map.touch",
					     "floor.*", "x",	 "?ap.*" };
	static const char *const axes[] = { "size", "touch", "threads", "backing", "huge", "sise" };
	static const char *const values[] = { "4K",	    "2M,64K",	"page..1G", "none",
					      "write,none", "yes",	"1..cpus",  "memfd",
					      "hugepage",   "1..64:+1", "x",	    "" };
	static const char *const filters[] = {
		NULL, "size > 4K", "threads = 1", "family = map", "touch = write or size = 2M",
		"bad"
	};
	struct mp_random r = { 21 };
	unsigned good = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct mp_plan_options o = {
			.need_unmet = no_hugetlb,
			.filter = filters[mp_random_below(&r, MP_COUNT(filters))],
			.invocations = (unsigned)mp_random_below(&r, 30)
		};
		struct mp_suite suite = { 0 };
		struct mp_plan plan;
		char set[64];
		int rc = 0;

		for (uint64_t i = mp_random_below(&r, 3); i < 3; i++)
			mp_suite_add_bench(&suite, globs[mp_random_below(&r, MP_COUNT(globs))],
					   NULL);
		if (mp_random_below(&r, 2)) {
			snprintf(set, sizeof(set), "%s=%s",
				 axes[mp_random_below(&r, MP_COUNT(axes))],
				 values[mp_random_below(&r, MP_COUNT(values))]);
			rc = mp_suite_set(&suite, set, NULL);
		}
		if (!rc && !mp_plan_make(&suite, mp_random_below(&r, 2) ? &host : &wide, &o, &plan,
					 NULL)) {
			good++;
			assert_true(plan.n_runnable > 0);
			mp_plan_done(&plan);
		}
		mp_suite_done(&suite);
	}
	assert_in_range(good, 1000, 15000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),	      cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_skipped),	      cmocka_unit_test(test_filters),
		cmocka_unit_test(test_floor),	      cmocka_unit_test(test_space),
		cmocka_unit_test(test_errors),	      cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_cases_by_name), cmocka_unit_test(test_explosion),
		cmocka_unit_test(test_determinism),   cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_json),	      cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
