/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results files that somebody has changed: see hostile.h. */
#include "tests/fuzz/hostile.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Kinds of change; a value that an input does not know is taken modulo. */
enum change {
	SET_NULL,
	SET_INTEGER,
	SET_REAL,
	SET_TEXT,
	SET_BLOB,
	SET_STEERING,
	DELETE_ROW,
	REPEAT_ROW,
	CHANGES
};

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

static sqlite3 *connect(const char *path)
{
	sqlite3 *db;

	fuzz_must(sqlite3_open(path, &db) == SQLITE_OK);
	fuzz_must(sqlite3_exec(db,
			       "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA "
			       "foreign_keys = OFF;"
			       "PRAGMA ignore_check_constraints = ON; PRAGMA cell_size_check = OFF",
			       NULL, NULL, NULL) == SQLITE_OK);
	return db;
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
	snprintf(column->table, sizeof(column->table), "%s", values[0]);
	snprintf(column->name, sizeof(column->name), "%s", values[1]);
	return 0;
}

void hostile_load(const char *path, struct hostile *ret_base)
{
	struct mp_str bytes = MP_STR_INIT;
	sqlite3 *db = connect(path);

	*ret_base = (struct hostile){ 0 };
	fuzz_must(sqlite3_exec(db,
			       "PRAGMA writable_schema = ON;"
			       "UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE "
			       "type = 'table';"
			       "PRAGMA writable_schema = RESET",
			       NULL, NULL, NULL) == SQLITE_OK);
	sqlite3_close(db);
	db = connect(path);
	fuzz_must(sqlite3_exec(
			  db,
			  "SELECT s.name, c.name FROM sqlite_schema s, pragma_table_info(s.name) c"
			  " WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite_%'",
			  add_column, ret_base, NULL) == SQLITE_OK);
	sqlite3_close(db);
	fuzz_must(!mp_str_read_file(&bytes, path) && ret_base->n_columns > 50);
	ret_base->size = bytes.len;
	ret_base->bytes = (uint8_t *)mp_str_take(&bytes);
}

static sqlite3_stmt *prepare(sqlite3 *db, enum change change, const struct hostile_column *column)
{
	static const char row[] = "rowid = (SELECT rowid FROM \"%w\" LIMIT 1 OFFSET"
				  " ?1 %% max(1, (SELECT count(*) FROM \"%w\")))";
	const char *t = column->table;
	sqlite3_stmt *stmt = NULL;
	char *where = sqlite3_mprintf(row, t, t), *sql;

	if (change == DELETE_ROW)
		sql = sqlite3_mprintf("DELETE FROM \"%w\" WHERE %s", t, where);
	else if (change == REPEAT_ROW)
		sql = sqlite3_mprintf("INSERT OR IGNORE INTO \"%w\" SELECT * FROM \"%w\" WHERE %s",
				      t, t, where);
	else
		sql = sqlite3_mprintf("UPDATE OR IGNORE \"%w\" SET \"%w\" = ?2 WHERE %s", t,
				      column->name, where);
	sqlite3_prepare_v2(db, sql, -1, &stmt, NULL); /* a table without row ids has none */
	sqlite3_free(where);
	sqlite3_free(sql);
	return stmt;
}

static void bind(sqlite3_stmt *stmt, enum change change, struct fuzz_bytes *in)
{
	uint64_t number = 0;
	double real;
	const uint8_t *piece;
	size_t size;

	switch (change) {
	case SET_INTEGER:
		number = fuzz_number(in, 8);
		sqlite3_bind_int64(stmt, 2, (sqlite3_int64)number);
		break;
	case SET_REAL:
		number = fuzz_number(in, 8);
		memcpy(&real, &number, sizeof(real));
		sqlite3_bind_double(stmt, 2, real);
		break;
	case SET_TEXT:
	case SET_BLOB:
		piece = fuzz_piece(in, &size);
		if (change == SET_TEXT)
			sqlite3_bind_text(stmt, 2, piece ? (const char *)piece : "", (int)size,
					  SQLITE_TRANSIENT);
		else
			sqlite3_bind_blob(stmt, 2, piece, (int)size, SQLITE_TRANSIENT);
		break;
	case SET_STEERING:
		sqlite3_bind_text(stmt, 2, steering, sizeof(steering) - 1, SQLITE_STATIC);
		break;
	default:
		break;
	}
}

const char *hostile_rows(const struct hostile *base, const char *name, struct fuzz_bytes *in)
{
	const char *path = fuzz_file(name, base->bytes, base->size);
	sqlite3 *db = connect(path);

	fuzz_must(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK);
	for (unsigned i = 0; i < 16 && in->at < in->end; i++) {
		const struct hostile_column *column =
			&base->columns[fuzz_number(in, 2) % base->n_columns];
		uint64_t row = fuzz_number(in, 1);
		enum change change = (enum change)(fuzz_number(in, 1) % CHANGES);
		sqlite3_stmt *stmt = prepare(db, change, column);

		sqlite3_bind_int64(stmt, 1, (sqlite3_int64)row);
		bind(stmt, change, in);
		sqlite3_step(stmt);
		sqlite3_finalize(stmt);
	}
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
	return fuzz_path(name);
}

const char *hostile_bytes(const struct hostile *base, const char *name, struct fuzz_bytes *in)
{
	uint8_t *bytes = malloc(base->size);
	const char *path;

	fuzz_must(bytes);
	memcpy(bytes, base->bytes, base->size);
	while (in->at < in->end) {
		size_t at = fuzz_number(in, 3) % base->size, size;
		const uint8_t *piece = fuzz_piece(in, &size);

		if (piece)
			memcpy(bytes + at, piece, size < base->size - at ? size : base->size - at);
	}
	path = fuzz_file(name, bytes, base->size);
	free(bytes);
	return path;
}

/* One per column: the value of its first row as a change of that row. */
size_t hostile_seed(const struct hostile *base, unsigned index, const uint8_t *head,
		    size_t head_size, uint8_t **ret_data)
{
	struct mp_str out = MP_STR_INIT;
	struct fuzz_bytes none = { 0 };
	sqlite3_stmt *stmt = NULL;
	sqlite3_int64 number = 0;
	int type = SQLITE_NULL, size;
	sqlite3 *db;
	char *sql;

	if (index >= base->n_columns)
		return 0;
	mp_str_add_len(&out, (const char *)head, head_size);
	mp_str_addc(&out, (char)index);
	mp_str_addc(&out, (char)(index >> 8));
	mp_str_addc(&out, 0);
	db = connect(hostile_rows(base, "seed.db", &none));
	sql = sqlite3_mprintf("SELECT \"%w\" FROM \"%w\" LIMIT 1", base->columns[index].name,
			      base->columns[index].table);
	fuzz_must(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		type = sqlite3_column_type(stmt, 0);
	mp_str_addc(&out, (char)(type == SQLITE_INTEGER ? SET_INTEGER
				 : type == SQLITE_FLOAT ? SET_REAL
				 : type == SQLITE_TEXT	? SET_TEXT
				 : type == SQLITE_BLOB	? SET_BLOB
							: SET_NULL));
	if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
		double real = sqlite3_column_double(stmt, 0);

		number = sqlite3_column_int64(stmt, 0);
		mp_str_add_len(&out, type == SQLITE_FLOAT ? (char *)&real : (char *)&number, 8);
	} else if (type != SQLITE_NULL) {
		const char *value = sqlite3_column_blob(stmt, 0);

		size = sqlite3_column_bytes(stmt, 0);
		size = size < 0xfffe ? size : 0xfffe;
		mp_str_addc(&out, (char)size);
		mp_str_addc(&out, (char)(size >> 8));
		mp_str_add_len(&out, value ? value : "", (size_t)size);
	}
	sqlite3_finalize(stmt);
	sqlite3_free(sql);
	sqlite3_close(db);
	size = (int)out.len;
	*ret_data = (uint8_t *)mp_str_take(&out);
	return (size_t)size;
}
