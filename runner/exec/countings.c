/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One counting for each set of CPUs that counters tell apart: see countings.h. */
#include "runner/exec/countings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "common/vec.h"
#include "runner/machine/policy.h"

/* CPUs of the seats of that case; heap, NULL with a sentence. */
static int *cpus_of(const struct mp_run *run, const struct mp_params *params, size_t *ret_n,
		    struct mp_err *err)
{
	const unsigned n = mp_params_workers(params);
	MP_CLEANUP(mp_free_ptr) struct mp_seat *seats = calloc(n + 1, sizeof(*seats));
	int *cpus = calloc(n + 1, sizeof(*cpus));

	if (!seats || !cpus) {
		mp_err_env(err, -ENOMEM, "out of memory");
	} else if (!mp_machine_seats(run->machine, params, n, seats, err)) {
		for (unsigned i = 0; i < n; i++)
			cpus[i] = seats[i].cpu;
		*ret_n = n;
		return cpus;
	}
	free(cpus);
	return NULL;
}

static struct mp_counting *find(const struct mp_countings *countings, const char *domains)
{
	for (size_t i = 0; i < countings->n; i++)
		if (!strcmp(countings->items[i].domains, domains))
			return countings->items[i].counting;
	return NULL;
}

/* Of those domains; takes the text. */
static int add(const struct mp_counting_wish *wish, char *domains, struct mp_countings *countings,
	       struct mp_err *err)
{
	struct mp_counting_at *at = mp_vec_push((void **)&countings->items, &countings->n,
						&countings->cap, sizeof(*at));

	if (!at) {
		free(domains);
		return mp_err_env(err, -ENOMEM, "out of memory");
	}
	at->domains = domains;
	return mp_counting_new(wish, &at->counting, err);
}

/* The counting of one case, found or made. */
static int of_case(const struct mp_counting_wish *wish, struct mp_run *run, struct mp_run_case *c,
		   struct mp_countings *countings, struct mp_err *err)
{
	struct mp_counting_wish here = *wish;
	MP_CLEANUP(mp_free_ptr)
	int *cpus = cpus_of(run, &c->planned->params, &here.n_cpus, err);
	char *domains;
	int ret;

	if (!cpus)
		return -EINVAL;
	here.cpus = cpus;
	domains = mp_counter_domains(&wish->roots, cpus, here.n_cpus, !wish->timing_only);
	if (!domains)
		return mp_err_env(err, -ENOMEM, "out of memory");
	c->counting = find(countings, domains);
	if (c->counting) {
		free(domains);
		return mp_counting_know(c->counting, &wish->roots, cpus, here.n_cpus)
			       ? mp_err_env(err, -ENOMEM, "out of memory")
			       : 0;
	}
	ret = add(&here, domains, countings, err);
	if (!ret)
		c->counting = countings->items[countings->n - 1].counting;
	return ret;
}

/* The same workers on the same CPUs: nothing to look up again. */
static bool same_seats(const struct mp_run_case *a, const struct mp_run_case *b)
{
	const struct mp_params *p = &a->planned->params, *q = &b->planned->params;
	const struct mp_param *x = mp_params_find(p, MP_AXIS_PLACE);
	const struct mp_param *y = mp_params_find(q, MP_AXIS_PLACE);

	return mp_params_workers(p) == mp_params_workers(q) &&
	       (x && y ? !strcmp(x->word, y->word) : !x && !y);
}

int mp_countings_make(const struct mp_counting_wish *wish, struct mp_run *run,
		      struct mp_countings *ret_countings, struct mp_err *err)
{
	int ret = 0;

	*ret_countings = (struct mp_countings){ 0 };
	for (size_t i = 0; i < run->plan->n_cases && !ret; i++) {
		struct mp_run_case *c = &run->cases[i];

		if (c->planned->skip_reason)
			continue;
		for (size_t k = 0; k < i && !c->counting; k++)
			if (run->cases[k].counting && same_seats(c, &run->cases[k]))
				c->counting = run->cases[k].counting;
		if (!c->counting)
			ret = of_case(wish, run, c, ret_countings, err);
	}
	return ret;
}

void mp_countings_done(struct mp_countings *countings)
{
	for (size_t i = 0; i < countings->n; i++) {
		mp_counting_free(countings->items[i].counting);
		free(countings->items[i].domains);
	}
	free(countings->items);
	*countings = (struct mp_countings){ 0 };
}

char *mp_countings_words(const struct mp_countings *countings)
{
	struct mp_str all = MP_STR_INIT;

	for (size_t i = 0; i < countings->n; i++) {
		MP_CLEANUP(mp_free_ptr)
		char *words = mp_counting_words(countings->items[i].counting);

		mp_str_printf(&all, "%s%s", i ? "\n" : "", words ? words : "");
		if (countings->n > 1)
			mp_str_printf(&all, " [%s]", countings->items[i].domains);
		all.failed |= !words;
	}
	return mp_str_take(&all);
}
