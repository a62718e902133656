/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run sets up, on captured machines: nothing without consent, a pool for the run, a mode for the case, and all of it
 * back, also after a kill, also a pool that the kernel filled in part only, and not what somebody else has set since.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/str.h"
#include "runner/machine/internal.h"
#include "runner/machine/setup.h"
#include "runner/machine/tune.h"
#include "tests/runner/tree.h"

#define MACHINES MEMPERF_TESTS "/data/machines/"
#define POOL	 "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
#define MODE	 "/proc/sys/vm/overcommit_memory"
#define RATIO	 "/proc/sys/vm/overcommit_ratio"
#define THP	 "/sys/kernel/mm/transparent_hugepage"

struct place {
	char root[64], state[80];
	struct mp_machine *machine;
	struct mp_setup *setup;
};

static void put(const struct place *p, const char *path, const char *text)
{
	tree_write(p->root, path, text, strlen(text));
}

static void assert_value(const struct place *p, const char *path, const char *want)
{
	struct mp_str text = MP_STR_INIT;
	char full[512];

	snprintf(full, sizeof(full), "%s%s", p->root, path);
	assert_int_equal(mp_str_read_file(&text, full), 0);
	text.text[strcspn(text.text, "\n")] = '\0';
	assert_string_equal(text.text, want);
	mp_str_done(&text);
}

static void place_make(struct place *p)
{
	struct mp_machine_source source = {
		.synthetic = "pack:1 [numa(memory=17179869184)] core:2 pu:1"
	};
	struct mp_err err = { .text = "" };

	memset(p, 0, sizeof(*p));
	tree_unpack(MACHINES, "laptop-h", p->root);
	put(p, "/proc/meminfo",
	    "MemTotal: 16777216 kB\nCommitted_AS: 1048576 kB\nHugePages_Total: 4\nHugePages_Free: "
	    "3\nHugePages_Rsvd: 1\n"
	    "Hugepagesize: 2048 kB\n");
	put(p, POOL, "4\n");
	put(p, MODE, "0\n");
	put(p, RATIO, "50\n");
	put(p, "/proc/sys/vm/overcommit_kbytes", "0\n");
	put(p, THP "/enabled", "always [madvise] never\n");
	put(p, THP "/hugepages-64kB/enabled", "never\n");
	put(p, THP "/hugepages-2048kB/enabled", "inherit\n");
	snprintf(p->state, sizeof(p->state), "%s/state", p->root);
	source.root = p->root;
	if (mp_machine_open_from(&source, &p->machine, &err))
		fail_msg("%s", err.text);
}

static void open_setup(struct place *p, enum mp_setup_mode mode)
{
	struct mp_err err = { .text = "" };

	if (mp_setup_open(p->machine, p->state, mode, &p->setup, &err))
		fail_msg("%s", err.text);
}

static void close_setup(struct place *p)
{
	struct mp_err err = { .text = "" };

	if (mp_setup_close(p->setup, &err))
		fail_msg("%s", err.text);
	p->setup = NULL;
}

static void place_done(struct place *p)
{
	mp_machine_close(p->machine);
	tree_remove(p->root);
}

/* NULL: the need is met. */
static void assert_unmet(const struct place *p, enum mp_need need, const char *word,
			 const char *part)
{
	char *why = mp_setup_unmet(p->setup, need, word);

	if (!part && why)
		fail_msg("need %d: %s", (int)need, why);
	if (part && (!why || !strstr(why, part)))
		fail_msg("need %d: '%s' says nothing of '%s'", (int)need, why ? why : "", part);
	free(why);
}

static bool has_record(const struct place *p, const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", p->state, name);
	return !access(path, F_OK);
}

static const struct mp_axis mode_axes[] = {
	{ .name = "mode", .kind = MP_AXIS_CHOICE, .needy = { { "*", MP_NEED_OVERCOMMIT } } },
};
static const struct mp_bench mode_bench = { .name = "test.mode", MP_AXES(mode_axes) };

static const struct mp_params never = {
	.count = 1,
	.items = { { .axis = "mode", .kind = MP_AXIS_CHOICE, .word = "never" } },
};

static void enter(const struct place *p)
{
	struct mp_err err = { .text = "" };

	if (mp_setup_enter(p->setup, &mode_bench, &never, &err))
		fail_msg("%s", err.text);
}

static void leave(const struct place *p)
{
	struct mp_err err = { .text = "" };

	if (mp_setup_leave(p->setup, &err))
		fail_msg("%s", err.text);
}

static void test_no_consent(void **state)
{
	struct place p;

	(void)state;
	place_make(&p);
	open_setup(&p, MP_SETUP_CHANGE);
	assert_unmet(&p, MP_NEED_HUGETLB, NULL, NULL); /* two are free */
	assert_unmet(&p, MP_NEED_OVERCOMMIT, "heuristic", NULL);
	assert_unmet(&p, MP_NEED_OVERCOMMIT, "never", "sudo memperf run --setup");
	enter(&p);
	assert_value(&p, MODE, "0");
	leave(&p);
	close_setup(&p);
	assert_value(&p, POOL, "4");
	assert_false(has_record(&p, ""));
	place_done(&p);
}

/* Only a look: with consent what could be done counts as met, and nothing is done. */
static void test_look(void **state)
{
	struct place p;

	(void)state;
	place_make(&p);
	open_setup(&p, MP_SETUP_LOOK);
	mp_setup_allow(p.setup);
	assert_unmet(&p, MP_NEED_HUGETLB, NULL, NULL);
	assert_unmet(&p, MP_NEED_OVERCOMMIT, "never", NULL);
	assert_unmet(&p, MP_NEED_HUGETLB, "16G", "no hugetlb pages");
	assert_unmet(&p, MP_NEED_NODES, NULL, "numa=fake=2");
	close_setup(&p);
	assert_value(&p, POOL, "4");
	assert_value(&p, MODE, "0");
	place_done(&p);
}

static void test_there_and_back(void **state)
{
	struct place p;

	(void)state;
	place_make(&p);
	open_setup(&p, MP_SETUP_CHANGE);
	mp_setup_allow(p.setup);
	/* 512 pages are 1 GiB; 2 of 4 are free. */
	assert_unmet(&p, MP_NEED_HUGETLB, NULL, NULL);
	assert_value(&p, POOL, "514");
	assert_true(has_record(&p, "run.undo"));
	assert_unmet(&p, MP_NEED_OVERCOMMIT, "never", NULL);
	assert_value(&p, MODE, "0");
	enter(&p);
	assert_value(&p, MODE, "2");
	assert_value(&p, RATIO, "10000");
	leave(&p);
	assert_value(&p, MODE, "0");
	assert_value(&p, RATIO, "50");
	assert_value(&p, POOL, "514");
	assert_false(has_record(&p, "case.undo"));
	/* A limit in kilobytes would be lost: it stays, and so does the ratio. */
	put(&p, "/proc/sys/vm/overcommit_kbytes", "100000000\n");
	enter(&p);
	assert_value(&p, RATIO, "50");
	close_setup(&p);
	assert_value(&p, MODE, "0");
	assert_value(&p, POOL, "4");
	assert_false(has_record(&p, "run.undo"));
	place_done(&p);
}

/* One size of huge pages, and no larger one. */
static void test_one_size(void **state)
{
	static const struct mp_axis axes[] = {
		{ .name = "huge", .kind = MP_AXIS_CHOICE, .needy = { { "64K", MP_NEED_MTHP } } },
	};
	static const struct mp_bench bench = { .name = "test.huge", MP_AXES(axes) };
	const struct mp_params params = {
		.count = 1, .items = { { .axis = "huge", .kind = MP_AXIS_CHOICE, .word = "64K" } }
	};
	struct mp_err err = { .text = "" };
	struct place p;

	(void)state;
	place_make(&p);
	open_setup(&p, MP_SETUP_CHANGE);
	assert_unmet(&p, MP_NEED_MTHP, "64K", "just 64K");
	assert_unmet(&p, MP_NEED_MTHP, "32K", "no huge pages of 32K");
	mp_setup_allow(p.setup);
	assert_unmet(&p, MP_NEED_MTHP, "64K", NULL);
	assert_int_equal(mp_setup_enter(p.setup, &bench, &params, &err), 0);
	assert_value(&p, THP "/hugepages-64kB/enabled", "madvise");
	assert_value(&p, THP "/hugepages-2048kB/enabled", "never");
	leave(&p);
	assert_value(&p, THP "/hugepages-64kB/enabled", "never");
	assert_value(&p, THP "/hugepages-2048kB/enabled", "inherit");
	close_setup(&p);
	place_done(&p);
}

/* Left by a kill: the next one that changes puts it back, one that only looks does not. */
static void test_replay(void **state)
{
	struct mp_setup *killed;
	struct place p;

	(void)state;
	place_make(&p);
	open_setup(&p, MP_SETUP_CHANGE);
	mp_setup_allow(p.setup);
	assert_unmet(&p, MP_NEED_HUGETLB, NULL, NULL);
	enter(&p);
	killed = p.setup;
	/* The kernel had not all the pages. */
	put(&p, POOL, "300\n");
	open_setup(&p, MP_SETUP_LOOK);
	assert_value(&p, MODE, "2");
	close_setup(&p);
	open_setup(&p, MP_SETUP_CHANGE);
	assert_int_equal(mp_setup_replayed(p.setup), 3);
	assert_value(&p, MODE, "0");
	assert_value(&p, RATIO, "50");
	assert_value(&p, POOL, "4");
	close_setup(&p);
	p.setup = killed;
	close_setup(&p);
	place_done(&p);
}

/* Somebody else's number stays. */
static void test_foreign(void **state)
{
	struct place p;

	(void)state;
	place_make(&p);
	open_setup(&p, MP_SETUP_CHANGE);
	mp_setup_allow(p.setup);
	assert_unmet(&p, MP_NEED_HUGETLB, NULL, NULL);
	put(&p, POOL, "1000\n");
	close_setup(&p);
	assert_value(&p, POOL, "1000");
	assert_false(has_record(&p, "run.undo"));
	place_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_consent),     cmocka_unit_test(test_look),
		cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_one_size),
		cmocka_unit_test(test_replay),	       cmocka_unit_test(test_foreign),
	};

	if (geteuid()) {
		puts("skip: only root can set anything up");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
