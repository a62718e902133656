/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where memory traffic is counted. The rows are prose for people; of each, the events and what one count stands for are
 * compared with what is resolved on a model of such a machine, and every machine of event_source is resolved and compared
 * in full.
 */
#include <math.h>

#include "runner/counters/counters.h"
#include "tests/runner/counter_vectors/vectors.h"

/* What is expected on a machine. */
struct expected {
	const char *source; /* NULL: unavailable */
	size_t events;
	uint64_t config; /* of the first */
	double per_count;
	bool estimate;
};

#define NOTHING                                                                                    \
	{                                                                                          \
		NULL, 0, 0, 0, false                                                               \
	}
#define MEASURED(source, events, config, bytes)                                                    \
	{                                                                                          \
		source, events, config, bytes, false                                               \
	}
#define ESTIMATED(source, events, config, bytes)                                                   \
	{                                                                                          \
		source, events, config, bytes, true                                                \
	}
#define RUNNING "imc_free_running"

static const struct {
	const char *machine, *cpu_id;
	const char *platform; /* how the row that describes it begins; NULL: none does */
	struct expected read, write, both;
} machines[] = {
	{ "intel-skylake-client", "GenuineIntel-6-5E", "Intel client SNB..ICL",
	  MEASURED("imc_client", 1, 0x1, 64), MEASURED("imc_client", 1, 0x2, 64),
	  MEASURED("imc_client", 2, 0x1, 64) },
	{ "intel-raptorlake-h", "GenuineIntel-6-BA", "Intel client ADL, RPL",
	  MEASURED(RUNNING, 2, 0x20ff, 64), MEASURED(RUNNING, 2, 0x30ff, 64),
	  MEASURED(RUNNING, 2, 0x10ff, 64) },
	{ "intel-raptorlake-h", "GenuineIntel-6-8D", "Intel client TGL, RKL",
	  MEASURED(RUNNING, 2, 0x20ff, 64), MEASURED(RUNNING, 2, 0x30ff, 64),
	  MEASURED(RUNNING, 2, 0x10ff, 64) },
	/* A client that came later than these tables. */
	{ "intel-raptorlake-h", "GenuineIntel-6-CC", NULL, ESTIMATED(RUNNING, 2, 0x20ff, 64),
	  ESTIMATED(RUNNING, 2, 0x30ff, 64), ESTIMATED(RUNNING, 2, 0x10ff, 64) },
	{ "intel-raptorlake-h-noimc", "GenuineIntel-6-BA", NULL, NOTHING, NOTHING, NOTHING },
	{ "intel-meteorlake-h", "GenuineIntel-6-AA", "Intel client MTL, ARL",
	  MEASURED("imc", 2, 0x3a, 32), MEASURED("imc", 2, 0x3b, 32),
	  MEASURED("imc", 2, 0x3c, 32) },
	{ "intel-meteorlake-h", "GenuineIntel-6-BD", "Intel client MTL, ARL, LNL",
	  ESTIMATED(RUNNING, 2, 0x20ff, 64), ESTIMATED(RUNNING, 2, 0x30ff, 64),
	  ESTIMATED(RUNNING, 2, 0x10ff, 64) },
	{ "intel-arrowlake-h", "GenuineIntel-6-C5", "Intel client MTL, ARL",
	  MEASURED("imc", 2, 0x3a, 32), MEASURED("imc", 2, 0x3b, 32),
	  MEASURED("imc", 2, 0x3c, 32) },
	{ "intel-sapphirerapids-2s", "GenuineIntel-6-8F", "Intel server SPR, EMR",
	  MEASURED("imc", 16, 0xcf05, 64), MEASURED("imc", 16, 0xf005, 64),
	  MEASURED("imc", 32, 0xcf05, 64) },
	{ "intel-graniterapids-1s", "GenuineIntel-6-AD", "Intel server GNR, SRF",
	  MEASURED("imc", 24, 0xcf05, 64), MEASURED("imc", 24, 0xf005, 64),
	  MEASURED("imc", 48, 0xcf05, 64) },
	{ "amd-zen4-server", "AuthenticAMD-25-11", "AMD Zen4, Zen5", MEASURED("umc", 12, 0x10a, 64),
	  MEASURED("umc", 12, 0x20a, 64), MEASURED("umc", 12, 0xa, 64) },
	{ "amd-zen3-server", "AuthenticAMD-25-1", "AMD Zen1..Zen3", NOTHING, NOTHING,
	  ESTIMATED("df", 8, 0x3807, 64) },
	{ "arm64-nvidia-grace", "arm-41-d4f", "arm64 NVIDIA Grace", MEASURED("scf", 1, 0x1a5, 32),
	  MEASURED("scf", 1, 0x1db, 1), NOTHING },
	{ "arm64-kunpeng920", "arm-48-d01", "arm64 Kunpeng 920", NOTHING, NOTHING, NOTHING },
	{ "arm64-cmn", "arm-41-d0c", "arm64 with CMN mesh", NOTHING, NOTHING,
	  ESTIMATED("cmn", 1, 0xd0005, 64) },
	{ "arm64-biglittle", "arm-41-d05", NULL, NOTHING, NOTHING, NOTHING },
	{ "arm64-dsu", "arm-41-d05", "arm64 DSU", NOTHING, NOTHING, ESTIMATED("dsu", 1, 0x2a, 64) },
	{ "guest-no-pmu", "AuthenticAMD-25-11", NULL, NOTHING, NOTHING, NOTHING },
};
#define MACHINES (sizeof(machines) / sizeof(machines[0]))

/* Platforms of rows that no machine of event_source is a model of, and who checks instead what memperf says of them. */
static const struct {
	const char *platform, *why;
} elsewhere[] = {
	{ "Intel server SNB-EP..SKX/CLX", "the kernel names the events: the source 'imc' of SPR" },
	{ "Intel server ICX", "the kernel names the events: the source 'imc' of SPR" },
	{ "AMD Zen4 (older kernel)", "vectors-sysfs.tsv has the encodings of amd_df" },
	{ "i.MX 8/9", "memperf refuses them: what a cycle moves is the board's" },
	{ "x86 RDT/QoS servers", "a file and no PMU: runner_test_counter_sources" },
};

static const char *why_not(const char *platform)
{
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (!strncmp(elsewhere[i].platform, platform, strlen(elsewhere[i].platform)))
			return elsewhere[i].why;
	return NULL;
}

/* One metric of the machine against what is expected of it. */
static void compare(const struct mp_counters *got, const char *id, const struct expected *want,
		    const struct tsv *t, const char *machine, struct tally *tally)
{
	const struct mp_counter *c = mp_counters_find(got, id);

	if (!c)
		wrong(tally, t, "%s: no %s", machine, id);
	else if (!want->source && c->source)
		wrong(tally, t, "%s: %s has a source, %s", machine, id, c->source->name);
	else if (!want->source && (!c->reason || !*c->reason))
		wrong(tally, t, "%s: %s is unavailable without a reason", machine, id);
	else if (want->source && !c->source)
		wrong(tally, t, "%s: %s: %s", machine, id, c->reason);
	else if (want->source &&
		 (strcmp(c->source->name, want->source) != 0 || c->n_events != want->events ||
		  c->events[0].config != want->config ||
		  fabs(c->per_count - want->per_count) > 1e-9 || c->estimate != want->estimate))
		wrong(tally, t, "%s: %s is %s, %zu events, config 0x%llx, %g bytes%s", machine, id,
		      c->source->name, c->n_events, (unsigned long long)c->events[0].config,
		      c->per_count, c->estimate ? ", estimated" : "");
}

/* "uncore_imc_free_running_N (N=0,1)" is the PMU uncore_imc_free_running_1. */
static bool is_pmu(const char *pattern, const char *pmu)
{
	const size_t same = strcspn(pattern, "NS ");

	return !strncmp(pattern, pmu, same) &&
	       strspn(pmu + same, "0123456789") == strlen(pmu + same);
}

/* Codes as the row writes them: "0x05/0xcf", "event 0x0a rdwrmask 1", "event 0x07+0x40*N umask 0x38", "type 5 eventid
 * 0x0d", "config 0x1". Does it name this config, or none at all? */
static bool has_code(const char *events, uint64_t config)
{
	bool any = false;

	for (const char *at = events; (at = strstr(at, "0x"));) {
		char *end;
		uint64_t event = strtoull(at, &end, 16), second = 0;
		unsigned value;

		if (!strncmp(end, "+0x40*N", 7))
			end += 7;
		if (*end == '/' || !strncmp(end, " umask ", 7))
			second = strtoull(strstr(end, "0x"), &end, 16) << 8;
		else if (sscanf(end, " rdwrmask %u", &value) == 1)
			second = value << 8;
		any = true;
		if ((event | second) == config || (event << 16 | 5) == config)
			return true;
		at = end;
	}
	return !any;
}

/* The row's own words against what the machine reads, where both mean the same PMU. */
static void agree(const struct mp_counters *got, const struct tsv *t, const char *machine,
		  struct tally *tally)
{
	for (size_t i = 0; i < got->n; i++) {
		const struct mp_counter *c = &got->items[i];
		const char *bytes = t->cells[3];

		if (!c->source || !is_pmu(t->cells[1], c->events[0].pmu))
			continue;
		if (!has_code(t->cells[2], c->events[0].config))
			wrong(tally, t, "%s: %s reads 0x%llx, which is not in '%s'", machine,
			      c->metric->id, (unsigned long long)c->events[0].config, t->cells[2]);
		/* "32 / 1": one per direction */
		if (atof(bytes) > 0 && !strchr(bytes, '/') &&
		    fabs(atof(bytes) - c->per_count) > 1e-9)
			wrong(tally, t, "%s: %s takes %g bytes per count", machine, c->metric->id,
			      c->per_count);
	}
}

static void resolve_machine(const char *folder, size_t m, const struct tsv *t, struct tally *tally)
{
	static const char *const ids[] = { "dram_read_bytes", "dram_write_bytes", "dram_bytes" };
	static const int cpu = 0;
	const char *machine = machines[m].machine;
	char root[64];
	const struct mp_counter_query query = {
		.metrics = ids,
		.n_metrics = 3,
		.cpus = &cpu,
		.n_cpus = 1,
		.roots = { .event_source = root,
			   .cpu = "/nonexistent",
			   .proc = "/nonexistent",
			   .resctrl = "/nonexistent" },
		.cpu_id = machines[m].cpu_id,
	};
	struct mp_counters got;
	struct mp_err err;

	if (!make_machine(folder, machine, root)) {
		wrong(tally, t, "there is no machine '%s'", machine);
		return;
	}
	if (mp_counters_resolve(&query, &got, &err)) {
		wrong(tally, t, "%s: %s", machine, err.text);
	} else {
		compare(&got, ids[0], &machines[m].read, t, machine, tally);
		compare(&got, ids[1], &machines[m].write, t, machine, tally);
		compare(&got, ids[2], &machines[m].both, t, machine, tally);
		if (machines[m].platform)
			agree(&got, t, machine, tally);
		mp_counters_done(&got);
	}
	remove_machine(root);
}

void check_bandwidth(const char *folder, const char *file, struct tally *tally)
{
	struct tsv t;

	if (!tsv_open(&t, folder, file))
		return;
	tsv_next(&t);
	while (tsv_next(&t)) {
		const char *why = why_not(t.cells[0]);
		bool described = false;

		tally->rows++;
		for (size_t m = 0; m < MACHINES; m++) {
			const char *platform = machines[m].platform;

			if (!platform || strncmp(t.cells[0], platform, strlen(platform)) != 0)
				continue;
			resolve_machine(folder, m, &t, tally);
			described = true;
		}
		if (described) {
			tally->checked++;
		} else if (why) {
			left_out(tally, &t, "%s: %s", t.cells[0], why);
		} else {
			wrong(tally, &t,
			      "no machine is a model of '%s', and nothing else handles it",
			      t.cells[0]);
			tally->other++;
		}
	}
	for (size_t m = 0; m < MACHINES; m++)
		if (!machines[m].platform)
			resolve_machine(folder, m, &t, tally);
	tsv_close(&t);
}
