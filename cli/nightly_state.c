/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a night stands, read from its results file and written there: see nightly.h. */
#include "cli/nightly.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/str.h"
#include "results/judgement.h"
#include "runner/exec/record.h"

/* Days since the epoch of the noon before, local time. */
static long night_of(int64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		return 0;
	return (long)((seconds + tm.tm_gmtoff - 12 * 3600) / 86400);
}

static int select_tag(struct mp_store *s, const char *key, const char *value, int64_t **ret_runs,
		      size_t *ret_count, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str selector = MP_STR_INIT;
	int rc;

	*ret_runs = NULL;
	*ret_count = 0;
	mp_str_printf(&selector, "tag:%s=%s", key, value);
	rc = mp_store_select(s, selector.text, ret_runs, ret_count, err);
	return rc == -ENOENT ? 0 : rc;
}

/* The run that --resume would go on with. */
static int newest_unfinished(struct mp_store *s, int64_t *ret_run, struct mp_err *err)
{
	int64_t *runs = NULL;
	size_t count = 0;
	int rc = mp_store_select(s, "last:1000", &runs, &count, err);

	*ret_run = 0;
	for (size_t i = 0; !rc && i < count && !*ret_run; i++) {
		struct mp_run_row row;

		rc = mp_store_run_get(s, runs[i], &row, err);
		if (rc)
			break;
		if (strcmp(row.status, "complete"))
			*ret_run = row.id;
		mp_run_row_done(&row);
	}
	free(runs);
	return rc;
}

static int read_confirm(struct mp_store *s, struct mp_night_state *state, struct mp_err *err)
{
	struct mp_run_row row;
	int64_t *runs = NULL, unfinished;
	size_t count = 0;
	int rc = select_tag(s, "confirms", state->uuid, &runs, &count, err);

	if (!rc && count) {
		state->confirm = runs[0];
		rc = mp_store_run_get(s, runs[0], &row, err);
		if (!rc) {
			state->confirm_complete = !strcmp(row.status, "complete");
			mp_run_row_done(&row);
		}
	}
	free(runs);
	if (!rc)
		rc = newest_unfinished(s, &unfinished, err);
	if (!rc)
		rc = mp_recorder_other_kernel(s, state->run, &state->other_kernel, err);
	if (!rc && !state->other_kernel) {
		state->resumable = !state->complete && unfinished == state->run;
		state->confirm_resumable =
			state->confirm && !state->confirm_complete && unfinished == state->confirm;
	}
	return rc;
}

/* Its verdict (NULL: none yet; the caller frees it) and its row (the caller ends it, when all went well). 0 or negative errno. */
static int read_night(struct mp_store *s, int64_t run, char **ret_verdict,
		      struct mp_run_row *ret_row, struct mp_err *err)
{
	int rc = mp_store_tag_get(s, run, "verdict", ret_verdict, err);

	return rc ? rc : mp_store_run_get(s, run, ret_row, err);
}

/* Is it a night of that machine that was not good? */
static int was_bad(struct mp_store *s, int64_t run, const char *machine, bool *ret_bad,
		   struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) char *verdict = NULL;
	struct mp_run_row row;
	int rc = read_night(s, run, &verdict, &row, err);

	if (rc)
		return rc;
	*ret_bad = !strcmp(row.machine, machine) && (!verdict || strcmp(verdict, "good") != 0);
	mp_run_row_done(&row);
	return 0;
}

/* The newest night of those `runs`, which are in the order of their dates: the last one, unless one that was not good was
 * stored after it, by a clock that was wrong. */
static int newest_night(struct mp_store *s, const int64_t *runs, size_t count, int64_t *ret_run,
			struct mp_err *err)
{
	struct mp_run_row row;
	int rc;

	*ret_run = 0;
	if (!count)
		return 0;
	rc = mp_store_run_get(s, runs[0], &row, err);
	if (rc)
		return rc;
	*ret_run = runs[0];
	for (size_t i = 1; !rc && i < count; i++) {
		bool bad = false;

		if (runs[i] > *ret_run)
			rc = was_bad(s, runs[i], row.machine, &bad, err);
		if (bad)
			*ret_run = runs[i];
	}
	mp_run_row_done(&row);
	return rc;
}

/* One run with the night's tag: the wanted one (0: that of the night of now_ns), or another that may have been good. */
static int take_run(struct mp_store *s, int64_t run, int64_t now_ns, int64_t wanted,
		    struct mp_night_state *state, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) char *verdict = NULL;
	struct mp_run_row row;
	int rc = read_night(s, run, &verdict, &row, err);

	if (rc)
		return rc;
	if (!state->run &&
	    (wanted ? run == wanted : night_of(row.started_ns) == night_of(now_ns))) {
		state->run = run;
		state->judged = verdict;
		state->complete = !strcmp(row.status, "complete");
		snprintf(state->uuid, sizeof(state->uuid), "%s", row.uuid);
	} else if (!state->good_uuid[0] && verdict && !strcmp(verdict, "good")) {
		snprintf(state->good_uuid, sizeof(state->good_uuid), "%s", row.uuid);
	}
	mp_run_row_done(&row);
	return 0;
}

int mp_night_state_read(const char *db, const char *name, int64_t now_ns, bool newest,
			struct mp_night_state *ret_state, struct mp_err *err)
{
	struct mp_night_state state = { 0 };
	struct mp_store *s;
	int64_t *runs = NULL, wanted = 0;
	size_t count = 0;
	int rc;

	*ret_state = state;
	if (access(db, F_OK) && errno == ENOENT && !newest)
		return 0;
	/* A file that is only read must exist; one that goes on may have to be migrated. */
	rc = mp_store_open(db, newest ? MP_STORE_READ : MP_STORE_WRITE, &s, err);
	if (rc)
		return rc;
	rc = select_tag(s, "nightly", name, &runs, &count, err);
	if (!rc && newest)
		rc = newest_night(s, runs, count, &wanted, err);
	for (size_t i = 0; !rc && i < count && !(state.run && state.good_uuid[0]); i++)
		rc = take_run(s, runs[i], now_ns, wanted, &state, err);
	state.misdated = state.run && state.run != runs[0];
	free(runs);
	if (!rc && state.run)
		rc = read_confirm(s, &state, err);
	mp_store_close(s);
	if (!rc)
		*ret_state = state;
	return rc;
}

static const char *suspect_state(enum mp_nightly_state state)
{
	switch (state) {
	case MP_NIGHTLY_SLOWER:
	case MP_NIGHTLY_FASTER:
		return "confirmed";
	case MP_NIGHTLY_CLEARED:
		return "cleared";
	case MP_NIGHTLY_UNCONFIRMABLE:
		return "unconfirmable";
	default:
		return "suspect";
	}
}

static int record_suspect(struct mp_store *s, const struct mp_nightly_judgement *j,
			  const struct mp_nightly_case *c, const char *confirm_uuid,
			  struct mp_err *err)
{
	bool again = c->n_confirm;
	const struct mp_suspect suspect = {
		.machine = j->night->machine,
		.run_uuid = j->night->uuid,
		.run_started_ns = j->night->started_ns,
		.made_ns = mp_clock_real_ns(),
		.case_text = c->series->case_text,
		.metric = MP_METRIC_VALUE,
		.bench_version = c->series->version,
		.mode = c->series->mode,
		.state = suspect_state(c->state),
		.reason = c->reason,
		.value = c->tonight->value,
		.reference = c->tonight->reference,
		.reference_mad = c->tonight->mad,
		.reference_runs = (unsigned)c->tonight->n_reference,
		.deviations = c->tonight->deviations,
		.confirm_uuid = again ? confirm_uuid : NULL,
		.confirm_n = (unsigned)c->n_confirm,
		.confirm_value = again ? c->confirm.value : NAN,
		.confirm_ratio = again ? c->confirm.ratio : NAN,
		.confirm_p = again ? c->confirm.p : NAN,
	};

	return mp_store_suspect_set(s, &suspect, err);
}

int mp_night_record(const char *db, const struct mp_night_state *state,
		    const struct mp_nightly_judgement *j, const char *confirm_uuid,
		    struct mp_err *err)
{
	struct mp_store *s;
	int rc = mp_store_open(db, MP_STORE_WRITE, &s, err);

	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < j->n_cases; i++) {
		if (j->cases[i].tonight->state == MP_TONIGHT_SUSPECT &&
		    j->cases[i].state != MP_NIGHTLY_SHORT)
			rc = record_suspect(s, j, &j->cases[i], confirm_uuid, err);
	}
	if (!rc)
		rc = mp_store_run_tag(s, state->run, "verdict", mp_nightly_result_name(j->result),
				      err);
	mp_store_close(s);
	return rc;
}
