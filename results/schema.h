/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The schema as text, embedded at build time from schema.sql and from versions/<old version>/. Internal to results/.
 *
 * To change the schema of released files: copy schema.sql to versions/<version>/schema.sql, raise the version here
 * and there, and write beside the copy migrate.sql (a writer turns the file into exactly the next version) and
 * read.sql (a reader lays over it what the current version has more). What SQL cannot compute from the stored data
 * is a C function mp_schema_migrate_<version> in versions/<version>/migrate.c, which runs after migrate.sql.
 *
 * What is new inside a blob (a flag or mode of a block, a version of a codec) raises the version, too: an older memperf then says
 * in one line that a newer one wrote the file, and does not call a blob damaged that it does not know.
 */
#ifndef RESULTS_SCHEMA_H
#define RESULTS_SCHEMA_H

struct mp_err;
struct mp_store;

/* What schema.sql sets; a test compares. */
#define MP_SCHEMA_APPLICATION_ID 0x4D505246 /* "MPRF" */
#define MP_SCHEMA_VERSION	 3

extern const char mp_schema_sql[];

/* An older version that files may still have. */
struct mp_schema_version {
	int version; /* 0 ends the list */
	const char *schema; /* as it was: what db check compares with */
	const char *read; /* temporary views: read as if it were the current version */
	const char *migrate; /* makes it version + 1 */
	/* Fills what SQL cannot compute: in the same transaction, once all tables are those of the current version. May be
	 * NULL. */
	int (*derive)(struct mp_store *s, struct mp_err *err);
};
extern const struct mp_schema_version mp_schema_versions[];

#endif
