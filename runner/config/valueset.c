/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Expands the value sets of suite files, descriptors and the command line for one axis on one machine.
 * See valueset.h for the grammar and for what is an error and what is dropped.
 */
#include "runner/config/valueset.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "common/units.h"
#include "common/vec.h"

#define ITEM_MAX   128 /* bytes of one item, with NUL */
#define VALUES_MAX 4096 /* values of one set: more is a slip of the step, not a plan */
#define REASON_MAX 192

struct symbol {
	const char *name;
	enum mp_axis_kind kind; /* SIZE or COUNT: where it makes sense */
	uint64_t (*get)(const struct mp_host *host);
	const char *lack; /* why a machine may not have it (its value is 0 then) */
};

static uint64_t get_page(const struct mp_host *host)
{
	return host->page_size;
}

static uint64_t get_hugepage(const struct mp_host *host)
{
	return host->hugepage_size;
}

static uint64_t get_hugetlb(const struct mp_host *host)
{
	return host->hugetlb_size;
}

static uint64_t get_llc(const struct mp_host *host)
{
	return host->llc_bytes;
}

static uint64_t get_cores(const struct mp_host *host)
{
	return host->cores;
}

static uint64_t get_cpus(const struct mp_host *host)
{
	return host->cpus;
}

static uint64_t get_nodes(const struct mp_host *host)
{
	return host->nodes;
}

static const struct symbol symbols[] = {
	{ "page", MP_AXIS_SIZE, get_page, "the base page size is unknown" },
	{ "hugepage", MP_AXIS_SIZE, get_hugepage, "this kernel has no transparent huge pages" },
	{ "hugetlb", MP_AXIS_SIZE, get_hugetlb, "this kernel has no hugetlb pages" },
	{ "llc", MP_AXIS_SIZE, get_llc, "the size of the last-level cache is unknown here" },
	{ "cores", MP_AXIS_COUNT, get_cores, "the number of cores is unknown" },
	{ "cpus", MP_AXIS_COUNT, get_cpus, "the number of CPUs is unknown" },
	{ "nodes", MP_AXIS_COUNT, get_nodes, "the number of NUMA nodes is unknown" },
};

struct expander {
	const struct mp_axis *axis;
	const struct mp_host *host;
	void (*drop)(void *user, const char *value, const char *reason);
	void *user;
	struct mp_err *err;
	struct mp_param *items;
	size_t n_items, cap_items;
};

/* A number that was read, and whether it is the same on every machine. */
struct value {
	uint64_t number;
	bool literal;
};

static void drop(const struct expander *x, const char *value, const char *reason)
{
	if (x->drop)
		x->drop(x->user, value, reason);
}

static char *format(const struct mp_axis *axis, uint64_t number, char buf[MP_UNITS_LEN])
{
	if (axis->kind == MP_AXIS_SIZE)
		return mp_size_format(number, buf);
	snprintf(buf, MP_UNITS_LEN, "%" PRIu64, number);
	return buf;
}

/* Adds one value unless it is there. */
static int push(struct expander *x, uint64_t number, const char *word)
{
	struct mp_param *p;

	for (size_t i = 0; i < x->n_items; i++)
		if (x->items[i].number == number)
			return 0;
	if (x->n_items == VALUES_MAX)
		return mp_err_usage(x->err, -EINVAL,
				    "axis '%s': more than %d values; use a larger step",
				    x->axis->name, VALUES_MAX);
	p = mp_vec_push((void **)&x->items, &x->n_items, &x->cap_items, sizeof(*p));
	if (!p)
		return mp_err_env(x->err, -ENOMEM, "out of memory while expanding axis '%s'",
				  x->axis->name);
	snprintf(p->axis, sizeof(p->axis), "%s", x->axis->name);
	p->kind = x->axis->kind;
	p->number = number;
	snprintf(p->word, sizeof(p->word), "%s", word);
	return 0;
}

/* ---- words ---- */

static int add_word(struct expander *x, const char *item, const char *const *words)
{
	struct mp_str list = MP_STR_INIT;
	const char *nearest;
	size_t count = 0;

	for (; words && words[count]; count++)
		if (!strcmp(item, words[count]))
			return push(x, count, item);
	for (size_t i = 0; i < count; i++)
		mp_str_printf(&list, "%s%s", i ? ", " : "", words[i]);
	nearest = count ? mp_str_nearest(item, words, count) : NULL;
	if (nearest)
		mp_err_usage(x->err, -EINVAL,
			     "axis '%s' has no value '%s'; did you mean '%s'? (it has %s)",
			     x->axis->name, item, nearest, list.text);
	else
		mp_err_usage(x->err, -EINVAL, "axis '%s' has no value '%s'; it has %s",
			     x->axis->name, item, list.text);
	mp_str_done(&list);
	return -EINVAL;
}

/* ---- numbers ---- */

/* "4k", "4KB", "4KiB" to "4K" when that is a size; the hint for a slip that everybody makes. */
static bool guess_size(const char *text, char buf[ITEM_MAX])
{
	size_t digits = strspn(text, "0123456789");
	uint64_t bytes;

	if (!digits || !text[digits])
		return false;
	snprintf(buf, ITEM_MAX, "%.*s%c", (int)digits, text, toupper((unsigned char)text[digits]));
	return !mp_size_parse(buf, &bytes);
}

static int malformed(const struct expander *x, const char *text)
{
	const char *names[sizeof(symbols) / sizeof(symbols[0])];
	const char *nearest;
	char guess[ITEM_MAX];
	size_t count = 0;
	bool size = x->axis->kind == MP_AXIS_SIZE;

	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
		if (symbols[i].kind == x->axis->kind)
			names[count++] = symbols[i].name;
	nearest = mp_str_nearest(text, names, count);
	if (guess_size(text, guess))
		nearest = guess;
	if (nearest)
		return mp_err_usage(x->err, -EINVAL,
				    "axis '%s': '%s' is not a %s; did you mean '%s'?",
				    x->axis->name, text, size ? "size" : "number", nearest);
	return mp_err_usage(x->err, -EINVAL, "axis '%s': '%s' is not a %s; write %s", x->axis->name,
			    text, size ? "size" : "number",
			    size ? "4096, 4K, 2M, 1G, or page, hugepage, hugetlb, llc"
				 : "4, or cores, cpus, nodes");
}

/* number or symbol. 0; -EINVAL with a sentence; -ENOENT: this machine lacks it, *ret_lack says why. */
static int read_term(const struct expander *x, const char *text, struct value *ret,
		     const char **ret_lack)
{
	uint64_t number;
	int rc = mp_size_parse(text, &number);

	if (!rc) {
		*ret = (struct value){ .number = number, .literal = true };
		return 0;
	}
	if (rc == -ERANGE)
		return mp_err_usage(x->err, -EINVAL, "axis '%s': '%s' does not fit 64 bits",
				    x->axis->name, text);
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		if (strcmp(text, symbols[i].name))
			continue;
		if (symbols[i].kind != x->axis->kind)
			return mp_err_usage(x->err, -EINVAL, "axis '%s': '%s' is a %s, not a %s",
					    x->axis->name, text,
					    symbols[i].kind == MP_AXIS_SIZE ? "size" : "count",
					    x->axis->kind == MP_AXIS_SIZE ? "size" : "count");
		number = symbols[i].get(x->host);
		if (!number) {
			*ret_lack = symbols[i].lack;
			return -ENOENT;
		}
		*ret = (struct value){ .number = number, .literal = false };
		return 0;
	}
	return malformed(x, text);
}

/* term [ (+|-) term ]; return values as read_term. */
static int read_value(const struct expander *x, const char *text, struct value *ret,
		      const char **ret_lack)
{
	char term[ITEM_MAX];
	size_t len = strcspn(text, "+-");
	struct value base, offset;
	int rc;

	if (!text[len])
		return read_term(x, text, ret, ret_lack);
	if (!len || !text[len + 1])
		return malformed(x, text);
	snprintf(term, sizeof(term), "%.*s", (int)len, text);
	rc = read_term(x, term, &base, ret_lack);
	if (!rc)
		rc = read_term(x, text + len + 1, &offset, ret_lack);
	if (rc)
		return rc;
	ret->literal = base.literal && offset.literal;
	if (text[len] == '+' ? __builtin_add_overflow(base.number, offset.number, &ret->number)
			     : __builtin_sub_overflow(base.number, offset.number, &ret->number)) {
		if (ret->literal)
			return mp_err_usage(x->err, -EINVAL,
					    "axis '%s': '%s' is below 0 or does not fit 64 bits",
					    x->axis->name, text);
		*ret_lack = "it is below 0 on this machine";
		return -ENOENT;
	}
	return 0;
}

/* Is the number within the axis's bounds? Else the reason. */
static bool in_bounds(const struct mp_axis *axis, uint64_t number, char reason[REASON_MAX])
{
	char bound[MP_UNITS_LEN];

	if (number < axis->min)
		snprintf(reason, REASON_MAX, "is below the least value %s",
			 format(axis, axis->min, bound));
	else if (axis->max && number > axis->max)
		snprintf(reason, REASON_MAX, "is above the largest value %s",
			 format(axis, axis->max, bound));
	else
		return true;
	return false;
}

/* Adds a number that is within bounds, or drops it when the machine's pages do not allow it. */
static int add_number(struct expander *x, uint64_t number)
{
	char word[MP_UNITS_LEN], page[MP_UNITS_LEN], reason[REASON_MAX];

	format(x->axis, number, word);
	if (x->axis->kind == MP_AXIS_SIZE && x->axis->whole_pages && x->host->page_size &&
	    number % x->host->page_size) {
		snprintf(reason, sizeof(reason),
			 "is not a multiple of this machine's base page, %s",
			 mp_size_format(x->host->page_size, page));
		drop(x, word, reason);
		return 0;
	}
	return push(x, number, word);
}

static int add_single(struct expander *x, const char *item)
{
	char reason[REASON_MAX], word[MP_UNITS_LEN];
	const char *lack = NULL;
	struct value v;
	int rc = read_value(x, item, &v, &lack);

	if (rc == -ENOENT) {
		drop(x, item, lack);
		return 0;
	}
	if (rc)
		return rc;
	if (in_bounds(x->axis, v.number, reason))
		return add_number(x, v.number);
	if (v.literal)
		return mp_err_usage(x->err, -EINVAL, "axis '%s': '%s' %s", x->axis->name, item,
				    reason);
	drop(x, format(x->axis, v.number, word), reason);
	return 0;
}

/* ---- ranges ---- */

struct range {
	struct value low, high;
	bool geometric;
	uint64_t step;
};

/* Cuts blanks at both ends, in place. */
static char *trim(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

static int read_step(const struct expander *x, const char *text, struct range *r,
		     const char **ret_lack)
{
	struct value step;
	int rc;

	if (text[0] == 'x') {
		if (text[1 + strspn(text + 1, "0123456789")] || mp_size_parse(text + 1, &r->step) ||
		    r->step < 2)
			return mp_err_usage(x->err, -EINVAL,
					    "axis '%s': step '%s' is not x2 or more", x->axis->name,
					    text);
		r->geometric = true;
		return 0;
	}
	if (text[0] != '+')
		return mp_err_usage(x->err, -EINVAL,
				    "axis '%s': '%s' is not a step; write x2 or +4K", x->axis->name,
				    text);
	rc = read_value(x, text + 1, &step, ret_lack);
	if (rc)
		return rc;
	if (!step.number)
		return mp_err_usage(x->err, -EINVAL, "axis '%s': step '%s' goes nowhere",
				    x->axis->name, text);
	r->geometric = false;
	r->step = step.number;
	return 0;
}

/* "low..high[:step]" with `dots` pointing at the two dots. Return values as read_term. */
static int read_range(const struct expander *x, char *item, char *dots, struct range *r,
		      const char **ret_lack)
{
	char *high = dots + 2, *colon = strchr(high, ':');
	int rc;

	*dots = '\0';
	if (colon)
		*colon = '\0';
	if (!*trim(item) || !*trim(high))
		return mp_err_usage(x->err, -EINVAL,
				    "axis '%s': a range lacks an end; write 4K..1G or 1..cores",
				    x->axis->name);
	rc = read_value(x, trim(item), &r->low, ret_lack);
	if (!rc)
		rc = read_value(x, trim(high), &r->high, ret_lack);
	r->geometric = true;
	r->step = 2;
	if (!rc && colon)
		rc = read_step(x, trim(colon + 1), r, ret_lack);
	return rc;
}

/* The value after `v`; the last one is met exactly. */
static uint64_t next_value(const struct range *r, uint64_t v)
{
	uint64_t next;
	bool over = r->geometric ? __builtin_mul_overflow(v, r->step, &next)
				 : __builtin_add_overflow(v, r->step, &next);

	return over || next > r->high.number ? r->high.number : next;
}

static int walk_range(struct expander *x, const struct range *r, const char *item)
{
	bool literal = r->low.literal && r->high.literal;
	char reason[REASON_MAX], word[MP_UNITS_LEN];
	unsigned steps = 0, inside = 0;
	int rc = 0;

	for (uint64_t v = r->low.number; !rc; v = next_value(r, v)) {
		if (++steps > VALUES_MAX)
			return mp_err_usage(
				x->err, -EINVAL,
				"axis '%s': '%s' has more than %d values; use a larger step",
				x->axis->name, item, VALUES_MAX);
		if (in_bounds(x->axis, v, reason)) {
			inside++;
			rc = add_number(x, v);
		} else {
			drop(x, format(x->axis, v, word), reason);
		}
		if (v == r->high.number)
			break;
	}
	if (!rc && !inside && literal)
		return mp_err_usage(x->err, -EINVAL, "axis '%s': every value of '%s' %s",
				    x->axis->name, item, reason);
	return rc;
}

static int add_range(struct expander *x, const char *item, size_t dots)
{
	char buf[ITEM_MAX];
	const char *lack = NULL;
	struct range r;
	int rc;

	snprintf(buf, sizeof(buf), "%s", item);
	rc = read_range(x, buf, buf + dots, &r, &lack);
	if (rc == -ENOENT) {
		drop(x, item, lack);
		return 0;
	}
	if (rc)
		return rc;
	if (r.low.number > r.high.number) {
		if (r.low.literal && r.high.literal)
			return mp_err_usage(x->err, -EINVAL,
					    "axis '%s': range '%s' runs downwards; swap its ends",
					    x->axis->name, item);
		drop(x, item, "on this machine the range's start lies above its end");
		return 0;
	}
	if (r.geometric && !r.low.number)
		return mp_err_usage(x->err, -EINVAL,
				    "axis '%s': range '%s' cannot multiply from 0; write '0, 1..'",
				    x->axis->name, item);
	return walk_range(x, &r, item);
}

static int add_item(struct expander *x, const char *item)
{
	static const char *const flags[] = { "no", "yes", NULL };
	const char *dots = strstr(item, "..");
	bool words = x->axis->kind == MP_AXIS_CHOICE || x->axis->kind == MP_AXIS_FLAG;

	if (!*item)
		return mp_err_usage(x->err, -EINVAL, "axis '%s': an empty value in the list",
				    x->axis->name);
	if (words)
		return add_word(x, item, x->axis->kind == MP_AXIS_FLAG ? flags : x->axis->choices);
	if (dots)
		return add_range(x, item, (size_t)(dots - item));
	return add_single(x, item);
}

int mp_valueset_expand(const char *text, const struct mp_axis *axis, const struct mp_host *host,
		       void (*drop_value)(void *user, const char *value, const char *reason),
		       void *user, struct mp_param **ret_items, size_t *ret_count,
		       struct mp_err *err)
{
	struct expander x = {
		.axis = axis, .host = host, .drop = drop_value, .user = user, .err = err
	};
	const char *at = text;
	int rc = 0;

	for (;;) {
		size_t len = strcspn(at, ",");
		char item[ITEM_MAX];

		if (len >= sizeof(item)) {
			rc = mp_err_usage(err, -EINVAL, "axis '%s': '%.40s...' is too long a value",
					  axis->name, at);
			break;
		}
		memcpy(item, at, len);
		item[len] = '\0';
		rc = add_item(&x, trim(item));
		if (rc || !at[len])
			break;
		at += len + 1;
	}
	if (rc) {
		free(x.items);
		return rc;
	}
	*ret_items = x.items;
	*ret_count = x.n_items;
	return 0;
}
