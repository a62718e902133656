/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What /proc and /sys say. Two captured machines and the PMUs of others stand in a folder; an input is a list of files that say
 * something else: two bytes choose the file, two say the length of what it holds then, 0xffff: the file is missing. Promises:
 * every fact has an origin and the reason why it matters, and a metric that cannot be counted has a reason.
 * Runs: 600
 */
#include "tests/fuzz/fuzz.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/counters/counters.h"
#include "runner/machine/facts.h"
#include "tests/runner/counter_support.h"

struct file {
	char path[256]; /* in the folder of this process */
	struct mp_str was;
};
static struct file *files;
static size_t n_files;

static void add(const char *path, const char *data, size_t size)
{
	files = realloc(files, (n_files + 1) * sizeof(*files));
	fuzz_must(files && strlen(path) < sizeof(files->path));
	strcpy(files[n_files].path, path);
	files[n_files].was = (struct mp_str)MP_STR_INIT;
	mp_str_add_len(&files[n_files].was, data, size);
	n_files++;
}

static int copy_one(const char *path, const struct stat *st, int what, struct FTW *walk)
{
	static const char from[] = MEMPERF_TESTS "/data/machine/";
	struct mp_str text = MP_STR_INIT;
	const char *name = path + strlen(from);

	(void)st;
	(void)walk;
	if (what == FTW_D)
		mkdir(fuzz_path(name), 0755);
	if (what == FTW_F && !mp_str_read_file(&text, path)) {
		fuzz_file(name, text.text, text.len);
		add(name, text.text, text.len);
	}
	mp_str_done(&text);
	return 0;
}

/* Links are between cpufreq's policies and the like. */
static void begin(void)
{
	static const char *const pmus[] = { "intel-sapphirerapids-2s", "amd-zen4-server",
					    "arm64-biglittle" };
	struct tsv t;

	if (n_files)
		return;
	nftw(MEMPERF_TESTS "/data/machine/guest", copy_one, 8, FTW_PHYS);
	nftw(MEMPERF_TESTS "/data/machine/laptop", copy_one, 8, FTW_PHYS);
	for (size_t i = 0; i < sizeof(pmus) / sizeof(pmus[0]); i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s.tsv", pmus[i]);
		fuzz_must(tsv_open(&t, COUNTERS "/event_source", name));
		while (tsv_next(&t)) {
			char path[512];

			snprintf(path, sizeof(path), "%s/%s", pmus[i], t.cells[0]);
			fuzz_must(write_file(fuzz_path("."), path, t.cells[1]));
			add(path, t.cells[1], strlen(t.cells[1]));
		}
		tsv_close(&t);
	}
	fuzz_must(n_files > 100);
}

static void each_fact(void *user, const struct mp_fact *fact)
{
	(void)user;
	fuzz_must(fact->group && *fact->key && fact->origin && *fact->origin && fact->why);
}

static void resolve(const char *pmus, const char *cpu_id)
{
	char root[256], proc[256], cpu[256];
	const int cpus[] = { 0 };
	struct mp_counter_query query = { .cpus = cpus,
					  .n_cpus = 1,
					  .cpu_id = cpu_id,
					  .roots = { .event_source = root,
						     .cpu = cpu,
						     .tracefs = "/nonexistent",
						     .proc = proc,
						     .resctrl = "/nonexistent" } };
	struct mp_counters counters;
	struct mp_err err = { 0 };

	snprintf(root, sizeof(root), "%s", fuzz_path(pmus));
	snprintf(cpu, sizeof(cpu), "%s", fuzz_path("laptop/sys/devices/system/cpu"));
	snprintf(proc, sizeof(proc), "%s", fuzz_path("laptop/proc"));
	if (mp_counters_resolve(&query, &counters, &err)) {
		fuzz_sentence(&err);
		return;
	}
	for (size_t i = 0; i < counters.n; i++)
		fuzz_must(counters.items[i].source || counters.items[i].reason);
	mp_counters_done(&counters);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct mp_fact_sink sink = { .fact = each_fact };
	struct fuzz_bytes in = { data, data + size };
	size_t changed[8], n = 0;
	bool facts = false, pmus[3] = { false };

	begin();
	while (in.at < in.end && n < 8) {
		size_t which = fuzz_number(&in, 2) % n_files, len;
		const char *path = files[which].path;
		const uint8_t *piece = fuzz_piece(&in, &len);

		if (piece)
			fuzz_file(path, piece, len);
		else
			unlink(fuzz_path(path));
		changed[n++] = which;
		facts |= !strncmp(path, "guest/", 6) || !strncmp(path, "laptop/", 7);
		pmus[0] |= !strncmp(path, "intel", 5);
		pmus[1] |= !strncmp(path, "amd", 3);
		pmus[2] |= !strncmp(path, "arm64", 5);
	}
	if (facts) {
		mp_facts_collect(fuzz_path("guest"), &sink);
		mp_facts_collect(fuzz_path("laptop"), &sink);
	}
	if (pmus[0])
		resolve("intel-sapphirerapids-2s", "GenuineIntel-6-8F");
	if (pmus[1])
		resolve("amd-zen4-server", "AuthenticAMD-25-11");
	if (pmus[2])
		resolve("arm64-biglittle", "arm-41-d0b");
	while (n--)
		fuzz_file(files[changed[n]].path, files[changed[n]].was.text,
			  files[changed[n]].was.len);
	return 0;
}

/* Every file as it is. */
size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	const struct file *file;
	size_t len;

	begin();
	if (index >= n_files)
		return 0;
	file = &files[index];
	len = file->was.len;
	*ret_data = malloc(len + 4);
	fuzz_must(*ret_data);
	(*ret_data)[0] = (uint8_t)index;
	(*ret_data)[1] = (uint8_t)(index >> 8);
	(*ret_data)[2] = (uint8_t)len;
	(*ret_data)[3] = (uint8_t)(len >> 8);
	memcpy(*ret_data + 4, file->was.text, len);
	return len + 4;
}
