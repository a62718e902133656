/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns to tick, then counters to tick: see columns_choose.h. */
#include "report/viewer/columns_choose.h"

#include "report/viewer/columns.h"

static const struct mp_view_column *column_at(const struct mp_view *view, size_t place)
{
	return &mp_columns[mp_view_show(view)->order[place]];
}

static void item(const struct mp_view *view, size_t index, struct mp_str *out)
{
	char name[MP_COUNTER_NAME_TEXT];

	if (index < mp_n_columns)
		mp_str_printf(out, "%-11s %s", column_at(view, index)->name,
			      column_at(view, index)->help);
	else
		mp_str_printf(
			out, "counter %s",
			mp_counter_cells_name(mp_view_counters(view), index - mp_n_columns, name));
}

static bool ticked(const struct mp_view *view, size_t index)
{
	const struct mp_counter_cells *counters = mp_view_counters(view);
	char name[MP_COUNTER_NAME_TEXT];

	if (index < mp_n_columns)
		return mp_view_show(view)->columns & 1u << mp_view_show(view)->order[index];
	mp_counter_cells_name(counters, index - mp_n_columns, name);
	return mp_counter_cells_find(counters, name) != SIZE_MAX;
}

static void chosen(struct mp_view *view, size_t index)
{
	char name[MP_COUNTER_NAME_TEXT];

	if (index < mp_n_columns) {
		mp_view_set_columns(view, mp_view_show(view)->columns ^
						  1u << mp_view_show(view)->order[index]);
		return;
	}
	mp_counter_cells_name(mp_view_counters(view), index - mp_n_columns, name);
	if (!mp_view_toggle_counter(view, name))
		mp_view_say(view, "%d counters have a column; take one of them back first",
			    MP_COUNTER_CELLS);
}

/* Counters stay behind the columns, in the order in which they were chosen. */
static bool moved(struct mp_view *view, size_t index, int by)
{
	return index < mp_n_columns && mp_view_move_column(view, index, by);
}

void mp_columns_choose(struct mp_view *view, size_t row)
{
	size_t counters = mp_counter_cells_look(mp_view_counters(view), mp_view_model(view), row);
	const struct mp_choice choice = { .title = " columns; what does not fit is left out",
					  .count = mp_n_columns + counters,
					  .item = item,
					  .ticked = ticked,
					  .chosen = chosen,
					  .moved = moved };

	mp_view_choose(view, &choice);
}
