/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the record of an allocator to a family: the fullest one there could be, without what the record does not tell of. */
#include "benchmarks/support/kalloc.h"

#include <stdio.h>
#include <string.h>

#include "common/units.h"

/* ---- the fullest family ---- */

/* Their values are the record's. */
#define FULL                                                                                       \
	MP_KERNEL_SIZE(NULL, NULL, 0, 0), MP_KERNEL_ORDER(NULL), MP_KERNEL_BATCH,                  \
		MP_KERNEL_ALIGN(NULL, NULL, 0), MP_KERNEL_NODE, MP_KERNEL_AREAS,                   \
		MP_KERNEL_GFP(NULL), MP_KERNEL_CONTEXT(NULL)

static const struct mp_axis full_alloc[] = { FULL, MP_KERNEL_LIVE };
static const struct mp_axis full_free[] = { FULL, MP_KERNEL_LIVE, MP_KERNEL_FREE_ORDER,
					    MP_KERNEL_TOUCH("none") };
static const struct mp_axis full_pair[] = { FULL };
static const struct mp_axis full_steady[] = { FULL, MP_KERNEL_LIVE, MP_KERNEL_TOUCH("none") };
static const struct mp_axis full_apply[] = { FULL, MP_KERNEL_LIVE, MP_KERNEL_TOUCH("none") };
_Static_assert(MP_COUNT(full_free) <= MP_KALLOC_AXES, "room for the axes of a benchmark");

/* By pattern. */
static const struct mp_bench full[] = {
	MP_KERNEL_BENCHES(full, NOTHING, NULL, "allocation", "freeing"),
	MP_KERNEL_APPLY(full, "object", "objects", NOTHING, NULL, "operation on a live object"),
};
_Static_assert(MP_COUNT(full) == MPK_PATTERN_COUNT, "a benchmark for each pattern");

/* ---- its axes, as the record has them ---- */

/* What is worth measuring of an axis of numbers, where the allocator takes it. */
struct numbers {
	uint64_t usual[2], from, to;
	const char *step;
};

static const struct numbers sizes = { { 64, 4096 }, 8, 4u << 20, "x2" },
			    orders = { { 0, 3 }, 0, 10, "+1" },
			    batches = { { 16, 64 }, 1, 512, "x4" },
			    alignments = { { 8, 64 }, 8, 4096, "x8" },
			    areas = { { 1024, 8192 }, 1024, 1u << 20, "x8" };

/* The number as the axis writes it, moved between the bounds. */
static const char *bounded(const struct mp_axis *axis, uint64_t number, char buf[MP_UNITS_LEN])
{
	if (number < axis->min)
		number = axis->min;
	if (number > axis->max)
		number = axis->max;
	if (axis->kind == MP_AXIS_SIZE)
		return mp_size_format(number, buf);
	snprintf(buf, MP_UNITS_LEN, "%llu", (unsigned long long)number);
	return buf;
}

static bool fit_numbers(struct mp_axis *axis, struct mp_kalloc_text *text, const struct numbers *n,
			uint64_t min, uint64_t max)
{
	char low[MP_UNITS_LEN], high[MP_UNITS_LEN];

	if (min > max)
		return false;
	axis->min = min;
	axis->max = max;
	snprintf(text->values, sizeof(text->values), "%s,%s", bounded(axis, n->usual[0], low),
		 bounded(axis, n->usual[1], high));
	snprintf(text->matrix, sizeof(text->matrix), "%s..%s:%s", bounded(axis, n->from, low),
		 bounded(axis, n->to, high), n->step);
	axis->values = text->values;
	axis->matrix = text->matrix;
	return true;
}

/* The words whose bits are set. */
static void add_words(char *ret, size_t size, const char *const *words, uint32_t bits)
{
	size_t len = 0;

	*ret = '\0';
	for (unsigned i = 0; words[i]; i++)
		if (bits & 1u << i)
			len += (size_t)snprintf(ret + len, size - len, "%s%s", len ? "," : "",
						words[i]);
}

static bool fit_words(struct mp_axis *axis, struct mp_kalloc_text *text, uint32_t usual,
		      uint32_t all)
{
	add_words(text->values, sizeof(text->values), axis->choices, usual);
	add_words(text->matrix, sizeof(text->matrix), axis->choices, all);
	axis->values = text->values;
	axis->matrix = text->matrix;
	return *text->values;
}

static bool fit_gfp(const struct mpk_describe *d, struct mp_axis *axis, struct mp_kalloc_text *text)
{
	uint32_t all = d->gfp[MPK_PROCESS];
	uint32_t usual = all & (1u << MPK_GFP_KERNEL | 1u << MPK_GFP_ATOMIC);

	return d->kind != MPK_KIND_NOTHING &&
	       fit_words(axis, text, usual ? usual : all & -all, all);
}

/* Where it is quickest, and nothing else happens, it runs everywhere. */
static bool fit_context(const struct mpk_describe *d, enum mpk_pattern pattern,
			struct mp_axis *axis, struct mp_kalloc_text *text)
{
	uint32_t usual = 1u << MPK_PROCESS;

	for (unsigned c = 0; pattern == MPK_PAIR && c < MPK_CONTEXT_COUNT; c++)
		usual |= d->gfp[c] ? 1u << c : 0;
	/* The rules of a kind that a newer module has are unknown here; in the caller's context the record tells them all. */
	return d->kind < MPK_KIND_COUNT && fit_words(axis, text, usual, usual);
}

static bool fit(const struct mpk_describe *d, enum mpk_pattern pattern, struct mp_axis *axis,
		struct mp_kalloc_text *text)
{
	const char *name = axis->name;

	if (!strcmp(name, "size"))
		return d->measure == MPK_MEASURE_BYTES &&
		       fit_numbers(axis, text, &sizes, d->min, d->max);
	if (!strcmp(name, "order"))
		return d->measure == MPK_MEASURE_ORDER &&
		       fit_numbers(axis, text, &orders, d->min, d->max);
	if (!strcmp(name, "batch"))
		return d->batch_max > 1 && fit_numbers(axis, text, &batches, 1, d->batch_max);
	if (!strcmp(name, "align"))
		return fit_numbers(axis, text, &alignments, 8, d->align_max);
	if (!strcmp(name, "areas"))
		return fit_numbers(axis, text, &areas, 1, d->crowd_max);
	if (!strcmp(name, "gfp"))
		return fit_gfp(d, axis, text);
	if (!strcmp(name, "context"))
		return fit_context(d, pattern, axis, text);
	if (!strcmp(name, "node"))
		return d->nodes;
	if (!strcmp(name, "touch"))
		return d->touches & 1u << MPK_TOUCH_ALL;
	if (!strcmp(name, "live") && d->kind == MPK_KIND_CACHES)
		*axis = (struct mp_axis)MP_KERNEL_LIVE_CACHES;
	return true;
}

/* ---- the family ---- */

static const char *unit_of(const struct mpk_describe *d)
{
	return d->kind == MPK_KIND_CACHES ? "cache" : d->batch_max > 1 ? "batch" : "object";
}

/* Is the record an arm, a benchmark by itself? */
static bool is_arm(const struct mpk_describe *d)
{
	return strchr(d->name, '.');
}

static void name_bench(const struct mpk_describe *d, enum mpk_pattern pattern,
		       char ret_name[MP_NAME_MAX])
{
	snprintf(ret_name, MP_NAME_MAX, "%s%s%s", d->name, is_arm(d) ? "" : ".",
		 is_arm(d) ? "" : mp_kernel_pattern_words[pattern]);
}

static void make_bench(struct mp_kalloc *k, enum mpk_pattern pattern)
{
	static int (*const legal[])(const struct mp_params *, const struct mp_host *,
				    struct mp_err *) = {
#define LEGAL(id, reach) mp_kernel_legal_##id,
		MPK_KINDS(LEGAL)
#undef LEGAL
	};
	const struct mpk_describe *d = &k->record;
	struct mp_bench *bench = &k->benches[k->family.n_benches++];
	struct mp_axis *axes = k->axes[pattern];

	*bench = full[pattern];
	bench->name = k->names[pattern];
	if (is_arm(d))
		bench->summary = d->call;
	bench->unit = unit_of(d);
	bench->legal = d->kind < MPK_KIND_COUNT ? legal[d->kind] : NULL;
	bench->axes = axes;
	bench->n_axes = 0;
	for (size_t i = 0; i < full[pattern].n_axes; i++) {
		axes[bench->n_axes] = full[pattern].axes[i];
		bench->n_axes +=
			fit(d, pattern, &axes[bench->n_axes], &k->texts[pattern][bench->n_axes]);
	}
}

/* The name of a family; or a family's and a word that is no pattern's, and one pattern. */
static bool nameable(const struct mpk_describe *d)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	size_t len = strspn(d->name, letters);
	const char *word = d->name + len + 1;

	if (!len || d->name[len] != '.')
		return len && !d->name[len];
	return *word && !word[strspn(word, letters)] &&
	       mp_kernel_pattern(d->name) == MPK_PATTERN_COUNT && d->patterns &&
	       !(d->patterns & (d->patterns - 1));
}

/* Can what it takes be said with the names and axes there are? */
static bool expressible(const struct mpk_describe *d)
{
	return nameable(d) && d->reason == MPK_REASON_OK && d->gfp[MPK_PROCESS] &&
	       d->measure <= MPK_MEASURE_ORDER &&
	       (d->measure == MPK_MEASURE_NOTHING || d->min <= d->max);
}

bool mp_kalloc_make(struct mp_kalloc *ret, const struct mpk_describe *record,
		    bool (*known)(const char *bench))
{
	struct mpk_describe *d = &ret->record;

	*d = *record;
	d->name[sizeof(d->name) - 1] = '\0';
	d->call[sizeof(d->call) - 1] = '\0';
	if (!expressible(d))
		return false;
	snprintf(ret->name, sizeof(ret->name), "%.*s", (int)strcspn(d->name, "."), d->name);
	ret->family = (struct mp_family){ .name = ret->name,
					  .summary = d->call,
					  .benches = ret->benches };
	for (unsigned pattern = 0; pattern < MPK_PATTERN_COUNT; pattern++) {
		name_bench(d, (enum mpk_pattern)pattern, ret->names[pattern]);
		if (d->patterns & 1u << pattern && !known(ret->names[pattern]))
			make_bench(ret, (enum mpk_pattern)pattern);
	}
	return ret->family.n_benches;
}
