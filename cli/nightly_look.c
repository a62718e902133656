/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doctor's word before a night: see nightly.h. */
#include <string.h>

#include "cli/nightly.h"
#include "runner/machine/doctor.h"

struct fatal {
	struct mp_str text;
	bool noisy; /* it may be better tomorrow */
};

static void add_fatal(void *user, const struct mp_finding *finding)
{
	struct fatal *fatal = user;

	if (finding->severity != MP_SEVERITY_FATAL)
		return;
	mp_str_printf(&fatal->text, "%s%s: %s", fatal->text.len ? "; " : "", finding->subject,
		      finding->evidence);
	fatal->noisy = !strcmp(finding->subject, "speed") || !strcmp(finding->subject, "jitter");
}

int mp_night_look(const char *name, struct mp_str *message)
{
	struct fatal fatal = { .text = MP_STR_INIT };
	struct mp_machine *machine = NULL;
	struct mp_err err;
	int code = MP_EXIT_DONE, rc = mp_machine_open(&machine, &err);

	if (!rc)
		rc = mp_doctor(machine, add_fatal, &fatal, NULL, NULL, &err);
	if (rc) {
		code = mp_fail(&err);
	} else if (fatal.text.len) {
		mp_str_printf(message,
			      "memperf %s: could not judge\nnothing was measured: this machine is "
			      "not fit for it: %s\nsee 'memperf doctor'\n",
			      name, fatal.text.text);
		code = fatal.noisy ? MP_EXIT_UNJUDGED : MP_EXIT_ENVIRONMENT;
	}
	mp_machine_close(machine);
	mp_str_done(&fatal.text);
	return code;
}
