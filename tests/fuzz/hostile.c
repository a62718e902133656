/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results files that somebody has changed: see hostile.h. */
#include "tests/fuzz/hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results/schema.h"
#include "tests/fuzz/hostile_change.h"

#define CHANGES_MAX 32

/* What is put into texts: it would steer a terminal, end a cell, begin markup, or break a line. */
static const char steering[] = "\x1b]0;x\x07\x1b[2J\xc2\x9b"
			       "31m\r\n\"',;|`$(x)</td><script>&\x80\xff\xe2\x80\xae=cmd()";

const char *hostile_make(const char *name, const char *arguments)
{
	char command[512];

	snprintf(command, sizeof(command), "%s/../tests/make_db %s %s", MEMPERF_BIN,
		 fuzz_path(name), arguments);
	fuzz_must(!system(command));
	return fuzz_path(name);
}

static void must_exec(sqlite3 *db, const char *sql)
{
	fuzz_must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static int add_column(void *user, int n, char **values, char **names)
{
	struct hostile *base = user;
	struct hostile_column *column;

	(void)n;
	(void)names;
	base->columns = realloc(base->columns, (base->n_columns + 1) * sizeof(*base->columns));
	fuzz_must(base->columns);
	column = &base->columns[base->n_columns++];
	*column = (struct hostile_column){ 0 };
	snprintf(column->table, sizeof(column->table), "%s", values[0]);
	snprintf(column->name, sizeof(column->name), "%s", values[1]);
	return 0;
}

/* Runs a text of SQL that the file says. */
static int run_row(void *user, int n, char **values, char **names)
{
	(void)n;
	(void)names;
	must_exec(user, values[0]);
	return 0;
}

static int set_version(void *user, int n, char **values, char **names)
{
	char *pragmas = sqlite3_mprintf("PRAGMA main.application_id = %d; PRAGMA main.user_version"
					" = %s",
					MP_SCHEMA_APPLICATION_ID, values[0]);

	(void)n;
	(void)names;
	must_exec(user, pragmas);
	sqlite3_free(pragmas);
	return 0;
}

/* The columns that `CREATE TABLE AS` makes have the affinity of their old ones, and no more. */
static void copy(sqlite3 *db, const char *from)
{
	static const char tables[] =
		"SELECT printf('CREATE TABLE main.\"%w\" AS SELECT * FROM old.\"%w\"', name, name)"
		" FROM old.sqlite_schema WHERE type = 'table'"
		" UNION ALL SELECT sql FROM old.sqlite_schema WHERE type = 'view'";
	char *attach = sqlite3_mprintf("ATTACH %Q AS old", from);

	must_exec(db, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
	must_exec(db, attach);
	sqlite3_free(attach);
	fuzz_must(sqlite3_exec(db, tables, run_row, db, NULL) == SQLITE_OK);
	fuzz_must(sqlite3_exec(db, "PRAGMA old.user_version", set_version, db, NULL) == SQLITE_OK);
	must_exec(db, "DETACH old");
}

void hostile_load(const char *path, struct hostile *ret_base)
{
	struct mp_str bytes = MP_STR_INIT;
	struct hostile *base = ret_base;
	char from[256];

	strcpy(from, path);
	*base = (struct hostile){ 0 };
	fuzz_must((size_t)snprintf(base->path, sizeof(base->path), "%s-loose", from) <
		  sizeof(base->path));
	fuzz_must(sqlite3_open(base->path, &base->db) == SQLITE_OK);
	copy(base->db, from);
	fuzz_must(sqlite3_exec(base->db,
			       "SELECT s.name, c.name FROM sqlite_schema s,"
			       " pragma_table_info(s.name) c WHERE s.type = 'table'",
			       add_column, base, NULL) == SQLITE_OK);
	fuzz_must(!mp_str_read_file(&bytes, base->path) && base->n_columns > 50);
	base->size = bytes.len;
	base->bytes = (uint8_t *)mp_str_take(&bytes);
}

static sqlite3_stmt *prepare(sqlite3 *db, enum hostile_what what,
			     const struct hostile_column *column)
{
	static const char row[] = "rowid = (SELECT rowid FROM \"%w\" LIMIT 1 OFFSET"
				  " ?1 %% max(1, (SELECT count(*) FROM \"%w\")))";
	const char *t = column->table;
	sqlite3_stmt *stmt = NULL;
	char *where = sqlite3_mprintf(row, t, t), *sql;

	if (what == HOSTILE_DELETE)
		sql = sqlite3_mprintf("DELETE FROM \"%w\" WHERE %s", t, where);
	else if (what == HOSTILE_REPEAT)
		sql = sqlite3_mprintf("INSERT INTO \"%w\" SELECT * FROM \"%w\" WHERE %s", t, t,
				      where);
	else
		sql = sqlite3_mprintf("UPDATE \"%w\" SET \"%w\" = ?2 WHERE %s", t, column->name,
				      where);
	fuzz_must(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) ==
		  SQLITE_OK);
	sqlite3_free(where);
	sqlite3_free(sql);
	return stmt;
}

static sqlite3_stmt *statement(struct hostile *base, enum hostile_what what,
			       struct hostile_column *column)
{
	sqlite3_stmt **stmt = &column->statements[what == HOSTILE_DELETE   ? 1
						  : what == HOSTILE_REPEAT ? 2
									   : 0];

	if (!*stmt)
		*stmt = prepare(base->db, what, column);
	return *stmt;
}

static void bind_value(sqlite3_stmt *stmt, const struct hostile_change *c)
{
	uint64_t number = 0;
	double real;
	uint8_t *blob;
	size_t size;

	memcpy(&number, c->value, c->size < sizeof(number) ? c->size : sizeof(number));
	switch (c->what) {
	case HOSTILE_INTEGER:
		sqlite3_bind_int64(stmt, 2, (sqlite3_int64)number);
		break;
	case HOSTILE_REAL:
		memcpy(&real, &number, sizeof(real));
		sqlite3_bind_double(stmt, 2, real);
		break;
	case HOSTILE_TEXT:
		sqlite3_bind_text(stmt, 2, (const char *)c->value, (int)c->size, SQLITE_TRANSIENT);
		break;
	case HOSTILE_BLOB:
		sqlite3_bind_blob(stmt, 2, c->value, (int)c->size, SQLITE_TRANSIENT);
		break;
	case HOSTILE_PACKED:
		size = fuzz_pack(c->value, c->size, &blob);
		sqlite3_bind_blob(stmt, 2, blob, (int)size, free);
		break;
	case HOSTILE_STEERING:
		sqlite3_bind_text(stmt, 2, steering, sizeof(steering) - 1, SQLITE_STATIC);
		break;
	default:
		break;
	}
}

/* Counts a change of the file in its first page. */
static void count_change(struct hostile *base)
{
	for (int at = 27; !++base->bytes[at] && at > 24;)
		at--;
	memcpy(base->bytes + 92, base->bytes + 24, 4);
}

/* The file as it was loaded, and as another version of it for whoever has read it before: SQLite takes bytes 24 to 27, and
 * their copy, as the number of its changes (fileformat2.html, 1.3.7). */
static void restore(struct hostile *base)
{
	FILE *file = fopen(base->path, "r+be");

	count_change(base);
	fuzz_must(file && fwrite(base->bytes, 1, base->size, file) == base->size);
	fuzz_must(!fflush(file) && !ftruncate(fileno(file), (off_t)base->size));
	fuzz_must(!fclose(file));
}

const char *hostile_rows(struct hostile *base, struct fuzz_bytes *in)
{
	struct hostile_change c;

	restore(base);
	must_exec(base->db, "BEGIN");
	for (unsigned i = 0; i < CHANGES_MAX && hostile_next(in, &c); i++) {
		struct hostile_column *column = &base->columns[c.column % base->n_columns];
		sqlite3_stmt *stmt = statement(base, c.what, column);

		sqlite3_bind_int64(stmt, 1, c.row);
		if (sqlite3_bind_parameter_count(stmt) > 1)
			bind_value(stmt, &c);
		sqlite3_step(stmt);
		sqlite3_reset(stmt);
		sqlite3_clear_bindings(stmt);
	}
	must_exec(base->db, "COMMIT");
	count_change(base);
	return base->path;
}

const char *hostile_bytes(const uint8_t *bytes, size_t size, const char *name,
			  struct fuzz_bytes *in)
{
	uint8_t *own = malloc(size);
	const char *path;

	fuzz_must(own);
	memcpy(own, bytes, size);
	while (in->at < in->end) {
		size_t at = fuzz_number(in, 3) % size, n;
		const uint8_t *piece = fuzz_piece(in, &n);

		if (piece)
			memcpy(own + at, piece, n < size - at ? n : size - at);
	}
	path = fuzz_file(name, own, size);
	free(own);
	return path;
}
