/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Selection and scrolling: see list.h. */
#include "report/viewer/list.h"

#include "report/viewer/grid.h"

static size_t last_top(const struct mp_list *list)
{
	return list->count > list->page ? list->count - list->page : 0;
}

static void clamp(struct mp_list *list)
{
	if (list->selected >= list->count)
		list->selected = list->count ? list->count - 1 : 0;
	if (list->text) {
		if (list->top > last_top(list))
			list->top = last_top(list);
		list->selected = list->top;
		return;
	}
	if (list->selected < list->top)
		list->top = list->selected;
	if (list->page && list->selected >= list->top + list->page)
		list->top = list->selected - list->page + 1;
	if (list->top > last_top(list))
		list->top = last_top(list);
}

static void step(struct mp_list *list, size_t by, bool up)
{
	size_t *at = list->text ? &list->top : &list->selected;
	size_t last = list->text ? last_top(list) : list->count ? list->count - 1 : 0;

	if (up)
		*at = *at > by ? *at - by : 0;
	else
		*at = last - *at > by && *at < last ? *at + by : last;
	clamp(list);
}

void mp_list_move(struct mp_list *list, enum mp_move move)
{
	size_t page = list->page > 1 ? list->page - 1 : 1;
	size_t half = list->page > 2 ? list->page / 2 : 1;

	switch (move) {
	case MP_MOVE_UP:
	case MP_MOVE_DOWN:
		step(list, 1, move == MP_MOVE_UP);
		break;
	case MP_MOVE_PAGE_UP:
	case MP_MOVE_PAGE_DOWN:
		step(list, page, move == MP_MOVE_PAGE_UP);
		break;
	case MP_MOVE_HALF_UP:
	case MP_MOVE_HALF_DOWN:
		step(list, half, move == MP_MOVE_HALF_UP);
		break;
	case MP_MOVE_FIRST:
	case MP_MOVE_LAST:
		step(list, list->count, move == MP_MOVE_FIRST);
		break;
	}
}

void mp_list_select(struct mp_list *list, size_t row)
{
	if (list->text)
		list->top = row;
	else
		list->selected = row;
	clamp(list);
}

void mp_list_scroll(struct mp_list *list, long rows)
{
	size_t by = (size_t)(rows < 0 ? -rows : rows), last = last_top(list);

	if (rows < 0)
		list->top = list->top > by ? list->top - by : 0;
	else
		list->top = list->top < last && last - list->top > by ? list->top + by : last;
	if (list->text)
		list->selected = list->top;
	else if (list->selected < list->top)
		list->selected = list->top;
	else if (list->page && list->selected >= list->top + list->page)
		list->selected = list->top + list->page - 1;
	clamp(list);
}

/* Where a search goes on: the end of a text never becomes its top. */
static size_t place_of(const struct mp_list *list)
{
	if (!list->text)
		return list->selected;
	return list->top == list->found_top && list->found > list->top ? list->found : list->top;
}

bool mp_list_find(struct mp_list *list, size_t count, const char *text, int by,
		  bool (*holds)(void *user, size_t row, const char *text), void *user,
		  struct mp_match *ret_match)
{
	const size_t from = place_of(list);
	struct mp_match hit = { .total = 0 }, first = hit, last = hit;
	bool found = false;

	for (size_t row = 0; row < count; row++) {
		if (!holds(user, row, text))
			continue;
		last = (struct mp_match){ .row = row, .nth = last.nth + 1 };
		if (last.nth == 1)
			first = last;
		/* Forwards the first one behind, backwards the last one before. */
		if (by > 0 ? row > from && !found : row < from) {
			hit = last;
			found = true;
		}
	}
	if (!last.nth)
		return false;
	if (!found)
		hit = by > 0 ? first : last;
	hit.total = last.nth;
	*ret_match = hit;
	list->count = count;
	mp_list_select(list, hit.row);
	list->found = hit.row;
	list->found_top = list->top;
	return true;
}

void mp_list_show(struct mp_list *list, const struct mp_grid *grid, int first, size_t count)
{
	int rows = grid->rows > first ? grid->rows - first : 0;

	list->count = count;
	list->page = (size_t)rows;
	list->row = rows && grid->columns ? grid->row + first : -1;
	list->column = grid->column;
	list->columns = grid->columns;
	clamp(list);
}
