/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small build of families of the test's own: it defines mp_family_at(), so that the build's are not linked in. */
#ifndef TESTS_RUNNER_PLAN_MADE_H
#define TESTS_RUNNER_PLAN_MADE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "runner/plan/plan.h"

#define K 1024ull
#define M (1024 * K)

/* ---- a small build ---- */

static const char *const touches[] = { "none", "read", "write", NULL };
static const char *const backings[] = { "anon", "memfd", NULL };
static const char *const more_backings[] = { "anon", "hugetlb", NULL };

static const struct mp_axis map_axes[] = {
	{ .name = "size",
	  .kind = MP_AXIS_SIZE,
	  .values = "page,64K,2M",
	  .matrix = "page..1G:x2",
	  .min = 4 * K,
	  .max = 1024 * M,
	  .whole_pages = true },
	{ .name = "backing",
	  .kind = MP_AXIS_CHOICE,
	  .values = "anon",
	  .matrix = "anon,memfd",
	  .choices = backings },
};

static const struct mp_axis touch_axes[] = {
	{ .name = "touch",
	  .kind = MP_AXIS_CHOICE,
	  .values = "none,write",
	  .choices = touches,
	  .needy = { { "read", MP_NEED_HUGETLB } } },
	{ .name = "size",
	  .kind = MP_AXIS_SIZE,
	  .values = "2M",
	  .min = 64 * K,
	  .whole_pages = true },
};

static const struct mp_axis scale_axes[] = {
	{ .name = "threads",
	  .kind = MP_AXIS_COUNT,
	  .values = "1",
	  .matrix = "1..cpus",
	  .min = 1,
	  .max = 4096 },
	{ .name = "huge", .kind = MP_AXIS_FLAG, .values = "no", .matrix = "no,yes" },
};

static const struct mp_axis huge_axes[] = {
	{ .name = "size", .kind = MP_AXIS_SIZE, .values = "hugepage-page,hugepage" },
	{ .name = "backing",
	  .kind = MP_AXIS_CHOICE,
	  .values = "hugetlb",
	  .choices = more_backings },
};

static int legal_touch(const struct mp_params *params, const struct mp_host *host,
		       struct mp_err *err)
{
	(void)host;
	if (mp_params_find(params, "size")->number > 4 * M &&
	    !strcmp(mp_params_find(params, "touch")->word, "write"))
		return mp_err_usage(err, -EINVAL, "touching more than 4M takes too long");
	return 0;
}

#define BENCH(bench_name, ...)                                                                     \
	{                                                                                          \
		.name = (bench_name), .summary = "s", .timed = "t", .unit = "call", .version = 3,  \
		.modes = MP_MODE_CALL, __VA_ARGS__                                                 \
	}

static const struct mp_bench floor_benches[] = {
	BENCH("floor.loop", .needs = 0),
	BENCH("floor.access", MP_AXES(map_axes)),
};

static const struct mp_bench map_benches[] = {
	BENCH("map.touch", MP_AXES(touch_axes), .legal = legal_touch, .bytes_axis = "size"),
	BENCH("map.anon", MP_AXES(map_axes)),
	BENCH("map.scale", MP_AXES(scale_axes)),
	BENCH("map.huge", MP_AXES(huge_axes), .needs = MP_NEED_THP | MP_NEED_HUGETLB),
	BENCH("map.gone",
	      .unavailable = "this build's headers lack MAP_GONE: build on a newer kernel"),
};

static const struct mp_bench kernel_benches[] = {
	BENCH("kmalloc.one", .needs = MP_NEED_MODULE),
};

static const struct mp_family mp_family_kmalloc = MP_FAMILY("kmalloc", "kernel", kernel_benches);
static const struct mp_family mp_family_floor = MP_FAMILY("floor", "nothing", floor_benches);
static const struct mp_family mp_family_map = MP_FAMILY("map", "maps", map_benches);

const struct mp_family *mp_family_at(size_t i)
{
	static const struct mp_family *const families[] = { &mp_family_floor, &mp_family_kmalloc,
							    &mp_family_map };

	return i < MP_COUNT(families) ? families[i] : NULL;
}

static const struct mp_host host = { .page_size = 4 * K,
				     .hugepage_size = 2 * M,
				     .memory_bytes = 4096 * M,
				     .cpus = 4,
				     .cores = 2,
				     .nodes = 1 };

/* ---- helpers ---- */

static char *no_hugetlb(void *user, enum mp_need need, const char *word)
{
	unsigned *asked = user;

	if (need == MP_NEED_MODULE)
		assert_string_equal(word, "kmalloc.one");
	else
		assert_true(!word || !strcmp(word, "read"));
	if (asked)
		*asked += 1;
	return need == MP_NEED_HUGETLB ? strdup("the pool is empty: fill it") : NULL;
}

/* A suite from entries in libconfig's words, and --set assignments separated by blanks. */
static int make(const char *cases, const char *sets, const struct mp_host *on,
		const struct mp_plan_options *o, struct mp_plan *ret_plan, struct mp_err *err)
{
	struct mp_suite suite = { 0 };
	struct mp_str text = MP_STR_INIT;
	char word[64];
	int rc, used;

	mp_str_printf(&text, "suite: { cases = (\n%s\n); };", cases);
	rc = mp_suite_load_text(&suite, text.text, "t.cfg", ".", err);
	for (; !rc && sscanf(sets, " %63s%n", word, &used) == 1; sets += used)
		rc = mp_suite_set(&suite, word, err);
	if (!rc)
		rc = mp_plan_make(&suite, on, o, ret_plan, err);
	mp_suite_done(&suite);
	mp_str_done(&text);
	return rc;
}

#endif
