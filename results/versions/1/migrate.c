/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From schema version 1 to 2, what SQL cannot compute: the values of every case, from its statistics and histograms. */
#include "results/store_points.h"

int mp_schema_migrate_1(struct mp_store *s, struct mp_err *err);

int mp_schema_migrate_1(struct mp_store *s, struct mp_err *err)
{
	return mp_store_points_put_all(s, err);
}
