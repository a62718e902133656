/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Baselines, accepted changes and suspects: kept, replaced, taken back, merged; a file without them has none. */
#include "results/judgement.h"

#include "common/str.h"
#include "tests/results/support.h"

#define NIGHT_1 "00000000-0000-4000-8000-000000000001"
#define NIGHT_2 "00000000-0000-4000-8000-000000000002"
#define NIGHT_3 "00000000-0000-4000-8000-000000000003"

static struct scratch scratch;
static struct mp_store *store;

static int set_up(void **state)
{
	(void)state;
	scratch_make_fast(&scratch);
	store = must_open(scratch.file, MP_STORE_WRITE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mp_store_close(store);
	scratch_remove(&scratch);
	return 0;
}

static int add_baseline(void *user, const struct mp_baseline *b)
{
	mp_str_printf(user, "%s %s %s %lld %s %s\n", b->machine, b->name, b->run_uuid + 35,
		      (long long)b->made_ns, b->author ? b->author : "nobody", b->reason);
	return 0;
}

static int add_accepted(void *user, const struct mp_accepted *a)
{
	mp_str_printf(user, "%s %s v%u %s %s %lld %s %s %s %s\n", a->machine, a->case_text,
		      a->bench_version, a->metric, a->run_uuid + 35, (long long)a->run_started_ns,
		      a->state, a->author ? a->author : "nobody", a->reason,
		      a->link ? a->link : "-");
	return 0;
}

static int add_suspect(void *user, const struct mp_suspect *u)
{
	mp_str_printf(user, "%s %s %s v%u %s %s %s '%s' %g %g %g %u %g: %s %u %g %g %g\n",
		      u->machine, u->run_uuid + 35, u->case_text, u->bench_version,
		      mp_mode_name(u->mode), u->metric, u->state, u->reason, u->value, u->reference,
		      u->reference_mad, u->reference_runs, u->deviations,
		      u->confirm_uuid ? u->confirm_uuid + 35 : "-", u->confirm_n, u->confirm_value,
		      u->confirm_ratio, u->confirm_p);
	return 0;
}

/* Everything as text. */
static void assert_story(struct mp_store *s, const char *want)
{
	struct mp_str out = MP_STR_INIT;
	struct mp_err err;

	assert_int_equal(mp_store_baselines(s, add_baseline, &out, &err), 0);
	assert_int_equal(mp_store_accepted(s, add_accepted, &out, &err), 0);
	assert_int_equal(mp_store_suspects(s, NULL, add_suspect, &out, &err), 0);
	assert_string_equal(out.text, want);
	mp_str_done(&out);
}

static void must(int rc, const struct mp_err *err)
{
	if (rc)
		fail_msg("%s", err->text);
}

static void pin(struct mp_store *s, const char *name, int64_t made, const char *const *uuids,
		size_t count)
{
	const struct mp_baseline b = { .machine = "m-0123",
				       .name = name,
				       .made_ns = made,
				       .author = "ann",
				       .reason = "release 1" };
	struct mp_err err;

	must(mp_store_baseline_set(s, &b, uuids, count, &err), &err);
}

static struct mp_accepted change(const char *case_text, const char *uuid, int64_t made,
				 const char *state)
{
	return (struct mp_accepted){ .machine = "m-0123",
				     .case_text = case_text,
				     .metric = MP_METRIC_VALUE,
				     .bench_version = 3,
				     .run_uuid = uuid,
				     .run_started_ns = 70,
				     .made_ns = made,
				     .state = state,
				     .author = "bob",
				     .reason = "new allocator" };
}

static struct mp_suspect suspicion(int64_t made)
{
	return (struct mp_suspect){ .machine = "m-0123",
				    .run_uuid = NIGHT_2,
				    .run_started_ns = 90,
				    .made_ns = made,
				    .case_text = "mmap.anon/size=4K",
				    .metric = MP_METRIC_VALUE,
				    .bench_version = 3,
				    .mode = MP_MODE_CALL,
				    .state = "suspect",
				    .reason = "",
				    .value = 110,
				    .reference = 100,
				    .reference_mad = 0.01,
				    .reference_runs = 20,
				    .deviations = 6.4,
				    .confirm_value = NAN,
				    .confirm_ratio = NAN,
				    .confirm_p = NAN };
}

static struct mp_suspect confirmed(int64_t made)
{
	struct mp_suspect u = suspicion(made);

	u.state = "confirmed";
	u.reason = "10 of 10 above";
	u.confirm_uuid = NIGHT_3;
	u.confirm_n = 10;
	u.confirm_value = 111;
	u.confirm_ratio = 1.11;
	u.confirm_p = 1e-5;
	return u;
}

static void test_baseline(void **state)
{
	static const char *const two[] = { NIGHT_1, NIGHT_2 }, *const one[] = { NIGHT_3 };
	struct mp_err err;
	unsigned removed;

	(void)state;
	pin(store, MP_BASELINE_DEFAULT, 5, two, 2);
	pin(store, "v1", 6, one, 1);
	assert_story(store, "m-0123 default 1 5 ann release 1\nm-0123 default 2 5 ann release 1\n"
			    "m-0123 v1 3 6 ann release 1\n");
	pin(store, MP_BASELINE_DEFAULT, 7, one, 1);
	assert_story(store, "m-0123 default 3 7 ann release 1\nm-0123 v1 3 6 ann release 1\n");
	must(mp_store_baseline_remove(store, "m-none", "v1", &removed, &err), &err);
	assert_int_equal(removed, 0);
	must(mp_store_baseline_remove(store, NULL, "v1", &removed, &err), &err);
	assert_int_equal(removed, 1);
	assert_story(store, "m-0123 default 3 7 ann release 1\n");
}

static void test_accepted(void **state)
{
	struct mp_accepted a = change("mmap.anon/size=4K", NIGHT_1, 10, "accepted");
	struct mp_err err = { 0 };
	unsigned removed;

	(void)state;
	must(mp_store_accept(store, &a, &err), &err);
	a.state = "wontfix";
	a.link = "bug/7";
	must(mp_store_accept(store, &a, &err), &err);
	assert_story(store, "m-0123 mmap.anon/size=4K v3 value 1 70 wontfix bob new allocator "
			    "bug/7\n");
	a.author = NULL;
	must(mp_store_accept(store, &a, &err), &err);
	assert_story(store, "m-0123 mmap.anon/size=4K v3 value 1 70 wontfix nobody new allocator "
			    "bug/7\n");
	/* What the tables refuse. */
	a.author = "";
	assert_true(mp_store_accept(store, &a, &err) < 0);
	a.author = "bob";
	a.state = "perhaps";
	assert_true(mp_store_accept(store, &a, &err) < 0);
	a.state = "accepted";
	a.reason = "";
	assert_true(mp_store_accept(store, &a, &err) < 0);
	must(mp_store_accepted_remove(store, "mmap.*", NIGHT_2, &removed, &err), &err);
	assert_int_equal(removed, 0);
	must(mp_store_accepted_remove(store, "mmap.*", NULL, &removed, &err), &err);
	assert_int_equal(removed, 1);
	assert_story(store, "");
}

static void test_suspect(void **state)
{
	struct mp_suspect u = suspicion(10), broken = confirmed(11);
	struct mp_err err = { 0 };

	(void)state;
	must(mp_store_suspect_set(store, &u, &err), &err);
	assert_story(store, "m-0123 2 mmap.anon/size=4K v3 call value suspect '' 110 100 0.01 20 "
			    "6.4: - 0 nan nan nan\n");
	broken.confirm_p = NAN;
	assert_true(mp_store_suspect_set(store, &broken, &err) < 0);
	broken = confirmed(11);
	broken.reason = "";
	assert_true(mp_store_suspect_set(store, &broken, &err) < 0);
	u = confirmed(11);
	must(mp_store_suspect_set(store, &u, &err), &err);
	assert_story(store, "m-0123 2 mmap.anon/size=4K v3 call value confirmed '10 of 10 above' "
			    "110 100 0.01 20 6.4: 3 10 111 1.11 1e-05\n");
}

/* Twice is once; ours stays, but for a newer judgement. */
static void test_merge(void **state)
{
	static const char *const ones[] = { NIGHT_1, NIGHT_2 }, *const other[] = { NIGHT_3 };
	struct mp_accepted a = change("a", NIGHT_1, 10, "accepted"),
			   b = change("b", NIGHT_1, 20, "accepted");
	struct mp_suspect u = suspicion(10), c = confirmed(11);
	struct mp_store *into;
	struct mp_err err;
	char path[160];

	(void)state;
	pin(store, MP_BASELINE_DEFAULT, 5, ones, 2);
	pin(store, "v1", 5, ones, 2);
	must(mp_store_accept(store, &a, &err), &err);
	must(mp_store_accept(store, &b, &err), &err);
	must(mp_store_suspect_set(store, &c, &err), &err);

	snprintf(path, sizeof(path), "%s/into.db", scratch.folder);
	into = must_open(path, MP_STORE_WRITE);
	pin(into, "v1", 4, other, 1);
	a.made_ns = 9;
	a.state = "wontfix";
	must(mp_store_accept(into, &a, &err), &err);
	b.made_ns = 21;
	b.state = "fixed";
	must(mp_store_accept(into, &b, &err), &err);
	must(mp_store_suspect_set(into, &u, &err), &err);
	for (int times = 0; times < 2; times++) {
		unsigned added, present;

		must(mp_store_merge(into, store, &added, &present, &err), &err);
		assert_story(into, "m-0123 default 1 5 ann release 1\n"
				   "m-0123 default 2 5 ann release 1\n"
				   "m-0123 v1 3 4 ann release 1\n"
				   "m-0123 a v3 value 1 70 accepted bob new allocator -\n"
				   "m-0123 b v3 value 1 70 fixed bob new allocator -\n"
				   "m-0123 2 mmap.anon/size=4K v3 call value confirmed '10 of 10 "
				   "above' 110 100 0.01 20 6.4: 3 10 111 1.11 1e-05\n");
	}
	assert_int_equal(count_problems(into, true), 0);
	mp_store_close(into);
}

static void test_a_file_without_them(void **state)
{
	struct mp_store *s = must_open(MEMPERF_TESTS "/data/results/v1.db", MP_STORE_READ);

	(void)state;
	assert_story(s, "");
	mp_store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_baseline, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_accepted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_suspect, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_merge, set_up, tear_down),
		cmocka_unit_test(test_a_file_without_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
