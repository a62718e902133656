/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of many files into one place: see db_copy.h. One file is open at a time, and of a file one row is held. */
#include "cli/db_copy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/args.h"
#include "results/central.h"
#include "results/store.h"

struct copying {
	const struct mp_args *args;
	size_t file; /* index of its word */
	bool told; /* there is a line of progress on the terminal */
	struct mp_store *into; /* one of the two */
	struct mp_central *server;
	unsigned added, present;
};

static void tell(void *user, unsigned done, unsigned runs)
{
	struct copying *c = user;

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[Kfile %zu of %zu", c->file - 1, c->args->n_words - 2);
	if (runs > 1)
		fprintf(stderr, ", run %u of %u", done, runs);
	fprintf(stderr, ": %s", c->args->words[c->file]);
	c->told = true;
}

static void wipe(struct copying *c)
{
	if (c->told)
		fputs("\r\033[K", stderr);
	c->told = false;
}

/* *ret_stop: the others would fail, too. */
static int copy_file(struct copying *c, bool *ret_stop, struct mp_err *err)
{
	unsigned added = 0, present = 0;
	struct mp_store *from;
	int rc = mp_store_open(c->args->words[c->file], MP_STORE_READ, &from, err);

	if (rc)
		return rc;
	rc = c->server ? mp_central_push(c->server, from, tell, c, &added, &present, err)
		       : mp_store_merge(c->into, from, &added, &present, err);
	mp_store_close(from);
	*ret_stop = rc && rc != -EBADMSG;
	c->added += added;
	c->present += present;
	return rc;
}

/* What is wrong with one file keeps no other from being copied. */
static int copy_files(struct copying *c)
{
	int code = MP_EXIT_DONE;
	bool stop = false;
	char line[128];

	for (c->file = 2; !stop && c->file < c->args->n_words; c->file++) {
		struct mp_err err;

		tell(c, 0, 0);
		if (!copy_file(c, &stop, &err))
			continue;
		wipe(c);
		code = mp_fail(&err);
	}
	wipe(c);
	if (code)
		return code;
	snprintf(line, sizeof(line), "%u runs added, %u were there already\n", c->added,
		 c->present);
	return mp_print(line);
}

/* Are they one file, or would be one? */
static bool same(const char *left, const char *right)
{
	struct stat a, b;

	return !strcmp(left, right) || (!stat(left, &a) && !stat(right, &b) &&
					a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

int mp_db_merge(const struct mp_args *args)
{
	struct copying c = { .args = args };
	struct mp_err err;
	int code;

	if (args->n_words < 3) {
		mp_err_usage(&err, -EINVAL,
			     "merge into what, from what? memperf db merge INTO.db FROM.db...");
		return mp_fail(&err);
	}
	for (size_t i = 2; i < args->n_words; i++) {
		if (!same(args->words[1], args->words[i]))
			continue;
		mp_err_usage(&err, -EINVAL, "'%s' cannot be merged into itself", args->words[i]);
		return mp_fail(&err);
	}
	if (mp_store_open(args->words[1], MP_STORE_WRITE, &c.into, &err))
		return mp_fail(&err);
	code = copy_files(&c);
	if (code)
		mp_store_close_or_remove(c.into);
	else
		mp_store_close(c.into);
	return code;
}

int mp_db_push(const struct mp_args *args)
{
	struct copying c = { .args = args };
	struct mp_err err;
	int code;

	/* What was given is not repeated: it may be a URL that is misspelt and holds a password. */
	if (args->n_words < 3 || !mp_central_named(args->words[1])) {
		mp_err_usage(&err, -EINVAL,
			     "push where to, and what? memperf db push "
			     "postgres://USER@HOST/DATABASE FILE.db...");
		return mp_fail(&err);
	}
	if (mp_central_open(args->words[1], &c.server, &err))
		return mp_fail(&err);
	code = copy_files(&c);
	mp_central_close(c.server);
	return code;
}
