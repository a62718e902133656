/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows about libpfm4. It reads the live folder of PMUs only, so a machine is bound over that one in a private mount
 * namespace, and inactive PMUs are switched on by its own variable. Its raw register codes are not checked: memperf
 * never asks for them.
 *
 * Rows of another version than the installed one are checked by whoever else knows the event: the installed one, or the
 * files of the machine's PMUs and memperf's own tables. Of what nobody here knows, each row is named.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <perfmon/pfmlib.h>

#include "common/str.h"
#include "runner/counters/counters.h"
#include "runner/counters/identity.h"
#include "runner/counters/pfm.h"
#include "runner/counters/pmu.h"
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

static bool is_ok(const struct tsv *t)
{
	return !strcmp(t->cells[3], "ok");
}

/* What libpfm4 says against the row. */
static void compare(const struct tsv *t, const struct mp_perf_event *e, struct tally *tally)
{
	char *const *c = t->cells;

	if (e->type != strtoul(c[4], NULL, 0) || e->config != strtoull(c[5], NULL, 0) ||
	    e->config1 != strtoull(c[6], NULL, 0))
		wrong(tally, t, "%s is type %u config 0x%llx config1 0x%llx", c[2], e->type,
		      (unsigned long long)e->config, (unsigned long long)e->config1);
	else if (e->exclude_user != atoi(c[7]) || e->exclude_kernel != atoi(c[8]) ||
		 e->exclude_hv != atoi(c[9]) || e->exclude_guest != atoi(c[10]))
		wrong(tally, t, "%s excludes user %u kernel %u hypervisor %u guest %u", c[2],
		      e->exclude_user, e->exclude_kernel, e->exclude_hv, e->exclude_guest);
}

static void row(const struct tsv *t, struct tally *tally)
{
	char *const *c = t->cells;
	struct mp_perf_event e = { 0 };
	struct mp_err err;
	const int rc = mp_pfm_encode(c[2], &e, &err);

	tally->checked++;
	if (!is_ok(t)) {
		const char *words = c[3] + strcspn(c[3], " ");

		if (!rc)
			wrong(tally, t, "%s encodes, and should not: %s", c[2], c[3]);
		else if (!strstr(err.text, words) || (rc == -ENOTSUP) != !strncmp(c[3], "-1 ", 3))
			wrong(tally, t, "'%s' is not '%s'", err.text, c[3]);
		return;
	}
	if (rc)
		wrong(tally, t, "%s", err.text);
	else
		compare(t, &e, tally);
}

/* The same event by another name than libpfm4's. */
static const struct equal {
	const char *pmu, *event; /* of libpfm4; globs */
	const char *
		sysfs; /* "PMU/TERMS/", where N is the number at the end of libpfm4's PMU; NULL: `metric` */
	const char *metric, *cpu_id; /* as memperf resolves it on that model */
	int cpu;
} equals[] = {
#define SYSFS(a, b, text)                                                                          \
	{                                                                                          \
		.pmu = a, .event = b, .sysfs = text                                                \
	}
#define METRIC(a, b, id, model, at)                                                                \
	{                                                                                          \
		.pmu = a, .event = b, .metric = id, .cpu_id = model, .cpu = at                     \
	}
	METRIC("adl_glc", "LONGEST_LAT_CACHE:MISS*", "l3_misses", "GenuineIntel-6-BA", 0),
	METRIC("adl_grt", "LONGEST_LAT_CACHE:MISS*", "l3_misses", "GenuineIntel-6-BA", 12),
	METRIC("emr", "LONGEST_LAT_CACHE:MISS", "l3_misses", "GenuineIntel-6-CF", 0),
	METRIC("gnr", "LONGEST_LAT_CACHE:MISS", "l3_misses", "GenuineIntel-6-AD", 0),
	SYSFS("adl_glc", "LONGEST_LAT_CACHE:REFERENCE", "cpu_core/cache-references/"),
	SYSFS("adl_grt", "LONGEST_LAT_CACHE:REFERENCE", "cpu_atom/cache-references/"),
	METRIC("adl_glc", "DTLB_LOAD_MISSES:WALK_COMPLETED", "dtlb_walks", "GenuineIntel-6-BA", 0),
	METRIC("adl_grt", "DTLB_LOAD_MISSES:WALK_COMPLETED", "dtlb_walks", "GenuineIntel-6-BA", 12),
	SYSFS("spr_unc_imc*", "UNC_M_CAS_COUNT:RD", "uncore_imc_N/cas_count_read/"),
	SYSFS("spr_unc_imc*", "UNC_M_CAS_COUNT:WR", "uncore_imc_N/cas_count_write/"),
	SYSFS("gnr_unc_imc*", "UNC_M_CAS_COUNT_SCH0:RD", "uncore_imc_N/cas_count_read_sch0/"),
	SYSFS("gnr_unc_imc*", "UNC_M_CAS_COUNT_SCH1:RD", "uncore_imc_N/cas_count_read_sch1/"),
	SYSFS("gnr_unc_imc*", "UNC_M_CAS_COUNT_SCH1:WR", "uncore_imc_N/cas_count_write_sch1/"),
	/* These and the next ones as bandwidth-sources.tsv and vectors-sysfs.tsv have them. */
	SYSFS("icx_unc_imc*", "UNC_M_CAS_COUNT:RD", "uncore_imc_N/event=0x04,umask=0x0f/"),
	SYSFS("icx_unc_imc*", "UNC_M_CAS_COUNT:WR", "uncore_imc_N/event=0x04,umask=0x30/"),
	SYSFS("amd64_fam1ah_zen5_l3", "UNC_L3_REQUESTS:L3_MISS", "amd_l3/event=0x04,umask=0x01/"),
	SYSFS("amd64_fam19h_zen3_l3", "UNC_L3_MISSES:ALL", "amd_l3/event=0x9a,umask=0xff/"),
	SYSFS("adl_glc", "OCR0:DEMAND_DATA_RD_L3_MISS",
	      "cpu_core/event=0x2a,umask=0x1,offcore_rsp=0x3fbfc00001/"),
	METRIC("amd64_fam1ah_zen5", "ANY_DATA_CACHE_FILLS_FROM_SYSTEM:DRAM_IO_NEAR:DRAM_IO_FAR",
	       "l3_misses", "AuthenticAMD-26-2", 0),
	SYSFS("arm_ac76", "LL_CACHE_MISS_RD", "armv8_cortex_a76/ll_cache_miss_rd/"),
	METRIC("arm_*", "LL_CACHE_MISS_RD*", "l3_misses", "arm-41-d4f", 0),
	SYSFS("arm_*", "L3D_CACHE_REFILL", "armv8_pmuv3_0/l3d_cache_refill/"),
	SYSFS("arm_*", "LL_CACHE_RD", "armv8_pmuv3_0/ll_cache_rd/"),
	SYSFS("hisi_sccl1_ddrc*", "flux_rd", "hisi_sccl1_ddrcN/flux_rd/"),
	SYSFS("hisi_sccl1_ddrc*", "flux_wr", "hisi_sccl1_ddrcN/flux_wr/"),
	SYSFS("hisi_sccl3_ddrc*", "flux_rd", "hisi_sccl3_ddrcN/flux_rd/"),
};

static int by_metric(const char *root, size_t i, struct mp_perf_event *ret_event)
{
	const struct mp_counter_query query = {
		.metrics = &equals[i].metric,
		.n_metrics = 1,
		.cpus = &equals[i].cpu,
		.n_cpus = 1,
		.roots = { .event_source = root, .cpu = "/nonexistent", .proc = "/nonexistent" },
		.cpu_id = equals[i].cpu_id
	};
	struct mp_counters counters;
	int rc = mp_counters_resolve(&query, &counters, NULL);

	if (rc)
		return rc;
	rc = counters.items[0].n_events ? 0 : -ENOENT;
	if (!rc)
		*ret_event = counters.items[0].events[0];
	mp_counters_done(&counters);
	return rc;
}

static int by_sysfs(const char *root, const char *text, const char *number,
		    struct mp_perf_event *ret_event)
{
	const size_t head = strcspn(text, "N");
	struct mp_pmus pmus;
	char name[160];
	int rc = mp_pmus_read(root, &pmus, NULL);

	if (rc)
		return rc;
	if (text[head])
		snprintf(name, sizeof(name), "%.*s%s%s", (int)head, text, number, text + head + 1);
	else
		snprintf(name, sizeof(name), "%s", text);
	rc = mp_pmu_encode_text(&pmus, name, ret_event, NULL, NULL);
	mp_pmus_done(&pmus);
	return rc;
}

/* A row of another version, by whoever else says what the event is. */
static void foreign_row(const char *root, bool bound, const struct tsv *t, struct tally *tally)
{
	const char *event = strstr(t->cells[2], "::");
	struct mp_perf_event e = { 0 };
	struct mp_err err;
	char pmu[64], number[16];
	size_t i = 0;
	int rc;

	if (bound && is_ok(t) && !mp_pfm_encode(t->cells[2], &e, &err)) {
		tally->checked++;
		compare(t, &e, tally);
		return;
	}
	snprintf(pmu, sizeof(pmu), "%.*s", (int)(event - t->cells[2]), t->cells[2]);
	snprintf(number, sizeof(number), "%s", pmu + strcspn(pmu, "_"));
	for (size_t at = strlen(pmu); at && strchr("0123456789", pmu[at - 1]); at--)
		snprintf(number, sizeof(number), "%s", pmu + at - 1);
	while (i < sizeof(equals) / sizeof(equals[0]) &&
	       !(mp_str_glob(equals[i].pmu, pmu) && mp_str_glob(equals[i].event, event + 2)))
		i++;
	/* That another version does not know a name is known by nobody else; that there is no such PMU is. Where there is no
	 * core PMU either, libpfm4 alone makes up a type. */
	if (i == sizeof(equals) / sizeof(equals[0]) ||
	    (!is_ok(t) && (!equals[i].sysfs || strncmp(t->cells[3], "-1 ", 3) != 0)) ||
	    (is_ok(t) && !strcmp(t->cells[1], "guest-no-pmu"))) {
		left_out(tally, t, "%s %s", t->cells[0], t->cells[2]);
		return;
	}
	tally->checked++;
	rc = equals[i].sysfs ? by_sysfs(root, equals[i].sysfs, number, &e) : by_metric(root, i, &e);
	if (!is_ok(t)) {
		if (rc != -ENODEV)
			wrong(tally, t, "%s is there, and should not: %s", t->cells[2],
			      t->cells[3]);
		return;
	}
	if (rc)
		wrong(tally, t, "nobody but libpfm4 encodes %s: %s", t->cells[2], strerror(-rc));
	else if (e.config != strtoull(t->cells[5], NULL, 0) ||
		 e.config1 != strtoull(t->cells[6], NULL, 0))
		wrong(tally, t, "%s is config 0x%llx config1 0x%llx", t->cells[2],
		      (unsigned long long)e.config, (unsigned long long)e.config1);
	/* On arm64 libpfm4 says 4 for every core PMU, and sysfs wins. */
	else if (e.type != strtoul(t->cells[4], NULL, 0) &&
		 !(mp_str_glob("arm_*", pmu) && !strcmp(t->cells[4], "4")))
		wrong(tally, t, "%s is type %u", t->cells[2], e.type);
}

/* All rows of one machine, in a process of its own: it never comes back from its namespace. Without one (`bound` is false)
 * libpfm4 cannot be asked. */
static void rows_of(const char *folder, const char *file, const char *machine, const char *root,
		    const char *version, bool bound, struct tally *tally)
{
	struct tsv t;

	if (!tsv_open(&t, folder, file))
		return;
	while (tsv_next(&t)) {
		if (strcmp(t.cells[1], machine) != 0)
			continue;
		if (!*version || !applies(t.cells[0], version))
			foreign_row(root, bound, &t, tally);
		else if (bound)
			row(&t, tally);
		else
			tally->other++;
	}
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

static void check_machine(const char *folder, const char *file, const char *machine,
			  const char *version, struct tally *tally)
{
	struct tally got = { 0 };
	char root[64];
	int pipes[2], status;
	pid_t pid;

	if (!make_machine(folder, machine, root) || pipe(pipes)) {
		printf("%s/%s: there is no machine '%s'\n", folder, file, machine);
		tally->wrong++;
		return;
	}
	fflush(stdout);
	pid = fork();
	if (!pid) {
		const bool bound = !enter(root);

		if (!bound)
			got.skip = "this process may make no mount namespace";
		rows_of(folder, file, machine, root, version, bound, &got);
		fflush(stdout);
		_exit(write(pipes[1], &got, sizeof(got)) == sizeof(got) ? 0 : 1);
	}
	close(pipes[1]);
	if (read(pipes[0], &got, sizeof(got)) == sizeof(got)) {
		tally->checked += got.checked;
		tally->wrong += got.wrong;
		tally->other += got.other;
		/* A text of this very program, in a process that was forked from it. */
		tally->skip = got.skip ? got.skip : tally->skip;
	}
	close(pipes[0]);
	waitpid(pid, &status, 0);
	remove_machine(root);
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		printf("%s/%s: the check of machine '%s' broke off\n", folder, file, machine);
		tally->wrong++;
	}
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
	if (n_seen == 64)
		return;
	snprintf(seen[n_seen++], sizeof(seen[0]), "%s", machine);
	check_machine(folder, file, machine, version, tally);
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
		visit(folder, file, t.cells[1], version, tally);
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
