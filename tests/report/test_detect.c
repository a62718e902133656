/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The change-point detector against vectors of independent programs and real series with known answers.
 *
 * `report_test_detect [VECTORS [SERIES]]` reads other folders in the format of tests/data/statistics (its series are
 * SERIES/<source>/<name>.json) and prints how many rows it compared.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <glob.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "report/history/detect.h"
#include "results/potts.h"

#define ROOM 2048

static const char *vectors = MEMPERF_TESTS "/data/statistics";
static const char *series_folder = MEMPERF_TESTS "/data/statistics/series";
static unsigned rows;

/* Some sources write Infinity, which is not JSON. */
static json_t *parse(const char *path)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	json_error_t error;
	json_t *doc;

	if (mp_str_read_file(&text, path))
		fail_msg("cannot read %s", path);
	for (char *at; (at = strstr(text.text, "Infinity"));)
		memcpy(at, "1e300   ", 8);
	doc = json_loads(text.text, 0, &error);
	if (!doc)
		fail_msg("%s: %s", path, error.text);
	return doc;
}

static json_t *load(const char *folder, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return parse(path);
}

static void near(const char *what, const char *quantity, double got, double want)
{
	rows++;
	if (!(fabs(got - want) <= 1e-9 * fabs(want) + 1e-12))
		fail_msg("%s: %s %.17g, expected %.17g", what, quantity, got, want);
}

static size_t numbers(json_t *array, double *z)
{
	json_t *item;
	size_t i;

	assert_true(json_array_size(array) <= ROOM);
	json_array_foreach(array, i, item) z[i] =
		json_number_value(json_is_array(item) ? json_array_get(item, 1) : item);
	return json_array_size(array);
}

/* The values of a file, in any of the forms in which the sources keep them. */
static size_t values_of(json_t *doc, double *z)
{
	json_t *series = json_is_array(doc) ? doc
			 : json_is_array(json_object_get(doc, "points"))
				 ? json_object_get(doc, "points")
				 : json_object_get(doc, "series");
	json_t *first = json_array_get(series, 0);

	/* TCPD: a list of dimensions. */
	if (json_is_object(first))
		series = json_object_get(first, "raw");
	return numbers(series, z);
}

/* A series by name: inside the document, in change_points.json, or among the files. */
static size_t series_named(json_t *entry, json_t *invented, const char *name, double *z)
{
	char pattern[512];
	size_t n = 0;
	glob_t found;

	if (json_is_array(json_object_get(entry, "series")))
		return numbers(json_object_get(entry, "series"), z);
	if (json_object_get(invented, name))
		return numbers(json_object_get(invented, name), z);
	name = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	snprintf(pattern, sizeof(pattern), "%s/*/%.*s.json", series_folder, (int)strcspn(name, "."),
		 name);
	if (!glob(pattern, 0, NULL, &found)) {
		json_t *doc = parse(found.gl_pathv[0]);

		n = values_of(doc, z);
		json_decref(doc);
		globfree(&found);
	}
	return n;
}

static void to_logs(double *z, size_t n)
{
	for (size_t i = 0; i < n; i++)
		z[i] = log(z[i]);
}

/* ---- vectors ---- */

static void same_indices(const char *what, const size_t *got, size_t count, const json_t *want)
{
	rows++;
	if (count != json_array_size(want))
		fail_msg("%s: %zu change points, expected %zu", what, count, json_array_size(want));
	for (size_t i = 0; i < count; i++)
		if ((json_int_t)got[i] != json_integer_value(json_array_get(want, i)))
			fail_msg("%s: change point %zu is at %zu", what, i, got[i]);
}

static void test_potts(void **state)
{
	json_t *doc = load(vectors, "change_points.json"), *c;
	json_t *invented = json_object_get(doc, "series");
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(doc, "potts_l1"), i, c)
	{
		const char *name = json_string_value(json_object_get(c, "name"));
		double z[ROOM], objective, gamma = json_number_value(json_object_get(c, "gamma"));
		size_t n = series_named(c, invented, name, z), *starts, count;

		assert_int_equal(mp_potts(z, n, 1, gamma, &starts, &count, &objective), 0);
		near(name, "objective", objective,
		     json_number_value(json_object_get(c, "objective")));
		/* Where there are ties, several segmentations reach the minimum. */
		if (json_is_true(json_object_get(c, "agrees_with_asv")))
			same_indices(name, starts, count, json_object_get(c, "change_points"));
		free(starts);
	}
	assert_true(i > 0);
	json_decref(doc);
}

static void check_statistics(const char *name, const struct mp_detection *d, const json_t *want)
{
	json_t *c;
	size_t i;

	json_array_foreach(json_object_get(want, "kept_statistics"), i, c)
	{
		const struct mp_change_point *p = &d->points[i];

		assert_int_equal(p->at, json_integer_value(json_object_get(c, "index")));
		assert_int_equal(p->n_before, json_integer_value(json_object_get(c, "n_left")));
		assert_int_equal(p->n_after, json_integer_value(json_object_get(c, "n_right")));
		near(name, "p", p->p, json_number_value(json_object_get(c, "mwu_p_asymptotic_cc")));
		near(name, "delta", p->delta,
		     json_number_value(json_object_get(c, "cliffs_delta")));
		near(name, "shift", p->shift, json_number_value(json_object_get(c, "hl_shift")));
	}
}

static bool check_entry(json_t *entry, json_t *invented)
{
	const char *name = json_string_value(json_object_get(entry, "name"));
	const char *scale = json_string_value(json_object_get(entry, "scale"));
	json_t *want = json_object_get(entry, "result");
	struct mp_detect_options options = mp_detect_defaults;
	struct mp_detection d;
	size_t kept[ROOM];
	double z[ROOM];
	size_t n;

	if (!name)
		name = json_string_value(json_object_get(entry, "file"));
	n = name ? series_named(entry, invented, name, z) : 0;
	if (!n || !want)
		return false;
	if (scale && !strcmp(scale, "log"))
		to_logs(z, n);
	else
		options.min_effect = 0;
	options.correlation = MP_CORRELATION_OFF;
	assert_int_equal(mp_detect(z, n, &options, &d), 0);
	near(name, "sigma", d.sigma, json_number_value(json_object_get(want, "sigma")));
	near(name, "gamma", d.gamma, json_number_value(json_object_get(want, "gamma")));
	near(name, "objective", d.objective, json_number_value(json_object_get(want, "objective")));
	same_indices(name, d.candidates, d.n_candidates, json_object_get(want, "candidates"));
	for (size_t i = 0; i < d.n_points; i++)
		kept[i] = d.points[i].at;
	same_indices(name, kept, d.n_points, json_object_get(want, "kept"));
	check_statistics(name, &d, want);
	mp_detection_done(&d);
	return true;
}

/* Every file recommended_detector*.json, every list in it of entries with a result. */
static void test_recommended(void **state)
{
	json_t *invented = load(vectors, "change_points.json");
	char pattern[512];
	unsigned entries = 0;
	glob_t found;

	(void)state;
	snprintf(pattern, sizeof(pattern), "%s/recommended_detector*.json", vectors);
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t f = 0; f < found.gl_pathc; f++) {
		json_t *doc = parse(found.gl_pathv[f]), *list;
		const char *key;

		json_object_foreach(doc, key, list)
		{
			json_t *entry;
			size_t i;

			if (!json_is_array(list))
				continue;
			json_array_foreach(list, i, entry)
			{
				if (check_entry(entry, json_object_get(invented, "series")))
					entries++;
				else
					print_message("%s: entry %zu of '%s' has no series here\n",
						      found.gl_pathv[f], i, key);
			}
		}
		json_decref(doc);
	}
	globfree(&found);
	json_decref(invented);
	print_message("%u entries of the recommended detector\n", entries);
	assert_true(entries >= 7);
}

/* ---- real series ---- */

#define EXPECTED 16

/*
 * What others find in real series, as the PROVENANCE beside them says, and how many of those memperf misses (it has none
 * within one value of them) and finds besides. People: what at least three of five marked. R ecp: its E-Divisive with
 * segments of at least five. The other tools at their own settings. The design: the answers of the detector that memperf's
 * is, as the choice between the methods was made by them; from those there is no distance.
 *
 * No set can match all: the others contradict each other and the design, MongoDB having two steps where R ecp has one. So
 * every series has an answer that is matched whole, nothing missed and nothing besides (test_real_series), but for three:
 *	run_log: a slope of six values, 174 to people, found at 176 (TCPD counts what lies within five);
 *	well_log: three besides, each marked by one or two of the five people;
 *	a11y: two steps in a series that wanders, of 1.1 %, below the least effect, and of 2.5 %. Not heeding correlation finds
 *	both, and two besides.
 * A price of 1 for a change point, instead of 3, has MongoDB's slopes in two steps as MongoDB has; no other setting has less
 * missed and besides over all.
 */
static const struct real {
	const char *file;
	double least; /* ratio that is a change: memperf's own 1.02, or one that the tool's changes pass; 0: not in logarithms, any */
	const char *who;
	size_t expected[EXPECTED];
	unsigned missed, more;
	const char *why;
	double penalty; /* 0: memperf's own */
} real[] = {
	{ "tcpd/quality_control_1", 0, "people", { 144 }, 0, 0, "", 0 },
	{ "tcpd/quality_control_1", 0, "the design", { 144 }, 0, 0, "", 0 },
	{ "tcpd/quality_control_1", 0, "R ecp", { 108, 144, 206 }, 2, 0, "nobody marked those", 0 },
	{ "tcpd/quality_control_3", 0, "people", { 179 }, 0, 0, "", 0 },
	{ "tcpd/quality_control_3", 0, "the design", { 179 }, 0, 0, "", 0 },
	{ "tcpd/quality_control_5", 0, "people", { 0 }, 0, 0, "", 0 },
	{ "tcpd/quality_control_5", 0, "the design", { 0 }, 0, 0, "", 0 },
	{ "tcpd/run_log",
	  1.02,
	  "people",
	  { 60, 96, 114, 174, 204, 240, 258, 317 },
	  1,
	  1,
	  "174 is a slope of six values, found two values later",
	  0 },
	{ "tcpd/well_log",
	  1.02,
	  "people",
	  { 179, 255, 281, 312, 343, 402, 412, 422, 432 },
	  0,
	  3,
	  "two of five marked the first, one the last",
	  0 },
	{ "mongodb-spa/short", 1.02, "MongoDB", { 0 }, 0, 0, "", 0 },
	{ "mongodb-spa/small",
	  1.02,
	  "MongoDB",
	  { 25, 64, 69, 114, 173, 198, 237, 242, 288 },
	  2,
	  0,
	  "slopes: R ecp has each as one step, too",
	  0 },
	{ "mongodb-spa/small",
	  1.02,
	  "MongoDB",
	  { 25, 64, 69, 114, 173, 198, 237, 242, 288 },
	  0,
	  0,
	  "at its price",
	  1 },
	{ "mongodb-spa/small", 1.02, "R ecp", { 25, 68, 114, 173, 198, 241, 287 }, 0, 0, "", 0 },
	{ "mongodb-spa/small",
	  1.02,
	  "the design",
	  { 25, 68, 114, 173, 198, 241, 287 },
	  0,
	  0,
	  "",
	  0 },
	{ "mongodb-spa/medium",
	  1.02,
	  "MongoDB",
	  { 25, 64, 69, 114, 173, 198, 237, 242, 287, 346, 371, 410, 415, 461 },
	  3,
	  0,
	  "slopes, one step each",
	  0 },
	{ "mongodb-spa/medium",
	  1.02,
	  "MongoDB",
	  { 25, 64, 69, 114, 173, 198, 237, 242, 287, 346, 371, 410, 415, 461 },
	  0,
	  0,
	  "at its price",
	  1 },
	{ "mongodb-spa/long_series", 0, "MongoDB", { 205, 395, 594, 794 }, 0, 0, "", 0 },
	{ "mongodb-spa/robust_series", 1.02, "R ecp", { 25, 68, 114 }, 0, 0, "", 0 },
	{ "mongodb-spa/robust_series", 1.02, "the design", { 25, 68, 114 }, 0, 0, "", 0 },
	{ "mongodb-spa/real_series", 1.02, "R ecp", { 0 }, 0, 0, "", 0 },
	{ "mozilla-perfherder/runs1", 1.02, "Perfherder", { 111 }, 0, 0, "", 0 },
	{ "mozilla-perfherder/runs1", 1.02, "the design", { 111 }, 0, 0, "", 0 },
	{ "mozilla-perfherder/runs3", 1.01, "Perfherder", { 24, 98 }, 0, 0, "", 0 },
	{ "mozilla-perfherder/runs3", 1.02, "the design", { 24 }, 0, 0, "", 0 },
	{ "mozilla-perfherder/runs5", 1.02, "Perfherder", { 0 }, 0, 0, "", 0 },
	{ "mozilla-perfherder/runs5", 1.02, "the design", { 0 }, 0, 0, "", 0 },
	{ "mozilla-perfherder/a11y",
	  1.02,
	  "Perfherder",
	  { 152, 882 },
	  2,
	  0,
	  "steps of 1.1 and 2.5 % in a series that wanders",
	  0 },
	{ "otava/tigerbeetle", 1.05, "Otava", { 15, 71 }, 0, 0, "", 0 },
	{ "otava/tigerbeetle", 1.02, "the design", { 15, 61, 71, 95, 131, 194 }, 0, 0, "", 0 },
	{ "otava/tigerbeetle",
	  1.02,
	  "R ecp",
	  { 15, 61, 71, 95, 131, 142, 148, 192, 260 },
	  4,
	  1,
	  "a slow rise; 192 lies two values off, 260 is 1.1 %",
	  0 },
};

/* Appends the indices of `list` that no index of `others` is `within` of; returns how many. */
static unsigned alone(const size_t *list, size_t n, const size_t *others, size_t n_others,
		      size_t within, struct mp_str *out)
{
	unsigned count = 0;

	for (size_t i = 0; i < n; i++) {
		bool near_one = false;

		for (size_t k = 0; k < n_others; k++)
			near_one |= list[i] <= others[k] + within && others[k] <= list[i] + within;
		if (!near_one)
			mp_str_printf(out, "%s%zu", count++ ? " " : "", list[i]);
	}
	return count;
}

static void compare_real(const struct real *r)
{
	MP_CLEANUP(mp_str_done) struct mp_str missed = MP_STR_INIT, more = MP_STR_INIT;
	struct mp_detect_options options = mp_detect_defaults;
	size_t found[ROOM], n, count = 0, within = strcmp(r->who, "the design") ? 1 : 0;
	unsigned n_missed, n_more;
	struct mp_detection d;
	double z[ROOM];

	n = series_named(NULL, NULL, r->file, z);
	assert_true(n > 0);
	options.min_effect = r->least > 0 ? log(r->least) : 0;
	if (r->penalty > 0)
		options.penalty = r->penalty;
	if (r->least > 0)
		to_logs(z, n);
	assert_int_equal(mp_detect(z, n, &options, &d), 0);
	for (size_t i = 0; i < d.n_points; i++)
		found[i] = d.points[i].at;
	while (count < EXPECTED && r->expected[count])
		count++;
	n_missed = alone(r->expected, count, found, d.n_points, within, &missed);
	n_more = alone(found, d.n_points, r->expected, count, within, &more);
	print_message(
		"%-25s %-10s expected %2zu, found %2zu, missed %u%s%s%s, besides %u%s%s%s; %s\n",
		r->file, r->who, count, count - n_missed, n_missed, n_missed ? " (" : "",
		missed.text, n_missed ? ")" : "", n_more, n_more ? " (" : "", more.text,
		n_more ? ")" : "", r->why);
	mp_detection_done(&d);
	rows++;
	if (n_missed != r->missed || n_more != r->more)
		fail_msg("%s: %u missed and %u besides, not %u and %u", r->file, n_missed, n_more,
			 r->missed, r->more);
}

static const char *const unmatched[] = { "tcpd/run_log", "tcpd/well_log",
					 "mozilla-perfherder/a11y" };

/* Is the answer of somebody found, whole and without more, as far as the rows say? */
static bool is_matched(const char *file)
{
	bool matched = false;

	for (size_t s = 0; s < sizeof(real) / sizeof(real[0]); s++)
		matched |= !strcmp(real[s].file, file) && !real[s].missed && !real[s].more;
	return matched;
}

static void test_real_series(void **state)
{
	(void)state;
	for (size_t s = 0; s < sizeof(real) / sizeof(real[0]); s++) {
		bool excused = false;

		compare_real(&real[s]);
		for (size_t i = 0; i < sizeof(unmatched) / sizeof(unmatched[0]); i++)
			excused |= !strcmp(real[s].file, unmatched[i]);
		if (is_matched(real[s].file) == excused)
			fail_msg("%s: %s", real[s].file,
				 excused ? "is matched by now" : "matches nobody's answer");
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_potts),
		cmocka_unit_test(test_recommended),
		cmocka_unit_test(test_real_series),
	};
	int failed;

	if (argc > 1)
		vectors = argv[1];
	if (argc > 2)
		series_folder = argv[2];
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	printf("%u rows compared\n", rows);
	return failed;
}
