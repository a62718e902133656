/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Baselines, accepted changes, suspects: see judgement.h. */
#include "results/judgement.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/mode.h"
#include "results/store_internal.h"

/* ---- baselines ---- */

static int delete_baseline(struct mp_store *s, const char *machine, const char *name,
			   struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"DELETE FROM baseline WHERE name = :name AND (:machine IS NULL OR"
		" machine_id = (SELECT machine_id FROM machine WHERE key = :machine))",
		err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":name", name);
	mp_bind_text(&q, ":machine", machine);
	return mp_query_run(&q, "remove a baseline", err);
}

static int insert_baseline(struct mp_store *s, int64_t machine, const struct mp_baseline *b,
			   const char *uuid, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "INSERT INTO baseline (machine_id, name, run_uuid, made_ns, author,"
			       " reason) VALUES (:machine, :name, :uuid, :made, :author, :reason)",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":machine", machine);
	mp_bind_text(&q, ":name", b->name);
	mp_bind_text(&q, ":uuid", uuid);
	mp_bind_int(&q, ":made", b->made_ns);
	mp_bind_text(&q, ":author", b->author);
	mp_bind_text(&q, ":reason", b->reason);
	return mp_query_run(&q, "store a baseline", err);
}

int mp_store_baseline_set(struct mp_store *s, const struct mp_baseline *baseline,
			  const char *const *run_uuids, size_t count, struct mp_err *err)
{
	int64_t machine = 0;
	int rc = mp_tx_begin(s, MP_TX_DURABLE, err);

	if (rc)
		return rc;
	rc = mp_store_machine(s, baseline->machine, &machine, err);
	if (!rc)
		rc = delete_baseline(s, baseline->machine, baseline->name, err);
	for (size_t i = 0; !rc && i < count; i++)
		rc = insert_baseline(s, machine, baseline, run_uuids[i], err);
	return mp_tx_end(s, rc, "store a baseline", err);
}

int mp_store_baseline_remove(struct mp_store *s, const char *machine, const char *name,
			     unsigned *ret_removed, struct mp_err *err)
{
	int removed = 0, rc = mp_tx_begin(s, MP_TX_DURABLE, err);

	if (rc)
		return rc;
	rc = delete_baseline(s, machine, name, err);
	if (!rc)
		removed = sqlite3_changes(s->db);
	rc = mp_tx_end(s, rc, "remove a baseline", err);
	if (!rc)
		*ret_removed = (unsigned)removed;
	return rc;
}

int mp_store_baselines(struct mp_store *s, int (*each)(void *user, const struct mp_baseline *b),
		       void *user, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT key, name, run_uuid, made_ns, author, reason FROM baseline"
			       " JOIN machine USING (machine_id) ORDER BY key, name, run_uuid",
			       err);

	if (rc)
		return rc;
	while ((rc = mp_query_step(&q, "read the baselines", err)) > 0) {
		const char *author = mp_column_text(&q, 4);
		const struct mp_baseline b = { .machine = mp_column_text(&q, 0),
					       .name = mp_column_text(&q, 1),
					       .run_uuid = mp_column_text(&q, 2),
					       .made_ns = mp_column_int(&q, 3),
					       .author = *author ? author : NULL,
					       .reason = mp_column_text(&q, 5) };

		rc = each(user, &b);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

/* ---- accepted changes ---- */

static int insert_accepted(struct mp_store *s, int64_t machine, const struct mp_accepted *a,
			   struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"INSERT OR REPLACE INTO accepted (machine_id, case_text, bench_version, metric,"
		" run_uuid, run_started_ns, state, made_ns, author, reason, link) VALUES (:machine,"
		" :case, :version, :metric, :uuid, :started, :state, :made, :author, :reason, "
		":link)",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":machine", machine);
	mp_bind_text(&q, ":case", a->case_text);
	mp_bind_int(&q, ":version", a->bench_version);
	mp_bind_text(&q, ":metric", a->metric);
	mp_bind_text(&q, ":uuid", a->run_uuid);
	mp_bind_int(&q, ":started", a->run_started_ns);
	mp_bind_text(&q, ":state", a->state);
	mp_bind_int(&q, ":made", a->made_ns);
	mp_bind_text(&q, ":author", a->author);
	mp_bind_text(&q, ":reason", a->reason);
	mp_bind_text(&q, ":link", a->link);
	return mp_query_run(&q, "store an accepted change", err);
}

int mp_store_accept(struct mp_store *s, const struct mp_accepted *accepted, struct mp_err *err)
{
	int64_t machine = 0;
	int rc = mp_tx_begin(s, MP_TX_DURABLE, err);

	if (rc)
		return rc;
	rc = mp_store_machine(s, accepted->machine, &machine, err);
	if (!rc)
		rc = insert_accepted(s, machine, accepted, err);
	return mp_tx_end(s, rc, "store an accepted change", err);
}

int mp_store_accepted_remove(struct mp_store *s, const char *case_glob, const char *run_uuid,
			     unsigned *ret_removed, struct mp_err *err)
{
	struct mp_query q;
	int removed = 0, rc = mp_tx_begin(s, MP_TX_DURABLE, err);

	if (rc)
		return rc;
	rc = mp_query_open(s, &q,
			   "DELETE FROM accepted WHERE case_text GLOB :glob AND"
			   " (:uuid IS NULL OR run_uuid = :uuid)",
			   err);
	if (!rc) {
		mp_bind_text(&q, ":glob", case_glob);
		mp_bind_text(&q, ":uuid", run_uuid);
		rc = mp_query_run(&q, "take back an accepted change", err);
	}
	if (!rc)
		removed = sqlite3_changes(s->db);
	rc = mp_tx_end(s, rc, "take back an accepted change", err);
	if (!rc)
		*ret_removed = (unsigned)removed;
	return rc;
}

int mp_store_accepted(struct mp_store *s, int (*each)(void *user, const struct mp_accepted *a),
		      void *user, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT key, case_text, metric, bench_version, run_uuid,"
			       " run_started_ns, made_ns, state, author, reason, link FROM accepted"
			       " JOIN machine USING (machine_id)"
			       " ORDER BY key, case_text, bench_version, metric, run_started_ns",
			       err);

	if (rc)
		return rc;
	while ((rc = mp_query_step(&q, "read the accepted changes", err)) > 0) {
		const char *author = mp_column_text(&q, 8);
		const char *link = mp_column_text(&q, 10);
		const struct mp_accepted a = { .machine = mp_column_text(&q, 0),
					       .case_text = mp_column_text(&q, 1),
					       .metric = mp_column_text(&q, 2),
					       .bench_version = (unsigned)mp_column_int(&q, 3),
					       .run_uuid = mp_column_text(&q, 4),
					       .run_started_ns = mp_column_int(&q, 5),
					       .made_ns = mp_column_int(&q, 6),
					       .state = mp_column_text(&q, 7),
					       .author = *author ? author : NULL,
					       .reason = mp_column_text(&q, 9),
					       .link = *link ? link : NULL };

		rc = each(user, &a);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

/* ---- suspects ---- */

/* Unknown is NULL. */
static void bind_count(struct mp_query *q, const char *name, unsigned count)
{
	mp_bind_real(q, name, NAN);
	if (count)
		mp_bind_int(q, name, count);
}

static int insert_suspect(struct mp_store *s, int64_t machine, const struct mp_suspect *u,
			  struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"INSERT OR REPLACE INTO suspect (machine_id, run_uuid, run_started_ns, case_text,"
		" bench_version, mode, metric, state, reason, value, reference, reference_mad,"
		" reference_runs, deviations, confirm_uuid, confirm_n, confirm_value, "
		"confirm_ratio,"
		" confirm_p, made_ns) VALUES (:machine, :run, :started, :case, :version, :mode,"
		" :metric, :state, :reason, :value, :reference, :mad, :runs, :deviations, :confirm,"
		" :n, :confirm_value, :ratio, :p, :made)",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":machine", machine);
	mp_bind_text(&q, ":run", u->run_uuid);
	mp_bind_int(&q, ":started", u->run_started_ns);
	mp_bind_text(&q, ":case", u->case_text);
	mp_bind_int(&q, ":version", u->bench_version);
	mp_bind_text(&q, ":mode", mp_mode_name(u->mode));
	mp_bind_text(&q, ":metric", u->metric);
	mp_bind_text(&q, ":state", u->state);
	mp_bind_text(&q, ":reason", u->reason);
	mp_bind_real(&q, ":value", u->value);
	mp_bind_real(&q, ":reference", u->reference);
	mp_bind_real(&q, ":mad", u->reference_mad);
	mp_bind_int(&q, ":runs", u->reference_runs);
	mp_bind_real(&q, ":deviations", u->deviations);
	mp_bind_text(&q, ":confirm", u->confirm_uuid);
	bind_count(&q, ":n", u->confirm_n);
	mp_bind_real(&q, ":confirm_value", u->confirm_value);
	mp_bind_real(&q, ":ratio", u->confirm_ratio);
	mp_bind_real(&q, ":p", u->confirm_p);
	mp_bind_int(&q, ":made", u->made_ns);
	return mp_query_run(&q, "store a suspect", err);
}

int mp_store_suspect_set(struct mp_store *s, const struct mp_suspect *suspect, struct mp_err *err)
{
	int64_t machine = 0;
	int rc = mp_tx_begin(s, MP_TX_DURABLE, err);

	if (rc)
		return rc;
	rc = mp_store_machine(s, suspect->machine, &machine, err);
	if (!rc)
		rc = insert_suspect(s, machine, suspect, err);
	return mp_tx_end(s, rc, "store a suspect", err);
}

static int read_suspect(struct mp_query *q, int (*each)(void *user, const struct mp_suspect *u),
			void *user, struct mp_err *err)
{
	const char *confirm = mp_column_text(q, 14);
	struct mp_suspect u = { .machine = mp_column_text(q, 0),
				.run_uuid = mp_column_text(q, 1),
				.run_started_ns = mp_column_int(q, 2),
				.case_text = mp_column_text(q, 3),
				.bench_version = (unsigned)mp_column_int(q, 4),
				.metric = mp_column_text(q, 6),
				.state = mp_column_text(q, 7),
				.reason = mp_column_text(q, 8),
				.value = mp_column_real(q, 9),
				.reference = mp_column_real(q, 10),
				.reference_mad = mp_column_real(q, 11),
				.reference_runs = (unsigned)mp_column_int(q, 12),
				.deviations = mp_column_real(q, 13),
				.confirm_uuid = *confirm ? confirm : NULL,
				.confirm_n = (unsigned)mp_column_int(q, 15),
				.confirm_value = mp_column_real(q, 16),
				.confirm_ratio = mp_column_real(q, 17),
				.confirm_p = mp_column_real(q, 18),
				.made_ns = mp_column_int(q, 19) };

	if (mp_mode_parse(mp_column_text(q, 5), &u.mode))
		return mp_store_damaged(q->store, "read the suspects", err);
	return each(user, &u);
}

int mp_store_suspects(struct mp_store *s, const char *run_uuid,
		      int (*each)(void *user, const struct mp_suspect *suspect), void *user,
		      struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT key, run_uuid, run_started_ns, case_text, bench_version, mode, metric, "
		"state,"
		" reason, value, reference, reference_mad, reference_runs, deviations, "
		"confirm_uuid,"
		" confirm_n, confirm_value, confirm_ratio, confirm_p, made_ns FROM suspect"
		" JOIN machine USING (machine_id) WHERE :run IS NULL OR run_uuid = :run"
		" ORDER BY run_started_ns, run_uuid, case_text, bench_version, mode, metric",
		err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":run", run_uuid);
	while ((rc = mp_query_step(&q, "read the suspects", err)) > 0) {
		rc = read_suspect(&q, each, user, err);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}
