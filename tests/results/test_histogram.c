/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The histogram: bounds and quantiles are those of HdrHistogram_c with two digits (tests/data/statistics/
 * hdr_buckets.json, made by that program), merging is exact in any order, and blobs survive only undamaged.
 */
#include "results/histogram.h"

#include <errno.h>
#include <jansson.h>

#include "tests/results/support.h"

static json_t *vectors(const char *name)
{
	char path[512];
	json_error_t error;
	json_t *root;

	snprintf(path, sizeof(path), "%s/data/statistics/%s", MEMPERF_TESTS, name);
	root = json_load_file(path, 0, &error);
	if (!root)
		fail_msg("%s: %s", path, error.text);
	return root;
}

static void test_bounds(void **state)
{
	json_t *root = vectors("hdr_buckets.json"), *value;
	size_t index, seen = 0;

	(void)state;
	json_array_foreach(json_object_get(root, "values"), index, value)
	{
		uint64_t v = (uint64_t)json_integer_value(json_object_get(value, "v"));
		size_t bucket = mp_histogram_bucket(v);

		if (json_integer_value(json_object_get(value, "sig")) != 2)
			continue;
		assert_int_equal(mp_histogram_lower(bucket),
				 json_integer_value(json_object_get(value, "lowest")));
		assert_int_equal(mp_histogram_upper(bucket),
				 json_integer_value(json_object_get(value, "highest")));
		seen++;
	}
	assert_in_range(seen, 15, 100);
	json_decref(root);
}

static void test_quantile_vectors(void **state)
{
	json_t *root = vectors("hdr_buckets.json"), *sheet, *value;
	struct mp_histogram h = { 0 };
	const char *key;

	(void)state;
	for (uint64_t k = 0; k < 10000; k++)
		assert_int_equal(mp_histogram_add(&h, 1000 + k * k % 90001, 1), 0);
	sheet = json_object_get(root, "percentiles");
	json_object_foreach(json_object_get(sheet, "sig2"), key, value)
	{
		assert_int_equal(mp_histogram_quantile(&h, atof(key) / 100),
				 json_integer_value(value));
	}
	assert_near(h.sum / (double)h.n, json_real_value(json_object_get(sheet, "exact_mean")),
		    1e-9);
	mp_histogram_done(&h);
	json_decref(root);
}

/* The buckets cut the whole range of 64 bits without gap or overlap, none wider than 1/128 of its values. */
static void test_partition(void **state)
{
	size_t last = mp_histogram_bucket(UINT64_MAX);

	(void)state;
	assert_int_equal(last, 7423);
	assert_int_equal(mp_histogram_lower(0), 0);
	assert_true(mp_histogram_upper(last) == UINT64_MAX);
	for (size_t b = 0; b <= last; b++) {
		uint64_t low = mp_histogram_lower(b), high = mp_histogram_upper(b);

		assert_int_equal(mp_histogram_bucket(low), b);
		assert_int_equal(mp_histogram_bucket(high), b);
		assert_true((double)(high - low) <= (double)low / 128);
		if (b < last)
			assert_true(high + 1 == mp_histogram_lower(b + 1));
	}
}

static void fill(struct mp_histogram *h, uint64_t seed, unsigned n)
{
	struct mp_random r = { seed };

	for (unsigned i = 0; i < n; i++)
		assert_int_equal(mp_histogram_add(h, mp_random_next(&r) >> mp_random_below(&r, 60),
						  1 + i % 3),
				 0);
}

static void assert_same(const struct mp_histogram *a, const struct mp_histogram *b)
{
	void *x, *y;
	size_t x_size, y_size;

	assert_int_equal(mp_histogram_encode(a, &x, &x_size), 0);
	assert_int_equal(mp_histogram_encode(b, &y, &y_size), 0);
	assert_int_equal(x_size, y_size);
	assert_memory_equal(x, y, x_size);
	free(x);
	free(y);
}

static void test_merge(void **state)
{
	struct mp_histogram parts[3] = { { 0 } }, forth = { 0 }, back = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		/* Small values: their sums are exact in any order. */
		for (unsigned k = 0; k < 500; k++)
			assert_int_equal(mp_histogram_add(&parts[i], 5 + 100 * i + k * k, 1), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mp_histogram_merge(&forth, &parts[i]), 0);
		assert_int_equal(mp_histogram_merge(&back, &parts[2 - i]), 0);
	}
	assert_same(&forth, &back);
	assert_int_equal(forth.n, 1500);
	assert_int_equal(forth.min, 5);
	assert_int_equal(back.min, 5);
	assert_int_equal(forth.max, 205 + 499 * 499);
	for (int i = 0; i < 3; i++)
		mp_histogram_done(&parts[i]);
	mp_histogram_done(&forth);
	mp_histogram_done(&back);
}

static void test_round_trip(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 300; n += 7) {
		struct mp_histogram h = { 0 }, back = { 0 };
		void *blob;
		size_t size;

		fill(&h, n, n);
		assert_int_equal(mp_histogram_encode(&h, &blob, &size), 0);
		assert_int_equal(mp_histogram_decode(blob, size, &back), 0);
		assert_int_equal(back.n, h.n);
		if (n)
			assert_true(back.min == h.min && back.max == h.max && back.sum == h.sum);
		assert_same(&h, &back);
		free(blob);
		mp_histogram_done(&h);
		mp_histogram_done(&back);
	}
}

static int try_decode(const unsigned char *blob, size_t size)
{
	struct mp_histogram h = { 0 };
	unsigned char *copy = malloc(size ? size : 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, blob, size);
	rc = mp_histogram_decode(copy, size, &h);
	free(copy);
	if (rc) {
		assert_int_equal(rc, -EBADMSG);
		assert_null(h.counts);
	} else if (h.n) {
		uint64_t total = 0;

		for (size_t i = 0; i < h.n_buckets; i++)
			total += h.counts[i];
		assert_true(total == h.n && h.min <= h.max);
	}
	mp_histogram_done(&h);
	return rc;
}

static void test_damage(void **state)
{
	struct mp_random r = { 3 };
	struct mp_histogram h = { 0 };
	unsigned char *blob, *work;
	unsigned refused = 0;
	void *encoded;
	size_t size;

	(void)state;
	fill(&h, 9, 60);
	assert_int_equal(mp_histogram_encode(&h, &encoded, &size), 0);
	blob = encoded;
	for (size_t i = 0; i < size; i++)
		assert_int_equal(try_decode(blob, i), -EBADMSG);
	work = malloc(size + 1);
	assert_non_null(work);
	memcpy(work, blob, size);
	work[size] = 0;
	assert_int_equal(try_decode(work, size + 1), -EBADMSG);
	for (int i = 0; i < 20000; i++) {
		memcpy(work, blob, size);
		work[mp_random_below(&r, size)] = (unsigned char)mp_random_next(&r);
		refused += try_decode(work, size) != 0;
	}
	/* There is no checksum here: a changed sum or gap can pass. Counts must add up. */
	assert_in_range(refused, 8000, 20000);
	free(work);
	free(blob);
	mp_histogram_done(&h);
}

/* Counts that add up to n only when they overflow. */
static void test_overflow(void **state)
{
	static const unsigned char blob[] = {
		1, 5, /* n */
		0, 0,	 0,    0,    0,	   0,	 0x14, 0x40, /* sum, 5.0 */
		1, 2,	 2, /* min, max, two buckets */
		1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, /* bucket 1: 2^64 - 1 */
		0, 6, /* bucket 2: 6 */
	};
	static const unsigned char honest[] = {
		1, 5, 0, 0, 0, 0, 0, 0, 0x14, 0x40, 1, 2, 2, 1, 1, 0, 4,
	};

	struct mp_histogram none = { 0 };

	(void)state;
	assert_int_equal(mp_histogram_decode(NULL, 0, &none), -EBADMSG);
	assert_int_equal(try_decode(honest, sizeof(honest)), 0);
	assert_int_equal(try_decode(blob, sizeof(blob)), -EBADMSG);
}

static void test_quantiles(void **state)
{
	struct mp_histogram h = { 0 };

	(void)state;
	assert_true(isnan(mp_histogram_quantile(&h, 0.5)));
	assert_int_equal(mp_histogram_add(&h, 7, 1), 0);
	assert_int_equal(mp_histogram_add(&h, 9, 0), 0);
	assert_int_equal(h.n, 1);
	assert_near(mp_histogram_quantile(&h, 0), 7, 0);
	assert_near(mp_histogram_quantile(&h, 1), 7, 0);
	assert_int_equal(mp_histogram_add(&h, 8, 1), 0);
	assert_int_equal(mp_histogram_add(&h, 9, 1), 0);
	/* Rank ceil(1.5) of 7, 8, 9. */
	assert_near(mp_histogram_quantile(&h, 0.5), 8, 0);
	assert_near(mp_histogram_quantile(&h, 0.99), 9, 0);
	assert_true(isnan(mp_histogram_quantile(&h, 1.1)));
	assert_true(isnan(mp_histogram_quantile(&h, NAN)));
	mp_histogram_done(&h);
	mp_histogram_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),	   cmocka_unit_test(test_quantile_vectors),
		cmocka_unit_test(test_partition),  cmocka_unit_test(test_merge),
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_damage),
		cmocka_unit_test(test_quantiles),  cmocka_unit_test(test_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
