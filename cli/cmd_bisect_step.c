/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memperf bisect-step: one step of `git bisect run`, for one case.
 *
 * Its exit codes are git's (git-bisect(1)): 0 good, 1 bad, 125 cannot be told, and 128 for whatever went wrong, because
 * git takes every other code below 128 for "bad".
 */
#include "cli/args.h"
#include "cli/listen.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/mode.h"
#include "common/units.h"
#include "report/compare/side.h"
#include "report/statistics/sequential.h"

#define EXIT_GOOD 0
#define EXIT_BAD  1
#define EXIT_SKIP 125
#define EXIT_STOP 128

#define INVOCATIONS_MOST 40
#define REFERENCE_LEAST	 4 /* values a reference must have */
#define GIVE_UP		 3 /* invocations without a value that end the step */
#define ROUND_S                                                                                    \
	3 /* for an invocation of the case and of each floor: some 0.2 s each, as in suite 'all' */

/* One of the two references: the case in its run, and its values. */
struct reference {
	struct mp_side side;
	const struct mp_case_row *row; /* borrowed from the side */
	double *values;
	size_t n;
};

struct step {
	const struct mp_args *args;
	const char *text; /* of the case */
	struct reference good, bad;
	enum mp_mode mode;
	enum mp_population population;
	struct mp_sequential sequential;
	struct mp_sequential_step last;
	struct mp_rank rank;
	double seen[INVOCATIONS_MOST];
	size_t n_seen, most, invocations, failures;
	char folder[64]; /* of the results file that goes away; empty: --db is given */
	char db[4096];
};

static void done(struct step *s)
{
	static const char *const names[] = { "", "-wal", "-shm", "-journal" };
	char path[4200];

	mp_rank_done(&s->rank);
	free(s->good.values);
	free(s->bad.values);
	mp_side_done(&s->good.side);
	mp_side_done(&s->bad.side);
	if (!s->folder[0])
		return;
	for (size_t i = 0; i < MP_COUNT_OF(names); i++) {
		snprintf(path, sizeof(path), "%s%s", s->db, names[i]);
		unlink(path);
	}
	rmdir(s->folder);
}

/* ---- the references ---- */

static int open_reference(struct step *s, const char *option, struct reference *r,
			  struct mp_err *err)
{
	const char *text = mp_args_get(s->args, option);
	char here[33];
	int rc;

	if (!text)
		return mp_err_usage(err, -EINVAL, "--%s is missing: a results file, FILE.db[:SEL]",
				    option);
	rc = mp_side_open(text, MP_SIDE_REPORT, &r->side, NULL, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < r->side.runs[0].n_cases; i++)
		if (!strcmp(r->side.runs[0].cases[i].text, s->text))
			r->row = &r->side.runs[0].cases[i];
	if (!r->row)
		return mp_err_usage(err, -ENOENT, "'%s' has no case '%s'; see 'memperf report %s'",
				    text, s->text, text);
	if (r->row->outcome != MP_OUTCOME_OK)
		return mp_err_usage(err, -EINVAL, "case '%s' is %s in '%s', and no reference",
				    s->text, mp_outcome_name(r->row->outcome), text);
	if (r->side.runs[0].sabotage && !r->side.runs[0].slowed)
		return mp_err_usage(err, -EINVAL, "'%s' was run with a planted fault (%s)", text,
				    r->side.runs[0].sabotage);
	mp_machine_key(here);
	if (strcmp(r->side.runs[0].row.machine, here))
		return mp_err_usage(
			err, -EINVAL,
			"'%s' was measured on another machine ('%s'); measure good and bad "
			"on this one",
			text, r->side.runs[0].row.host);
	return 0;
}

static uint64_t count(const struct mp_case_row *row, enum mp_mode mode, enum mp_population p)
{
	return mode == MP_MODE_CALL    ? row->call_p50[p].n
	       : mode == MP_MODE_BATCH ? row->batch_p50[p].n
				       : row->rate_mean[p].n;
}

/* Good's headline mode, and calm values where both have enough of them. */
static void choose(struct step *s)
{
	s->mode = s->good.row->mode;
	s->population = MP_POPULATION_ALL;
	if (count(s->good.row, s->mode, MP_POPULATION_CALM) >= REFERENCE_LEAST &&
	    count(s->bad.row, s->mode, MP_POPULATION_CALM) >= REFERENCE_LEAST)
		s->population = MP_POPULATION_CALM;
}

static int load_values(const struct step *s, struct reference *r, struct mp_err *err)
{
	double *values;
	size_t n;
	int rc = mp_store_case_values(r->side.store, r->row->run_case, s->mode, s->population,
				      &values, &n, err);

	if (rc)
		return rc;
	r->values = values;
	for (size_t i = 0; i < n; i++)
		if (isfinite(values[i]) && values[i] > 0)
			r->values[r->n++] = values[i];
	if (r->n < REFERENCE_LEAST)
		return mp_err_usage(
			err, -EINVAL,
			"'%s' has %zu values of case '%s', %d are needed; measure it again "
			"with --invocations 10",
			r->side.name, r->n, s->text, REFERENCE_LEAST);
	return 0;
}

/* Everything that can be wrong with the references, before anything is measured. */
static int references(struct step *s, struct mp_err *err)
{
	const struct mp_bench *bench;
	double delta;
	int rc = open_reference(s, "good", &s->good, err);

	if (!rc)
		rc = open_reference(s, "bad", &s->bad, err);
	if (rc)
		return rc;
	bench = mp_bench_find(s->good.row->bench);
	if (!bench || s->good.row->version != bench->version ||
	    s->bad.row->version != bench->version)
		return mp_err_usage(
			err, -EINVAL,
			"case '%s' has definition version %u in good, %u in bad and %u in "
			"this memperf: not the same measurement",
			s->text, s->good.row->version, s->bad.row->version,
			bench ? bench->version : 0);
	choose(s);
	rc = load_values(s, &s->good, err);
	if (!rc)
		rc = load_values(s, &s->bad, err);
	if (rc)
		return rc;
	s->sequential =
		(struct mp_sequential){ s->good.values, s->bad.values, s->good.n, s->bad.n };
	if (mp_sequential_apart(&s->rank, &s->sequential, &delta))
		return mp_err_env(err, -ENOMEM, "out of memory");
	if (fabs(delta) < MP_SEQUENTIAL_APART)
		return mp_err_usage(
			err, -EINVAL,
			"good and bad are not apart in case '%s' (Cliff's delta %.2f, %g "
			"needed): there is nothing to search for",
			s->text, mp_shown(delta, 2), MP_SEQUENTIAL_APART);
	return 0;
}

/* ---- measuring ---- */

/* The value of an invocation, as the references' values are taken; NaN: none. */
static double value_of(const struct step *s, const struct mp_run *run,
		       const struct mp_invocation *inv)
{
	struct mp_dist d;

	if (inv->outcome != MP_OUTCOME_OK ||
	    mp_invocation_dist(inv, s->mode, s->population, run->clock->step_ns, &d) ||
	    !mp_population_counts(s->population, s->mode, d.n))
		return NAN;
	return s->mode == MP_MODE_RATE ? d.mean : d.p50;
}

/* Listens to the run: a line for each invocation, and the end when it is clear. */
static int on_invocation(void *user, const struct mp_run *run, size_t index,
			 const struct mp_invocation *inv, struct mp_err *err)
{
	struct step *s = user;
	char text[MP_UNITS_LEN];
	double value;
	bool last;

	/* The floors that every run measures: once is enough. */
	if (strcmp(run->cases[index].planned->text, s->text))
		return 1;
	value = value_of(s, run, inv);
	last = ++s->invocations >= s->most;
	if (!(value > 0)) {
		printf("%3zu  no value: %s\n", s->invocations,
		       inv->reason[0] ? inv->reason : "the machine was not calm");
		fflush(stdout);
		/* A machine that is never calm ends at --max-invocations, a broken case at once. */
		s->failures += inv->outcome != MP_OUTCOME_OK;
		return last || s->failures >= GIVE_UP;
	}
	s->seen[s->n_seen++] = value;
	if (mp_sequential_look(&s->rank, &s->sequential, s->seen, s->n_seen, false, &s->last))
		return mp_err_env(err, -ENOMEM, "out of memory");
	mp_duration_format(value, text);
	printf("%3zu  %s  p %.2g against good, %.2g against bad; %.0f %% of the way to bad\n",
	       s->invocations, text, s->last.p_good, s->last.p_bad, mp_shown(s->last.way * 100, 0));
	fflush(stdout);
	return last || s->last.verdict != MP_SEQUENTIAL_OPEN;
}

static int most(struct step *s, struct mp_err *err)
{
	const char *text = mp_args_get(s->args, "max-invocations");
	char *end;
	unsigned long value = INVOCATIONS_MOST;

	if (text)
		value = strtoul(text, &end, 10);
	if (text &&
	    (*end || text[0] < '0' || text[0] > '9' || value < 3 || value > INVOCATIONS_MOST))
		return mp_err_usage(err, -EINVAL,
				    "--max-invocations '%s' is not a number from 3 to %d", text,
				    INVOCATIONS_MOST);
	s->most = value;
	return 0;
}

static int choose_db(struct step *s, struct mp_err *err)
{
	const char *path = mp_args_get(s->args, "db");
	const char *folder = getenv("TMPDIR");

	if (path) {
		snprintf(s->db, sizeof(s->db), "%s", path);
		return 0;
	}
	snprintf(s->folder, sizeof(s->folder), "%s/memperf-bisect-XXXXXX",
		 folder && strlen(folder) < 32 ? folder : "/tmp");
	if (!mkdtemp(s->folder)) {
		int rc = -errno;

		mp_err_env(err, rc, "cannot create the folder '%s': %s; give --db FILE", s->folder,
			   strerror(errno));
		s->folder[0] = '\0';
		return rc;
	}
	snprintf(s->db, sizeof(s->db), "%s/step.db", s->folder);
	return 0;
}

/* The command line of a run of this one case. */
static int run_case(struct step *s, int *ret_code, struct mp_err *err)
{
	struct mp_sink listener = { .user = s, .invocation = on_invocation };
	const char *sabotage = mp_args_get(s->args, "sabotage");
	char *argv[16], number[16];
	char budget[16];
	struct mp_args args;
	int argc = 0, rc;

	snprintf(number, sizeof(number), "%zu", s->most);
	snprintf(budget, sizeof(budget), "%zus", s->most * ROUND_S);
	argv[argc++] = (char *)"--quiet";
	argv[argc++] = (char *)"--db";
	argv[argc++] = s->db;
	argv[argc++] = (char *)"--tag";
	argv[argc++] = (char *)"bisect=step";
	argv[argc++] = (char *)"--invocations";
	argv[argc++] = number;
	argv[argc++] = (char *)"--budget";
	argv[argc++] = budget;
	if (sabotage) {
		argv[argc++] = (char *)"--sabotage";
		argv[argc++] = (char *)sabotage;
	}
	argv[argc++] = (char *)"--bench";
	argv[argc++] = (char *)s->text;
	rc = mp_args_parse(&mp_cmd_run, argc, argv, &args, err);
	if (rc)
		return rc;
	*ret_code = mp_run_listen(&args, &listener);
	mp_args_done(&args);
	/* No more are to come: what is near enough will do. */
	if (!*ret_code && s->n_seen && s->last.verdict == MP_SEQUENTIAL_OPEN &&
	    mp_sequential_look(&s->rank, &s->sequential, s->seen, s->n_seen, true, &s->last))
		return mp_err_env(err, -ENOMEM, "out of memory");
	return 0;
}

/* ---- what it says ---- */

static void announce(const struct step *s)
{
	struct mp_rank rank = { 0 };
	struct mp_rank_ratio ratio = { .ratio = NAN };
	char good[MP_UNITS_LEN], bad[MP_UNITS_LEN];

	mp_rank_ratio(&rank, s->good.values, s->good.n, s->bad.values, s->bad.n, 0.05, &ratio);
	mp_rank_done(&rank);
	mp_duration_format(mp_median(s->good.values, s->good.n), good);
	mp_duration_format(mp_median(s->bad.values, s->bad.n), bad);
	printf("%s (%s, %s): good %s (%zu invocations), bad %s (%zu), %+.1f %%\n", s->text,
	       mp_mode_name(s->mode), mp_population_name(s->population), good, s->good.n, bad,
	       s->bad.n, (ratio.ratio - 1) * 100);
	fflush(stdout);
}

static int conclude(const struct step *s)
{
	switch (s->last.verdict) {
	case MP_SEQUENTIAL_GOOD:
		printf("good: like the good reference, unlike the bad one\n");
		return EXIT_GOOD;
	case MP_SEQUENTIAL_BAD:
		printf("bad: like the bad reference, unlike the good one\n");
		return EXIT_BAD;
	case MP_SEQUENTIAL_OPEN:
		break;
	}
	if (s->failures >= GIVE_UP)
		printf("cannot tell: the case does not run here; git skips this revision\n");
	else if (!s->n_seen)
		printf("cannot tell: no invocation has a value; git skips this revision\n");
	else
		printf("cannot tell after %zu invocations: like neither reference, or like both; "
		       "git "
		       "skips this revision\n",
		       s->invocations);
	return EXIT_SKIP;
}

static int run(const struct mp_args *args)
{
	struct step s = { .args = args, .text = mp_args_get(args, "case") };
	struct mp_err err;
	int rc = 0, code = 0;

	if (!s.text)
		rc = mp_err_usage(
			&err, -EINVAL,
			"--case is missing: the case's full text, as in 'memperf report'");
	if (!rc)
		rc = most(&s, &err);
	if (!rc)
		rc = references(&s, &err);
	if (!rc)
		rc = choose_db(&s, &err);
	if (!rc) {
		announce(&s);
		rc = run_case(&s, &code, &err);
	}
	if (rc)
		code = mp_fail(&err);
	else if (!code)
		code = conclude(&s);
	done(&s);
	return code;
}

static const struct mp_option options[] = {
	{ .name = "good", .value = "FILE[:SEL]", .help = "a run of the good revision" },
	{ .name = "bad", .value = "FILE[:SEL]", .help = "a run of the bad revision" },
	{ .name = "case",
	  .value = "CASE",
	  .help = "the case that tells them apart, by its full text" },
	{ .name = "db",
	  .value = "FILE",
	  .help = "keep what was measured in this results file; default: it is not kept" },
	{ .name = "max-invocations",
	  .value = "N",
	  .help = "cannot tell after so many, 3 to 40; default 40" },
	{ .name = "sabotage", .value = "HOW", .help = "as in 'memperf run'", .hidden = true },
};

const struct mp_cmd mp_cmd_bisect_step = {
	.name = "bisect-step",
	.summary = "good, bad or cannot tell, for 'git bisect run'",
	.synopsis =
		"--good FILE[:SEL] --bad FILE[:SEL] --case CASE [--db FILE] [--max-invocations N]",
	.about =
		"Measures one case here and now, invocation by invocation, until it is clearly "
		"like "
		"the good run and\nunlike the bad one (exit 0), or the other way round (exit 1); "
		"exit "
		"125 when that cannot be told, so that\ngit skips the revision. Everything else "
		"that "
		"goes wrong is exit 128, which ends the bisection:\ngit takes any other code for "
		"'bad'. Both runs must be from this machine and clearly apart.\n"
		"A mistyped 'bisect-step' itself is exit 2, which git would take for 'bad': try "
		"the "
		"command by hand\nbefore 'git bisect run'.\n\n"
		"  git bisect run sh -c './build-and-install || exit 125; exec memperf bisect-step "
		"\\\n"
		"      --good n.db:#7 --bad n.db:#9 --case fault.anon/size=2M/thp=never/threads=1'",
	.options = options,
	.n_options = MP_COUNT_OF(options),
	.order = 9,
	.failure = EXIT_STOP,
	.run = run,
};
