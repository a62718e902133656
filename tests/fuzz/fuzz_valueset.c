/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Value sets: the first byte chooses axis and machine, the rest is the text. Promises: no more than 4096 values, each once,
 * each within the axis's bounds; a value that is written out again expands to itself.
 * Runs: 50000
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "runner/config/valueset.h"

#define K 1024ull

static const char *const words[] = { "none", "thp", "hugetlb", "read-write", NULL };
static const struct mp_axis axes[] = {
	{ .name = "size", .kind = MP_AXIS_SIZE },
	{ .name = "size", .kind = MP_AXIS_SIZE, .min = 4 * K, .max = 1 << 30, .whole_pages = true },
	{ .name = "threads", .kind = MP_AXIS_COUNT, .min = 1, .max = 64 },
	{ .name = "populate", .kind = MP_AXIS_FLAG },
	{ .name = "huge", .kind = MP_AXIS_CHOICE, .choices = words },
};
static const struct mp_host hosts[] = {
	{ .page_size = 4 * K,
	  .hugepage_size = 2048 * K,
	  .hugetlb_size = 2048 * K,
	  .llc_bytes = 32768 * K,
	  .memory_bytes = 8ull << 30,
	  .cpus = 12,
	  .cores = 6,
	  .nodes = 2 },
	{ .page_size = 4 * K, .cpus = 2, .cores = 2, .nodes = 1 },
};

static void dropped(void *user, const char *value, const char *reason)
{
	(void)user;
	fuzz_must(value && *reason);
}

/* The canonical text of a value is one that expands to it. */
static void again(const struct mp_param *item, const struct mp_axis *axis,
		  const struct mp_host *host)
{
	struct mp_param *items;
	size_t n;

	fuzz_must(!mp_valueset_expand(item->word, axis, host, NULL, NULL, &items, &n, NULL));
	fuzz_must(n == 1 && items->number == item->number);
	free(items);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct mp_axis *axis = &axes[size ? (uint8_t)(data[0] - '0') % 5 : 0];
	const struct mp_host *host = &hosts[size ? (uint8_t)(data[0] - '0') / 5 % 2 : 0];
	char *text = fuzz_text(data + (size > 0), size ? size - 1 : 0);
	struct mp_param *items;
	struct mp_err err = { 0 };
	size_t n;

	if (mp_valueset_expand(text, axis, host, dropped, NULL, &items, &n, &err)) {
		fuzz_sentence(&err);
	} else {
		fuzz_must(n <= 4096 && !n == !items);
		for (size_t i = 0; i < n; i++) {
			for (size_t k = 0; n < 64 && k < i; k++)
				fuzz_must(strcmp(items[i].word, items[k].word) != 0);
			if (axis->max)
				fuzz_must(items[i].number >= axis->min &&
					  items[i].number <= axis->max);
			again(&items[i], axis, host);
		}
		free(items);
	}
	free(text);
	return 0;
}

size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	static const char *const texts[] = {
		"0"
		"4K..1G:x4, page, hugepage-page",
		"1"
		"4K,2M,64K..1M:+64K",
		"2"
		"1..cores:x2,cpus-1",
		"3"
		"yes,no",
		"4"
		"none, thp,read-write",
		"5"
		"llc+page..8G",
		"6"
		"page..hugetlb:x2",
	};

	return fuzz_seed_text(index, texts, sizeof(texts) / sizeof(texts[0]), ret_data);
}
