/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What changed on a machine from night to night.
 *
 * A fact that changes every few nights (the kernel's release, where the nights test kernels) is told, but is no
 * event: a regression must not hide behind it.
 */
#include "report/history/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"

/* A fact that changed on more than one of so many nights of the machine, and more than twice, is no event. */
#define NIGHTS_PER_EVENT 4

/* A fact of this machine that changed, and how often. Texts are borrowed. */
struct changing {
	const char *group, *key;
	unsigned times;
};

struct watch {
	struct changing *changing;
	size_t n, cap;
};

static unsigned *times_of(struct watch *w, const char *group, const char *key)
{
	struct changing *c;

	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->changing[i].group, group) && !strcmp(w->changing[i].key, key))
			return &w->changing[i].times;
	c = mp_vec_push((void **)&w->changing, &w->n, &w->cap, sizeof(*c));
	if (!c)
		return NULL;
	c->group = group;
	c->key = key;
	return &c->times;
}

static const struct mp_fact *find(const struct mp_facts *of, const char *group, const char *key,
				  size_t hint)
{
	/* The same collectors give the same order. */
	if (hint < of->n_facts && !strcmp(of->facts[hint].key, key) &&
	    !strcmp(of->facts[hint].group, group))
		return &of->facts[hint];
	for (size_t i = 0; i < of->n_facts; i++)
		if (!strcmp(of->facts[i].key, key) && !strcmp(of->facts[i].group, group))
			return &of->facts[i];
	return NULL;
}

/* Calls `each` for every fact that both nights know and that differs. Unknown is no change. */
static int differences(const struct mp_facts *a, const struct mp_facts *b,
		       int (*each)(void *user, const struct mp_fact *was, const struct mp_fact *is),
		       void *user)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < b->n_facts; i++) {
		const struct mp_fact *is = &b->facts[i], *was = find(a, is->group, is->key, i);

		if (was && was->value && is->value && strcmp(was->value, is->value))
			rc = each(user, was, is);
	}
	return rc;
}

static int count_one(void *user, const struct mp_fact *was, const struct mp_fact *is)
{
	unsigned *times = times_of(user, is->group, is->key);

	(void)was;
	if (!times)
		return -ENOMEM;
	++*times;
	return 0;
}

struct telling {
	struct watch *watch;
	struct mp_night *night;
	struct mp_str text;
	size_t nights; /* of the machine */
};

static void tell(struct telling *t, const char *what, const char *key, const char *was,
		 const char *is, unsigned times)
{
	/* A long fact, such as the kernel's command line, is not repeated whole. */
	mp_str_printf(&t->text, "%s%s%s%s %.60s -> %.60s", t->text.len ? "; " : "", what,
		      *key ? " " : "", key, was, is);
	if (times <= 2 || times * NIGHTS_PER_EVENT <= t->nights)
		t->night->event = true;
}

static int tell_one(void *user, const struct mp_fact *was, const struct mp_fact *is)
{
	struct telling *t = user;
	const unsigned *times = times_of(t->watch, is->group, is->key);

	if (!times)
		return -ENOMEM;
	tell(t, is->group, is->key, was->value, is->value, *times);
	return 0;
}

/* The nights first .. end - 1 are of one machine. */
static int one_machine(struct mp_history *h, const struct mp_facts *facts, size_t first, size_t end)
{
	struct watch watch = { 0 };
	unsigned versions = 0;
	int rc = 0;

	for (size_t n = first + 1; !rc && n < end; n++) {
		rc = differences(&facts[n - 1], &facts[n], count_one, &watch);
		versions += strcmp(h->nights[n - 1].version, h->nights[n].version) != 0;
	}
	for (size_t n = first + 1; !rc && n < end; n++) {
		struct telling t = { .watch = &watch,
				     .night = &h->nights[n],
				     .text = MP_STR_INIT,
				     .nights = end - first };

		rc = differences(&facts[n - 1], &facts[n], tell_one, &t);
		if (strcmp(h->nights[n - 1].version, h->nights[n].version))
			tell(&t, "memperf", "", h->nights[n - 1].version, h->nights[n].version,
			     versions);
		if (t.text.failed)
			rc = -ENOMEM;
		h->nights[n].environment = t.text.len ? mp_str_take(&t.text) : NULL;
		mp_str_done(&t.text);
	}
	free(watch.changing);
	return rc;
}

int mp_history_environment(struct mp_history *h, const struct mp_facts *facts)
{
	int rc = 0;

	for (size_t first = 0, end; !rc && first < h->n_nights; first = end) {
		for (end = first + 1;
		     end < h->n_nights && !strcmp(h->nights[end].machine, h->nights[first].machine);
		     end++)
			;
		rc = one_machine(h, facts, first, end);
	}
	return rc;
}
