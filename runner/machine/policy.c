/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for where workers run and where memory comes from: see policy.h. */
#include "runner/machine/policy.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"

#define MAP_SUFFIX "@map"

/* In the order of enum mp_place; the last takes a list. */
static const char *const place_words[MP_PLACE_COUNT] = {
	"auto",	       "compact", "spread",  "spread:core", "spread:l3", "spread:package",
	"spread:node", "smt",	  "p-cores", "e-cores",	    "lp-cores",	 "cpus:LIST",
};

static const char *const mem_words[] = { "default",
					 "local",
					 "remote",
					 "interleave",
					 "interleave:LIST",
					 "bind:LIST",
					 "preferred-many:LIST" };

/* ---- lists ---- */

static bool take_number(const char **at, unsigned limit, unsigned *ret_number)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)**at))
		return false;
	number = strtoul(*at, &end, 10);
	*at = end;
	if (number >= limit)
		return false;
	*ret_number = (unsigned)number;
	return true;
}

/* One item, told to `each` number by number; the end of the item in *at. */
static bool take_item(const char **at, unsigned limit, bool (*each)(void *user, unsigned number),
		      void *user)
{
	unsigned first, last, stride = 1;

	if (!take_number(at, limit, &first))
		return false;
	last = first;
	if (**at == '-') {
		++*at;
		if (!take_number(at, limit, &last) || last < first)
			return false;
		if (**at == ':') {
			++*at;
			if (!take_number(at, limit, &stride) || !stride)
				return false;
		}
	}
	for (unsigned number = first; number <= last; number += stride)
		if (!each(user, number))
			return false;
	return true;
}

static bool take_list(const char *list, unsigned limit, bool (*each)(void *user, unsigned number),
		      void *user)
{
	for (;;) {
		if (!take_item(&list, limit, each, user))
			return false;
		if (!*list)
			return true;
		if (*list != '+' && *list != ',')
			return false;
		list++;
	}
}

/* Every CPU once: two workers on one would take turns. */
static bool add_cpu(void *user, unsigned number)
{
	struct mp_place_policy *p = user;

	for (unsigned i = 0; i < p->n_cpus; i++)
		if (p->cpus[i] == (int)number)
			return false;
	if (p->n_cpus == MP_POLICY_CPUS)
		return false;
	p->cpus[p->n_cpus++] = (int)number;
	return true;
}

static bool add_node(void *user, unsigned number)
{
	mp_mempolicy_add(user, number);
	return true;
}

/* Appends "a", "a+b" or "a-c" for a run of neighbours. */
static void add_run(struct mp_str *s, int first, int last, char between)
{
	if (s->len && s->text[s->len - 1] != ':')
		mp_str_addc(s, between);
	mp_str_printf(s, "%d", first);
	if (last > first)
		mp_str_printf(s, "%c%d", last > first + 1 ? '-' : between, last);
}

/* In the given order; three and more at one distance are a range. */
static void add_cpus(struct mp_str *s, const struct mp_place_policy *p)
{
	for (unsigned i = 0, end; i < p->n_cpus; i = end) {
		int step = i + 1 < p->n_cpus ? p->cpus[i + 1] - p->cpus[i] : 0;

		for (end = i + 1; end < p->n_cpus && p->cpus[end] - p->cpus[end - 1] == step; end++)
			;
		if (step <= 0 || end < i + 3)
			end = i + 1;
		mp_str_printf(s, "%s%d", i ? "+" : "", p->cpus[i]);
		if (end > i + 1)
			mp_str_printf(s, "-%d", p->cpus[end - 1]);
		if (end > i + 1 && step > 1)
			mp_str_printf(s, ":%d", step);
	}
}

static void add_nodes(struct mp_str *s, const struct mp_mempolicy *p, char between)
{
	for (unsigned i = 0, end; i < MP_NODES_MAX; i = end + 1) {
		for (end = i; mp_mempolicy_has(p, end); end++)
			;
		if (end > i)
			add_run(s, (int)i, (int)end - 1, between);
	}
}

void mp_node_list(const struct mp_mempolicy *policy, char *buf, size_t size)
{
	struct mp_str s = MP_STR_INIT;

	add_nodes(&s, policy, ',');
	snprintf(buf, size, "%s", s.text);
	mp_str_done(&s);
}

/* ---- policies ---- */

static int unknown(const char *what, const char *word, const char *const *words, size_t count,
		   struct mp_err *err)
{
	const char *nearest = mp_str_nearest(word, words, count);
	struct mp_str all = MP_STR_INIT;
	int code;

	for (size_t i = 0; i < count; i++)
		mp_str_printf(&all, "%s%s", i ? ", " : "", words[i]);
	if (nearest)
		code = mp_err_usage(err, -EINVAL,
				    "'%.64s' is no %s; did you mean '%s'? (there are %s)", word,
				    what, nearest, all.text);
	else
		code = mp_err_usage(err, -EINVAL, "'%.64s' is no %s; there are %s", word, what,
				    all.text);
	mp_str_done(&all);
	return code;
}

static int bad_list(const char *word, const char *what, struct mp_err *err)
{
	return mp_err_usage(
		err, -EINVAL,
		"'%.64s' does not name %s, each once; write numbers and ranges, such as "
		"0,4-7 or 0-6:2",
		word, what);
}

/* The word of a case's text, where a value has its limits. */
static int set_canonical(struct mp_str *s, char canonical[MP_WORD_MAX], struct mp_err *err)
{
	int code = 0;

	if (s->failed)
		code = mp_err_env(err, -ENOMEM, "out of memory while reading a policy");
	else if (s->len >= MP_WORD_MAX)
		code = mp_err_usage(
			err, -EINVAL,
			"'%.80s' is longer than the %d characters that a case's text has "
			"for it: name fewer, or ranges",
			s->text, MP_WORD_MAX - 1);
	else
		memcpy(canonical, s->text, s->len + 1);
	mp_str_done(s);
	return code;
}

static int parse_cpus(const char *word, const char *list, struct mp_place_policy *ret_policy,
		      char canonical[MP_WORD_MAX], struct mp_err *err)
{
	struct mp_place_policy p = { .how = MP_PLACE_CPUS };
	struct mp_str s = MP_STR_INIT;
	int code;

	if (!take_list(list, 1u << 20, add_cpu, &p))
		return bad_list(word, "CPUs", err);
	mp_str_add(&s, "cpus:");
	add_cpus(&s, &p);
	code = set_canonical(&s, canonical, err);
	if (!code)
		*ret_policy = p;
	return code;
}

int mp_place_parse(const char *word, struct mp_place_policy *ret_policy,
		   char canonical[MP_WORD_MAX], struct mp_err *err)
{
	if (!word)
		word = place_words[MP_PLACE_AUTO];
	if (!strncmp(word, "cpus:", 5))
		return parse_cpus(word, word + 5, ret_policy, canonical, err);
	for (int how = 0; how < MP_PLACE_CPUS; how++) {
		if (strcmp(word, place_words[how]))
			continue;
		*ret_policy = (struct mp_place_policy){ .how = (enum mp_place)how };
		snprintf(canonical, MP_WORD_MAX, "%s", how == MP_PLACE_AUTO ? "" : word);
		return 0;
	}
	return unknown("placement", word, place_words, MP_PLACE_COUNT, err);
}

/* Is `word` this one, alone or (with `lists`) before a colon? The list, NULL without, in *ret_list. */
static bool is_word(const char *word, size_t len, const char *name, const char **ret_list)
{
	size_t n = strlen(name);

	*ret_list = NULL;
	if (len == n && !strncmp(word, name, n))
		return true;
	if (len <= n || strncmp(word, name, n) || word[n] != ':')
		return false;
	*ret_list = word + n + 1;
	return true;
}

static int parse_mem(const char *word, struct mp_mem_policy *ret_policy, struct mp_str *canonical,
		     struct mp_err *err)
{
	static const struct {
		const char *name;
		bool lists, bare;
	} kinds[MP_MEM_COUNT] = {
		[MP_MEM_DEFAULT] = { "default", false, true },
		[MP_MEM_LOCAL] = { "local", false, true },
		[MP_MEM_REMOTE] = { "remote", false, true },
		[MP_MEM_INTERLEAVE] = { "interleave", true, true },
		[MP_MEM_BIND] = { "bind", true, false },
		[MP_MEM_PREFERRED_MANY] = { "preferred-many", true, false },
	};
	struct mp_mem_policy p = { 0 };
	size_t len = strlen(word), suffix = strlen(MAP_SUFFIX);
	char list[256];

	if (len > suffix && !strcmp(word + len - suffix, MAP_SUFFIX)) {
		p.per_mapping = true;
		len -= suffix;
	}
	for (int how = 0; how < MP_MEM_COUNT; how++) {
		const char *numbers;

		if (!is_word(word, len, kinds[how].name, &numbers) ||
		    (numbers ? !kinds[how].lists : !kinds[how].bare) ||
		    (how == MP_MEM_DEFAULT && p.per_mapping))
			continue;
		p.how = (enum mp_mem)how;
		p.all = kinds[how].lists && !numbers;
		snprintf(list, sizeof(list), "%.*s", numbers ? (int)(word + len - numbers) : 0,
			 numbers ? numbers : "");
		if (numbers && !take_list(list, MP_NODES_MAX, add_node, &p.listed))
			return bad_list(word, "NUMA nodes", err);
		if (how != MP_MEM_DEFAULT)
			mp_str_printf(canonical, "%s%s", kinds[how].name, numbers ? ":" : "");
		add_nodes(canonical, &p.listed, '+');
		mp_str_add(canonical, p.per_mapping ? MAP_SUFFIX : "");
		*ret_policy = p;
		return 0;
	}
	return unknown("memory policy", word, mem_words, sizeof(mem_words) / sizeof(mem_words[0]),
		       err);
}

int mp_mem_parse(const char *word, struct mp_mem_policy *ret_policy, char canonical[MP_WORD_MAX],
		 struct mp_err *err)
{
	struct mp_str s = MP_STR_INIT;
	struct mp_mem_policy p;
	int code = parse_mem(word ? word : "default", &p, &s, err);

	if (code) {
		mp_str_done(&s);
		return code;
	}
	code = set_canonical(&s, canonical, err);
	if (!code)
		*ret_policy = p;
	return code;
}

char *mp_policy_set(const char *text)
{
	char *copy = strdup(text);

	for (char *at = copy; at && *at; at++)
		if (*at == ',' && isdigit((unsigned char)at[1 + strspn(at + 1, " \t")])) {
			size_t blank = strspn(at + 1, " \t");

			*at = '+';
			memmove(at + 1, at + 1 + blank, strlen(at + 1 + blank) + 1);
		}
	return copy;
}
