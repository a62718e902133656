/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counters as columns of Results. Which ones is a person's choice, by name; what was counted of a row is read from the results
 * files when the row is first seen, between keys, and kept until the rows are judged anew. Layer: report.
 */
#ifndef REPORT_VIEWER_COUNTER_CELLS_H
#define REPORT_VIEWER_COUNTER_CELLS_H

#include "report/format/show_counters.h"
#include "report/viewer/model.h"

#define MP_COUNTER_CELLS 6 /* columns of counters, at most */

/* One counter of one row: counts per operation, of the newest run of each side that has the case. */
struct mp_counter_cell {
	double a, b; /* NaN: no number */
	double ratio; /* B over A; NaN: a side has none or 0, or they are not the same measurement */
};

/* The results files of the sides, while rows are read from them; opened for the first row. */
struct mp_counter_sources {
	const struct mp_model *model; /* the rest is zeroed */
	struct mp_store *stores[2];
	bool tried;
};
/* Those of a row: a cell for each name. */
void mp_counter_read(struct mp_counter_sources *sources, size_t row,
		     const char (*names)[MP_COUNTER_NAME_TEXT], size_t count,
		     struct mp_counter_cell *ret_cells);
/* Before the event loop goes on (model.h). */
void mp_counter_sources_close(struct mp_counter_sources *sources);

struct mp_counter_cells {
	char names[MP_COUNTER_CELLS][MP_COUNTER_NAME_TEXT]; /* as of mp_counter_name() */
	size_t n;
	struct mp_counter_row *rows; /* read, or to be read; owned */
	size_t n_rows, cap_rows, n_read;
	char *known; /* names that can be chosen, one a line; owned; NULL: nobody looked */
};

/* The column of that counter; SIZE_MAX: it has none. Adds it, or takes it away; false: there is no room. */
size_t mp_counter_cells_find(const struct mp_counter_cells *cells, const char *name);
bool mp_counter_cells_toggle(struct mp_counter_cells *cells, const char *name);
/* Those of names with ';' between them; and the names, appended. */
void mp_counter_cells_choose(struct mp_counter_cells *cells, const char *names);
void mp_counter_cells_names(const struct mp_counter_cells *cells, struct mp_str *out);

/* The cells of a row, one a chosen counter; NULL: they will be read. */
const struct mp_counter_cell *mp_counter_cells_get(struct mp_counter_cells *cells, size_t row);
/* Reads what was asked for, for about `budget_ns`. true: there is more to do. */
bool mp_counter_cells_step(struct mp_counter_cells *cells, const struct mp_model *model,
			   uint64_t budget_ns);
/* Is everything read that was asked for? */
bool mp_counter_cells_settled(const struct mp_counter_cells *cells);
void mp_counter_cells_forget(struct mp_counter_cells *cells); /* the rows are others */
void mp_counter_cells_done(struct mp_counter_cells *cells); /* accepts zeroed */

/* Looks which counters can have a column: those that have one, and those of a row on either side (SIZE_MAX: no row). How many;
 * and their names. */
size_t mp_counter_cells_look(struct mp_counter_cells *cells, const struct mp_model *model,
			     size_t row);
const char *mp_counter_cells_name(const struct mp_counter_cells *cells, size_t index,
				  char buf[MP_COUNTER_NAME_TEXT]);

#endif
