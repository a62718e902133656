/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf vm: a command in a throw-away guest with another kernel, or with two, and what differs between them. */
#include "cli/guests.h"
#include "cli/lock.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "results/store.h"
#include "runner/vm/vm.h"

#define EXIT_SKIP 125
#define EXIT_STOP 128

static volatile sig_atomic_t stopped;

/* ---- a guest ---- */

static void on_signal(int signal_number)
{
	stopped = signal_number;
}

static void say(void *user, const char *sentence)
{
	(void)user;
	fprintf(stderr, "note: %s\n", sentence);
}

static void forward(void *user, bool error, const char *bytes, size_t len)
{
	FILE *to = error ? stderr : stdout;

	(void)user;
	fwrite(bytes, 1, len, to);
	fflush(to);
}

static const char *given(const struct mp_guests *g, const char *name, size_t index)
{
	const char *value = mp_args_nth(g->args, name, index);

	return value && *value ? value : NULL;
}

static int prepare(struct mp_guests *g, size_t index, struct mp_err *err)
{
	struct mp_guest_kernel *k = &g->kernels[index];
	const char *name = strrchr(k->vm.kernel, '/');
	char headers[PATH_MAX];

	mp_str_printf(&k->tag, "kernel=%s", name ? name + 1 : k->vm.kernel);
	snprintf(k->folder, sizeof(k->folder), "%s/%c", g->folder, 'A' + (int)index);
	if (mkdir(k->folder, 0700))
		return mp_err_env(err, -errno, "cannot create the folder '%s': %s", k->folder,
				  strerror(errno));
	k->vm = (struct mp_vm){
		.kernel = k->vm.kernel,
		.modules = given(g, "modules", index),
		.kmod = given(g, "kmod", index),
		.append = given(g, "append", mp_args_nth(g->args, "append", 1) ? index : 0),
		.cpus = (unsigned)g->cpus,
		.nodes = (unsigned)g->nodes,
		.memory = g->memory,
		.timeout_ns = g->timeout_ns,
		.accel = g->accel,
		.load = g->load,
		.n_load = g->n_load,
		.db = g->is_run ? g->db : NULL,
		.files = g->files,
		.n_files = g->n_files,
		.folder = k->folder,
		.stop = &stopped,
		.output = forward,
		.note = say,
	};
	if (k->vm.kmod || !k->vm.modules)
		return 0;
	snprintf(headers, sizeof(headers), "%s/build", k->vm.modules);
	if (access(headers, F_OK)) {
		fprintf(stderr,
			"note: no kernel headers in '%s': the kernel's own allocators are "
			"not measured\n",
			headers);
		return 0;
	}
	k->vm.kmod = NULL;
	if (mp_vm_build_module(headers, k->folder, &k->kmod, err))
		return -EINVAL;
	k->vm.kmod = k->kmod;
	return 0;
}

/* Into the results file; its number there is added to the kernel's. What cannot go there stays in the folder. */
static int keep(struct mp_guests *g, struct mp_guest_kernel *k, struct mp_err *err)
{
	char from_path[PATH_MAX + 16];
	struct mp_store *from = NULL, *into = g->into;
	struct mp_run_row run = { 0 }, row;
	unsigned added, present;
	int64_t *mine = NULL, *all = NULL;
	size_t n, n_all;
	int rc;

	snprintf(from_path, sizeof(from_path), "%s/results.db", k->folder);
	rc = mp_store_open(from_path, MP_STORE_READ, &from, err);
	if (!rc)
		rc = mp_store_merge(into, from, &added, &present, err);
	if (!rc)
		rc = mp_store_select(from, "latest", &mine, &n, err);
	if (!rc)
		rc = mp_store_run_get(from, mine[0], &run, err);
	if (!rc)
		rc = mp_store_select(into, "last:1000", &all, &n_all, err);
	for (size_t i = 0; !rc && i < n_all; i++) {
		rc = mp_store_run_get(into, all[i], &row, err);
		if (rc)
			break;
		if (!strcmp(row.uuid, run.uuid)) {
			mp_str_printf(&k->runs, "%s#%lld", k->runs.len ? "," : "",
				      (long long)all[i]);
			printf("'%s' is run #%lld of '%s'\n", k->vm.kernel, (long long)all[i],
			       g->db);
		}
		mp_run_row_done(&row);
	}
	mp_run_row_done(&run);
	free(mine);
	free(all);
	mp_store_close(from);
	g->keep = g->keep || rc;
	return rc;
}

/* Boots it once. *ret_code: what the command in it ended with. */
static int boot(struct mp_guests *g, struct mp_guest_kernel *k, int *ret_code, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str tail = MP_STR_INIT;
	struct mp_vm_end end;
	int rc;

	if (g->is_run)
		g->words[MP_GUESTS_TAG] = k->tag.text;
	k->vm.words = g->words;
	k->vm.n_words = g->n_words;
	rc = mp_vm_run(&k->vm, &end, err);
	if (rc == -EINTR) {
		fputs("interrupted: what the guest had measured is gone with it\n", stderr);
		*ret_code = MP_EXIT_INTERRUPTED;
		return 0;
	}
	if (rc) {
		*ret_code = mp_fail(err);
		mp_vm_console(k->folder, &tail);
		fputs(tail.text, stderr);
		return 0;
	}
	*ret_code = end.code;
	return g->is_run && end.database ? keep(g, k, err) : 0;
}

/* ---- what comes of it ---- */

/* `compare --gate` of the runs that were just kept. */
static int judge(struct mp_guests *g, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str a = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str b = MP_STR_INIT;
	const char *policy = mp_args_get(g->args, "policy");
	char *argv[5];
	struct mp_args args;
	int argc = 0, code;

	mp_str_printf(&a, "%s:%s", g->db, g->kernels[0].runs.text);
	mp_str_printf(&b, "%s:%s", g->db, g->kernels[1].runs.text);
	argv[argc++] = a.text;
	argv[argc++] = b.text;
	argv[argc++] = (char *)"--gate";
	if (policy) {
		argv[argc++] = (char *)"--policy";
		argv[argc++] = (char *)policy;
	}
	if (mp_args_parse(&mp_cmd_compare, argc, argv, &args, err))
		return mp_fail(err);
	printf("\nmemperf compare %s %s\n\n", a.text, b.text);
	fflush(stdout);
	code = mp_cmd_compare.run(&args);
	mp_args_done(&args);
	return code;
}

/* All boots, by turns; the exit code of the first command that did not go well, and whose it was. */
static int measure(struct mp_guests *g, size_t *ret_failed, struct mp_err *err)
{
	int code = 0;

	for (uint64_t round = 0; round < g->rounds; round++) {
		for (size_t i = 0; i < g->n && !code; i++) {
			*ret_failed = i;
			if (boot(g, &g->kernels[i], &code, err))
				code = mp_fail(err);
		}
	}
	return code;
}

static int run_guests(struct mp_guests *g, struct mp_err *err)
{
	size_t failed;
	int code = 0;

	if (g->is_run && mp_store_open(g->db, MP_STORE_WRITE, &g->into, err))
		return mp_fail(err);
	for (size_t i = 0; i < g->n && !code; i++)
		code = prepare(g, i, err) ? mp_fail(err) : 0;
	if (code)
		return code;
	code = measure(g, &failed, err);
	if (code)
		return g->bisect && failed && code != MP_EXIT_INTERRUPTED ? EXIT_SKIP : code;
	if (g->n < 2)
		return MP_EXIT_DONE;
	mp_store_close(g->into);
	g->into = NULL;
	code = judge(g, err);
	return g->bisect && code == MP_EXIT_UNJUDGED ? EXIT_SKIP : code;
}

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *where)
{
	(void)st;
	(void)what;
	(void)where;
	return remove(path);
}

static void done(struct mp_guests *g)
{
	mp_store_close_or_remove(g->into);
	if (g->folder[0] && g->keep)
		fprintf(stderr,
			"kept: '%s', with the disk, the console and the results of each kernel\n",
			g->folder);
	else if (g->folder[0])
		nftw(g->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	mp_close_fd(&g->lock);
	mp_guests_done(g);
}

static int begin(struct mp_guests *g, struct mp_err *err)
{
	const char *folder = getenv("TMPDIR");
	struct sigaction action = { .sa_handler = on_signal };
	int rc = mp_lock_take(
		MP_LOCK_RUN,
		"another 'memperf run' is measuring on this machine; wait for it, or the two "
		"would measure each other",
		&g->lock, err);

	if (rc)
		return rc;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	snprintf(g->folder, sizeof(g->folder), "%s/memperf-vm-XXXXXX",
		 folder && strlen(folder) < 32 ? folder : "/tmp");
	if (!mkdtemp(g->folder)) {
		rc = mp_err_env(err, -errno, "cannot create the folder '%s': %s", g->folder,
				strerror(errno));
		g->folder[0] = '\0';
	}
	return rc;
}

static int run(const struct mp_args *args)
{
	struct mp_guests g;
	struct mp_err err;
	int code;

	if (mp_args_has(args, "guest")) {
		if (getpid() == 1)
			mp_vm_guest();
		mp_err_usage(&err, -EINVAL, "--guest is for the first program of a guest alone");
		return mp_fail(&err);
	}
	code = mp_guests_init(&g, args, &err) || begin(&g, &err) ? mp_fail(&err)
								 : run_guests(&g, &err);
	done(&g);
	return code;
}

static const struct mp_option options_table[] = {
	{ .name = "kernel",
	  .value = "IMAGE",
	  .help = "what boots, such as /boot/vmlinuz-6.1 or arch/x86/boot/bzImage; a second one is "
		  "compared with it",
	  .repeats = true },
	{ .name = "modules",
	  .value = "DIR",
	  .help = "its /lib/modules/VERSION: for --load; where DIR/build is, memperf's module is "
		  "built",
	  .repeats = true },
	{ .name = "load",
	  .value = "NAME",
	  .help = "load this module of DIR first, and what it depends on",
	  .repeats = true },
	{ .name = "kmod",
	  .value = "FILE",
	  .help = "memperf's module, built for this kernel elsewhere",
	  .repeats = true },
	{ .name = "db",
	  .value = "FILE",
	  .help = "results file that takes the guest's run; default: HOSTNAME.db here" },
	{ .name = "rounds",
	  .value = "N",
	  .help = "boot each kernel N times, by turns; compared are the pooled runs; default 1" },
	{ .name = "cpus", .value = "N", .help = "of the guest; default 2" },
	{ .name = "memory", .value = "SIZE", .help = "of the guest; default 1G" },
	{ .name = "numa", .value = "N", .help = "nodes that share CPUs and memory; default 1" },
	{ .name = "accel",
	  .value = "HOW",
	  .help = "kvm or tcg (emulation); default: kvm where it works" },
	{ .name = "append",
	  .value = "TEXT",
	  .help = "more for the kernel's command line: for both, or once for each",
	  .repeats = true },
	{ .name = "timeout", .value = "TIME", .help = "most time for one guest; default 1h" },
	{ .name = "policy",
	  .value = "NAME|FILE",
	  .help = "of the comparison, as in 'memperf compare'" },
	{ .name = "bisect",
	  .help = "exit codes for 'git bisect run': 0 good, 1 bad, 125 skip, 128 stop" },
	{ .name = "keep", .help = "keep disk, console and logs, and say where" },
	{ .name = "guest", .help = "what the first program of the guest does", .hidden = true },
};

const struct mp_cmd mp_cmd_vm = {
	.name = "vm",
	.summary = "a run in a throw-away guest with another kernel, or two compared",
	.synopsis =
		"--kernel IMAGE [--modules DIR] [--kernel IMAGE [--modules DIR]] [OPTIONS] -- run "
		"...",
	.about = "Boots the kernel in QEMU with a RAM disk that holds this memperf, runs the "
		 "command "
		 "there, and brings the\nresults back into --db, where the run has the tag "
		 "kernel=NAME. Nothing is installed, and no root is\nneeded. The kernel needs an "
		 "initramfs and two serial ports built in, as all distributions' kernels have.\nA "
		 "guest that ends before memperf starts is tried once more.\n\n"
		 "Without KVM the processor is emulated (TCG): what works is seen, and how fast it "
		 "is not; every comparison\nof such a run says so.\n\n"
		 "Of two kernels the first is the baseline: both are measured, and compared as by "
		 "'memperf compare --gate',\nwith its exit codes: 0 no regression, 1 regression, 5 "
		 "could not judge; 3 when a kernel does not boot or\ndies. With --bisect they are "
		 "git's: 125 when it could not be judged or the second kernel does not do, 128\n"
		 "for whatever else goes wrong.\n\n"
		 "  git bisect run sh -c 'make -j8 bzImage || exit 125; exec memperf vm --bisect "
		 "\\\n"
		 "      --kernel /boot/vmlinuz-good --kernel arch/x86/boot/bzImage \\\n"
		 "      -- run --bench fault.anon_write --invocations 10'",
	.options = options_table,
	.n_options = MP_COUNT_OF(options_table),
	.max_words = 256,
	.order = 10,
	.failure = EXIT_STOP,
	.failure_option = "bisect",
	.run = run,
};
