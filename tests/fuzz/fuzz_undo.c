/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The record of what a run has set up, which the next start puts back as root. Promises: a record is read or refused with a
 * sentence, and nothing but a thing of ours is ever written: the folder that stands for the machine holds a file beside them, which
 * stays as it is.
 * Runs: 3000
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runner/machine/tune.h"

static const char *const settings[] = { "/proc/sys/vm/overcommit_memory",
					"/proc/sys/kernel/perf_event_paranoid" };

static void put(const char *path, const char *text)
{
	char name[256];

	snprintf(name, sizeof(name), "root%s", path);
	for (char *c = name; (c = strchr(c, '/')); c++) {
		*c = '\0';
		mkdir(fuzz_path(name), 0755);
		*c = '/';
	}
	fuzz_file(name, text, strlen(text));
}

static void each(void *user, const struct mp_change *change, enum mp_tune_outcome outcome, int err)
{
	(void)user;
	fuzz_must(change->name && *change->path == '/' && (outcome != MP_TUNE_FAILED || err < 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char root[256], state[256];
	struct mp_str kept = MP_STR_INIT;
	struct mp_err err = { 0 };
	int rc;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		put(settings[i], "1\n");
	put("/etc/passwd", "root\n");
	snprintf(root, sizeof(root), "%s", fuzz_path("root"));
	snprintf(state, sizeof(state), "%s", fuzz_path("state"));
	mkdir(state, 0755);
	fuzz_file("state/run.undo", data, size);
	rc = mp_tune_undo(root, state, MP_TUNE_RUN, each, NULL, &err);
	if (rc)
		fuzz_sentence(&err);
	fuzz_must(!mp_str_read_file(&kept, fuzz_path("root/etc/passwd")));
	fuzz_must(!strcmp(kept.text, "root\n"));
	mp_str_done(&kept);
	return 0;
}

size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	static const char *const texts[] = {
		"memperf undo 1\n/proc/sys/vm/overcommit_memory\t0\t1\n",
		"memperf undo 1\n/proc/sys/kernel/perf_event_paranoid\t2\t1\n"
		"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages\t0\t64\n",
		"memperf undo 1\n/sys/block/zram0/disksize\t0\t1073741824\n/dev/zram0\toff\ton\n"
		"/run/memperf/ram\tnone\ttmpfs\n",
		"memperf undo 1\n/etc/passwd\troot\thacked\n",
		"memperf undo 1\n/proc/sys/vm/../../../etc/passwd\tx\troot\n",
	};

	return fuzz_seed_text(index, texts, sizeof(texts) / sizeof(texts[0]), ret_data);
}
