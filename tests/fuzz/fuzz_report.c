/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reports of a results file with other rows: the first byte chooses the format, the second what is reported. Promises: no control
 * character reaches the output but line ends, and tabs of a page's own script; text is UTF-8; a page has no markup that a row brought; JSON is
 * JSON.
 * Runs: 700
 */
#include "tests/fuzz/hostile.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "report/format/format.h"
#include "report/format/show.h"
#include "report/format/show_counters.h"

#define HEAD 2

static struct hostile base;
static char honest[256];

static void begin(void)
{
	if (base.bytes)
		return;
	hostile_make("base.db", "counted 6 2 3");
	hostile_load(hostile_make("base.db", "whole"), &base);
	hostile_make("honest.db", "counted 6 1 3");
	strcpy(honest, hostile_make("honest.db", "whole"));
}

static void judge(const struct mp_format *format, const struct mp_str *out)
{
	fuzz_must(!out->failed && strlen(out->text) == out->len);
	fuzz_shown(out->text, format == &mp_format_csv	      ? "\r\n"
			      : !strcmp(format->name, "html") ? "\n\t"
							      : "\n");
	if (!strcmp(format->name, "html") || !strcmp(format->name, "junit"))
		fuzz_must(!strstr(out->text, "</td><script>&"));
	if (!strcmp(format->name, "json") && out->len) {
		json_t *json = json_loads(out->text, JSON_REJECT_DUPLICATES, NULL);

		fuzz_must(json);
		json_decref(json);
	}
}

static int compare(const char *path, const struct mp_show *show, struct mp_str *out,
		   struct mp_err *err)
{
	struct mp_compare_options options = mp_compare_defaults;
	struct mp_side sides[2] = { 0 };
	const char *texts[] = { honest, path };
	struct mp_comparison c = { 0 };
	int rc = mp_side_open_all(texts, 2, MP_SIDE_COMPARE, sides, err);

	if (!rc)
		rc = mp_compare(&sides[0], &sides[1], &options, &c, err);
	if (!rc) {
		char *why;

		fuzz_must(!mp_show_comparison(&c, show, out));
		mp_compare_gate(&c, &why);
		free(why);
	}
	mp_comparison_done(&c);
	mp_side_done(&sides[0]);
	mp_side_done(&sides[1]);
	return rc;
}

static int one(const char *path, bool counters, const struct mp_show *show, struct mp_str *out,
	       struct mp_err *err)
{
	struct mp_side side = { 0 };
	int rc = mp_side_open(path, MP_SIDE_REPORT, &side, NULL, err);

	if (!rc && counters) {
		rc = mp_show_counters(&side, show, out, err);
		rc = rc == -EINVAL ? 0 : rc;
	} else if (!rc) {
		fuzz_must(!mp_show_run(&side, show, out));
	}
	mp_side_done(&side);
	return rc;
}

static int history(const char *path, const struct mp_show *show, struct mp_str *out,
		   struct mp_err *err)
{
	const char *paths[] = { honest, path };
	struct mp_history h = { 0 };
	int rc = mp_history_read(paths, 2, &mp_history_defaults, &h, err);

	if (!rc)
		fuzz_must(!mp_show_history(&h, show, out));
	mp_history_done(&h);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes in = { data, data + size };
	struct mp_str out = MP_STR_INIT;
	struct mp_err err = { 0 };
	struct mp_show show;
	char path[256];
	unsigned what;
	int rc;

	begin();
	show = (struct mp_show){ .format = mp_formats[fuzz_number(&in, 1) % mp_n_formats],
				 .matches = 1 };
	what = (unsigned)fuzz_number(&in, 1);
	show.all = what & 8;
	show.wide = what & 16 ? 80 : 0;
	strcpy(path, hostile_rows(&base, &in));
	what %= 4;
	rc = what == 0	 ? one(path, false, &show, &out, &err)
	     : what == 1 ? compare(path, &show, &out, &err)
	     : what == 2 ? history(path, &show, &out, &err)
			 : one(path, true, &show, &out, &err);
	if (rc)
		fuzz_sentence(&err);
	else
		judge(show.format, &out);
	mp_str_done(&out);
	return 0;
}

size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	uint8_t head[HEAD];

	begin();
	head[0] = (uint8_t)(index % mp_n_formats);
	head[1] = (uint8_t)(index / mp_n_formats % 4 + (index % 5 == 0 ? 24 : 0));
	return hostile_seed(&base, index, head, sizeof(head), ret_data);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return hostile_mutate(data, size, room, seed, HEAD);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t room, unsigned seed)
{
	return hostile_cross(a, a_size, b, b_size, out, room, seed, HEAD);
}
