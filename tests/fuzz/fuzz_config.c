/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configuration files: the first byte says of which kind, the rest is the file. A suite that can be read becomes a plan. Promise:
 * read or refused with a sentence.
 * Runs: 4000
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "runner/config/countergroup.h"
#include "runner/config/nightly.h"
#include "runner/config/policy.h"
#include "runner/plan/plan.h"

enum kind { SUITE, POLICY, NIGHTLY, GROUP, KINDS };

static int read_suite(const char *text, struct mp_err *err)
{
	static const struct mp_host host = { .page_size = 4096,
					     .hugepage_size = 2 << 20,
					     .llc_bytes = 32 << 20,
					     .memory_bytes = 8ull << 30,
					     .cpus = 4,
					     .cores = 2,
					     .nodes = 1 };
	struct mp_suite suite = { 0 };
	struct mp_plan plan = { 0 };
	int rc = mp_suite_load_text(&suite, text, "fuzz.cfg", MEMPERF_TESTS "/../configs/suites",
				    err);

	if (!rc)
		rc = mp_plan_make(&suite, &host, NULL, &plan, err);
	if (!rc) {
		char *json = mp_plan_json(&plan);

		fuzz_must(json);
		free(json);
		mp_plan_done(&plan);
	}
	mp_suite_done(&suite);
	return rc;
}

static int read_one(enum kind kind, const char *text, struct mp_err *err)
{
	struct mp_policy policy;
	struct mp_nightly nightly;
	struct mp_counter_group group;
	const char *path;
	int rc;

	if (kind == SUITE)
		return read_suite(text, err);
	path = fuzz_file("fuzz.cfg", text, strlen(text));
	if (kind == POLICY) {
		rc = mp_policy_load(path, &policy, err);
		if (!rc)
			mp_policy_done(&policy);
	} else if (kind == NIGHTLY) {
		rc = mp_nightly_load(path, &nightly, err);
		if (!rc)
			mp_nightly_done(&nightly);
	} else {
		rc = mp_counter_group_choose(path, &group, err);
		if (!rc)
			mp_counter_group_done(&group);
	}
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mp_err err = { 0 };
	char *text;

	if (!size)
		return 0;
	text = fuzz_text(data + 1, size - 1);
	if (read_one((enum kind)(data[0] % KINDS), text, &err))
		fuzz_sentence(&err);
	free(text);
	return 0;
}

/* The files that ship, and a suite that says everything. */
size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	static const char *const files[KINDS] = { "configs/suites/*.cfg", "configs/policies/*.cfg",
						  "configs/nightly.cfg", "configs/counters/*.cfg" };
	static const char own[] =
		"\0suite: { title = \"x\"; defaults: { invocations = 5; budget = \"75s\"; target = "
		"0.02; "
		"setup = true; counters = \"memory\"; }; include = [\"quick\"]; cases = ( { bench "
		"= \"mmap.*\"; "
		"size = \"4K, 2M\"; filter = \"size = 4K\"; values = \"matrix\"; space = \"user\"; "
		"place = \"spread:l3\"; } ); };";

	if (index)
		return fuzz_seed_kinds(index - 1, files, KINDS, ret_data);
	*ret_data = malloc(sizeof(own) - 1);
	fuzz_must(*ret_data);
	memcpy(*ret_data, own, sizeof(own) - 1);
	return sizeof(own) - 1;
}
