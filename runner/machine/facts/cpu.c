/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about the processor: model, microcode, the features that memory management uses, caches and counts. */
#include "runner/machine/facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "runner/machine/facthelp.h"

#define CPU "/sys/devices/system/cpu/"

static const struct mp_fact_line model = { "model", MP_FACT_HARDWARE, MP_WEIGHT_MUCH,
					   "another processor is another machine" };
static const struct mp_fact_line stepping = { "family_model_stepping", MP_FACT_HARDWARE,
					      MP_WEIGHT_SOME,
					      "the same name is sold with different cores" };
static const struct mp_fact_line microcode = {
	"microcode", MP_FACT_BOOT, MP_WEIGHT_SOME,
	"updates change mitigations, and with them every entry to the kernel"
};
static const struct mp_fact_line features = {
	"features", MP_FACT_HARDWARE, MP_WEIGHT_SOME,
	"those that clearing, copying, flushing and page tables use, of what the kernel offers"
};
static const struct mp_fact_line address_bits = { "address_bits", MP_FACT_HARDWARE,
						  MP_WEIGHT_LITTLE, "the depth of page tables" };
static const struct mp_fact_line cores = { "cores", MP_FACT_HARDWARE, MP_WEIGHT_SOME,
					   "how many threads run without sharing a core" };
static const struct mp_fact_line packages = { "packages", MP_FACT_HARDWARE, MP_WEIGHT_SOME,
					      "shootdowns between packages cost more" };
static const struct mp_fact_line system_name = { "system", MP_FACT_HARDWARE, MP_WEIGHT_NONE,
						 "for people" };

static const struct mp_fact_file files[] = {
	{ { "online", MP_FACT_BOOT, MP_WEIGHT_SOME,
	    "more CPUs mean longer shootdowns and larger per-CPU stocks" },
	  MP_FACT_LINE,
	  CPU "online" },
	{ { "possible", MP_FACT_BOOT, MP_WEIGHT_LITTLE, "per-CPU data exists for all of them" },
	  MP_FACT_LINE,
	  CPU "possible" },
	{ { "fast_cores", MP_FACT_HARDWARE, MP_WEIGHT_SOME,
	    "the performance cores of a hybrid processor" },
	  MP_FACT_LINE,
	  "/sys/devices/cpu_core/cpus" },
	{ { "slow_cores", MP_FACT_HARDWARE, MP_WEIGHT_SOME,
	    "the efficiency cores of a hybrid processor" },
	  MP_FACT_LINE,
	  "/sys/devices/cpu_atom/cpus" },
};

/* x86 "flags" and arm64 "Features" together: their names do not meet. */
static const char *const wanted[] = {
	/* counter */
	"constant_tsc",
	"nonstop_tsc",
	"rdtscp",
	"tsc_known_freq",
	/* copying and clearing */
	"rep_good",
	"erms",
	"fsrm",
	"fsrs",
	"fzrm",
	"clzero",
	"movdir64b",
	"avx2",
	"avx512f",
	"mops",
	"mopsclear",
	"sve",
	"sve2",
	/* translation */
	"pcid",
	"invpcid",
	"invlpgb",
	"lam",
	"pdpe1gb",
	"la57",
	"pku",
	"smep",
	"smap",
	"ept",
	"ept_ad",
	"vpid",
	"npt",
	"lse",
	"atomics",
	"bti",
	"mte",
	"ecv",
	/* entries to the kernel */
	"pti",
	"ibrs_enhanced",
	"ibrs",
	"retpoline",
	"user_shstk",
	"ibt",
	"fred",
	"fsgsbase",
	"hypervisor",
};

static void put_identity(const struct mp_fact_group *group, const char *text)
{
	static const char *const x86[] = { "cpu family", "model", "stepping" };
	static const char *const arm[] = { "CPU architecture", "CPU variant", "CPU revision" };
	MP_CLEANUP(mp_str_done) struct mp_str triple = MP_STR_INIT;
	const char *const *keys = x86;
	char value[256], part[64];
	int err = mp_sysfile_field(text, "model name", value, sizeof(value));

	/* arm64 names no model: implementer and part are numbers of a public list. */
	if (err && !mp_sysfile_field(text, "CPU implementer", part, sizeof(part))) {
		char number[32] = "?";

		mp_sysfile_field(text, "CPU part", number, sizeof(number));
		snprintf(value, sizeof(value), "implementer %s part %s", part, number);
		keys = arm;
		err = 0;
	}
	mp_fact_put_result(group, &model, err, value, "/proc/cpuinfo");

	err = 0;
	for (size_t i = 0; i < MP_COUNT(x86) && !err; i++) {
		err = mp_sysfile_field(text, keys[i], part, sizeof(part));
		if (!err)
			mp_str_printf(&triple, "%s%s", i ? "/" : "", part);
	}
	mp_fact_put_result(group, &stepping, err, triple.text, "/proc/cpuinfo");
	err = mp_sysfile_field(text, "microcode", value, sizeof(value));
	if (err &&
	    !mp_sysfile_line(group->root, value, sizeof(value), CPU "cpu0/microcode/version"))
		mp_fact_put(group, &microcode, value, CPU "cpu0/microcode/version");
	else
		mp_fact_put_result(group, &microcode, err, value, "/proc/cpuinfo");
	mp_fact_put_result(group, &address_bits,
			   mp_sysfile_field(text, "address sizes", value, sizeof(value)), value,
			   "/proc/cpuinfo");
}

/* Cores of several kinds, by what distinguishes them in cpuinfo: arm64's part, else the model's number and name. */
static void put_kinds(const struct mp_fact_group *group, const char *text)
{
	static const struct mp_fact_line kinds = { "kinds", MP_FACT_HARDWARE, MP_WEIGHT_SOME,
						   "cores of another kind are another processor" };
	MP_CLEANUP(mp_str_done) struct mp_str value = MP_STR_INIT;
	struct mp_fact_tally tally = { .n = 0 };
	const char *key = strstr(text, "\nCPU part") ? "CPU part" : "model name";
	char name[64];

	for (const char *at = text; at && *at;) {
		const char *next = strstr(at + 1, "\n\n");
		size_t len = next ? (size_t)(next - at) : strlen(at);
		char *block = strndup(at, len);

		if (block && !mp_sysfile_field(block, key, name, sizeof(name)))
			mp_fact_tally(&tally, name);
		free(block);
		at = next ? next + 2 : NULL;
	}
	mp_fact_tally_text(&tally, &value);
	mp_fact_put_result(group, &kinds, tally.n ? 0 : -ENOENT, value.text, "/proc/cpuinfo");
}

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at += len) {
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	}
	return false;
}

static void put_features(const struct mp_fact_group *group, const char *text)
{
	MP_CLEANUP(mp_str_done) struct mp_str found = MP_STR_INIT;
	char flags[8192];
	int err = mp_sysfile_field(text, "flags", flags, sizeof(flags));

	if (err)
		err = mp_sysfile_field(text, "Features", flags, sizeof(flags));
	for (size_t i = 0; !err && i < MP_COUNT(wanted); i++) {
		if (has_word(flags, wanted[i]))
			mp_str_printf(&found, "%s%s", found.len ? " " : "", wanted[i]);
	}
	mp_fact_put_result(group, &features, err, found.len ? found.text : "none of interest",
			   "/proc/cpuinfo");
}

/* The caches above the first online CPU; on a hybrid processor those of its kind. */
static void put_caches(const struct mp_fact_group *group, const char *first)
{
	MP_CLEANUP(mp_str_done) struct mp_str value = MP_STR_INIT;
	struct mp_fact_line line = { "caches", MP_FACT_HARDWARE, MP_WEIGHT_MUCH,
				     "page tables, free lists and cleared pages live in them" };
	char folder[MP_SYSFILE_PATH], **names;
	size_t count;
	int err;

	snprintf(folder, sizeof(folder), CPU "%s/cache", first);
	err = mp_fact_names(group->root, folder, "index*", &names, &count);
	if (err) {
		mp_fact_put_result(group, &line, err, NULL, folder);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		char level[8] = "?", type[16] = "?", size[16] = "?", bytes[8] = "?",
		     shared[64] = "?";

		mp_sysfile_line(group->root, level, sizeof(level), "%s/%s/level", folder, names[i]);
		mp_sysfile_line(group->root, type, sizeof(type), "%s/%s/type", folder, names[i]);
		mp_sysfile_line(group->root, size, sizeof(size), "%s/%s/size", folder, names[i]);
		mp_sysfile_line(group->root, bytes, sizeof(bytes), "%s/%s/coherency_line_size",
				folder, names[i]);
		mp_sysfile_line(group->root, shared, sizeof(shared), "%s/%s/shared_cpu_list",
				folder, names[i]);
		mp_str_printf(&value, "%sL%s%s %s line %s of CPUs %s", i ? "; " : "", level,
			      !strcmp(type, "Data")	     ? "d"
			      : !strcmp(type, "Instruction") ? "i"
							     : "",
			      size, bytes, shared);
	}
	mp_fact_names_free(names, count);
	mp_fact_put_result(group, &line, value.len ? 0 : -ENOENT, value.text, folder);
}

/* "L1d 48K, L1i 32K, L2 1280K, L3 24576K" of one CPU. */
static int describe_caches(const char *root, const char *cpu, struct mp_str *out)
{
	char folder[MP_SYSFILE_PATH], **names, level[8], type[16], size[16];
	size_t count;
	int err;

	snprintf(folder, sizeof(folder), CPU "%s/cache", cpu);
	err = mp_fact_names(root, folder, "index*", &names, &count);
	if (err)
		return err;
	for (size_t i = 0; i < count; i++) {
		if (mp_sysfile_line(root, level, sizeof(level), "%s/%s/level", folder, names[i]) ||
		    mp_sysfile_line(root, type, sizeof(type), "%s/%s/type", folder, names[i]) ||
		    mp_sysfile_line(root, size, sizeof(size), "%s/%s/size", folder, names[i]))
			continue;
		mp_str_printf(out, "%sL%s%s %s", out->len ? ", " : "", level,
			      !strcmp(type, "Data")	     ? "d"
			      : !strcmp(type, "Instruction") ? "i"
							     : "",
			      size);
	}
	mp_fact_names_free(names, count);
	return out->len ? 0 : -ENOENT;
}

/* Per CPU, because cores of two kinds and stacked caches differ; and how many third-level caches of which size. */
static void put_cache_kinds(const struct mp_fact_group *group, char **cpus, size_t n_cpus)
{
	static const struct mp_fact_line kinds = { "cache_kinds", MP_FACT_HARDWARE, MP_WEIGHT_MUCH,
						   "what each CPU sees, by the number of CPUs" };
	static const struct mp_fact_line domains = {
		"l3_domains", MP_FACT_HARDWARE, MP_WEIGHT_MUCH,
		"CPUs of one share its lines; between two they travel through memory"
	};
	MP_CLEANUP(mp_str_done) struct mp_str kinds_text = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str domains_text = MP_STR_INIT;
	struct mp_fact_tally kinds_seen = { .n = 0 }, domains_seen = { .n = 0 };
	char list[64], size[16], number[24];
	int err = n_cpus ? 0 : -ENOENT;

	for (size_t i = 0; i < n_cpus; i++) {
		MP_CLEANUP(mp_str_done) struct mp_str one = MP_STR_INIT;
		int failed = describe_caches(group->root, cpus[i], &one);

		if (!failed)
			mp_fact_tally(&kinds_seen, one.text);
		err = failed ? failed : err;
		if (mp_sysfile_line(group->root, list, sizeof(list),
				    CPU "%s/cache/index3/shared_cpu_list", cpus[i]) ||
		    mp_sysfile_line(group->root, size, sizeof(size), CPU "%s/cache/index3/size",
				    cpus[i]))
			continue;
		/* Each is counted at its first CPU. */
		snprintf(number, sizeof(number), "%lu", strtoul(list, NULL, 10));
		if (!strcmp(number, cpus[i] + strlen("cpu")))
			mp_fact_tally(&domains_seen, size);
	}
	mp_fact_tally_text(&kinds_seen, &kinds_text);
	mp_fact_put_result(group, &kinds, kinds_seen.n ? 0 : err, kinds_text.text,
			   CPU "cpu*/cache");
	for (size_t i = 0; i < domains_seen.n; i++)
		mp_str_printf(&domains_text, "%s%u of %s", i ? ", " : "",
			      domains_seen.items[i].count, domains_seen.items[i].text);
	if (!domains_seen.n && kinds_seen.n)
		mp_fact_put(group, &domains, "none", CPU "cpu*/cache");
	else
		mp_fact_put_result(group, &domains, domains_seen.n ? 0 : err, domains_text.text,
				   CPU "cpu*/cache/index3");
}

/* Distinct pairs (package, core) and packages among the online CPUs. */
static void put_counts(const struct mp_fact_group *group, char **cpus, size_t n_cpus)
{
	uint64_t *seen = calloc(n_cpus ? n_cpus : 1, sizeof(*seen));
	uint64_t package_bits = 0;
	size_t n = 0;
	int err = seen ? 0 : -ENOMEM;
	char value[32];

	for (size_t i = 0; !err && i < n_cpus; i++) {
		uint64_t core, package;
		size_t at = 0;

		err = mp_sysfile_number(group->root, &core, CPU "%s/topology/core_id", cpus[i]);
		if (err == -ENOENT) { /* an offline CPU has no topology */
			err = 0;
			continue;
		}
		if (!err)
			err = mp_sysfile_number(group->root, &package,
						CPU "%s/topology/physical_package_id", cpus[i]);
		if (err)
			break;
		package_bits |= UINT64_C(1) << (package & 63);
		core |= package << 32;
		while (at < n && seen[at] != core)
			at++;
		if (at == n)
			seen[n++] = core;
	}
	if (!err && !n)
		err = -ENOENT;
	snprintf(value, sizeof(value), "%zu", n);
	mp_fact_put_result(group, &cores, err, value, CPU "cpu*/topology/core_id");
	snprintf(value, sizeof(value), "%d", __builtin_popcountll(package_bits));
	mp_fact_put_result(group, &packages, err, value, CPU "cpu*/topology/physical_package_id");
	free(seen);
}

/* Vendor and product; the serial numbers beside them are never opened. */
static void put_system(const struct mp_fact_group *group)
{
	char vendor[128], product[128], value[272];
	int err = mp_sysfile_line(group->root, vendor, sizeof(vendor),
				  "/sys/class/dmi/id/sys_vendor");

	if (!err)
		err = mp_sysfile_line(group->root, product, sizeof(product),
				      "/sys/class/dmi/id/product_name");
	if (!err)
		snprintf(value, sizeof(value), "%s %s", vendor, product);
	mp_fact_put_result(group, &system_name, err, value, "/sys/class/dmi/id/product_name");
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "cpu", sink };
	MP_CLEANUP(mp_str_done) struct mp_str cpuinfo = MP_STR_INIT;
	char **cpus = NULL;
	size_t n_cpus = 0;

	/* Unreadable, every field of it is "not there", which is as true. */
	mp_sysfile_read(root, &cpuinfo, "/proc/cpuinfo");
	put_identity(&group, cpuinfo.text);
	put_kinds(&group, cpuinfo.text);
	put_features(&group, cpuinfo.text);
	mp_fact_put_files(&group, files, MP_COUNT(files));
	mp_fact_names(root, CPU, "cpu[0-9]*", &cpus, &n_cpus);
	put_counts(&group, cpus, n_cpus);
	put_caches(&group, n_cpus ? cpus[0] : "cpu0");
	put_cache_kinds(&group, cpus, n_cpus);
	mp_fact_names_free(cpus, n_cpus);
	put_system(&group);
}

const struct mp_fact_collector mp_facts_cpu = { "cpu", collect };
