/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing a run: its description, its plan, and what is remembered about a machine. */
#include "results/store_internal.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/random.h>

/* A random UUID (RFC 4122, version 4). */
static int make_uuid(char text[37])
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
		return -EIO;
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	snprintf(text, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
		 b[13], b[14], b[15]);
	return 0;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

int mp_store_machine(struct mp_store *s, const char *key, int64_t *ret_machine, struct mp_err *err)
{
	struct mp_query q;
	int64_t id = 0;
	int rc = mp_query_open(s, &q, "SELECT machine_id FROM machine WHERE key = :key", err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":key", key);
	rc = mp_query_int(&q, "look up the machine", 0, &id, err);
	if (rc)
		return rc;
	if (!id) {
		rc = mp_query_open(s, &q, "INSERT INTO machine (key) VALUES (:key)", err);
		if (rc)
			return rc;
		mp_bind_text(&q, ":key", key);
		rc = mp_query_run(&q, "store the machine", err);
		if (rc)
			return rc;
		id = sqlite3_last_insert_rowid(s->db);
	}
	*ret_machine = id;
	return 0;
}

static int insert_run(struct mp_store *s, const struct mp_run_info *info, const char *uuid,
		      int64_t machine, int64_t *ret_run, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"INSERT INTO run (uuid, machine_id, host, label, suite, suite_text, plan_json,"
		" options_json, status, version, source_commit, seed, started_ns, budget_s,"
		" estimate_s, clock, clock_why, clock_ns_per_tick, clock_step_ns, clock_pair_ns)"
		" VALUES (:uuid, :machine, :host, nullif(:label, ''), :suite, :suite_text, :plan,"
		" :options, 'running', :version, :commit, :seed, :started, :budget,"
		" :estimate, :clock, :clock_why, :tick, :step, :pair)",
		err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":uuid", uuid);
	mp_bind_int(&q, ":machine", machine);
	mp_bind_text(&q, ":host", or_empty(info->host));
	mp_bind_text(&q, ":label", info->label);
	mp_bind_text(&q, ":suite", or_empty(info->suite));
	mp_bind_text(&q, ":suite_text", or_empty(info->suite_text));
	mp_bind_text(&q, ":plan", info->plan_json);
	mp_bind_text(&q, ":options", info->options_json);
	mp_bind_text(&q, ":version", or_empty(info->version));
	mp_bind_text(&q, ":commit", or_empty(info->commit));
	mp_bind_int(&q, ":seed", (int64_t)info->seed);
	mp_bind_int(&q, ":started", info->started_ns);
	mp_bind_real(&q, ":budget", info->budget_s);
	mp_bind_real(&q, ":estimate", info->estimate_s);
	mp_bind_text(&q, ":clock", or_empty(info->clock));
	mp_bind_text(&q, ":clock_why", or_empty(info->clock_why));
	mp_bind_real(&q, ":tick", info->clock_ns_per_tick);
	mp_bind_real(&q, ":step", info->clock_step_ns);
	mp_bind_real(&q, ":pair", info->clock_pair_ns);
	rc = mp_query_run(&q, "store the run", err);
	if (!rc)
		*ret_run = sqlite3_last_insert_rowid(s->db);
	return rc;
}

int mp_store_run_begin(struct mp_store *s, struct mp_run_info *info, int64_t *ret_run,
		       struct mp_err *err)
{
	char uuid[37];
	int64_t machine = 0, run = 0;
	int rc;

	if (!info->machine || !*info->machine)
		return mp_err_internal(err, -EINVAL, "a run needs the key of its machine");
	memcpy(uuid, info->uuid, sizeof(uuid));
	if (!*uuid && make_uuid(uuid))
		return mp_err_env(err, -EIO, "cannot draw a random identity for the run");
	rc = mp_tx_begin(s, MP_TX_SOON, err);
	if (rc)
		return rc;
	rc = mp_store_machine(s, info->machine, &machine, err);
	if (!rc)
		rc = insert_run(s, info, uuid, machine, &run, err);
	rc = mp_tx_end(s, rc, "store the run", err);
	if (rc)
		return rc;
	memcpy(info->uuid, uuid, sizeof(uuid));
	*ret_run = run;
	return 0;
}

int mp_store_run_tag(struct mp_store *s, int64_t run, const char *key, const char *value,
		     struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_tx_begin(s, MP_TX_SOON, err);

	if (rc)
		return rc;
	/* Given twice on one command line: the last one holds. */
	rc = mp_query_open(s, &q,
			   "INSERT INTO run_tag (run_id, key, value) VALUES (:run, :key, :value)"
			   " ON CONFLICT DO UPDATE SET value = excluded.value",
			   err);
	if (!rc) {
		mp_bind_int(&q, ":run", run);
		mp_bind_text(&q, ":key", key);
		mp_bind_text(&q, ":value", value);
		rc = mp_query_run(&q, "store the tag", err);
	}
	return mp_tx_end(s, rc, "store the tag", err);
}

int mp_store_run_fact(struct mp_store *s, int64_t run, const struct mp_fact *fact,
		      struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_tx_begin(s, MP_TX_SOON, err);

	if (rc)
		return rc;
	rc = mp_query_open(s, &q,
			   "INSERT INTO fact (run_id, position, fact_group, key, value, origin,"
			   " volatility, weight, why) VALUES (:run,"
			   " (SELECT ifnull(max(position) + 1, 0) FROM fact WHERE run_id = :run),"
			   " :group, :key, :value, :origin, :volatility, :weight, :why)",
			   err);
	if (!rc) {
		mp_bind_int(&q, ":run", run);
		mp_bind_text(&q, ":group", or_empty(fact->group));
		mp_bind_text(&q, ":key", fact->key);
		mp_bind_text(&q, ":value", fact->value);
		mp_bind_text(&q, ":origin", or_empty(fact->origin));
		mp_bind_text(&q, ":volatility", fact->volatility);
		mp_bind_int(&q, ":weight", fact->weight);
		mp_bind_text(&q, ":why", or_empty(fact->why));
		rc = mp_query_run(&q, "store a fact of the machine", err);
		if (rc)
			mp_err_prefix(err, rc, "fact '%s.%s'", or_empty(fact->group),
				      or_empty(fact->key));
	}
	return mp_tx_end(s, rc, "store a fact of the machine", err);
}

static int bench_row(struct mp_store *s, const struct mp_bench_info *bench, int64_t *ret_bench,
		     struct mp_err *err)
{
	/* Inserted first, and looked up whether or not it was there: the natural key is the whole row. */
	static const char insert[] =
		"INSERT INTO bench (name, version, family, summary, timed, unit, bytes_axis)"
		" VALUES (:name, :version, :family, :summary, :timed, :unit, :bytes_axis)"
		" ON CONFLICT DO NOTHING";
	static const char find[] = "SELECT bench_id FROM bench WHERE name = :name AND version = "
				   ":version AND family = :family"
				   " AND summary = :summary AND timed = :timed AND unit = :unit "
				   "AND bytes_axis = :bytes_axis";
	const char *const steps[] = { find, insert, find };
	int64_t id = 0;

	for (size_t i = 0; i < 3 && !id; i++) {
		struct mp_query q;
		int rc = mp_query_open(s, &q, steps[i], err);

		if (rc)
			return rc;
		mp_bind_text(&q, ":name", bench->name);
		mp_bind_int(&q, ":version", bench->version);
		mp_bind_text(&q, ":family", bench->family);
		mp_bind_text(&q, ":summary", or_empty(bench->summary));
		mp_bind_text(&q, ":timed", or_empty(bench->timed));
		mp_bind_text(&q, ":unit", or_empty(bench->unit));
		mp_bind_text(&q, ":bytes_axis", or_empty(bench->bytes_axis));
		rc = mp_query_int(&q, "store the benchmark", 0, &id, err);
		if (rc)
			return rc;
	}
	*ret_bench = id;
	return 0;
}

const char *mp_axis_kind_name(enum mp_axis_kind kind)
{
	static const char *const names[] = { [MP_AXIS_SIZE] = "size",
					     [MP_AXIS_COUNT] = "count",
					     [MP_AXIS_FLAG] = "flag",
					     [MP_AXIS_CHOICE] = "choice" };

	return names[kind];
}

static int insert_params(struct mp_store *s, int64_t id, const struct mp_params *params,
			 struct mp_err *err)
{
	for (size_t i = 0; i < params->count; i++) {
		const struct mp_param *p = &params->items[i];
		struct mp_query q;
		int rc = mp_query_open(s, &q,
				       "INSERT INTO case_param (case_id, axis, kind, word, number)"
				       " VALUES (:case, :axis, :kind, :word, :number)",
				       err);

		if (rc)
			return rc;
		mp_bind_int(&q, ":case", id);
		mp_bind_text(&q, ":axis", p->axis);
		mp_bind_text(&q, ":kind", mp_axis_kind_name(p->kind));
		mp_bind_text(&q, ":word", p->word);
		mp_bind_int(&q, ":number", (int64_t)p->number);
		rc = mp_query_run(&q, "store the case", err);
		if (rc)
			return rc;
	}
	return 0;
}

int mp_store_kase(struct mp_store *s, const struct mp_bench_info *bench, const char *text,
		  const struct mp_params *params, int64_t *ret_case, struct mp_err *err)
{
	const struct mp_param *bytes = NULL;
	struct mp_query q;
	int64_t bench_id = 0, id = 0;
	int rc = bench_row(s, bench, &bench_id, err);

	if (!rc)
		rc = mp_query_open(
			s, &q, "SELECT case_id FROM kase WHERE bench_id = :bench AND text = :text",
			err);
	if (rc)
		return rc;
	mp_bind_int(&q, ":bench", bench_id);
	mp_bind_text(&q, ":text", text);
	rc = mp_query_int(&q, "look up the case", 0, &id, err);
	if (rc || id) {
		*ret_case = id;
		return rc;
	}
	rc = mp_query_open(s, &q,
			   "INSERT INTO kase (bench_id, text, bytes) VALUES (:bench, :text,"
			   " nullif(:bytes, 0))",
			   err);
	if (rc)
		return rc;
	if (bench->bytes_axis && *bench->bytes_axis)
		bytes = mp_params_find(params, bench->bytes_axis);
	mp_bind_int(&q, ":bench", bench_id);
	mp_bind_text(&q, ":text", text);
	mp_bind_int(&q, ":bytes", bytes ? (int64_t)bytes->number : 0);
	rc = mp_query_run(&q, "store the case", err);
	if (rc)
		return rc;
	id = sqlite3_last_insert_rowid(s->db);
	rc = insert_params(s, id, params, err);
	if (!rc)
		*ret_case = id;
	return rc;
}

int mp_store_case_add(struct mp_store *s, int64_t run, const struct mp_bench_info *bench,
		      const char *case_text, const struct mp_params *params, unsigned planned,
		      enum mp_outcome outcome, const char *reason, int64_t *ret_run_case,
		      struct mp_err *err)
{
	struct mp_query q;
	int64_t id = 0, run_case = 0;
	int rc;

	if (outcome != MP_OUTCOME_PENDING && outcome != MP_OUTCOME_SKIPPED)
		return mp_err_internal(err, -EINVAL, "case '%s' cannot begin as '%s'", case_text,
				       mp_outcome_name(outcome));
	rc = mp_tx_begin(s, MP_TX_SOON, err);
	if (rc)
		return rc;
	rc = mp_store_kase(s, bench, case_text, params, &id, err);
	if (!rc)
		rc = mp_query_open(
			s, &q,
			"INSERT INTO run_case (run_id, case_id, planned, outcome, reason)"
			" VALUES (:run, :case, :planned, :outcome, :reason)",
			err);
	if (!rc) {
		mp_bind_int(&q, ":run", run);
		mp_bind_int(&q, ":case", id);
		mp_bind_int(&q, ":planned", planned);
		mp_bind_text(&q, ":outcome", mp_outcome_name(outcome));
		mp_bind_text(&q, ":reason", or_empty(reason));
		rc = mp_query_run(&q, "store the case", err);
		run_case = sqlite3_last_insert_rowid(s->db);
	}
	rc = mp_tx_end(s, rc, "store the case", err);
	if (rc)
		return mp_err_prefix(err, rc, "case '%s'", case_text);
	*ret_run_case = run_case;
	return 0;
}

int mp_store_run_drift(struct mp_store *s, int64_t run, double ppm, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, "UPDATE run SET clock_drift_ppm = :ppm WHERE run_id = :run",
			       err);

	if (rc)
		return rc;
	mp_bind_real(&q, ":ppm", ppm);
	mp_bind_int(&q, ":run", run);
	return mp_query_run(&q, "store the clock's drift", err);
}

int mp_store_run_end(struct mp_store *s, int64_t run, const char *status, int64_t ended_ns,
		     struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_tx_begin(s, MP_TX_DURABLE, err);

	if (rc)
		return rc;
	rc = mp_query_open(s, &q,
			   "UPDATE run SET status = :status, ended_ns = :ended WHERE run_id = :run",
			   err);
	if (!rc) {
		mp_bind_text(&q, ":status", status);
		mp_bind_int(&q, ":ended", ended_ns);
		mp_bind_int(&q, ":run", run);
		rc = mp_query_run(&q, "store the end of the run", err);
	}
	if (!rc && sqlite3_changes(s->db) != 1)
		rc = mp_err_internal(err, -ENOENT, "'%s' has no run #%lld", s->path,
				     (long long)run);
	return mp_tx_end(s, rc, "store the end of the run", err);
}

int mp_store_pin_get(struct mp_store *s, const char *machine, const char *case_text,
		     unsigned bench_version, uint64_t *ret_ops, struct mp_err *err)
{
	struct mp_query q;
	int64_t ops = 0;
	int rc = mp_query_open(
		s, &q,
		"SELECT ops FROM batch_pin JOIN machine USING (machine_id) WHERE key = :key"
		" AND case_text = :text AND bench_version = :version",
		err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":key", machine);
	mp_bind_text(&q, ":text", case_text);
	mp_bind_int(&q, ":version", bench_version);
	rc = mp_query_int(&q, "read the batch size", 0, &ops, err);
	if (!rc)
		*ret_ops = ops > 0 ? (uint64_t)ops : 0;
	return rc;
}

int mp_store_pin_set(struct mp_store *s, const char *machine, const char *case_text,
		     unsigned bench_version, uint64_t ops, struct mp_err *err)
{
	struct mp_query q;
	int64_t id = 0;
	int rc = mp_tx_begin(s, MP_TX_SOON, err);

	if (rc)
		return rc;
	rc = mp_store_machine(s, machine, &id, err);
	if (!rc)
		rc = mp_query_open(
			s, &q,
			"INSERT INTO batch_pin (machine_id, case_text, bench_version, ops)"
			" VALUES (:machine, :text, :version, :ops)"
			" ON CONFLICT DO UPDATE SET ops = excluded.ops",
			err);
	if (!rc) {
		mp_bind_int(&q, ":machine", id);
		mp_bind_text(&q, ":text", case_text);
		mp_bind_int(&q, ":version", bench_version);
		mp_bind_int(&q, ":ops", (int64_t)ops);
		rc = mp_query_run(&q, "store the batch size", err);
	}
	return mp_tx_end(s, rc, "store the batch size", err);
}

int mp_store_probe_get(struct mp_store *s, const char *machine, const char *kind,
		       double *ret_mul_ns, double *ret_add_ns, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT mul_ns, add_ns FROM probe_reference JOIN machine USING (machine_id)"
		" WHERE key = :key AND kind = :kind",
		err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":key", machine);
	mp_bind_text(&q, ":kind", kind);
	rc = mp_query_step(&q, "read the speed probes", err);
	if (rc >= 0) {
		*ret_mul_ns = rc ? mp_column_real(&q, 0) : NAN;
		*ret_add_ns = rc ? mp_column_real(&q, 1) : NAN;
	}
	mp_query_close(&q);
	return rc < 0 ? rc : 0;
}

int mp_store_probe_set(struct mp_store *s, const char *machine, const char *kind, double mul_ns,
		       double add_ns, struct mp_err *err)
{
	struct mp_query q;
	int64_t id = 0;
	int rc = mp_tx_begin(s, MP_TX_SOON, err);

	if (rc)
		return rc;
	rc = mp_store_machine(s, machine, &id, err);
	if (!rc)
		rc = mp_query_open(s, &q,
				   "INSERT INTO probe_reference (machine_id, kind, mul_ns, add_ns)"
				   " VALUES (:machine, :kind, :mul, :add) ON CONFLICT DO UPDATE SET"
				   " mul_ns = min(mul_ns, excluded.mul_ns),"
				   " add_ns = min(add_ns, excluded.add_ns)",
				   err);
	if (!rc) {
		mp_bind_int(&q, ":machine", id);
		mp_bind_text(&q, ":kind", kind);
		mp_bind_real(&q, ":mul", mul_ns);
		mp_bind_real(&q, ":add", add_ns);
		rc = mp_query_run(&q, "store the speed probes", err);
	}
	return mp_tx_end(s, rc, "store the speed probes", err);
}
