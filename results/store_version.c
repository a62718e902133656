/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of older schema versions: a writer migrates, a reader reads them as they are (see schema.h).
 *
 * Migrating is one transaction: a kill leaves the old version or the new one. A reader never changes a file, and
 * still needs no second set of queries: temporary views, which live in the connection's memory, stand in for what
 * the file does not have.
 */
#include "results/store_internal.h"

#include <errno.h>

static const struct mp_schema_version *find(const struct mp_schema_version *versions, int version)
{
	for (; versions->version; versions++)
		if (versions->version == version)
			return versions;
	return NULL;
}

static int unknown(struct mp_store *s, int version, struct mp_err *err)
{
	return mp_err_env(err, -EPROTONOSUPPORT,
			  "'%s' has schema version %d, which no released memperf wrote", s->path,
			  version);
}

/* First the tables, one version after the other; then what SQL cannot compute, by the library's own functions, which
 * know the current tables only. */
static int migrate_all(struct mp_store *s, const struct mp_schema_version *versions, int from,
		       int to, struct mp_err *err)
{
	int rc = 0;

	for (int version = from; !rc && version < to; version++) {
		const struct mp_schema_version *v = find(versions, version);

		rc = v ? mp_sql_exec(s, v->migrate, "migrate the schema", err)
		       : unknown(s, version, err);
	}
	for (int version = from; !rc && version < to; version++) {
		const struct mp_schema_version *v = find(versions, version);

		rc = v->derive ? v->derive(s, err) : 0;
	}
	return rc;
}

/* Do the rows still refer to rows that exist? */
static int check_references(struct mp_store *s, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, "PRAGMA foreign_key_check", err);

	if (rc)
		return rc;
	rc = mp_query_step(&q, "verify the migrated file", err);
	mp_query_close(&q);
	if (rc > 0)
		rc = mp_store_damaged(s, "migrate it: rows refer to others that do not exist", err);
	return rc;
}

/* The version may have changed since it was read: another writer was first. */
static int version_of(struct mp_store *s, int *ret_version, struct mp_err *err)
{
	struct mp_query q;
	int64_t version = 0;
	int rc = mp_query_open(s, &q, "PRAGMA user_version", err);

	if (!rc)
		rc = mp_query_int(&q, "read the header", 0, &version, err);
	if (!rc)
		*ret_version = (int)version;
	return rc;
}

static int migrate(struct mp_store *s, const struct mp_schema_version *versions, int to,
		   struct mp_err *err)
{
	int from = 0, rc = mp_tx_begin(s, MP_TX_DURABLE, err);

	if (rc)
		return rc;
	rc = version_of(s, &from, err);
	if (!rc)
		rc = migrate_all(s, versions, from, to, err);
	if (!rc && from < to)
		rc = check_references(s, err);
	if (!rc && from < to) {
		char pragma[64];

		snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", to);
		rc = mp_sql_exec(s, pragma, "migrate the schema", err);
	}
	return mp_tx_end(s, rc, "migrate the schema", err);
}

/* Without foreign keys, or a table that is made anew would take the rows with it that refer to its old self
 * (https://www.sqlite.org/lang_altertable.html, section 7). They cannot be switched inside a transaction. */
int mp_store_migrate(struct mp_store *s, const struct mp_schema_version *versions, int to,
		     struct mp_err *err)
{
	int rc = mp_sql_exec(s, "PRAGMA foreign_keys = OFF", "migrate the schema", err);
	int on;

	if (rc)
		return rc;
	rc = migrate(s, versions, to, err);
	on = mp_sql_exec(s, "PRAGMA foreign_keys = ON", "migrate the schema", rc ? NULL : err);
	return rc ? rc : on;
}

int mp_store_read_older(struct mp_store *s, int version, struct mp_err *err)
{
	const struct mp_schema_version *v = find(mp_schema_versions, version);

	return v ? mp_sql_exec(s, v->read, "read the older schema", err) : unknown(s, version, err);
}

int mp_store_schema_of(struct mp_store *s, const char **ret_sql, struct mp_err *err)
{
	const struct mp_schema_version *v;
	int version = 0, rc = version_of(s, &version, err);

	if (rc)
		return rc;
	v = find(mp_schema_versions, version);
	*ret_sql = v ? v->schema : mp_schema_sql;
	return 0;
}
