/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Progress of a run with the time left: see progress.h. */
#include "cli/progress.h"

#include "cli/cmd.h"
#include "common/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int width(void)
{
	struct winsize size;

	if (!ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col > 20)
		return size.ws_col - 1;
	return 79;
}

static double seconds_left(const struct mp_progress *p, const struct mp_run *run)
{
	double used = (double)(mp_clock_raw_ns() - p->begin_ns) / 1e9;
	uint64_t done = run->finished - p->first;
	uint64_t todo = run->total > run->finished ? run->total - run->finished : 0;
	double by_estimate = p->estimate_s - used;

	/* The first few invocations say little about the rest. */
	if (done < 20)
		return by_estimate > 0 ? by_estimate : 0;
	return used / (double)done * (double)todo + (double)run->pool_ns / 2e9;
}

static int on_start(void *user, const struct mp_run *run, size_t index, struct mp_err *err)
{
	struct mp_progress *p = user;
	double share = run->total ? (double)run->finished / (double)run->total : 0;
	char left[MP_UNITS_LEN], line[1024];

	(void)err;
	if (!p->terminal)
		return 0;
	mp_period_format(seconds_left(p, run), left);
	if (run->finished < run->total)
		snprintf(line, sizeof(line), "%3.0f %%  %s left  %s", share * 100, left,
			 run->cases[index].planned->text);
	else
		snprintf(line, sizeof(line), "narrowing intervals  %s left  %s", left,
			 run->cases[index].planned->text);
	fprintf(stderr, "\r%.*s\033[K", width(), line);
	return 0;
}

static int on_invocation(void *user, const struct mp_run *run, size_t index,
			 const struct mp_invocation *inv, struct mp_err *err)
{
	struct mp_progress *p = user;
	unsigned tenth = run->total ? (unsigned)((run->finished + 1) * 10 / run->total) : 10;
	char left[MP_UNITS_LEN];

	(void)err;
	if (inv->outcome != MP_OUTCOME_OK && inv->ordinal == 0 && p->troubles++ < 20) {
		mp_progress_clear(p);
		fprintf(stderr, "%s: %s: %s\n", run->cases[index].planned->text,
			mp_outcome_name(inv->outcome), inv->reason);
	}
	if (!p->terminal && tenth > p->tenth && tenth <= 10) {
		p->tenth = tenth;
		mp_period_format(seconds_left(p, run), left);
		fprintf(stderr, "%3u %% done, %s left\n", tenth * 10, left);
	}
	return 0;
}

struct mp_sink mp_progress_sink(struct mp_progress *p, const struct mp_run *run)
{
	const char *term = getenv("TERM");

	*p = (struct mp_progress){
		.terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb"),
		.begin_ns = mp_clock_raw_ns(),
		.first = run->finished,
		.estimate_s = run->plan->estimate_s,
		.tenth = run->total ? (unsigned)(run->finished * 10 / run->total) : 0,
	};
	return (struct mp_sink){ .user = p, .start = on_start, .invocation = on_invocation };
}

void mp_progress_clear(struct mp_progress *p)
{
	if (p->terminal)
		fputs("\r\033[K", stderr);
}
