/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A log of JSON lines as a sink of a run, for --json-log. */
#include "runner/exec/record.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

static int write_line(FILE *file, json_t *object, struct mp_err *err)
{
	int ret = 0;

	if (!object)
		return mp_err_env(err, -ENOMEM, "out of memory");
	if (json_dumpf(object, file, JSON_COMPACT) || fputc('\n', file) == EOF || fflush(file))
		ret = mp_err_env(err, -EIO, "cannot write the JSON log: %s", strerror(errno));
	json_decref(object);
	return ret;
}

static int on_invocation(void *user, const struct mp_run *run, size_t index,
			 const struct mp_invocation *inv, struct mp_err *err)
{
	double calm = mp_invocation_calm_share(
		inv, run->cases[index].planned->bench->modes & MP_MODE_CALL ? MP_MODE_CALL
									    : MP_MODE_BATCH);

	return write_line(user,
			  json_pack("{s:s, s:s, s:i, s:s, s:s, s:f, s:i, s:i, s:o, s:I, s:I}",
				    "event", "invocation", "case", run->cases[index].planned->text,
				    "ordinal", (int)inv->ordinal, "outcome",
				    mp_outcome_name(inv->outcome), "reason", inv->reason, "seconds",
				    (double)inv->duration_ns / 1e9, "blocks", (int)inv->n_blocks,
				    "samples", (int)inv->n_samples, "calm_share",
				    isnan(calm) ? json_null() : json_real(calm), "finished",
				    (json_int_t)run->finished, "total", (json_int_t)run->total),
			  err);
}

static int on_counted(void *user, const struct mp_run *run, size_t index, const char *pass,
		      const struct mp_invocation *inv, struct mp_err *err)
{
	return write_line(user,
			  json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:f, s:i}", "event", "counted",
				    "case", run->cases[index].planned->text, "pass", pass,
				    "ordinal", (int)inv->ordinal, "outcome",
				    mp_outcome_name(inv->outcome), "reason", inv->reason, "seconds",
				    (double)inv->duration_ns / 1e9, "counters", (int)inv->n_counts),
			  err);
}

static int on_case_end(void *user, const struct mp_run *run, size_t index, struct mp_err *err)
{
	const struct mp_run_case *c = &run->cases[index];

	return write_line(user,
			  json_pack("{s:s, s:s, s:i, s:s}", "event", "case_end", "case",
				    c->planned->text, "invocations", (int)c->done, "why_stopped",
				    c->why_stopped),
			  err);
}

struct mp_sink mp_json_log_sink(FILE *file)
{
	return (struct mp_sink){ .user = file,
				 .invocation = on_invocation,
				 .counted = on_counted,
				 .case_end = on_case_end };
}
