/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans made again from what a run stored of them. */
#include "runner/plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/runner/plan_made.h"

/* What was stored is the plan again, to the nanosecond; what it needs is asked again. */
static void test_restore(void **state)
{
	struct mp_plan_options o = { .need_unmet = no_hugetlb,
				     .invocations = 7,
				     .budget_ns = 77000000001 };
	struct mp_plan plan, again;
	struct mp_err err;
	char *json, *text;

	(void)state;
	assert_int_equal(
		make("{ bench = \"map.*\"; values = \"matrix\"; }, { bench = \"map.anon\"; "
		     "place = \"compact, cpus:0,2-3\"; }",
		     "", &host, &o, &plan, NULL),
		0);
	plan.setup = true;
	json = mp_plan_json(&plan);
	assert_non_null(json);
	if (mp_plan_restore(json, &host, &again, &err))
		fail_msg("%s", err.text);
	assert_true(again.n_cases > 10 && plan.n_runnable < plan.n_cases);
	while (plan.n_dropped) {
		plan.n_dropped--;
		free(plan.dropped[plan.n_dropped].text);
		free(plan.dropped[plan.n_dropped].reason);
	}
	free(json);
	json = mp_plan_json(&plan);
	text = mp_plan_json(&again);
	assert_string_equal(text, json);
	assert_int_equal(again.measure_ns, plan.measure_ns);
	for (size_t i = 0; i < plan.n_cases; i++)
		assert_memory_equal(&again.cases[i].params, &plan.cases[i].params,
				    sizeof(plan.cases[i].params));
	assert_int_equal(mp_plan_recheck(&again, &o, &err), 0);
	for (size_t i = 0; i < again.n_cases; i++) {
		free(again.cases[i].skip_reason);
		again.cases[i].skip_reason = NULL;
	}
	assert_int_equal(mp_plan_recheck(&again, &o, &err), -ENOENT);
	assert_non_null(strstr(err.text, "can no longer run here: "));
	mp_plan_done(&again);
	mp_plan_done(&plan);
	free(text);
	free(json);
}

/* A text that is no plan, or another build's, is a sentence. */
static void test_restore_refuses(void **state)
{
	struct mp_plan plan, again;
	struct mp_err err;
	char *json;
	size_t length;

	(void)state;
	assert_int_equal(make("{ bench = \"map.anon\"; }", "", &host, NULL, &plan, NULL), 0);
	json = mp_plan_json(&plan);
	assert_non_null(json);
	mp_plan_done(&plan);
	assert_int_equal(mp_plan_restore(NULL, &host, &again, &err), -EBADMSG);
	length = strlen(json);
	/* Every byte spoilt: refused, or a plan. */
	for (size_t i = 0; i < length; i++) {
		char kept = json[i];
		int rc;

		json[i] = kept == '9' ? '1' : kept == '"' ? 'x' : kept + 1;
		rc = mp_plan_restore(json, &host, &again, &err);
		assert_true(rc == 0 || rc == -EBADMSG || rc == -EINVAL);
		if (!rc)
			mp_plan_done(&again);
		json[i] = kept;
	}
	free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restore),
		cmocka_unit_test(test_restore_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
