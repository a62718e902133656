/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows about libpfm4. It reads the live folder of PMUs only, so a machine is bound over that one in a private mount
 * namespace, and inactive PMUs are switched on by its own variable. Its raw register codes are not checked: memperf
 * never asks for them.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <perfmon/pfmlib.h>

#include "common/str.h"
#include "runner/counters/identity.h"
#include "runner/counters/pfm.h"
#include "tests/runner/counter_vectors/vectors.h"

#define PMUS_LIVE "/sys/bus/event_source/devices"

/* Versions have names, and one says more than the one before; the library's own number is 4.0 in all of them. */
static const struct {
	const char *label; /* how the first column begins */
	const char *knows; /* a PMU that this one knows and older ones do not */
	unsigned pmus; /* that its build for x86-64 knows */
} versions[] = {
	{ "git-6870a9f", "gnr_unc_imc0", 561 },
	{ "git-91970fe", "adl_glc", 547 },
	{ "4.13.0", "", 386 },
};

/* The label of the installed version, "" when it is none of them. Its number of PMUs tells what its names do not. */
static const char *installed(void)
{
	size_t version = sizeof(versions) / sizeof(versions[0]) - 1;
	unsigned pmus = 0;

	pfm_initialize();
	for (int i = 1; i < 4096; i++) {
		pfm_pmu_info_t info = { .size = sizeof(info) };
		const int rc = pfm_get_pmu_info((pfm_pmu_t)i, &info);

		if (rc == PFM_ERR_INVAL)
			break;
		pmus += rc == PFM_SUCCESS;
		for (size_t v = 0; rc == PFM_SUCCESS && v < version; v++)
			if (!strcmp(info.name, versions[v].knows))
				version = v;
	}
#if defined(__x86_64__)
	if (pmus != versions[version].pmus)
		return "";
#endif
	return versions[version].label;
}

/* Is the row about this version, and about tables that this build of it has? */
static bool applies(const char *label, const char *version)
{
#if defined(__aarch64__)
	const bool tables = strstr(label, "arm64tables");
#else
	const bool tables = !strstr(label, "arm64tables");
#endif
	return tables && !strncmp(label, version, strlen(version));
}

static void row(const struct tsv *t, struct tally *tally)
{
	char *const *c = t->cells;
	struct mp_perf_event e = { 0 };
	struct mp_err err;
	const int rc = mp_pfm_encode(c[2], &e, &err);

	tally->checked++;
	if (strcmp(c[3], "ok") != 0) {
		const char *words = c[3] + strcspn(c[3], " ");

		if (!rc)
			wrong(tally, t, "%s encodes, and should not: %s", c[2], c[3]);
		else if (!strstr(err.text, words) || (rc == -ENOTSUP) != !strncmp(c[3], "-1 ", 3))
			wrong(tally, t, "'%s' is not '%s'", err.text, c[3]);
		return;
	}
	if (rc)
		wrong(tally, t, "%s", err.text);
	else if (e.type != strtoul(c[4], NULL, 0) || e.config != strtoull(c[5], NULL, 0) ||
		 e.config1 != strtoull(c[6], NULL, 0))
		wrong(tally, t, "%s is type %u config 0x%llx config1 0x%llx", c[2], e.type,
		      (unsigned long long)e.config, (unsigned long long)e.config1);
	else if (e.exclude_user != atoi(c[7]) || e.exclude_kernel != atoi(c[8]) ||
		 e.exclude_hv != atoi(c[9]) || e.exclude_guest != atoi(c[10]))
		wrong(tally, t, "%s excludes user %u kernel %u hypervisor %u guest %u", c[2],
		      e.exclude_user, e.exclude_kernel, e.exclude_hv, e.exclude_guest);
}

/* All rows of one machine, in a process of its own: it never comes back from its namespace. */
static void rows_of(const char *folder, const char *file, const char *machine, const char *version,
		    struct tally *tally)
{
	struct tsv t;

	if (!tsv_open(&t, folder, file))
		return;
	while (tsv_next(&t))
		if (!strcmp(t.cells[1], machine) && applies(t.cells[0], version))
			row(&t, tally);
	tsv_close(&t);
}

/* A mount namespace of our own with the machine bound over the live folder. 0 or the errno. */
static int enter(const char *root)
{
	if (unshare(CLONE_NEWNS) && unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return errno;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(root, PMUS_LIVE, NULL, MS_BIND, NULL))
		return errno;
	return setenv("LIBPFM_ENCODE_INACTIVE", "1", 1) ? errno : 0;
}

static bool check_machine(const char *folder, const char *file, const char *machine,
			  const char *version, struct tally *tally)
{
	struct tally got = { 0 };
	char root[64];
	int pipes[2], status;
	pid_t pid;

	if (!make_machine(folder, machine, root) || pipe(pipes)) {
		printf("%s/%s: there is no machine '%s'\n", folder, file, machine);
		tally->wrong++;
		return true;
	}
	fflush(stdout);
	pid = fork();
	if (!pid) {
		const int rc = enter(root);

		if (rc)
			_exit(2);
		rows_of(folder, file, machine, version, &got);
		fflush(stdout);
		_exit(write(pipes[1], &got, sizeof(got)) == sizeof(got) ? 0 : 1);
	}
	close(pipes[1]);
	if (read(pipes[0], &got, sizeof(got)) == sizeof(got)) {
		tally->checked += got.checked;
		tally->wrong += got.wrong;
	}
	close(pipes[0]);
	waitpid(pid, &status, 0);
	remove_machine(root);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		return false;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		printf("%s/%s: the check of machine '%s' broke off\n", folder, file, machine);
		tally->wrong++;
	}
	return true;
}

/* Asks in a process of its own: the library starts once, and here that is after the machine is bound. */
static void ask_version(char label[32])
{
	int pipes[2];
	pid_t pid;

	label[0] = '\0';
	if (pipe(pipes))
		return;
	pid = fork();
	if (!pid) {
		snprintf(label, 32, "%s", installed());
		_exit(write(pipes[1], label, 32) != 32);
	}
	waitpid(pid, NULL, 0);
	if (read(pipes[0], label, 32) != 32)
		label[0] = '\0';
	close(pipes[0]);
	close(pipes[1]);
}

/* Checks the row's machine unless that was done. */
static void visit(const char *folder, const char *file, const char *machine, const char *version,
		  struct tally *tally)
{
	static char seen[64][64];
	static size_t n_seen;

	for (size_t i = 0; i < n_seen; i++)
		if (!strcmp(seen[i], machine))
			return;
	if (n_seen == 64 || tally->skip)
		return;
	snprintf(seen[n_seen++], sizeof(seen[0]), "%s", machine);
	if (!check_machine(folder, file, machine, version, tally))
		tally->skip = "this process may make no mount namespace";
}

void check_libpfm(const char *folder, const char *file, struct tally *tally)
{
	char version[32];
	struct tsv t;

	if (!tsv_open(&t, folder, file))
		return;
	ask_version(version);
	if (!*version)
		tally->skip = "the installed libpfm4 is of another version";
	tsv_next(&t);
	while (tsv_next(&t)) {
		tally->rows++;
		if (*version && applies(t.cells[0], version))
			visit(folder, file, t.cells[1], version, tally);
		else
			tally->other++;
	}
	tsv_close(&t);
}

static int add_core(void *user, const char *pmu)
{
	mp_str_printf(user, " %s ", pmu);
	return 0;
}

int print_found(void)
{
	struct mp_str cores = MP_STR_INIT, all = MP_STR_INIT;

	mp_pfm_pmus(true, add_core, &cores);
	mp_pfm_describe(&all);
	printf("%s\n%s\n", cores.text, all.text);
	mp_str_done(&cores);
	mp_str_done(&all);
	return 0;
}

/* What print_found() says on a CPU of that identity, faked by user-mode emulation; "-": on this one. */
static bool ask_found(const char *cpu, char cores[512], char all[1024])
{
	char self[512], command[1024];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	bool fine;
	FILE *out;

	if (len < 0)
		return false;
	self[len] = '\0';
	if (strcmp(cpu, "-") != 0)
		snprintf(command, sizeof(command),
			 "qemu-x86_64-static -cpu '%s' -L / '%s' --found 2>/dev/null", cpu, self);
	else
		snprintf(command, sizeof(command), "'%s' --found", self);
	out = popen(command, "r");
	fine = out && fgets(cores, 512, out) && fgets(all, 1024, out);
	if (out)
		fine &= pclose(out) == 0;
	return fine;
}

static void detection_row(const struct tsv *t, const char *want, const char *cores, const char *all,
			  struct tally *tally)
{
	char word[64];
	const char *at = want;
	int used;

	while (sscanf(at, "%63s%n", word, &used) == 1) {
		at += used;
		if (strcmp(word, "none") != 0 && !strstr(all, word))
			wrong(tally, t, "libpfm4 does not find %s, only %s", word, all);
	}
	for (at = cores; sscanf(at, "%63s%n", word, &used) == 1; at += used)
		if (!strstr(want, word))
			wrong(tally, t, "libpfm4 finds %s, and should not", word);
}

/* Rows about another CPU want user-mode emulation of x86-64, those about arm64 an emulated machine. */
void check_detection(const char *folder, const char *file, struct tally *tally)
{
	const bool emulates = !system("command -v qemu-x86_64-static >/dev/null 2>&1");
	char id[MP_CPU_ID_MAX] = "", version[32], cores[512], all[1024];
	struct tsv t;

	if (!tsv_open(&t, folder, file))
		return;
	ask_version(version);
	mp_cpu_identity("/proc", 0, id);
	tsv_next(&t);
	while (tsv_next(&t)) {
		const bool here = !strcmp(t.cells[1], "-") && !strcmp(id, "AuthenticAMD-25-1");
		const bool faked = emulates && strchr(t.cells[1], ',');
		const char *want = t.cells[strcmp(version, "4.13.0") != 0 ? 3 : 2];

		tally->rows++;
		if (!*version || !(here || faked)) {
			tally->other++;
			continue;
		}
		tally->checked++;
		if (!strcmp(want, "same"))
			want = t.cells[2];
		if (ask_found(t.cells[1], cores, all))
			detection_row(&t, want, cores, all, tally);
		else
			wrong(tally, &t, "no answer on CPU '%s'", t.cells[1]);
	}
	if (!emulates)
		tally->skip = "no qemu-x86_64-static (Debian: qemu-user-static)";
	tsv_close(&t);
}
