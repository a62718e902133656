/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of the commands that show results: see show_options.h. */
#include "cli/show_options.h"

#include <errno.h>

#include "common/cleanup.h"

static int unknown_format(const char *format, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str names = MP_STR_INIT;

	mp_format_names(&names);
	return mp_err_usage(err, -EINVAL, "--format '%s' is none of %s", format, names.text);
}

int mp_show_options(const struct mp_args *args, struct mp_show *ret_show,
		    struct mp_filter **ret_filter, struct mp_err *err)
{
	const char *format = mp_args_get(args, "format"), *filter = mp_args_get(args, "filter");
	bool json = mp_args_has(args, "json");
	struct mp_show show = { .format = json ? &mp_format_json : &mp_format_text };
	int rc;

	if (format) {
		show.format = mp_format_find(format);
		if (!show.format)
			return unknown_format(format, err);
	}
	if (json && show.format != &mp_format_json)
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
