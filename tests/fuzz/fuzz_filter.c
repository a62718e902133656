/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The filter language. Promises: a text is parsed or refused with a sentence; what was parsed gives the same answer twice,
 * and "not" turns it round.
 * Runs: 100000
 */
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>

#include "common/filter.h"

static const char *const cases[] = { "mmap.anon/populate=no/size=2M/threads=4", "floor.loop", "",
				     "fault.anon_write/huge=thp/range=18446744073709551615" };
static const struct mp_filter_field fields[] = { { "change", true }, { "verdict", false } };

static int seen(void *user, const char *field)
{
	fuzz_must(*field);
	++*(unsigned *)user;
	return 0;
}

static struct mp_filter_value value(void *user, size_t index)
{
	(void)user;
	return index ? (struct mp_filter_value){ NAN, "slower" }
		     : (struct mp_filter_value){ 5.25, NULL };
}

static void negated(const char *text, const struct mp_filter *filter)
{
	struct mp_str turned = MP_STR_INIT;
	struct mp_filter *other;

	mp_str_printf(&turned, "not (%s)", text);
	if (!mp_filter_parse(turned.text, &other, NULL)) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
			fuzz_must(mp_filter_match(filter, cases[i]) !=
				  mp_filter_match(other, cases[i]));
		mp_filter_free(other);
	}
	mp_str_done(&turned);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct mp_filter *filter;
	struct mp_err err = { 0 };
	unsigned conditions = 0;

	if (!mp_filter_parse(text, &filter, &err)) {
		fuzz_must(!mp_filter_fields(filter, seen, &conditions) && conditions);
		negated(text, filter);
		mp_filter_free(filter);
	} else {
		fuzz_sentence(&err);
	}
	if (!mp_filter_parse_with(text, fields, 2, &filter, &err)) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
			fuzz_must(mp_filter_match_with(filter, cases[i], value, NULL) ==
				  mp_filter_match_with(filter, cases[i], value, NULL));
		mp_filter_free(filter);
	} else {
		fuzz_sentence(&err);
	}
	free(text);
	return 0;
}

size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	static const char *const texts[] = {
		"size >= 2M and threads = 1",
		"bench ~ fault.* and not populate = yes",
		"(family = mmap or case ~ '*threads=4') and size != 4K",
		"change > 5% and verdict = Slower",
		"change >= 1.5us or 'verdict' ~ s?ow*",
		"not not (((size < 1G)))",
	};

	return fuzz_seed_text(index, texts, sizeof(texts) / sizeof(texts[0]), ret_data);
}
