/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf vm: a command in a throw-away guest with another kernel, or with two, and what differs between them. */
#include "cli/args.h"
#include "cli/lock.h"
#include "cli/stored.h"

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
#include "common/units.h"
#include "runner/vm/vm.h"

#define EXIT_SKIP 125
#define EXIT_STOP 128

#define KERNELS_MOST 2
#define CPUS_MOST    64
#define ROUNDS_MOST  20
#define TIMEOUT_NS   3600000000000ull
#define MIB	     (1ull << 20)

static volatile sig_atomic_t stopped;

/* One kernel, what its guests need, and what came of them. */
struct kernel {
	struct mp_vm vm;
	char folder[PATH_MAX];
	char *kmod; /* that was built here */
	struct mp_str tag; /* "kernel=NAME" */
	struct mp_str runs; /* "#3,#5" in the results file */
};

struct session {
	const struct mp_args *args;
	struct mp_args run; /* the guest's command, when it is "run" */
	struct kernel kernels[KERNELS_MOST];
	size_t n;
	const char **words, **files, **load; /* of the guests */
	size_t n_words, n_files, n_load;
	uint64_t cpus, nodes, memory, rounds, timeout_ns;
	enum mp_vm_accel accel;
	bool is_run, bisect;
	char folder[64];
	char db[PATH_MAX];
	int lock;
};

/* ---- the command line ---- */

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

static int machine_options(struct session *s, struct mp_err *err)
{
	const char *memory = mp_args_get(s->args, "memory"), *accel = mp_args_get(s->args, "accel");
	const char *timeout = mp_args_get(s->args, "timeout");
	int rc = number(s->args, "cpus", CPUS_MOST, &s->cpus, err);

	if (!rc)
		rc = number(s->args, "numa", s->cpus, &s->nodes, err);
	if (!rc)
		rc = number(s->args, "rounds", ROUNDS_MOST, &s->rounds, err);
	if (rc)
		return rc;
	if (memory && (mp_size_parse(memory, &s->memory) || s->memory < 256 * MIB))
		return mp_err_usage(err, -EINVAL, "--memory '%s' is not a size of 256M or more",
				    memory);
	if (timeout && (mp_duration_parse(timeout, &s->timeout_ns) || !s->timeout_ns))
		return mp_err_usage(err, -EINVAL,
				    "--timeout '%s' is not a time; write it as 90s or 2m", timeout);
	if (accel && strcmp(accel, "kvm") && strcmp(accel, "tcg"))
		return mp_err_usage(err, -EINVAL, "--accel '%s' is neither kvm nor tcg", accel);
	s->accel = !accel ? MP_VM_AUTO : !strcmp(accel, "kvm") ? MP_VM_KVM : MP_VM_TCG;
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
static int take_run(struct session *s, struct mp_err *err)
{
	static const char *const naming[] = { "suite", "counters" };
	size_t n = s->args->n_words;
	int rc = mp_args_parse(&mp_cmd_run, (int)n - 1, (char **)s->args->words + 1, &s->run, err);

	if (rc)
		return rc;
	if (mp_args_has(&s->run, "db"))
		return mp_err_usage(err, -EINVAL,
				    "--db of the guest's 'run' would stay in the guest; write it "
				    "before the --");
	s->files = calloc(s->run.n_given + 1, sizeof(*s->files));
	if (!s->files)
		return mp_err_env(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < 2; i++) {
		const char *value;

		for (size_t k = 0; (value = mp_args_nth(&s->run, naming[i], k)); k++) {
			if (!access(value, R_OK) && strpbrk(value, "/."))
				s->files[s->n_files++] = value;
		}
	}
	return mp_stored_path(s->args, s->db, err);
}

/* The guest's command line: of `run` with the results file and a tag, whose place is the last but one of the words. */
static int take_words(struct session *s, struct mp_err *err)
{
	const char *const added[] = { "--db", s->db, "--tag", NULL };
	int rc = 0;

	s->is_run = s->args->n_words && !strcmp(s->args->words[0], "run");
	s->words = calloc(s->args->n_words + 4, sizeof(*s->words));
	if (!s->words)
		return mp_err_env(err, -ENOMEM, "out of memory");
	s->words[s->n_words++] = s->args->words[0];
	for (size_t i = 0; s->is_run && i < 4; i++)
		s->words[s->n_words++] = added[i];
	for (size_t i = 1; i < s->args->n_words; i++)
		s->words[s->n_words++] = s->args->words[i];
	if (s->is_run)
		rc = take_run(s, err);
	else if (s->n > 1 || s->bisect)
		rc = mp_err_usage(err, -EINVAL,
				  "two kernels are compared by what 'run' measures, "
				  "not by '%s'",
				  s->words[0]);
	return rc;
}

static int take_kernels(struct session *s, struct mp_err *err)
{
	static const char *const each[] = { "modules", "kmod" };
	size_t n;

	while (s->n < KERNELS_MOST && mp_args_nth(s->args, "kernel", s->n)) {
		const char *path = mp_args_nth(s->args, "kernel", s->n);

		if (access(path, R_OK))
			return mp_err_usage(err, -errno, "cannot read the kernel '%s': %s", path,
					    strerror(errno));
		s->kernels[s->n++].vm.kernel = path;
	}
	if (!s->n || mp_args_nth(s->args, "kernel", KERNELS_MOST))
		return mp_err_usage(err, -EINVAL,
				    "--kernel IMAGE is wanted once, or twice to compare");
	if (s->bisect && s->n < 2)
		return mp_err_usage(err, -EINVAL,
				    "--bisect wants two kernels: a good one, and the one to judge");
	for (size_t i = 0; i < 2; i++) {
		for (n = 0; mp_args_nth(s->args, each[i], n); n++)
			;
		if (n && n != s->n)
			return mp_err_usage(err, -EINVAL,
					    "--%s is given %zu times for %zu kernels; \"\" stands "
					    "for none",
					    each[i], n, s->n);
	}
	return 0;
}

static int options(struct session *s, struct mp_err *err)
{
	int rc;

	s->bisect = mp_args_has(s->args, "bisect");
	rc = machine_options(s, err);
	if (!rc)
		rc = take_kernels(s, err);
	if (!rc)
		rc = take_words(s, err);
	if (rc)
		return rc;
	s->load = values_of(s->args, "load", &s->n_load);
	if (!s->load)
		return mp_err_env(err, -ENOMEM, "out of memory");
	if (s->n_load && !mp_args_has(s->args, "modules"))
		return mp_err_usage(err, -EINVAL,
				    "--load '%s' wants --modules, the folder to look in",
				    s->load[0]);
	return 0;
}

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

static const char *given(const struct session *s, const char *name, size_t index)
{
	const char *value = mp_args_nth(s->args, name, index);

	return value && *value ? value : NULL;
}

static int prepare(struct session *s, size_t index, struct mp_err *err)
{
	struct kernel *k = &s->kernels[index];
	const char *name = strrchr(k->vm.kernel, '/');
	char headers[PATH_MAX];

	mp_str_printf(&k->tag, "kernel=%s", name ? name + 1 : k->vm.kernel);
	snprintf(k->folder, sizeof(k->folder), "%s/%c", s->folder, 'A' + (int)index);
	if (mkdir(k->folder, 0700))
		return mp_err_env(err, -errno, "cannot create the folder '%s': %s", k->folder,
				  strerror(errno));
	k->vm = (struct mp_vm){
		.kernel = k->vm.kernel,
		.modules = given(s, "modules", index),
		.kmod = given(s, "kmod", index),
		.append = mp_args_get(s->args, "append"),
		.cpus = (unsigned)s->cpus,
		.nodes = (unsigned)s->nodes,
		.memory = s->memory,
		.timeout_ns = s->timeout_ns,
		.accel = s->accel,
		.load = s->load,
		.n_load = s->n_load,
		.db = s->is_run ? s->db : NULL,
		.files = s->files,
		.n_files = s->n_files,
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

/* Into the results file; its number there is added to the kernel's. */
static int keep(struct session *s, struct kernel *k, struct mp_err *err)
{
	char from_path[PATH_MAX + 16];
	struct mp_store *from = NULL, *into = NULL;
	struct mp_run_row run = { 0 }, row;
	unsigned added, present;
	int64_t *mine = NULL, *all = NULL;
	size_t n, n_all;
	int rc;

	snprintf(from_path, sizeof(from_path), "%s/results.db", k->folder);
	rc = mp_store_open(from_path, MP_STORE_READ, &from, err);
	if (!rc)
		rc = mp_store_open(s->db, MP_STORE_WRITE, &into, err);
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
			       s->db);
		}
		mp_run_row_done(&row);
	}
	mp_run_row_done(&run);
	free(mine);
	free(all);
	mp_store_close(from);
	mp_store_close(into);
	return rc;
}

/* Boots it once. *ret_code: what the command in it ended with. */
static int boot(struct session *s, struct kernel *k, int *ret_code, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str tail = MP_STR_INIT;
	struct mp_vm_end end;
	int rc;

	if (s->is_run)
		s->words[4] = k->tag.text;
	k->vm.words = s->words;
	k->vm.n_words = s->n_words;
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
	return s->is_run && end.database ? keep(s, k, err) : 0;
}

/* ---- what comes of it ---- */

/* `compare --gate` of the runs that were just kept. */
static int judge(struct session *s, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str a = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str b = MP_STR_INIT;
	const char *policy = mp_args_get(s->args, "policy");
	char *argv[5];
	struct mp_args args;
	int argc = 0, code;

	mp_str_printf(&a, "%s:%s", s->db, s->kernels[0].runs.text);
	mp_str_printf(&b, "%s:%s", s->db, s->kernels[1].runs.text);
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
static int measure(struct session *s, size_t *ret_failed, struct mp_err *err)
{
	int code = 0;

	for (uint64_t round = 0; round < s->rounds; round++) {
		for (size_t i = 0; i < s->n && !code; i++) {
			*ret_failed = i;
			if (boot(s, &s->kernels[i], &code, err))
				code = mp_fail(err);
		}
	}
	return code;
}

static int run_guests(struct session *s, struct mp_err *err)
{
	size_t failed;
	int code = 0;

	for (size_t i = 0; i < s->n && !code; i++)
		code = prepare(s, i, err) ? mp_fail(err) : 0;
	if (code)
		return code;
	code = measure(s, &failed, err);
	if (code)
		return s->bisect && failed && code != MP_EXIT_INTERRUPTED ? EXIT_SKIP : code;
	if (s->n < 2)
		return MP_EXIT_DONE;
	code = judge(s, err);
	return s->bisect && code == MP_EXIT_UNJUDGED ? EXIT_SKIP : code;
}

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *where)
{
	(void)st;
	(void)what;
	(void)where;
	return remove(path);
}

static void done(struct session *s)
{
	for (size_t i = 0; i < KERNELS_MOST; i++) {
		free(s->kernels[i].kmod);
		mp_str_done(&s->kernels[i].tag);
		mp_str_done(&s->kernels[i].runs);
	}
	free(s->words);
	free(s->files);
	free(s->load);
	mp_args_done(&s->run);
	if (s->folder[0] && mp_args_has(s->args, "keep"))
		fprintf(stderr, "kept: '%s', with the disk and the console of each kernel\n",
			s->folder);
	else if (s->folder[0])
		nftw(s->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	mp_close_fd(&s->lock);
}

static int begin(struct session *s, struct mp_err *err)
{
	const char *folder = getenv("TMPDIR");
	struct sigaction action = { .sa_handler = on_signal };
	int rc = mp_lock_take(
		MP_LOCK_RUN,
		"another 'memperf run' is measuring on this machine; wait for it, or the two "
		"would measure each other",
		&s->lock, err);

	if (rc)
		return rc;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	snprintf(s->folder, sizeof(s->folder), "%s/memperf-vm-XXXXXX",
		 folder && strlen(folder) < 32 ? folder : "/tmp");
	if (!mkdtemp(s->folder)) {
		rc = mp_err_env(err, -errno, "cannot create the folder '%s': %s", s->folder,
				strerror(errno));
		s->folder[0] = '\0';
	}
	return rc;
}

static int run(const struct mp_args *args)
{
	struct session s = { .args = args,
			     .cpus = 2,
			     .nodes = 1,
			     .memory = 1024 * MIB,
			     .rounds = 1,
			     .timeout_ns = TIMEOUT_NS,
			     .lock = -1 };
	struct mp_err err;
	int code;

	if (mp_args_has(args, "guest")) {
		if (getpid() == 1)
			mp_vm_guest();
		mp_err_usage(&err, -EINVAL, "--guest is for the first program of a guest alone");
		return mp_fail(&err);
	}
	for (size_t i = 0; i < KERNELS_MOST; i++)
		s.kernels[i].tag = s.kernels[i].runs = (struct mp_str)MP_STR_INIT;
	if (!args->n_words) {
		mp_err_usage(&err, -EINVAL,
			     "'vm' wants a command for the guest: memperf vm --kernel IMAGE -- run "
			     "--suite quick");
		return mp_fail(&err);
	}
	code = options(&s, &err) || begin(&s, &err) ? mp_fail(&err) : run_guests(&s, &err);
	done(&s);
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
	{ .name = "append", .value = "TEXT", .help = "more for the kernel's command line" },
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
