/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The schema as text, embedded at build time from schema.sql and migrations/<version>.sql. Internal to results/.
 */
#ifndef RESULTS_SCHEMA_H
#define RESULTS_SCHEMA_H

/* What schema.sql sets; a test compares. Raise the version together with schema.sql, and add the migration
 * migrations/<old version>.sql that turns a file of the old version into exactly the new one. */
#define MP_SCHEMA_APPLICATION_ID 0x4D505246 /* "MPRF" */
#define MP_SCHEMA_VERSION	 1

extern const char mp_schema_sql[];

struct mp_migration {
	int from; /* schema version it applies to; the result is from + 1 */
	const char *sql; /* NULL ends the list */
};
extern const struct mp_migration mp_migrations[];

#endif
