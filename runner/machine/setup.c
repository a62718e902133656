/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Meeting needs for a run or a case, and putting everything back: see setup.h. */
#include "runner/machine/setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "runner/machine/internal.h"
#include "runner/machine/needs.h"
#include "runner/machine/sysfile.h"
#include "runner/machine/tune.h"

struct mp_setup {
	const struct mp_machine *machine;
	const char *state;
	enum mp_setup_mode mode;
	bool consent;
	bool changed[MP_TUNE_CASE + 1]; /* by owner: there is something to undo */
	size_t replayed;
};

/* What became of a list of changes. */
struct tale {
	size_t done, failed;
	char path[192]; /* the first that failed, */
	char want[64];
	int err; /* and why */
};

static void follow(void *user, const struct mp_change *change, enum mp_tune_outcome outcome,
		   int err)
{
	struct tale *tale = user;

	tale->done += outcome == MP_TUNE_DONE;
	if (outcome != MP_TUNE_FAILED || tale->failed++)
		return;
	strcpy(tale->path, change->path);
	strcpy(tale->want, change->after);
	tale->err = err;
}

/* Undoes the owner's record; *ret_done things are as before again. No record is fine. */
static int undo(const struct mp_setup *s, enum mp_tune_owner owner, size_t *ret_done,
		struct mp_err *err)
{
	struct tale tale = { 0 };
	int ret = mp_tune_undo(mp_machine_root(s->machine), s->state, owner, follow, &tale, err);

	*ret_done = tale.done;
	if (ret == -ENOENT)
		return 0;
	if (ret || !tale.failed)
		return ret;
	return mp_err_env(err, -EIO,
			  "cannot put '%s' back (%s): see to it and then 'memperf doctor --undo'",
			  tale.path, strerror(-tale.err));
}

static int undo_all(struct mp_setup *s, size_t *ret_done, struct mp_err *err)
{
	size_t done;
	int ret = undo(s, MP_TUNE_CASE, ret_done, err), more;

	more = undo(s, MP_TUNE_RUN, &done, ret ? NULL : err);
	*ret_done += done;
	return ret ? ret : more;
}

/* What a killed run left cannot be put back without root, and would be measured. */
static int nothing_left(const char *state, struct mp_err *err)
{
	if (!mp_tune_recorded(state, MP_TUNE_CASE) && !mp_tune_recorded(state, MP_TUNE_RUN))
		return 0;
	return mp_err_env(err, -EPERM,
			  "a run that was killed left settings changed ('%s'): sudo memperf doctor "
			  "--undo",
			  state);
}

int mp_setup_open(const struct mp_machine *machine, const char *state, enum mp_setup_mode mode,
		  struct mp_setup **ret_setup, struct mp_err *err)
{
	struct mp_setup *s = calloc(1, sizeof(*s));
	int ret = 0;

	if (!s)
		return mp_err_env(err, -ENOMEM, "out of memory");
	*s = (struct mp_setup){ .machine = machine, .state = state, .mode = mode };
	if (mode == MP_SETUP_CHANGE)
		ret = geteuid() ? nothing_left(state, err) : undo_all(s, &s->replayed, err);
	if (ret)
		free(s);
	else
		*ret_setup = s;
	return ret;
}

int mp_setup_close(struct mp_setup *s, struct mp_err *err)
{
	size_t done;
	int ret = 0;

	if (s && (s->changed[MP_TUNE_RUN] || s->changed[MP_TUNE_CASE]))
		ret = undo_all(s, &done, err);
	free(s);
	return ret;
}

size_t mp_setup_replayed(const struct mp_setup *s)
{
	return s->replayed;
}

void mp_setup_allow(struct mp_setup *s)
{
	s->consent = true;
}

static int apply(struct mp_setup *s, enum mp_tune_owner owner,
		 const struct mp_need_changes *changes, struct mp_err *err)
{
	struct tale tale = { 0 };
	int ret;

	if (!changes->n)
		return 0;
	s->changed[owner] = true;
	ret = mp_tune_apply(mp_machine_root(s->machine), s->state, owner, changes->items,
			    changes->n, follow, &tale, err);
	if (ret || !tale.failed)
		return ret;
	return mp_err_env(err, tale.err, "'%s' does not take '%s' (%s)", tale.path, tale.want,
			  strerror(-tale.err));
}

char *mp_setup_unmet(struct mp_setup *s, enum mp_need need, const char *word)
{
	const struct mp_need_row *row = mp_need_find(need);
	MP_CLEANUP(mp_str_done) struct mp_str cannot = MP_STR_INIT;
	bool may = s->consent && !geteuid(), applied;
	struct mp_need_changes changes = { .n = 0 };
	struct mp_err err = { .text = "" };
	char *why;
	int ret = 0;

	if (may && row && row->prepare && s->mode == MP_SETUP_CHANGE)
		row->prepare();
	if (row && row->plan)
		row->plan(s->machine, word, &changes, &cannot);
	applied = may && changes.n && row->owner == MP_TUNE_RUN && s->mode == MP_SETUP_CHANGE;
	if (applied)
		ret = apply(s, MP_TUNE_RUN, &changes, &err);
	if (ret)
		mp_str_printf(&cannot, "setting it up failed: %s", err.text);
	if (cannot.failed)
		mp_sysfile_want(-ENOMEM);
	if (ret)
		return mp_str_take(&cannot);
	why = mp_machine_need_unmet(s->machine, need, word);
	/* What will be set up counts as met; what was is asked. */
	if (!why || (may && changes.n && !applied)) {
		free(why);
		return NULL;
	}
	if (!cannot.len)
		return why;
	free(why);
	return mp_str_take(&cannot);
}

/* What could not even be read was left out of the changes. The files of a captured machine do not answer. */
static int is_met(const struct mp_setup *s, const struct mp_needed *needed, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr)
	char *why = *mp_machine_root(s->machine)
			    ? NULL
			    : mp_machine_need_unmet(s->machine, needed->need, needed->word);

	return why ? mp_err_env(err, -ENODEV, "it was set up, and still: %s", why) : 0;
}

int mp_setup_enter(struct mp_setup *s, const struct mp_bench *bench, const struct mp_params *params,
		   struct mp_err *err)
{
	struct mp_needed needed[MP_NEEDED_MAX];
	size_t n = mp_bench_needed(bench, params, needed), done;
	/* Of a case before, where that could not be put back then. */
	int ret = mp_setup_leave(s, err);

	if (ret)
		return ret;
	for (size_t i = 0; i < n && !ret && s->consent && !geteuid(); i++) {
		const struct mp_need_row *row = mp_need_find(needed[i].need);
		MP_CLEANUP(mp_str_done) struct mp_str cannot = MP_STR_INIT;
		struct mp_need_changes changes = { .n = 0 };

		if (!row || !row->plan || row->owner != MP_TUNE_CASE)
			continue;
		row->plan(s->machine, needed[i].word, &changes, &cannot);
		ret = cannot.len ? mp_err_env(err, -ENODEV, "%s", cannot.text)
				 : apply(s, MP_TUNE_CASE, &changes, err);
		if (!ret)
			ret = is_met(s, &needed[i], err);
	}
	if (ret && s->changed[MP_TUNE_CASE] && !undo(s, MP_TUNE_CASE, &done, NULL))
		s->changed[MP_TUNE_CASE] = false;
	return ret;
}

int mp_setup_leave(struct mp_setup *s, struct mp_err *err)
{
	size_t done;
	int ret;

	if (!s->changed[MP_TUNE_CASE])
		return 0;
	ret = undo(s, MP_TUNE_CASE, &done, err);
	s->changed[MP_TUNE_CASE] = ret != 0;
	return ret;
}
