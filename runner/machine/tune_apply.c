/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making changes and undoing them: see tune.h. */
#include "runner/machine/tune_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"

const char *mp_tune_outcome_name(enum mp_tune_outcome outcome)
{
	static const char *const names[] = { "done", "was as before", "left: set by somebody else",
					     "failed" };

	return names[outcome];
}

struct list {
	struct mp_change *changes;
	size_t n, cap;
};

static struct mp_change *find(struct mp_change *changes, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(changes[i].path, path))
			return &changes[i];
	}
	return NULL;
}

/* Is that state one that we brought the thing into? */
static bool is_ours(const struct mp_change *change, const char *now)
{
	const struct mp_tune_thing *thing = mp_tune_find(change->path);
	unsigned long long before, after, number;

	if (!strcmp(now, change->after))
		return true;
	if (!thing || !thing->in_part)
		return false;
	before = strtoull(change->before, NULL, 10);
	after = strtoull(change->after, NULL, 10);
	number = strtoull(now, NULL, 10);
	return before < number && number < after;
}

/*
 * What is to be undone after these changes: those of an earlier record, with the value from before all of them, and the new
 * ones behind. A file that somebody else has set since begins anew with the value it has now.
 */
static int merge(const char *state, enum mp_tune_owner owner, const struct mp_change *changes,
		 size_t n, struct list *all, struct mp_err *err)
{
	int code = mp_tune_record_read(state, owner, &all->changes, &all->n, err);

	if (code && code != -ENOENT)
		return code;
	all->cap = all->n;
	for (size_t i = 0; i < n; i++) {
		struct mp_change *old = find(all->changes, all->n, changes[i].path);

		if (!old) {
			old = mp_vec_push((void **)&all->changes, &all->n, &all->cap, sizeof(*old));
			if (!old)
				return mp_err_env(err, -ENOMEM, "no memory for the undo record");
			*old = changes[i];
		} else if (is_ours(old, changes[i].before)) {
			strcpy(old->after, changes[i].after);
		} else {
			*old = changes[i];
		}
	}
	return 0;
}

int mp_tune_apply(const char *root, const char *state, enum mp_tune_owner owner,
		  const struct mp_change *changes, size_t n, mp_tune_each *each, void *user,
		  struct mp_err *err)
{
	struct list all = { .changes = NULL };
	int code;

	if (!n)
		return 0;
	code = merge(state, owner, changes, n, &all, err);
	if (!code)
		code = mp_tune_record_write(state, owner, all.changes, all.n, err);
	free(all.changes);
	for (size_t i = 0; !code && i < n; i++) {
		const struct mp_tune_thing *thing = mp_tune_find(changes[i].path);
		int failed = mp_tune_write(root, changes[i].path, changes[i].after);

		/* A pool that grew by some pages only. */
		if (failed == -EBUSY && thing && thing->in_part)
			mp_tune_write(root, changes[i].path, changes[i].before);
		each(user, &changes[i], failed ? MP_TUNE_FAILED : MP_TUNE_DONE, failed);
		if (failed && owner != MP_TUNE_DOCTOR)
			break;
	}
	return code;
}

static enum mp_tune_outcome put_back(const char *root, const struct mp_change *change, int *ret_err)
{
	char now[64];

	*ret_err = mp_tune_read(root, change->path, now);
	/* A CPU that went, a module that was unloaded: there is nothing to put back. */
	if (*ret_err == -ENOENT)
		return MP_TUNE_FOREIGN;
	if (*ret_err)
		return MP_TUNE_FAILED;
	if (!strcmp(now, change->before))
		return MP_TUNE_KEPT;
	if (!is_ours(change, now))
		return MP_TUNE_FOREIGN;
	*ret_err = mp_tune_write(root, change->path, change->before);
	return *ret_err ? MP_TUNE_FAILED : MP_TUNE_DONE;
}

int mp_tune_undo(const char *root, const char *state, enum mp_tune_owner owner, mp_tune_each *each,
		 void *user, struct mp_err *err)
{
	struct mp_change *changes = NULL;
	size_t n = 0, left = 0;
	int code = mp_tune_record_read(state, owner, &changes, &n, err);

	if (code == -ENOENT)
		return mp_err_env(err, code, "there is nothing to undo: no record in '%s'", state);
	if (code)
		return code;
	for (size_t i = n; i-- > 0;) {
		int failed;
		enum mp_tune_outcome outcome = put_back(root, &changes[i], &failed);

		each(user, &changes[i], outcome, failed);
		if (outcome != MP_TUNE_FAILED)
			changes[i].path[0] = '\0';
	}
	for (size_t i = 0; i < n; i++) {
		if (changes[i].path[0])
			changes[left++] = changes[i];
	}
	code = mp_tune_record_write(state, owner, changes, left, err);
	free(changes);
	return code;
}
