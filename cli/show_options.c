/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of the commands that show results: see show_options.h. */
#include "cli/show_options.h"

#include <errno.h>

int mp_show_options(const struct mp_args *args, struct mp_show *ret_show,
		    struct mp_filter **ret_filter, struct mp_err *err)
{
	const char *format = mp_args_get(args, "format"), *filter = mp_args_get(args, "filter");
	bool json = mp_args_has(args, "json");
	struct mp_show show = { .format = json ? MP_FORMAT_JSON : MP_FORMAT_TEXT };
	int rc;

	if (format && mp_format_parse(format, &show.format))
		return mp_err_usage(err, -EINVAL,
				    "--format '%s' is none of text, markdown, csv, json", format);
	if (json && show.format != MP_FORMAT_JSON)
		return mp_err_usage(err, -EINVAL,
				    "--json and --format '%s' contradict each other; give one",
				    format);
	if (filter) {
		rc = mp_filter_parse(filter, ret_filter, err);
		if (rc)
			return mp_err_prefix(err, rc, "--filter");
		show.filter = *ret_filter;
	}
	show.all = mp_args_has(args, "all");
	show.gate = mp_args_has(args, "gate");
	show.wide = mp_args_has(args, "o") ? 0 : mp_terminal_width();
	*ret_show = show;
	return 0;
}
