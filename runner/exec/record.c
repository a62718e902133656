/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The results file as a sink of a run: see record.h. */
#include "runner/exec/record.h"

#include "common/cleanup.h"
#include "runner/exec/purpose.h"
#include "runner/machine/facts.h"
#include "runner/machine/topology.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

struct fact_writer {
	struct mp_recorder *rec;
	struct mp_err *err;
	int ret;
};

static void write_fact(void *user, const struct mp_fact *fact)
{
	struct fact_writer *w = user;

	if (!w->ret)
		w->ret = mp_store_run_fact(w->rec->store, w->rec->run, fact, w->err);
}

static int add_tags(struct mp_recorder *rec, const char *const *tags, size_t n_tags,
		    struct mp_err *err)
{
	for (size_t i = 0; i < n_tags; i++) {
		char key[128];
		size_t len = strcspn(tags[i], "=");
		int ret;

		if (!tags[i][len] || !len || len >= sizeof(key))
			return mp_err_usage(err, -EINVAL, "tag '%s' is not of the form KEY=VALUE",
					    tags[i]);
		memcpy(key, tags[i], len);
		key[len] = '\0';
		ret = mp_store_run_tag(rec->store, rec->run, key, tags[i] + len + 1, err);
		if (ret)
			return ret;
	}
	return 0;
}

static int add_topology(struct mp_recorder *rec, const struct mp_machine *machine,
			struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) char *xml = NULL;
	int ret = mp_machine_topology(machine, &xml, err);

	return ret ? ret : mp_store_run_topology(rec->store, rec->run, xml, err);
}

static int add_case(struct mp_recorder *rec, struct mp_run *run, size_t index, struct mp_err *err)
{
	const struct mp_planned *c = &run->plan->cases[index];
	const struct mp_bench *b = c->bench;
	char family[MP_NAME_MAX];
	struct mp_bench_info info = { .name = b->name,
				      .family = family,
				      .summary = b->summary,
				      .timed = b->timed,
				      .unit = b->unit,
				      .bytes_axis = b->bytes_axis,
				      .version = b->version };
	int ret;

	snprintf(family, sizeof(family), "%.*s", (int)strcspn(b->name, "."), b->name);
	ret = mp_store_case_add(rec->store, rec->run, &info, c->text, &c->params,
				run->plan->invocations,
				c->skip_reason ? MP_OUTCOME_SKIPPED : MP_OUTCOME_PENDING,
				c->skip_reason, &rec->run_cases[index], err);
	if (ret || !(b->modes & MP_MODE_BATCH))
		return ret;
	return mp_store_pin_get(rec->store, rec->machine, c->text, b->version,
				&run->cases[index].batch_ops, err);
}

int mp_recorder_begin(struct mp_recorder *rec, struct mp_store *store, struct mp_run *run,
		      struct mp_run_info *info, const char *const *tags, size_t n_tags,
		      struct mp_err *err)
{
	struct fact_writer writer = { .rec = rec, .err = err };
	struct mp_fact_sink sink = { .fact = write_fact, .user = &writer };
	int ret;

	*rec = (struct mp_recorder){ .store = store };
	rec->run_cases = calloc(run->plan->n_cases + 1, sizeof(*rec->run_cases));
	if (!rec->run_cases)
		return mp_err_env(err, -ENOMEM, "out of memory");
	mp_machine_key(rec->machine);
	info->machine = rec->machine;
	info->started_ns = mp_clock_real_ns();
	ret = mp_store_together(store, err);
	if (ret)
		return ret;
	ret = mp_store_run_begin(store, info, &rec->run, err);
	if (!ret)
		ret = add_tags(rec, tags, n_tags, err);
	if (!ret) {
		mp_facts_collect("", &sink);
		mp_facts_clocksource(run->clock, &sink);
		ret = writer.ret;
	}
	if (!ret)
		ret = add_topology(rec, run->machine, err);
	for (size_t i = 0; i < run->plan->n_cases && !ret; i++)
		ret = add_case(rec, run, i, err);
	ret = mp_store_together_end(store, ret, err);
	if (!ret)
		mp_watch_begin(&rec->watch, run->machine, run->clock, run->calm_before);
	return ret;
}

/* The plan's case of that text, or -1. The plan is in the order of numbers, the file's cases in that of texts. */
static long find_case(const struct mp_plan *plan, const char *text)
{
	for (size_t i = 0; i < plan->n_cases; i++)
		if (!strcmp(plan->cases[i].text, text))
			return (long)i;
	return -1;
}

/* A case that goes on. */
struct learner {
	struct mp_run *run;
	struct mp_run_case *of;
	int ret;
};

/* What the run learned from an invocation when it happened. */
static int learn_again(void *user, struct mp_invocation *inv)
{
	struct learner *l = user;

	l->run->before_ns += inv->duration_ns;
	l->ret = mp_run_speeds_learn(&l->run->speeds, inv);
	if (!l->ret)
		l->ret = mp_purpose_learn(l->run, l->of, inv);
	return l->ret;
}

static int resume_case(struct mp_recorder *rec, struct mp_run *run, size_t index,
		       const struct mp_case_row *row, struct mp_err *err)
{
	const struct mp_bench *bench = run->plan->cases[index].bench;
	struct mp_run_case *c = &run->cases[index];
	struct learner learner = { .run = run, .of = c };
	int ret;

	if (row->version != bench->version)
		return mp_err_usage(
			err, -EINVAL,
			"'%s' was begun with definition version %u and is now version %u; "
			"start a new run",
			row->text, row->version, bench->version);
	rec->run_cases[index] = row->run_case;
	c->done = row->invocations;
	run->finished += row->invocations < run->plan->invocations ? row->invocations
								   : run->plan->invocations;
	ret = mp_store_pin_get(rec->store, rec->machine, row->text, bench->version, &c->batch_ops,
			       err);
	if (!ret)
		ret = mp_store_counters_done(rec->store, row->run_case, "explain", &c->explained,
					     err);
	if (!ret)
		ret = mp_store_counters_done(rec->store, row->run_case, "bandwidth", &c->regions,
					     err);
	if (ret || row->outcome == MP_OUTCOME_SKIPPED)
		return ret;
	ret = mp_store_invocations(rec->store, row->run_case, true, learn_again, &learner, err);
	if (learner.ret)
		return mp_err_env(err, learner.ret, "out of memory");
	if (c->failures >= MP_RUN_GIVE_UP)
		c->why_stopped = "failing";
	return ret;
}

/* Every part of a run that was watched to its end left one such fact. */
static int count_part(void *user, const struct mp_fact *fact)
{
	unsigned *parts = user;

	*parts += !strcmp(fact->group, "doctor") && !strncmp(fact->key, "noisy", 5);
	return 0;
}

struct kernel {
	struct utsname now;
	bool other;
};

static int compare_kernel(void *user, const struct mp_fact *fact)
{
	struct kernel *kernel = user;

	if (strcmp(fact->group, "kernel") || !fact->value)
		return 0;
	if (!strcmp(fact->key, "release"))
		kernel->other |= strcmp(fact->value, kernel->now.release) != 0;
	if (!strcmp(fact->key, "version"))
		kernel->other |= strcmp(fact->value, kernel->now.version) != 0;
	return 0;
}

int mp_recorder_other_kernel(struct mp_store *store, int64_t run_id, bool *ret_other,
			     struct mp_err *err)
{
	struct kernel kernel = { 0 };
	int ret;

	if (uname(&kernel.now))
		return mp_err_env(err, -errno, "cannot ask which kernel this is: %s",
				  strerror(errno));
	ret = mp_store_facts(store, run_id, compare_kernel, &kernel, err);
	if (!ret)
		*ret_other = kernel.other;
	return ret;
}

/* A run that goes on, case by case. */
struct resumed {
	struct mp_recorder *rec;
	struct mp_run *run;
	size_t count;
	struct mp_err *err;
};

static int resume_one(void *user, struct mp_case_row *row)
{
	struct resumed *r = user;
	long index = find_case(r->run->plan, row->text);

	r->count++;
	if (index < 0)
		return mp_err_usage(
			r->err, -EINVAL,
			"case '%s' of run #%lld is not in its plan: the file is damaged; start a "
			"new run",
			row->text, (long long)r->rec->run);
	return resume_case(r->rec, r->run, (size_t)index, row, r->err);
}

int mp_recorder_resume(struct mp_recorder *rec, struct mp_store *store, int64_t run_id,
		       struct mp_run *run, struct mp_err *err)
{
	struct resumed resumed = { .rec = rec, .run = run, .err = err };
	bool other = false;
	int ret;

	*rec = (struct mp_recorder){ .store = store, .run = run_id };
	rec->run_cases = calloc(run->plan->n_cases + 1, sizeof(*rec->run_cases));
	if (!rec->run_cases)
		return mp_err_env(err, -ENOMEM, "out of memory");
	mp_machine_key(rec->machine);
	ret = mp_recorder_other_kernel(store, run_id, &other, err);
	if (!ret && other)
		ret = mp_err_usage(err, -EINVAL,
				   "run #%lld was begun on another kernel; start a new run",
				   (long long)run_id);
	if (!ret)
		ret = mp_store_each_case(store, run_id, resume_one, &resumed, err);
	if (!ret && resumed.count != run->plan->n_cases)
		ret = mp_err_usage(
			err, -EINVAL,
			"run #%lld has %zu cases, its plan %zu: the file is damaged; start a new "
			"run",
			(long long)run_id, resumed.count, run->plan->n_cases);
	if (!ret)
		ret = mp_store_facts(store, run_id, count_part, &rec->part, err);
	if (!ret)
		mp_watch_begin(&rec->watch, run->machine, run->clock, run->calm_before);
	return ret;
}

static int on_invocation(void *user, const struct mp_run *run, size_t index,
			 const struct mp_invocation *inv, struct mp_err *err)
{
	struct mp_recorder *rec = user;

	return mp_store_invocation_add(rec->store, rec->run_cases[index], inv, run->clock->step_ns,
				       err);
}

static int on_counted(void *user, const struct mp_run *run, size_t index, const char *pass,
		      const struct mp_invocation *inv, struct mp_err *err)
{
	struct mp_recorder *rec = user;

	(void)run;
	return mp_store_counters_add(rec->store, rec->run_cases[index], pass, inv->ordinal,
				     inv->counts, inv->n_counts, err);
}

static int on_recall(void *user, const struct mp_run *run, size_t index,
		     int (*each)(void *user, struct mp_invocation *inv), void *each_user,
		     struct mp_err *err)
{
	struct mp_recorder *rec = user;

	(void)run;
	return mp_store_invocations(rec->store, rec->run_cases[index], true, each, each_user, err);
}

static int finish_case(struct mp_recorder *rec, const struct mp_run *run, size_t index,
		       struct mp_err *err)
{
	return mp_store_case_finish(rec->store, rec->run_cases[index], &run->speeds.now,
				    run->clock->step_ns, run->clock->pair_p50_ns,
				    run->cases[index].why_stopped, err);
}

static int on_case_end(void *user, const struct mp_run *run, size_t index, struct mp_err *err)
{
	return finish_case(user, run, index, err);
}

struct mp_sink mp_recorder_sink(struct mp_recorder *rec)
{
	return (struct mp_sink){ .user = rec,
				 .invocation = on_invocation,
				 .counted = on_counted,
				 .recall = on_recall,
				 .case_end = on_case_end };
}

/* The batch size that the case had, for runs to come. */
static int keep_pin(struct mp_recorder *rec, const struct mp_run_case *c, struct mp_err *err)
{
	const struct mp_planned *p = c->planned;

	return c->batch_ops ? mp_store_pin_set(rec->store, rec->machine, p->text, p->bench->version,
					       c->batch_ops, err)
			    : 0;
}

/* For runs to come. */
static int keep_speeds(struct mp_recorder *rec, const struct mp_run *run, struct mp_err *err)
{
	const double ns = run->clock->ns_per_tick;
	int ret = 0;

	for (size_t i = 0; i < run->speeds.now.n && !ret; i++) {
		const struct mp_full_speed *r = &run->speeds.now.of[i];

		if (mp_run_speeds_enough(&run->speeds, i))
			ret = mp_store_probe_set(rec->store, rec->machine, r->kind, r->mul * ns,
						 r->add * ns, err);
	}
	return ret;
}

int mp_recorder_end(struct mp_recorder *rec, const struct mp_run *run, const char *status,
		    struct mp_err *err)
{
	struct fact_writer writer = { .rec = rec, .err = err };
	struct mp_fact_sink sink = { .fact = write_fact, .user = &writer };
	int ret = 0;

	mp_watch_end(&rec->watch, run->machine, run->clock, rec->part, &sink);
	for (size_t i = 0; i < run->plan->n_cases && !ret; i++)
		if (!run->plan->cases[i].skip_reason && run->cases[i].done) {
			ret = finish_case(rec, run, i, err);
			if (!ret)
				ret = keep_pin(rec, &run->cases[i], err);
		}
	if (!ret)
		ret = keep_speeds(rec, run, err);
	if (!ret)
		ret = writer.ret;
	if (!ret)
		ret = mp_store_run_drift(rec->store, rec->run, mp_clocksource_drift_ppm(run->clock),
					 err);
	if (!ret)
		ret = mp_store_run_end(rec->store, rec->run, status, mp_clock_real_ns(), err);
	return ret;
}

void mp_recorder_done(struct mp_recorder *rec)
{
	mp_watch_done(&rec->watch);
	free(rec->run_cases);
	rec->run_cases = NULL;
}
