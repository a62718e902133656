/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts about the process that measures, which its workers inherit: limits, privileges, scheduling, and variables of
 * the environment that change what libraries do. Nobody's name, and no path: of a variable whose value may be a path
 * only the name is told.
 */
#include "runner/machine/facts.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/units.h"
#include "runner/machine/facthelp.h"

#define NOW MP_FACT_NOW

static const struct {
	struct mp_fact_line line;
	const char *row; /* of /proc/self/limits */
	bool bytes;
} limits[] = {
	{ { "limit_locked", NOW, 2, "cases that lock more are skipped" },
	  "Max locked memory",
	  true },
	{ { "limit_address_space", NOW, 2, "mappings beyond it fail" }, "Max address space", true },
	{ { "limit_data", NOW, 1, "brk and private mappings beyond it fail" },
	  "Max data size",
	  true },
	{ { "limit_stack", NOW, 2, "unlimited turns the layout of mappings upside down" },
	  "Max stack size",
	  true },
	{ { "limit_files", NOW, 1, "counters and mapped files are descriptors" },
	  "Max open files",
	  false },
	{ { "limit_processes", NOW, 0, "workers are processes" }, "Max processes", false },
	{ { "limit_core", NOW, 0, "a crash of a worker may write its memory" },
	  "Max core file size",
	  true },
	{ { "limit_realtime", NOW, 1, "priorities that may be asked for" },
	  "Max realtime priority",
	  false },
};

/* Capabilities that decide what a run can do (linux/capability.h). */
static const struct {
	unsigned bit;
	const char *name;
} capabilities[] = { { 14, "ipc_lock" }, { 19, "sys_ptrace" },	 { 21, "sys_admin" },
		     { 23, "sys_nice" }, { 24, "sys_resource" }, { 16, "sys_module" },
		     { 34, "syslog" },	 { 38, "perfmon" },	 { 39, "bpf" } };

static const struct mp_fact_line root_line = { "root", NOW, MP_WEIGHT_LITTLE,
					       "root passes limits that stop others" };
static const struct mp_fact_line capability_line = { "capabilities", NOW, MP_WEIGHT_LITTLE,
						     "of those that decide what can be measured" };
static const struct mp_fact_line seccomp_line = {
	"seccomp", NOW, MP_WEIGHT_MUCH, "with a filter every system call runs through it first"
};
static const struct mp_fact_line thp_line = { "thp_allowed", NOW, MP_WEIGHT_MUCH,
					      "no: this process was denied huge pages" };
static const struct mp_fact_line speculation_line = {
	"speculation_store_bypass", NOW, MP_WEIGHT_SOME,
	"mitigated: loads wait for older stores, also in user space"
};
static const struct mp_fact_line environment_line = {
	"environment", NOW, MP_WEIGHT_SOME, "variables that change allocators and libraries"
};

static const struct mp_fact_file files[] = {
	{ { "oom_score_adj", NOW, MP_WEIGHT_NONE, "who is killed first" },
	  MP_FACT_LINE,
	  "/proc/self/oom_score_adj" },
	{ { "personality", NOW, MP_WEIGHT_SOME, "bit 0x0040000: no random layout" },
	  MP_FACT_LINE,
	  "/proc/self/personality" },
};

/* Variables that are told; `value`: it is a name or a number, never a path. */
static const struct {
	const char *glob;
	bool value;
} variables[] = {
	{ "LIBPFM_FORCE_PMU", true },
	{ "LIBPFM_ENCODE_INACTIVE", true },
	{ "LIBPFM_DISABLED_PMUS", true },
	{ "LIBPFM_VERBOSE", true },
	{ "LIBPFM_DEBUG*", true },
	{ "LIBPFM_*", false },
	{ "HWLOC_THISSYSTEM*", true },
	{ "HWLOC_SYNTHETIC", true },
	{ "HWLOC_COMPONENTS", true },
	{ "HWLOC_HIDE_ERRORS", true },
	{ "HWLOC_DEBUG_VERBOSE", true },
	{ "HWLOC_*", false },
	{ "GLIBC_TUNABLES", true },
	{ "MALLOC_ARENA_*", true },
	{ "MALLOC_*_", true },
	{ "MALLOC_*", false },
	{ "LD_PRELOAD", false },
	{ "LD_AUDIT", false },
	{ "LD_BIND_NOW", true },
	{ "LD_LIBRARY_PATH", false },
	{ "OMP_NUM_THREADS", true },
};

/* A row is "Max open files            1024                 4096                 files"; soft limit first. */
static void put_limits(const struct mp_fact_group *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	int failed = mp_sysfile_read(group->root, &text, "/proc/self/limits");

	for (size_t i = 0; i < MP_COUNT(limits); i++) {
		const char *at = failed ? NULL : strstr(text.text, limits[i].row);
		char soft[32], value[MP_UNITS_LEN];
		int err = failed;

		if (!err && (!at || sscanf(at + strlen(limits[i].row), "%31s", soft) != 1))
			err = -EINVAL;
		if (!err && limits[i].bytes && isdigit((unsigned char)*soft))
			mp_size_format(strtoull(soft, NULL, 10), value);
		else if (!err)
			snprintf(value, sizeof(value), "%.31s", soft);
		mp_fact_put_result(group, &limits[i].line, err, value, "/proc/self/limits");
	}
}

static void put_privileges(const struct mp_fact_group *group, const char *status, int failed)
{
	MP_CLEANUP(mp_str_done) struct mp_str held = MP_STR_INIT;
	char value[64];
	int err = failed ? failed : mp_sysfile_field(status, "Uid", value, sizeof(value));

	mp_fact_put_result(group, &root_line, err, !err && !strncmp(value, "0\t", 2) ? "yes" : "no",
			   "/proc/self/status");
	err = failed ? failed : mp_sysfile_field(status, "CapEff", value, sizeof(value));
	for (size_t i = 0; !err && i < MP_COUNT(capabilities); i++) {
		if (strtoull(value, NULL, 16) >> capabilities[i].bit & 1)
			mp_str_printf(&held, "%s%s", held.len ? " " : "", capabilities[i].name);
	}
	mp_fact_put_result(group, &capability_line, err, held.len ? held.text : "none",
			   "/proc/self/status: CapEff");
}

static void put_status(const struct mp_fact_group *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str status = MP_STR_INIT;
	static const char *const modes[] = { "off", "strict", "filter" };
	char value[64];
	int failed = mp_sysfile_read(group->root, &status, "/proc/self/status"), err;

	put_privileges(group, status.text, failed);
	err = failed ? failed : mp_sysfile_field(status.text, "Seccomp", value, sizeof(value));
	if (!err && (*value < '0' || *value > '2'))
		err = -EINVAL;
	mp_fact_put_result(group, &seccomp_line, err, err ? NULL : modes[*value - '0'],
			   "/proc/self/status: Seccomp");
	err = failed ? failed : mp_sysfile_field(status.text, "THP_enabled", value, sizeof(value));
	mp_fact_put_result(group, &thp_line, err, !err && *value == '1' ? "yes" : "no",
			   "/proc/self/status: THP_enabled");
	err = failed ? failed
		     : mp_sysfile_field(status.text, "Speculation_Store_Bypass", value,
					sizeof(value));
	mp_fact_put_result(group, &speculation_line, err, value,
			   "/proc/self/status: Speculation_Store_Bypass");
}

/* Appends "NAME=value" or "NAME=..." when it is one of those that are told. */
static void add_variable(const char *entry, struct mp_str *out)
{
	size_t len = strcspn(entry, "=");
	char name[64];

	if (!entry[len] || len >= sizeof(name))
		return;
	memcpy(name, entry, len);
	name[len] = '\0';
	for (size_t i = 0; i < MP_COUNT(variables); i++) {
		if (!mp_str_glob(variables[i].glob, name))
			continue;
		/* A value that is said to be none may still be a path by mistake. */
		if (variables[i].value && !strpbrk(entry + len, "/\n\t"))
			mp_str_printf(out, "%s%.120s", out->len ? " " : "", entry);
		else
			mp_str_printf(out, "%s%s=...", out->len ? " " : "", name);
		return;
	}
}

static void put_environment(const struct mp_fact_group *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str found = MP_STR_INIT;
	int err = mp_sysfile_read(group->root, &text, "/proc/self/environ");

	for (size_t at = 0; !err && at < text.len; at += strlen(text.text + at) + 1)
		add_variable(text.text + at, &found);
	mp_fact_put_result(group, &environment_line, err,
			   found.len ? found.text : "none of interest", "/proc/self/environ");
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "process", sink };

	put_limits(&group);
	put_status(&group);
	mp_fact_put_files(&group, files, MP_COUNT(files));
	put_environment(&group);
}

const struct mp_fact_collector mp_facts_process = { "process", collect };
