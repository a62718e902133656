/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking formats up, and what they share: see format.h. */
#include "report/format/format.h"

#include <string.h>

#include "report/compare/side.h"

const struct mp_format *mp_format_find(const char *name)
{
	for (size_t i = 0; i < mp_n_formats; i++)
		if (!strcmp(mp_formats[i]->name, name))
			return mp_formats[i];
	return NULL;
}

void mp_format_names(struct mp_str *out)
{
	for (size_t i = 0; i < mp_n_formats; i++)
		mp_str_printf(out, "%s%s", i ? ", " : "", mp_formats[i]->name);
}

size_t mp_data_properties(const struct mp_data *data,
			  struct mp_property ret_properties[MP_PROPERTIES_MAX])
{
	const struct mp_side_fact *kernel;
	size_t n = 0;

	if (!data->run)
		return 0;
	kernel = mp_side_fact(data->run, "kernel", "release");
	const struct mp_property all[] = {
		{ "host", data->run->row.host },
		{ "machine", data->run->row.machine },
		{ "kernel", kernel ? kernel->value : NULL },
		{ "suite", data->run->row.suite },
		{ "version", data->run->row.version },
		{ "commit", data->run->row.commit },
		{ "run", data->run->row.uuid },
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i].value && *all[i].value)
			ret_properties[n++] = all[i];
	}
	return n;
}
