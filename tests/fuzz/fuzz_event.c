/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Event strings, on the PMUs of a captured machine: "pmu/terms/modifiers", and the kernel's lists of CPUs. Promises: encoded or
 * refused with a sentence; a list of CPUs has none below 0.
 * Runs: 50000
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "runner/counters/pmu.h"
#include "tests/runner/counter_support.h"

static struct mp_pmus pmus;

static void begin(void)
{
	struct tsv t;

	if (pmus.n)
		return;
	fuzz_must(tsv_open(&t, COUNTERS "/event_source", "intel-sapphirerapids-2s.tsv"));
	while (tsv_next(&t))
		fuzz_must(write_file(fuzz_path("."), t.cells[0], t.cells[1]));
	tsv_close(&t);
	fuzz_must(!mp_pmus_read(fuzz_path("."), &pmus, NULL) && pmus.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct mp_perf_event event = { 0 };
	struct mp_pmu_unit unit;
	struct mp_err err = { 0 };
	int *cpus;
	size_t n;

	begin();
	if (mp_pmu_encode_text(&pmus, text, &event, &unit, &err))
		fuzz_sentence(&err);
	if (!mp_cpulist_parse(text, &cpus, &n)) {
		for (size_t i = 0; i < n; i++)
			fuzz_must(cpus[i] >= 0);
		free(cpus);
	}
	free(text);
	return 0;
}

size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	static const char *const texts[] = {
		"cpu/event=0x2e,umask=0x41/u",
		"uncore_imc_0/cas_count_read/",
		"cpu/config=0x1,config1=0xff,period=1000/kh",
		"cpu/cpu-cycles,ldlat=3,inv,edge/",
		"0-3,8,10-11",
		"0,56",
	};

	return fuzz_seed_text(index, texts, sizeof(texts) / sizeof(texts[0]), ret_data);
}
