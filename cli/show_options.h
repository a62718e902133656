/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that `report` and `compare` have in common. */
#ifndef CLI_SHOW_OPTIONS_H
#define CLI_SHOW_OPTIONS_H

#include "cli/cmd.h"
#include "report/format/show.h"

/* --format, --json, -o, --filter, --all, --gate. The filter in `ret_show` is *ret_filter, which the caller frees. 0 or
 * negative errno. */
int mp_show_options(const struct mp_args *args, struct mp_show *ret_show,
		    struct mp_filter **ret_filter, struct mp_err *err);

/* For MP_CLEANUP. */
static inline void mp_show_filter_free(struct mp_filter **filter)
{
	mp_filter_free(*filter);
}

#endif
