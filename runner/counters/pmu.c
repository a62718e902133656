/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder of PMUs: which there are, whom they count, where they are opened. Terms are encoded in terms.c. */
#include "runner/counters/pmu.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "common/vec.h"

#define CPUS_MAX 65536 /* a larger number in a list is damage */

static int add_cpu(int **cpus, size_t *n, size_t *cap, unsigned long cpu)
{
	int *slot = mp_vec_push((void **)cpus, n, cap, sizeof(**cpus));

	if (!slot)
		return -ENOMEM;
	*slot = (int)cpu;
	return 0;
}

int mp_cpulist_parse(const char *text, int **ret_cpus, size_t *ret_n)
{
	int *cpus = NULL, rc = 0;
	size_t n = 0, cap = 0;

	text += strspn(text, " \t\n");
	while (!rc && *text) {
		unsigned long first, last;
		char *end;

		first = last = strtoul(text, &end, 10);
		if (!isdigit((unsigned char)*text))
			rc = -EINVAL;
		if (!rc && *end == '-') {
			text = end + 1;
			last = strtoul(text, &end, 10);
			if (!isdigit((unsigned char)*text))
				rc = -EINVAL;
		}
		if (first > last || last >= CPUS_MAX)
			rc = -EINVAL;
		for (; !rc && first <= last; first++)
			rc = add_cpu(&cpus, &n, &cap, first);
		end += *end == ',' && isdigit((unsigned char)end[1]);
		if (!rc && *end && !isdigit((unsigned char)*end) && !isspace((unsigned char)*end))
			rc = -EINVAL;
		text = end + strspn(end, " \t\n");
	}
	if (rc) {
		free(cpus);
		return rc;
	}
	*ret_cpus = cpus;
	*ret_n = n;
	return 0;
}

static int read_list(struct mp_pmus *pmus, struct mp_pmu *pmu, const char *file)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char path[1024];
	int rc;

	snprintf(path, sizeof(path), "%s/%s/%s", pmus->root, pmu->name, file);
	rc = mp_str_read_file(&text, path);
	if (!rc)
		rc = mp_cpulist_parse(text.text, &pmu->cpus, &pmu->n_cpus);
	return rc;
}

/* A damaged list leaves the PMU without CPUs: nobody opens it. */
static int add_pmu(struct mp_pmus *pmus, const char *name)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	struct mp_pmu *pmu;
	char path[1024], *end;
	unsigned long type;
	int rc;

	snprintf(path, sizeof(path), "%s/%s/type", pmus->root, name);
	if (strlen(name) >= sizeof(pmu->name) || mp_str_read_file(&text, path))
		return 0;
	type = strtoul(text.text, &end, 10);
	if (end == text.text || type > UINT32_MAX)
		return 0;
	pmu = mp_vec_push((void **)&pmus->items, &pmus->n, &pmus->cap, sizeof(*pmu));
	if (!pmu)
		return -ENOMEM;
	snprintf(pmu->name, sizeof(pmu->name), "%s", name);
	pmu->type = (uint32_t)type;
	rc = read_list(pmus, pmu, "cpus");
	pmu->core = !rc;
	if (rc && rc != -ENOMEM)
		rc = read_list(pmus, pmu, "cpumask");
	return rc == -ENOMEM ? rc : 0;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct mp_pmu *)a)->name, ((const struct mp_pmu *)b)->name);
}

/* Where no PMU names its CPUs: "cpu" on x86, the only armv8 one on arm64. */
static void find_core(struct mp_pmus *pmus)
{
	struct mp_pmu *arm = NULL;
	size_t n_arm = 0;

	for (size_t i = 0; i < pmus->n; i++)
		pmus->n_core += pmus->items[i].core;
	for (size_t i = 0; !pmus->n_core && i < pmus->n; i++) {
		struct mp_pmu *pmu = &pmus->items[i];

		if (!strcmp(pmu->name, "cpu"))
			pmu->core = true;
		if (!strncmp(pmu->name, "armv8_", 6) || !strncmp(pmu->name, "armv9_", 6)) {
			arm = pmu;
			n_arm++;
		}
	}
	if (n_arm == 1)
		arm->core = true;
	pmus->n_core = 0;
	for (size_t i = 0; i < pmus->n; i++)
		pmus->n_core += pmus->items[i].core;
}

int mp_pmus_read(const char *root, struct mp_pmus *ret_pmus, struct mp_err *err)
{
	struct mp_pmus pmus = { 0 };
	struct dirent *entry;
	DIR *dir = opendir(root);
	int rc = 0;

	if (!dir)
		return mp_err_env(err, -errno, "cannot read the folder of PMUs '%s': %s", root,
				  strerror(errno));
	snprintf(pmus.root, sizeof(pmus.root), "%s", root);
	while (!rc && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			rc = add_pmu(&pmus, entry->d_name);
	closedir(dir);
	if (rc) {
		mp_pmus_done(&pmus);
		return mp_err_env(err, rc, "no memory for the PMUs of '%s'", root);
	}
	if (pmus.n)
		qsort(pmus.items, pmus.n, sizeof(*pmus.items), by_name);
	find_core(&pmus);
	*ret_pmus = pmus;
	return 0;
}

void mp_pmus_done(struct mp_pmus *pmus)
{
	for (size_t i = 0; i < pmus->n; i++)
		free(pmus->items[i].cpus);
	free(pmus->items);
	*pmus = (struct mp_pmus){ 0 };
}

const struct mp_pmu *mp_pmus_find(const struct mp_pmus *pmus, const char *name)
{
	for (size_t i = 0; i < pmus->n; i++)
		if (!strcmp(pmus->items[i].name, name))
			return &pmus->items[i];
	return NULL;
}

const struct mp_pmu *mp_pmus_core(const struct mp_pmus *pmus, int cpu)
{
	for (size_t i = 0; i < pmus->n; i++) {
		const struct mp_pmu *pmu = &pmus->items[i];

		if (pmu->core && !pmu->n_cpus)
			return pmu;
		for (size_t c = 0; pmu->core && c < pmu->n_cpus; c++)
			if (pmu->cpus[c] == cpu)
				return pmu;
	}
	return NULL;
}

/* One pattern of `len` bytes. */
static bool matches(const char *pattern, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++) {
		size_t decimal, hex;

		if (pattern[i] != '#') {
			if (*name++ != pattern[i])
				return false;
			continue;
		}
		decimal = strspn(name, "0123456789");
		hex = strspn(name, "0123456789abcdefABCDEF");
		if (!decimal && hex < 6)
			return false;
		name += hex >= 6 ? hex : decimal;
	}
	return !*name;
}

bool mp_pmu_matches(const char *patterns, const char *name)
{
	while (*patterns) {
		size_t len = strcspn(patterns, " ");

		if (len && matches(patterns, len, name))
			return true;
		patterns += len;
		patterns += strspn(patterns, " ");
	}
	return false;
}

double mp_unit_bytes(const char *unit)
{
	static const struct {
		const char *unit;
		double bytes;
	} units[] = {
		{ "Bytes", 1 },	 { "bytes", 1 },     { "B", 1 },
		{ "KiB", 1024 }, { "MiB", 1048576 }, { "GiB", 1073741824 },
		{ "KB", 1e3 },	 { "MB", 1e6 },	     { "GB", 1e9 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(units[i].unit, unit))
			return units[i].bytes;
	return 0;
}
