/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that make a comparison again, as a person gives them to a shell. */
#include "report/format/show.h"

void mp_show_compare_command(const struct mp_compare_options *options, const char *a, const char *b,
			     const char *explained, struct mp_str *out)
{
	mp_str_add(out, "memperf compare ");
	mp_str_add_word(out, a);
	mp_str_addc(out, ' ');
	mp_str_add_word(out, b);
	mp_show_compare_options(options, out);
	mp_str_add(out, " --explain ");
	mp_str_add_word(out, explained);
}

void mp_show_compare_options(const struct mp_compare_options *options, struct mp_str *out)
{
	mp_str_add(out, " --policy ");
	mp_str_add_word(out, options->policy->given);
	if (options->filter) {
		mp_str_add(out, " --filter ");
		mp_str_add_word(out, mp_filter_text(options->filter));
	}
	if (options->unit != MP_UNIT_NS)
		mp_str_printf(out, " --unit %s", mp_unit_name(options->unit));
}
