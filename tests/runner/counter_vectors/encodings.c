/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows that encode by the files of sysfs and by the kernel's own names. */
#include <errno.h>
#include <math.h>

#include "runner/counters/internal.h"
#include "tests/runner/counter_vectors/vectors.h"

/* The machine that rows are about, kept while they stay with it. */
struct machine {
	char name[64], root[64];
	struct mp_pmus pmus;
	bool fine;
};

static void leave(struct machine *m)
{
	if (m->name[0])
		remove_machine(m->root);
	mp_pmus_done(&m->pmus);
	m->name[0] = '\0';
}

static bool visit(struct machine *m, const char *folder, const char *name)
{
	if (!strcmp(m->name, name))
		return m->fine;
	leave(m);
	snprintf(m->name, sizeof(m->name), "%s", name);
	m->fine = make_machine(folder, name, m->root) && !mp_pmus_read(m->root, &m->pmus, NULL);
	return m->fine;
}

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 0);
}

static bool same_config(const struct mp_perf_event *e, const char *type, const char *config,
			const char *config1, const char *config2)
{
	return e->type == number(type) && e->config == number(config) &&
	       e->config1 == number(config1) && e->config2 == number(config2);
}

static void sysfs_row(const struct machine *m, const struct tsv *t, struct tally *tally)
{
	char *const *c = t->cells;
	struct mp_perf_event e = { 0 };
	struct mp_pmu_unit unit;
	struct mp_err err;
	const int rc = mp_pmu_encode_text(&m->pmus, c[1], &e, &unit, &err);
	const char *want_unit = strcmp(c[8], "-") != 0 ? c[8] : "";
	const double scale = strtod(c[7], NULL);

	if (strcmp(c[2], "ok") != 0) {
		if (!rc)
			wrong(tally, t, "%s encodes, and should not: %s", c[1], c[2]);
		else if (!strncmp(c[2], "no PMU ", 7) && !strstr(err.text, c[2]))
			wrong(tally, t, "'%s' does not say '%s'", err.text, c[2]);
		return;
	}
	if (rc)
		wrong(tally, t, "%s", err.text);
	else if (!same_config(&e, c[3], c[4], c[5], c[6]))
		wrong(tally, t, "%s is type %u config 0x%llx config1 0x%llx config2 0x%llx", c[1],
		      e.type, (unsigned long long)e.config, (unsigned long long)e.config1,
		      (unsigned long long)e.config2);
	else if (fabs(unit.scale - scale) > 1e-9 * scale || strcmp(unit.unit, want_unit) != 0)
		wrong(tally, t, "%s has scale %.12g unit '%s'", c[1], unit.scale, unit.unit);
}

void check_sysfs(const char *folder, const char *file, struct tally *tally)
{
	struct machine m = { .name = "" };
	struct tsv t;

	if (!tsv_open(&t, folder, file))
		return;
	tsv_next(&t); /* the heads of the columns */
	while (tsv_next(&t)) {
		tally->rows++;
		tally->checked++;
		if (visit(&m, folder, t.cells[0]))
			sysfs_row(&m, &t, tally);
		else
			wrong(tally, &t, "there is no machine '%s'", t.cells[0]);
	}
	leave(&m);
	tsv_close(&t);
}

static void hybrid_row(const struct machine *m, const struct tsv *t, struct tally *tally)
{
	char *const *c = t->cells;
	const struct mp_pmu *core = mp_pmus_find(&m->pmus, c[1]);
	struct mp_perf_event e = { 0 };
	char name[96];
	int rc;

	if (!core || !core->core) {
		wrong(tally, t, "%s is no core PMU", c[1]);
		return;
	}
	snprintf(name, sizeof(name), "hardware/%s", c[0]);
	rc = mp_generic_event(&m->pmus, core, name, &e);
	snprintf(name, sizeof(name), "cache/%s", c[0]);
	if (rc)
		rc = mp_generic_event(&m->pmus, core, name, &e);
	if (rc)
		wrong(tally, t, "%s is unknown", c[0]);
	else if (e.type != number(c[2]) || e.config != number(c[3]))
		wrong(tally, t, "%s on %s is type %u config 0x%llx", c[0], c[1], e.type,
		      (unsigned long long)e.config);
	else if (strcmp(c[4], "-") != 0 && core->cpus[0] != atoi(c[4]))
		wrong(tally, t, "%s begins at CPU %d", c[1], core->cpus[0]);
	else if (mp_pmus_core(&m->pmus, core->cpus[0]) != core)
		wrong(tally, t, "CPU %d is not of %s", core->cpus[0], c[1]);
}

void check_hybrid(const char *folder, const char *file, struct tally *tally)
{
	struct machine m = { .name = "" };
	struct tsv t;

	if (!tsv_open(&t, folder, file))
		return;
	tsv_next(&t);
	while (tsv_next(&t)) {
		tally->rows++;
		tally->checked++;
		/* The comment of the file names the machine; a PMU that it lacks is of the other hybrid. */
		if (visit(&m, folder, "intel-raptorlake-h") &&
		    (mp_pmus_find(&m.pmus, t.cells[1]) || visit(&m, folder, "intel-arrowlake-h")))
			hybrid_row(&m, &t, tally);
		else
			wrong(tally, &t, "there is no machine for it");
	}
	leave(&m);
	tsv_close(&t);
}

void check_permissions(const char *folder, const char *file, struct tally *tally)
{
	static const enum mp_access_kind kinds[] = { MP_ACCESS_USER, MP_ACCESS_KERNEL,
						     MP_ACCESS_CPU };
	struct tsv t;

	if (!tsv_open(&t, folder, file))
		return;
	tsv_next(&t);
	while (tsv_next(&t)) {
		char *const *c = t.cells;
		const struct mp_access access = {
			.paranoid = atoi(c[1]),
			.known = true,
			.perfmon = !strcmp(c[2], "CAP_PERFMON"),
			.sys_admin = !strcmp(c[2], "CAP_SYS_ADMIN"),
		};

		tally->rows++;
		tally->checked++;
		for (size_t i = 0; i < 3; i++) {
			const bool strict = strstr(c[0], "Debian") || strstr(c[0], "Ubuntu");
			const bool ok = mp_access_allows(&access, kinds[i], strict);

			if (ok != !strcmp(c[3 + i], "ok"))
				wrong(tally, &t, "column %zu says %s", 4 + i, c[3 + i]);
		}
	}
	tsv_close(&t);
}
