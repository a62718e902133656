/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Full speed before a run begins: see run_speed.h. */
#include "cli/run_speed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "runner/machine/speed.h"

#define REFERENCE_SECONDS 1.0

/* The kind of that seat, on its CPU. */
static int measure(struct mp_run *run, struct mp_store *store, const struct mp_seat *seat,
		   struct mp_err *err)
{
	const double tick = run->clock->ns_per_tick;
	struct mp_full_speed seen = { 0 }, known = { 0 };
	char machine[33];
	double calm;
	int ret = mp_speed_reference(run->clock, seat->cpu, REFERENCE_SECONDS, &seen.mul, &seen.add,
				     &calm);

	if (ret)
		return mp_err_env(err, ret, "cannot measure the speed of CPU %d: %s", seat->cpu,
				  strerror(-ret));
	if (!run->speeds.now.n)
		run->calm_before = calm;
	mp_machine_key(machine);
	ret = mp_store_probe_get(store, machine, seat->kind, &known.mul, &known.add, err);
	if (ret)
		return ret;
	memcpy(seen.kind, seat->kind, sizeof(seen.kind));
	seen.mul /= tick;
	seen.add /= tick;
	known.mul /= tick;
	known.add /= tick;
	ret = mp_run_speeds_add(&run->speeds, &seen, &known);
	return ret == -ENOSPC ? 0 : ret;
}

static int of_case(struct mp_run *run, struct mp_store *store, const struct mp_params *params,
		   struct mp_err *err)
{
	const unsigned n = mp_params_workers(params);
	MP_CLEANUP(mp_free_ptr) struct mp_seat *seats = calloc(n + 1, sizeof(*seats));
	int ret = seats ? mp_machine_seats(run->machine, params, n, seats, err)
			: mp_err_env(err, -ENOMEM, "out of memory");

	for (unsigned i = 0; i < n && !ret; i++)
		if (!mp_full_speeds_find(&run->speeds.now, seats[i].kind) &&
		    run->speeds.now.n < MP_FULL_SPEEDS_MAX)
			ret = measure(run, store, &seats[i], err);
	return ret;
}

int mp_run_speed(struct mp_run *run, struct mp_store *store, struct mp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < run->plan->n_cases && !ret; i++)
		if (!run->plan->cases[i].skip_reason)
			ret = of_case(run, store, &run->plan->cases[i].params, err);
	return ret;
}
