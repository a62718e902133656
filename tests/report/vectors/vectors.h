/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading the vectors: every key that is read is taken out of its object, so that what is left at the end was not
 * checked and fails by name. Differences are counted and printed, and the rest of the file is checked, too.
 */
#ifndef TESTS_REPORT_VECTORS_VECTORS_H
#define TESTS_REPORT_VECTORS_VECTORS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* One file in the making. */
struct vectors {
	const char *file; /* its name, for messages */
	char row[128]; /* the row being checked */
	double tolerance; /* relative; the file's own, else 1e-9 */
	size_t checked, failed;
	json_t *taken; /* keeps alive what was taken */
};

struct list {
	size_t n;
	double v[4096];
};

/* The value of a key, taken; NULL and a failure when there is none. */
json_t *vectors_take(struct vectors *s, json_t *object, const char *key);
/* Of a number; NaN for null. */
double vectors_number(struct vectors *s, json_t *object, const char *key);
bool vectors_bool(struct vectors *s, json_t *object, const char *key);
/* An array of numbers; empty for null. */
void vectors_list(struct vectors *s, json_t *object, const char *key, struct list *ret_list);
/* Commentary, and what memperf does not compute: taken and not checked. May be absent. */
void vectors_skip(struct vectors *s, json_t *object, const char *key);
/* Begins a row; `name` is taken from its key "name" when it has one. */
void vectors_row(struct vectors *s, json_t *object, const char *what);
/* Fails when keys are left. */
void vectors_end(struct vectors *s, json_t *object);

/* |got - want| within the tolerance times |want|, or both NaN. */
void vectors_check(struct vectors *s, const char *what, double got, double want);
void vectors_near(struct vectors *s, const char *what, double got, double want, double slack);
void vectors_true(struct vectors *s, const char *what, bool is);

/* One per file: `doc` is its root, "meta" and "tolerance_rel" already taken. */
void vectors_mannwhitney(struct vectors *s, json_t *doc);
void vectors_hodges_lehmann(struct vectors *s, json_t *doc);
void vectors_benjamini_hochberg(struct vectors *s, json_t *doc);
void vectors_mde(struct vectors *s, json_t *doc);
void vectors_descriptive(struct vectors *s, json_t *doc);
void vectors_quantile_ci_ranks(struct vectors *s, json_t *doc);
void vectors_hdr_buckets(struct vectors *s, json_t *doc);
void vectors_bootstrap(struct vectors *s, json_t *doc);
void vectors_nested_and_paired(struct vectors *s, json_t *doc);
void vectors_special_functions(struct vectors *s, json_t *doc);
void vectors_ttest(struct vectors *s, json_t *doc);

/* t interval and test of a mean with standard error `error`, as the tests need them and memperf does not. */
struct student {
	double t, p, low, high;
};
struct student student_of(double mean, double error, double df);

#endif
