/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doctor's word before a night: see nightly.h. */
#include "cli/nightly.h"
#include "runner/machine/doctor.h"

static void add(void *user, const struct mp_finding *finding)
{
	mp_fitness_add(user, finding);
}

int mp_night_look(const struct mp_nightly *config, struct mp_str *message)
{
	struct mp_fitness fitness = { .reason = MP_STR_INIT };
	struct mp_machine *machine = NULL;
	struct mp_err err;
	int code = MP_EXIT_DONE, rc = mp_machine_open(&machine, &err);

	if (!rc)
		rc = mp_doctor(machine, add, &fitness, NULL, NULL, &err);
	if (rc)
		code = mp_fail(&err);
	else if (fitness.worst == MP_SEVERITY_FATAL)
		code = MP_EXIT_ENVIRONMENT;
	else if (fitness.worst == MP_SEVERITY_NOISY && config->least_calm > 0)
		code = MP_EXIT_UNJUDGED;
	if (!rc && code)
		mp_str_printf(message,
			      "memperf %s: could not judge\nnothing was measured: this machine is "
			      "not fit for it: %s\nsee 'memperf doctor'\n",
			      config->name, fitness.reason.text);
	mp_machine_close(machine);
	mp_str_done(&fitness.reason);
	return code;
}
