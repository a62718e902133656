/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast the workers beside a measured one were, for the cases that have such (axis "aggressors"). */
#include "report/format/show_internal.h"

#include <string.h>

bool mp_show_beside(const struct mp_doc *doc, const struct mp_case_row *const *rows, size_t n)
{
	static const struct mp_column columns[] = {
		{ .key = "case", .title = "case" },
		{ .key = "rate_ops_per_s",
		  .title = "their operations a second, together",
		  .kind = MP_COLUMN_NUMBER },
	};
	struct mp_table *table = mp_table_new(columns, 2);
	bool fine;

	for (size_t i = 0; i < n; i++)
		if (strstr(rows[i]->text, "/aggressors=") && rows[i]->rate_ops.n) {
			mp_table_text(table, rows[i]->text);
			mp_table_number(table, rows[i]->rate_ops.value);
		}
	if (mp_table_rows(table)) {
		mp_doc_heading(doc, "Beside the measured operation: %zu", mp_table_rows(table));
		mp_doc_table(doc, table);
	}
	fine = !mp_table_failed(table);
	mp_table_free(table);
	return fine;
}
