/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of `memperf vm`: see guests.h. */
#include "cli/guests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/stored.h"
#include "common/units.h"
#include "runner/config/policy.h"

#define CPUS_MOST   64
#define ROUNDS_MOST 20
#define TIMEOUT_NS  3600000000000ull
#define MIB	    (1ull << 20)

static int number(const struct mp_args *args, const char *name, uint64_t most, uint64_t *ret,
		  struct mp_err *err)
{
	const char *text = mp_args_get(args, name);
	unsigned long long value;
	char *end;

	if (!text)
		return 0;
	value = strtoull(text, &end, 10);
	if (*end || text[0] < '0' || text[0] > '9' || !value || value > most)
		return mp_err_usage(err, -EINVAL, "--%s '%s' is not a number from 1 to %llu", name,
				    text, (unsigned long long)most);
	*ret = value;
	return 0;
}

static int machine_options(struct mp_guests *g, struct mp_err *err)
{
	const char *memory = mp_args_get(g->args, "memory"), *accel = mp_args_get(g->args, "accel");
	const char *timeout = mp_args_get(g->args, "timeout");
	int rc = number(g->args, "cpus", CPUS_MOST, &g->cpus, err);

	if (!rc)
		rc = number(g->args, "numa", g->cpus, &g->nodes, err);
	if (!rc)
		rc = number(g->args, "rounds", ROUNDS_MOST, &g->rounds, err);
	if (rc)
		return rc;
	if (memory && (mp_size_parse(memory, &g->memory) || g->memory < 256 * MIB))
		return mp_err_usage(err, -EINVAL, "--memory '%s' is not a size of 256M or more",
				    memory);
	if (timeout && (mp_duration_parse(timeout, &g->timeout_ns) || !g->timeout_ns))
		return mp_err_usage(err, -EINVAL,
				    "--timeout '%s' is not a time; write it as 90s or 2m", timeout);
	if (accel && strcmp(accel, "kvm") && strcmp(accel, "tcg"))
		return mp_err_usage(err, -EINVAL, "--accel '%s' is neither kvm nor tcg", accel);
	g->accel = !accel ? MP_VM_AUTO : !strcmp(accel, "kvm") ? MP_VM_KVM : MP_VM_TCG;
	return 0;
}

/* The values of a repeated option, in heap memory of the caller; NULL: out of memory. */
static const char **values_of(const struct mp_args *args, const char *name, size_t *ret_n)
{
	const char **values = calloc(args->n_given + 1, sizeof(*values));

	*ret_n = 0;
	while (values && (values[*ret_n] = mp_args_nth(args, name, *ret_n)))
		++*ret_n;
	return values;
}

/* Wrong options of `run` are told here, before anything boots; its files go with it. */
static int take_run(struct mp_guests *g, struct mp_err *err)
{
	static const char *const naming[] = { "suite", "counters" };
	size_t n = g->args->n_words;
	int rc = mp_args_parse(&mp_cmd_run, (int)n - 1, (char **)g->args->words + 1, &g->run, err);

	if (rc)
		return rc;
	if (mp_args_has(&g->run, "db"))
		return mp_err_usage(err, -EINVAL,
				    "--db of the guest's 'run' would stay in the guest; write it "
				    "before the --");
	g->files = calloc(g->run.n_given + 1, sizeof(*g->files));
	if (!g->files)
		return mp_err_env(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < 2; i++) {
		const char *value;

		for (size_t k = 0; (value = mp_args_nth(&g->run, naming[i], k)); k++) {
			if (!access(value, R_OK) && strpbrk(value, "/."))
				g->files[g->n_files++] = value;
		}
	}
	return mp_stored_path(g->args, g->db, err);
}

/* The guest's command line: of `run` with the results file and a tag, whose place is the last but one of the words. */
static int take_words(struct mp_guests *g, struct mp_err *err)
{
	const char *const added[] = { "--db", g->db, "--tag", NULL };
	int rc = 0;

	g->is_run = g->args->n_words && !strcmp(g->args->words[0], "run");
	g->words = calloc(g->args->n_words + 4, sizeof(*g->words));
	if (!g->words)
		return mp_err_env(err, -ENOMEM, "out of memory");
	g->words[g->n_words++] = g->args->words[0];
	for (size_t i = 0; g->is_run && i < 4; i++)
		g->words[g->n_words++] = added[i];
	for (size_t i = 1; i < g->args->n_words; i++)
		g->words[g->n_words++] = g->args->words[i];
	if (g->is_run)
		rc = take_run(g, err);
	else if (g->n > 1 || g->bisect)
		rc = mp_err_usage(err, -EINVAL,
				  "two kernels are compared by what 'run' measures, "
				  "not by '%s'",
				  g->words[0]);
	return rc;
}

/* The comparison comes last, and may be hours away. */
static int check_policy(const struct mp_args *args, struct mp_err *err)
{
	const char *name = mp_args_get(args, "policy");
	struct mp_policy policy;
	int rc = name ? mp_policy_load(name, &policy, err) : 0;

	if (name && !rc)
		mp_policy_done(&policy);
	return rc;
}

/* An option's file, or its folder, is there and can be read. */
static int check_readable(const char *option, const char *path, bool folder, struct mp_err *err)
{
	struct stat st;
	int code = access(path, R_OK) || stat(path, &st) ? errno : 0;

	if (!code && folder != S_ISDIR(st.st_mode))
		code = folder ? ENOTDIR : EISDIR;
	return code ? mp_err_usage(err, -code, "cannot read the %s '%s': %s", option, path,
				   strerror(code))
		    : 0;
}

static int take_kernels(struct mp_guests *g, struct mp_err *err)
{
	/* Of each kernel; of the command line one may be said for both. */
	static const char *const each[] = { "modules", "kmod", "append" };
	size_t n;

	while (g->n < MP_GUESTS_KERNELS && mp_args_nth(g->args, "kernel", g->n)) {
		const char *path = mp_args_nth(g->args, "kernel", g->n);
		int rc = check_readable("kernel", path, false, err);

		if (rc)
			return rc;
		g->kernels[g->n++].vm.kernel = path;
	}
	if (!g->n || mp_args_nth(g->args, "kernel", MP_GUESTS_KERNELS))
		return mp_err_usage(err, -EINVAL,
				    "--kernel IMAGE is wanted once, or twice to compare");
	if (g->bisect && g->n < 2)
		return mp_err_usage(err, -EINVAL,
				    "--bisect wants two kernels: a good one, and the one to judge");
	for (size_t i = 0; mp_args_nth(g->args, "modules", i); i++) {
		const char *path = mp_args_nth(g->args, "modules", i);
		int rc = *path ? check_readable("modules", path, true, err) : 0;

		if (rc)
			return rc;
	}
	for (size_t i = 0; i < MP_COUNT_OF(each); i++) {
		for (n = 0; mp_args_nth(g->args, each[i], n); n++)
			;
		if (n && n != g->n && !(n == 1 && i == 2))
			return mp_err_usage(err, -EINVAL,
					    "--%s is given %zu times for %zu kernels; \"\" stands "
					    "for none",
					    each[i], n, g->n);
	}
	return 0;
}

int mp_guests_init(struct mp_guests *g, const struct mp_args *args, struct mp_err *err)
{
	int rc;

	*g = (struct mp_guests){ .args = args,
				 .cpus = 2,
				 .nodes = 1,
				 .memory = 1024 * MIB,
				 .rounds = 1,
				 .timeout_ns = TIMEOUT_NS,
				 .lock = -1 };
	for (size_t i = 0; i < MP_GUESTS_KERNELS; i++)
		g->kernels[i].tag = g->kernels[i].runs = (struct mp_str)MP_STR_INIT;
	if (!args->n_words)
		return mp_err_usage(err, -EINVAL,
				    "'vm' wants a command for the guest: memperf vm --kernel IMAGE "
				    "-- run --suite quick");

	g->bisect = mp_args_has(g->args, "bisect");
	g->keep = mp_args_has(g->args, "keep");
	rc = machine_options(g, err);
	if (!rc)
		rc = take_kernels(g, err);
	if (!rc)
		rc = check_policy(g->args, err);
	if (!rc)
		rc = take_words(g, err);
	if (rc)
		return rc;
	g->load = values_of(g->args, "load", &g->n_load);
	if (!g->load)
		return mp_err_env(err, -ENOMEM, "out of memory");
	if (g->n_load && !mp_args_has(g->args, "modules"))
		return mp_err_usage(err, -EINVAL,
				    "--load '%s' wants --modules, the folder to look in",
				    g->load[0]);
	return 0;
}

void mp_guests_done(struct mp_guests *g)
{
	for (size_t i = 0; i < MP_GUESTS_KERNELS; i++) {
		free(g->kernels[i].kmod);
		mp_str_done(&g->kernels[i].tag);
		mp_str_done(&g->kernels[i].runs);
	}
	free(g->words);
	free(g->files);
	free(g->load);
	mp_args_done(&g->run);
}
