/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One invocation: request, exec, watchdog, report. */
#ifndef RUNNER_EXEC_INVOKE_H
#define RUNNER_EXEC_INVOKE_H

#include "runner/exec/counting.h"
#include "runner/exec/purpose.h"
#include "runner/exec/run.h"
#include "runner/worker/wire.h"

struct mp_invoker; /* the shared mapping and the path of the worker; used again for every invocation */

/* `threads` and `state_size`: the most that any case of the plan needs. */
int mp_invoker_new(unsigned threads, size_t state_size, struct mp_invoker **ret_invoker,
		   struct mp_err *err);
void mp_invoker_free(struct mp_invoker *invoker); /* accepts NULL */

/* Runs one invocation of a case and fills `ret_inv` (arrays owned by the caller: mp_invocation_done).
 * Whatever the worker does is an outcome in it. Returns -EINTR when run->stop was set (the worker is gone),
 * or an error when no worker could be started at all. `pass`: what the case's counting counts in it; ordinals of each pass are
 * its own. */
int mp_invoke(struct mp_invoker *invoker, const struct mp_run *run, size_t index, uint32_t ordinal,
	      struct mp_window window, enum mp_counter_pass pass, struct mp_invocation *ret_inv,
	      struct mp_err *err);

#endif
