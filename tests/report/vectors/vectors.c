/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and comparing: see vectors.h. */
#include "tests/report/vectors/vectors.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void failure(struct vectors *s, const char *fmt, ...)
{
	va_list ap;

	printf("%s: %s: ", s->file, s->row);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	s->failed++;
}

json_t *vectors_take(struct vectors *s, json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	if (!value) {
		failure(s, "no key '%s'", key);
		return NULL;
	}
	json_array_append(s->taken, value);
	json_object_del(object, key);
	return value;
}

double vectors_number(struct vectors *s, json_t *object, const char *key)
{
	const json_t *value = vectors_take(s, object, key);

	if (value && !json_is_number(value) && !json_is_null(value))
		failure(s, "'%s' is no number", key);
	return json_is_number(value) ? json_number_value(value) : NAN;
}

bool vectors_bool(struct vectors *s, json_t *object, const char *key)
{
	const json_t *value = vectors_take(s, object, key);

	if (value && !json_is_boolean(value))
		failure(s, "'%s' is neither true nor false", key);
	return json_is_true(value);
}

void vectors_list(struct vectors *s, json_t *object, const char *key, struct list *ret_list)
{
	const json_t *array = vectors_take(s, object, key);

	ret_list->n = json_array_size(array);
	if (ret_list->n > sizeof(ret_list->v) / sizeof(ret_list->v[0])) {
		failure(s, "'%s' has %zu values, more than this test has room for", key,
			ret_list->n);
		ret_list->n = 0;
	}
	for (size_t i = 0; i < ret_list->n; i++)
		ret_list->v[i] = json_number_value(json_array_get(array, i));
}

void vectors_skip(struct vectors *s, json_t *object, const char *key)
{
	if (json_object_get(object, key))
		vectors_take(s, object, key);
}

void vectors_row(struct vectors *s, json_t *object, const char *what)
{
	const char *name = json_string_value(json_object_get(object, "name"));

	snprintf(s->row, sizeof(s->row), "%s%s%s", what, name ? " " : "", name ? name : "");
	vectors_skip(s, object, "name");
}

void vectors_end(struct vectors *s, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) failure(s, "key '%s' is not checked", key);
}

void vectors_near(struct vectors *s, const char *what, double got, double want, double slack)
{
	s->checked++;
	if (isnan(got) && isnan(want))
		return;
	if (got != want && !(fabs(got - want) <= slack))
		failure(s, "%s is %.17g, expected %.17g", what, got, want);
}

void vectors_check(struct vectors *s, const char *what, double got, double want)
{
	vectors_near(s, what, got, want, s->tolerance * fabs(want));
}

void vectors_true(struct vectors *s, const char *what, bool is)
{
	s->checked++;
	if (!is)
		failure(s, "%s does not hold", what);
}
