/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of schema.sql as data: see shape.h. */
#include "results/central/shape.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "results/schema.h"

static const char catalogue[] =
	"SELECT m.name, p.name, p.type, p.pk, f.\"table\", f.on_delete = 'CASCADE',"
	" EXISTS (SELECT 1 FROM pragma_index_list(m.name) l JOIN pragma_index_info(l.name) i"
	" WHERE l.origin = 'u' AND i.name = p.name)"
	" FROM sqlite_schema m JOIN pragma_table_info(m.name) p"
	" LEFT JOIN pragma_foreign_key_list(m.name) f ON f.\"from\" = p.name"
	" WHERE m.type = 'table' ORDER BY m.rowid, p.cid";

static const char *text_of(sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text ? text : "";
}

static void name_of(char name[MP_SHAPE_NAME], const char *text)
{
	assert(strlen(text) < MP_SHAPE_NAME);
	strncpy(name, text, MP_SHAPE_NAME - 1);
}

static int find(const struct mp_shape *shape, const char *name)
{
	for (size_t i = 0; i < shape->n_tables; i++)
		if (!strcmp(shape->tables[i].name, name))
			return (int)i;
	return -1;
}

static struct mp_shape_table *table_of(struct mp_shape *shape, const char *name)
{
	struct mp_shape_table *t;
	int known = find(shape, name);

	if (known >= 0)
		return &shape->tables[known];
	assert(shape->n_tables < MP_SHAPE_TABLES);
	t = &shape->tables[shape->n_tables++];
	*t = (struct mp_shape_table){ .id = -1,
				      .owner = -1,
				      .of_run = !strcmp(name, "run"),
				      .of_machine = !strcmp(name, "machine") };
	name_of(t->name, name);
	return t;
}

static void add_column(struct mp_shape *shape, sqlite3_stmt *row)
{
	struct mp_shape_table *t = table_of(shape, text_of(row, 0));
	struct mp_shape_column *c = &t->columns[t->n_columns];
	const char *parent = text_of(row, 4);

	assert(t->n_columns < MP_SHAPE_COLUMNS);
	*c = (struct mp_shape_column){ .type = *text_of(row, 2),
				       .key = sqlite3_column_int(row, 3) > 0,
				       .natural = sqlite3_column_int(row, 6) > 0,
				       .parent = *parent ? find(shape, parent) : -1 };
	name_of(c->name, text_of(row, 1));
	assert(!*parent || c->parent >= 0);
	/* The first column, alone, and of nobody else. */
	if (!t->n_columns && c->key && c->type == 'I' && !*parent)
		t->id = 0;
	if (c->parent >= 0) {
		const struct mp_shape_table *p = &shape->tables[c->parent];

		if (sqlite3_column_int(row, 5)) {
			t->owner = (int)t->n_columns;
			t->of_run = t->of_run || p->of_run;
			t->detail = t->detail || p->detail;
		}
		t->of_machine = t->of_machine || !strcmp(p->name, "machine");
	}
	t->detail = t->detail || !strcmp(c->name, "ordinal");
	t->n_columns++;
}

static int read_catalogue(sqlite3 *db, struct mp_shape *shape)
{
	sqlite3_stmt *row = NULL;
	int code = sqlite3_exec(db, mp_schema_sql, NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(db, catalogue, -1, &row, NULL);
	while (code == SQLITE_OK && (code = sqlite3_step(row)) == SQLITE_ROW) {
		add_column(shape, row);
		code = SQLITE_OK;
	}
	sqlite3_finalize(row);
	return code == SQLITE_DONE ? 0 : code == SQLITE_NOMEM ? -ENOMEM : -EINVAL;
}

int mp_shape_read(struct mp_shape **ret_shape, struct mp_err *err)
{
	struct mp_shape *shape = calloc(1, sizeof(*shape));
	sqlite3 *db = NULL;
	int rc = shape && sqlite3_open(":memory:", &db) == SQLITE_OK ? read_catalogue(db, shape)
								     : -ENOMEM;

	sqlite3_close(db);
	for (size_t i = 0; !rc && i < shape->n_tables; i++)
		shape->tables[i].of_machine =
			shape->tables[i].of_machine && !shape->tables[i].of_run;
	if (rc) {
		free(shape);
		return rc == -ENOMEM ? mp_err_env(err, rc, "not enough memory")
				     : mp_err_internal(err, rc, "schema.sql cannot be read");
	}
	*ret_shape = shape;
	return 0;
}

void mp_shape_columns(const struct mp_shape_table *t, const char *prefix, int but,
		      struct mp_str *sql)
{
	const char *comma = "";

	for (size_t c = 0; c < t->n_columns; c++) {
		if ((int)c == but)
			continue;
		mp_str_printf(sql, "%s%s\"%s\"", comma, prefix, t->columns[c].name);
		comma = ", ";
	}
}
