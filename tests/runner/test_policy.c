/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies: the ones that ship, what a file may say, and the sentences for what it may not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/config/policy.h"

#define FILE_NAME "/tmp/memperf-test-policy.cfg"

static int load(const char *text, struct mp_policy *policy, struct mp_err *err)
{
	FILE *f = fopen(FILE_NAME, "w");
	int rc;

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	rc = mp_policy_load(FILE_NAME, policy, err);
	unlink(FILE_NAME);
	return rc;
}

static void refused(const char *text, const char *sentence)
{
	struct mp_policy policy;
	struct mp_err err;

	assert_int_not_equal(load(text, &policy, &err), 0);
	assert_int_equal(err.kind, MP_ERR_USAGE);
	if (!strstr(err.text, sentence))
		fail_msg("'%s' instead of '%s'", err.text, sentence);
}

/* What holds without a policy is what the file of that name says. */
static void test_default(void **state)
{
	const struct mp_policy *want = &mp_policy_default;
	struct mp_policy policy;
	struct mp_err err;

	(void)state;
	if (mp_policy_load("default", &policy, &err))
		fail_msg("%s", err.text);
	assert_string_equal(policy.name, want->name);
	assert_string_equal(policy.title, want->title);
	assert_true(policy.q == want->q && policy.least == want->least);
	assert_true(policy.at.location == want->at.location && policy.at.tail == want->at.tail &&
		    policy.at.shape == want->at.shape);
	assert_int_equal(policy.n_rules, want->n_rules);
	assert_true(policy.gate.tail == want->gate.tail && policy.gate.shape == want->gate.shape &&
		    policy.gate.unsure == want->gate.unsure &&
		    policy.gate.missing == want->gate.missing);
	mp_policy_done(&policy);
}

static void test_shipped(void **state)
{
	static const char *const names[] = { "strict", "nightly" };
	struct mp_policy policy;
	struct mp_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (mp_policy_load(names[i], &policy, &err))
			fail_msg("%s", err.text);
		assert_string_equal(policy.name, names[i]);
		assert_true(policy.title[0] && policy.q > 0 && policy.q < 0.05);
		mp_policy_done(&policy);
	}
}

static void test_rules(void **state)
{
	struct mp_thresholds at;
	struct mp_policy policy;
	struct mp_err err;

	(void)state;
	if (load("policy: { thresholds: { location = 0.02; };\n"
		 "rules = ( { bench = \"mmap.*\"; location = 0.1; tail = 0.5; },\n"
		 "{ bench = \"mmap.anon\"; location = 0.0; } ); };",
		 &policy, &err))
		fail_msg("%s", err.text);
	at = mp_policy_thresholds(&policy, "mmap.anon");
	assert_true(at.location == 0 && at.tail == 0.5 && at.shape == mp_policy_default.at.shape);
	at = mp_policy_thresholds(&policy, "mmap.file");
	assert_true(at.location == 0.1 && at.tail == 0.5);
	at = mp_policy_thresholds(&policy, "brk.grow");
	assert_true(at.location == 0.02 && at.tail == mp_policy_default.at.tail);
	mp_policy_done(&policy);
}

static void test_refused(void **state)
{
	struct mp_policy policy;
	struct mp_err err;

	(void)state;
	refused("policy: {\n  treshold = 1;\n};",
		"policy.cfg:2: unknown setting 'treshold' in policy; "
		"did you mean 'thresholds'?");
	refused("policy: { thresholds: { location = 5; }; };",
		"'location' wants a relative change");
	refused("policy: { thresholds: { location = -0.1; }; };", "'location' wants");
	refused("policy: { q = 0.0; };", "'q' wants a share");
	refused("policy: { invocations = 3; };", "'invocations' wants a whole number from 4");
	refused("policy: { gate: { tail = 1; }; };", "'tail' wants true or false");
	refused("policy: { gate = 1; };", "'gate' wants a group");
	refused("policy: { rules = ( { location = 0.1; } ); };", "a rule without 'bench'");
	refused("policy: { rules = ( 1 ); };", "a rule is a group");
	refused("policy: {", "policy.cfg:");
	refused("suite: { };", "a policy is one group");
	assert_int_equal(mp_policy_load("strikt", &policy, &err), -ENOENT);
	assert_non_null(strstr(err.text, "did you mean 'strict'?"));
	assert_int_not_equal(mp_policy_load("/nowhere/at.cfg", &policy, &err), 0);
	assert_non_null(strstr(err.text, "/nowhere/at.cfg"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_refused),
	};

	setenv("MEMPERF_CONFIGS", MEMPERF_TESTS "/../configs", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
