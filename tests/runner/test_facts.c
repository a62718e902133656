/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every fact of two captured machines against their golden files, and the rules that hold for facts of any
 * machine: told once, with origin, volatility, weight and reason, unknown instead of empty, and no secrets.
 */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/str.h"
#include "runner/machine/cmdline.h"
#include "runner/machine/facts.h"
#include "runner/machine/kconfig.h"

#define DATA MEMPERF_TESTS "/data/machine/"

/* One line a fact; without the facts of this build, which no captured machine decides. */
static void add_line(void *user, const struct mp_fact *fact)
{
	if (!strcmp(fact->group, "build"))
		return;
	mp_str_printf(user, "%s\t%s\t%s\t%s\t%s\t%d\n", fact->group, fact->key,
		      fact->value ? fact->value : "?", fact->origin, fact->volatility,
		      fact->weight);
}

static void collect(const char *root, struct mp_str *text)
{
	struct mp_fact_sink sink = { add_line, text };

	mp_facts_collect(root, &sink);
	assert_false(text->failed);
}

/* Names the first line that differs; MEMPERF_UPDATE writes the golden file anew. */
static void assert_golden(const char *name)
{
	struct mp_str got = MP_STR_INIT, want = MP_STR_INIT;
	char root[512], path[512], *g, *w, *g_rest, *w_rest;

	snprintf(root, sizeof(root), DATA "%s", name);
	snprintf(path, sizeof(path), DATA "%s.facts", name);
	collect(root, &got);
	if (getenv("MEMPERF_UPDATE")) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs(got.text, file);
		fclose(file);
	}
	assert_int_equal(mp_str_read_file(&want, path), 0);
	g_rest = got.text;
	w_rest = want.text;
	do {
		g = strsep(&g_rest, "\n");
		w = strsep(&w_rest, "\n");
		if (!g || !w || strcmp(g, w))
			fail_msg("%s: got  %s\nwant %s", name, g ? g : "(end)", w ? w : "(end)");
	} while (g_rest || w_rest);
	mp_str_done(&got);
	mp_str_done(&want);
}

static void test_golden(void **state)
{
	(void)state;
	assert_golden("guest");
	assert_golden("laptop");
}

static void assert_no_match(const char *text, const char *pattern)
{
	regex_t regex;
	regmatch_t match;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_ICASE), 0);
	if (!regexec(&regex, text, 1, &match, 0))
		fail_msg("'%.*s' is in the facts", (int)(match.rm_eo - match.rm_so),
			 text + match.rm_so);
	regfree(&regex);
}

/* The captured machines hold every kind of secret; the live one may. */
static void test_no_secrets(void **state)
{
	static const char *const roots[] = { DATA "guest", DATA "laptop", "" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct mp_str text = MP_STR_INIT;

		collect(roots[i], &text);
		assert_no_match(text.text, "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-"
					   "[0-9a-f]{12}");
		assert_no_match(text.text, "([0-9a-f]{2}[:-]){5}[0-9a-f]{2}");
		assert_no_match(text.text, "hunter|MUST-NOT|anna|farm-17|/dev/|user-1000|tenants");
		mp_str_done(&text);
	}
}

struct rules {
	char seen[1024][96];
	size_t n;
	size_t known; /* of the machine, not of this build */
};

static void check_rules(void *user, const struct mp_fact *fact)
{
	struct rules *rules = user;
	char name[96];

	snprintf(name, sizeof(name), "%s.%s", fact->group, fact->key);
	for (size_t i = 0; i < rules->n; i++) {
		if (!strcmp(rules->seen[i], name))
			fail_msg("%s is told twice", name);
	}
	assert_true(rules->n < 1024);
	strcpy(rules->seen[rules->n++], name);
	if (!fact->origin || !*fact->origin)
		fail_msg("%s has no origin", name);
	if (!fact->why || strlen(fact->why) < 4)
		fail_msg("%s does not say why it matters", name);
	if (fact->weight < 0 || fact->weight > 3)
		fail_msg("%s weighs %d", name, fact->weight);
	if (strcmp(fact->volatility, "hardware") && strcmp(fact->volatility, "boot") &&
	    strcmp(fact->volatility, "now"))
		fail_msg("%s is '%s'", name, fact->volatility);
	if (fact->value && (!*fact->value || strpbrk(fact->value, "\n\t")))
		fail_msg("%s is empty or more than a line", name);
	rules->known += fact->value && strcmp(fact->group, "build");
}

static void test_rules(void **state)
{
	static const char *const roots[] = { DATA "guest", DATA "laptop", "", "/nonexistent" };
	static struct rules rules;
	struct mp_fact_sink sink = { check_rules, &rules };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		memset(&rules, 0, sizeof(rules));
		mp_facts_collect(roots[i], &sink);
		assert_true(rules.n > 150);
		/* Of a machine that is not there, nothing is known but this build. */
		if (i == 3)
			assert_int_equal(rules.known, 0);
	}
}

static void assert_cmdline(const char *cmdline, const char *want)
{
	struct mp_str got = MP_STR_INIT;

	mp_cmdline_filter(cmdline, &got);
	assert_string_equal(got.text, want);
	mp_str_done(&got);
}

static void test_cmdline(void **state)
{
	(void)state;
	assert_cmdline("", "");
	assert_cmdline("\n", "");
	assert_cmdline("quiet  mitigations=off\n", "quiet mitigations=off");
	assert_cmdline("root=UUID=1 password=x", "root=... password=...");
	assert_cmdline("transparent-hugepage=never", "transparent-hugepage=never");
	assert_cmdline("slub_debug=FZP,kmalloc-64 isolcpus=managed_irq,2-3",
		       "slub_debug=FZP,kmalloc-64 isolcpus=managed_irq,2-3");
	assert_cmdline("dyndbg=\"file a.c +p\" ro", "dyndbg=... ro");
	assert_cmdline("0123456789abcdef a1b2c3d4e5f6 ../etc name;x", "... ... ... ...");
	assert_cmdline("quiet -- token=x y", "quiet -- ...");
	assert_cmdline("hugepages=4 --x=1", "hugepages=4 ...");
}

static void test_kconfig(void **state)
{
	char root[] = "/tmp/memperf-test-XXXXXX", command[256], value[32];
	struct mp_kconfig config;

	(void)state;
	assert_int_equal(mp_kconfig_load(DATA "guest", &config), 0);
	assert_string_equal(config.origin, "/proc/config.gz");
	mp_kconfig_get(&config, "CONFIG_HZ", value, sizeof(value));
	assert_string_equal(value, "250");
	assert_true(mp_kconfig_is_set(&config, "CONFIG_NUMA"));
	assert_false(mp_kconfig_is_set(&config, "CONFIG_PREEMPT"));
	assert_false(mp_kconfig_is_set(&config, "CONFIG_KASAN"));
	mp_kconfig_done(&config);

	assert_int_equal(mp_kconfig_load(DATA "laptop", &config), 0);
	assert_string_equal(config.origin, "/boot/config-6.11.0-26-debug");
	mp_kconfig_get(&config, "CONFIG_LOCALVERSION", value, sizeof(value));
	assert_string_equal(value, "-debug");
	mp_kconfig_done(&config);

	/* A truncated configuration must not read as one with everything off. */
	assert_non_null(mkdtemp(root));
	snprintf(command, sizeof(command),
		 "mkdir %s/proc && head -c 150 '" DATA "guest/proc/config.gz' >%s/proc/config.gz",
		 root, root);
	assert_int_equal(system(command), 0);
	assert_true(mp_kconfig_load(root, &config) < 0);
	assert_non_null(strstr(config.origin, "no /proc/config.gz"));
	assert_int_equal(config.text.len, 0);
	mp_kconfig_done(&config);
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),	cmocka_unit_test(test_no_secrets),
		cmocka_unit_test(test_rules),	cmocka_unit_test(test_cmdline),
		cmocka_unit_test(test_kconfig),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
