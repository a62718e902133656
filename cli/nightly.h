/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The steps of a night, used by cmd_nightly.c alone. What a night knows of itself is in the results file: its run has
 * the tag nightly=NAME, the run that confirms it confirms=UUID, and once it is judged verdict=good, regression or
 * unjudged. So a night that a reboot ended goes on where it was.
 */
#ifndef CLI_NIGHTLY_H
#define CLI_NIGHTLY_H

#include "cli/cmd.h"
#include "report/nightly/nightly.h"
#include "runner/config/nightly.h"

#include <stdint.h>

struct mp_night_state {
	int64_t run; /* tonight's run; 0: none yet */
	bool misdated; /* nights that were there before it have later dates: a clock was wrong */
	char uuid[37];
	bool complete; /* it is measured */
	bool resumable; /* it is not, and --resume would go on with it */
	bool other_kernel; /* than it was begun on: there is nothing to resume, and nothing to confirm it with */
	bool judged; /* it has a verdict: the next start begins a new one */
	int64_t confirm; /* the run that confirms it; 0: none yet */
	bool confirm_complete, confirm_resumable;
	char good_uuid[37]; /* the newest night before it whose verdict was good; "": none */
};

/* Looks for the night that `now_ns` belongs to; a night lasts from noon to noon, local time. With `newest` the newest
 * night there is, whenever it was, or one that was not good and was stored after that. A file that does not exist yet
 * is no error. 0 or negative errno. */
int mp_night_state_read(const char *db, const char *name, int64_t now_ns, bool newest,
			struct mp_night_state *ret_state, struct mp_err *err);

/* Asks the doctor. 0, or an exit code with the message: a machine that is too noisy now is "could not judge" (unless the
 * configuration asks for no calm), one that somebody must change first an environment error. */
int mp_night_look(const struct mp_nightly *config, struct mp_str *message);

/* Measures the night, or goes on with it; an exit code of `memperf run`, which has said what is wrong. */
int mp_night_measure(const struct mp_nightly *config, const struct mp_args *args,
		     const struct mp_night_state *state);
/* Measures the suspects and controls again; the same. */
int mp_night_confirm(const struct mp_nightly *config, const struct mp_args *args,
		     const struct mp_night_state *state, const struct mp_nightly_judgement *j);

/* Stores what became of the suspects, and the verdict. */
int mp_night_record(const char *db, const struct mp_night_state *state,
		    const struct mp_nightly_judgement *j, const char *confirm_uuid,
		    struct mp_err *err);

/* Gives the text to the command as its input, and waits for it. -errno or -ECANCELED when it failed. */
int mp_night_notify(const struct mp_texts *command, const char *text, struct mp_err *err);

#endif
