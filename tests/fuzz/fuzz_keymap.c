/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A person's keys for the viewer. Promises: read or refused with a sentence; there is a key to quit with; and the keys that are
 * printed then are a file that can be read.
 * Runs: 3000
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/viewer/viewer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mp_str keys = MP_STR_INIT, again = MP_STR_INIT;
	struct mp_err err = { 0 };

	if (mp_viewer_keys(fuzz_file("keys", data, size), &keys, &err)) {
		fuzz_sentence(&err);
	} else {
		const char *quit = strstr(keys.text, "all.quit ");
		char key;

		fuzz_must(quit && sscanf(quit, "all.quit = %c", &key) == 1 && key != '\n');
		fuzz_must(!mp_viewer_keys(fuzz_file("keys", keys.text, keys.len), &again, &err));
		fuzz_must(!strcmp(keys.text, again.text));
	}
	mp_str_done(&keys);
	mp_str_done(&again);
	return 0;
}

size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	static const char *const texts[] = {
		"results.tree = W\nall.quit = X\n",
		"# mine\nall.quit = q ^Q # out\nresults.sort = # \nresults.open = Enter\n",
		"all.quit =\n",
	};
	struct mp_str all = MP_STR_INIT;
	size_t size;

	if (index)
		return fuzz_seed_text(index - 1, texts, sizeof(texts) / sizeof(texts[0]), ret_data);
	fuzz_must(!mp_viewer_keys(NULL, &all, NULL));
	size = all.len;
	*ret_data = (uint8_t *)mp_str_take(&all);
	return size;
}
