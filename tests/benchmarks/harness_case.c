/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases for the harness: this machine, canonical texts, and all cases of a family: see harness.h. */
#include "tests/benchmarks/harness.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "runner/config/valueset.h"

/* The machine */

static uint64_t file_number(const char *path, const char *key)
{
	FILE *f = fopen(path, "re");
	char line[256];
	uint64_t value = 0;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key))) {
			value = strtoull(line + strlen(key), NULL, 10);
			break;
		}
	if (f)
		fclose(f);
	return value;
}

const struct mp_host *mp_harness_host(void)
{
	static struct mp_host host;
	cpu_set_t set;

	if (host.page_size)
		return &host;
	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	host.page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	host.hugepage_size = file_number("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "");
	host.hugetlb_size = file_number("/proc/meminfo", "Hugepagesize:") * 1024;
	host.llc_bytes = 8u << 20;
	host.memory_bytes = file_number("/proc/meminfo", "MemAvailable:") * 1024;
	host.cpus = (unsigned)CPU_COUNT(&set);
	host.cores = host.cpus;
	host.nodes = mp_machine_host(mp_harness_machine())->nodes;
	host.thp_sizes = mp_machine_host(mp_harness_machine())->thp_sizes;
	host.hugetlb_sizes = mp_machine_host(mp_harness_machine())->hugetlb_sizes;
	return &host;
}

/* Cases */

static int by_axis(const void *a, const void *b)
{
	return strcmp(((const struct mp_param *)a)->axis, ((const struct mp_param *)b)->axis);
}

/* The value that `text` names, or the first representative one. */
static int one_value(const struct mp_axis *axis, const char *text, struct mp_param *ret,
		     struct mp_err *err)
{
	struct mp_param *items = NULL;
	size_t count = 0;
	int e = mp_valueset_expand(text ? text : axis->values, axis, mp_harness_host(), NULL, NULL,
				   &items, &count, err);

	if (!e && !count)
		e = mp_err_env(err, -EINVAL, "axis '%s' has no value here", axis->name);
	if (!e)
		*ret = items[0];
	free(items);
	return e;
}

int mp_harness_case(const char *text, const struct mp_bench **ret_bench,
		    struct mp_params *ret_params, struct mp_err *err)
{
	char copy[MP_CASE_TEXT_MAX], *save = NULL, *word;
	const char *given[MP_PARAMS_MAX] = { NULL };
	struct mp_params params = { 0 };
	const struct mp_bench *bench;

	snprintf(copy, sizeof(copy), "%s", text);
	word = strtok_r(copy, "/", &save);
	bench = word ? mp_bench_find(word) : NULL;
	if (!bench)
		return mp_err_usage(err, -EINVAL, "no benchmark '%s'", text);
	while ((word = strtok_r(NULL, "/", &save))) {
		char *equals = strchr(word, '=');
		const struct mp_axis *axis;

		if (equals)
			*equals = '\0';
		axis = equals ? mp_bench_axis(bench, word) : NULL;
		if (!axis)
			return mp_err_usage(err, -EINVAL, "no axis '%s' in '%s'", word, text);
		given[axis - bench->axes] = equals + 1;
	}
	for (size_t i = 0; i < bench->n_axes; i++) {
		int e = one_value(&bench->axes[i], given[i], &params.items[params.count++], err);

		if (e)
			return e;
	}
	qsort(params.items, params.count, sizeof(params.items[0]), by_axis);
	if (bench->legal && bench->legal(&params, mp_harness_host(), err))
		return -EINVAL;
	*ret_bench = bench;
	*ret_params = params;
	return 0;
}

/* Families */

static void product(const struct mp_bench *bench, bool matrix, size_t axis, const char *text,
		    void (*each)(const struct mp_bench *bench, const char *text, void *user),
		    void *user)
{
	const struct mp_axis *a = &bench->axes[axis];
	struct mp_param *items = NULL;
	const struct mp_bench *found;
	struct mp_params params;
	struct mp_err err = { .text = "" };
	size_t count = 0;

	if (axis == bench->n_axes) {
		char canonical[MP_CASE_TEXT_MAX];

		if (mp_harness_case(text, &found, &params, &err)) {
			print_message("dropped %s: %s\n", text, err.text);
			return;
		}
		assert_int_equal(mp_case_text(bench->name, &params, canonical), 0);
		if (mp_harness_lacks(canonical))
			print_message("left out %s: %s\n", canonical, mp_harness_lacks(canonical));
		else
			each(bench, canonical, user);
		return;
	}
	if (mp_valueset_expand(matrix && a->matrix ? a->matrix : a->values, a, mp_harness_host(),
			       NULL, NULL, &items, &count, &err))
		fail_msg("%s: %s", bench->name, err.text);
	for (size_t i = 0; i < count; i++) {
		char longer[MP_CASE_TEXT_MAX];

		if (snprintf(longer, sizeof(longer), "%s/%s=%s", text, a->name, items[i].word) >=
		    (int)sizeof(longer))
			fail_msg("%s: the text of a case is too long", bench->name);
		product(bench, matrix, axis + 1, longer, each, user);
	}
	free(items);
}

void mp_harness_illegal(const char *const *cases, size_t n)
{
	const struct mp_bench *bench;
	struct mp_params params;

	for (size_t i = 0; i < n; i++) {
		struct mp_err err = { .text = "" };

		if (mp_harness_case(cases[i], &bench, &params, &err) != -EINVAL || !err.text[0])
			fail_msg("%s is legal", cases[i]);
	}
}

void mp_harness_cases(const char *family, bool matrix,
		      void (*each)(const struct mp_bench *bench, const char *text, void *user),
		      void *user)
{
	const struct mp_family *found;

	for (size_t f = 0; (found = mp_family_at(f)); f++) {
		if (strcmp(found->name, family))
			continue;
		for (size_t b = 0; b < found->n_benches; b++) {
			const struct mp_bench *bench = &found->benches[b];
			const char *unmet = mp_harness_unmet(bench);

			if (unmet)
				print_message("left out %s: %s\n", bench->name, unmet);
			else
				product(bench, matrix, 0, bench->name, each, user);
		}
		return;
	}
	fail_msg("no family '%s'", family);
}
