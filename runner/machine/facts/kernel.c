/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts about the kernel: which one, how it was built, started and patched, what it does against speculation, and
 * what watches it.
 */
#include "runner/machine/facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "runner/machine/cmdline.h"
#include "runner/machine/facthelp.h"
#include "runner/machine/kconfig.h"
#include "common/sha256.h"

static const struct mp_fact_file files[] = {
	{ { "release", MP_FACT_BOOT, MP_WEIGHT_MUCH, "another kernel is another implementation" },
	  MP_FACT_LINE,
	  "/proc/sys/kernel/osrelease" },
	{ { "version", MP_FACT_BOOT, MP_WEIGHT_SOME, "the build of this release" },
	  MP_FACT_LINE,
	  "/proc/sys/kernel/version" },
	{ { "lsm", MP_FACT_BOOT, MP_WEIGHT_SOME,
	    "security modules are asked on mmap, mprotect, brk and shm" },
	  MP_FACT_LINE,
	  "/sys/kernel/security/lsm" },
	{ { "preempt", MP_FACT_BOOT, MP_WEIGHT_SOME,
	    "the preemption model chosen at run time; the word in parentheses is in effect" },
	  MP_FACT_LINE,
	  "/sys/kernel/debug/sched/preempt" },
	{ { "tracer", MP_FACT_NOW, MP_WEIGHT_SOME,
	    "an active tracer slows every function it sees" },
	  MP_FACT_LINE,
	  "/sys/kernel/tracing/current_tracer" },
	{ { "tainted", MP_FACT_NOW, MP_WEIGHT_LITTLE,
	    "foreign modules and earlier warnings are told apart by bits" },
	  MP_FACT_LINE,
	  "/proc/sys/kernel/tainted" },
	{ { "perf_event_paranoid", MP_FACT_NOW, MP_WEIGHT_NONE, "which counters may be opened" },
	  MP_FACT_LINE,
	  "/proc/sys/kernel/perf_event_paranoid" },
};

static const struct mp_fact_line compiler = { "compiler", MP_FACT_BOOT, MP_WEIGHT_SOME,
					      "the kernel's code is its compiler's work too" };
static const struct mp_fact_line command_line = {
	"cmdline", MP_FACT_BOOT, MP_WEIGHT_SOME,
	"parameters that change memory, scheduling and mitigations; other values are left out"
};
static const struct mp_fact_line page_size = { "page_size", MP_FACT_BOOT, MP_WEIGHT_MUCH,
					       "the unit of all memory management" };
/* What hooks into the kernel's functions, a line each. */
static const struct {
	struct mp_fact_line line;
	const char *list;
} hooks[] = {
	{ { "kprobes", MP_FACT_NOW, MP_WEIGHT_SOME,
	    "a probe traps or jumps whenever its function runs" },
	  "/sys/kernel/debug/kprobes/list" },
	{ { "traced_functions", MP_FACT_NOW, MP_WEIGHT_SOME,
	    "a traced function calls its tracer, a BPF program or a live patch first" },
	  "/sys/kernel/tracing/enabled_functions" },
	{ { "trace_events", MP_FACT_NOW, MP_WEIGHT_SOME,
	    "an enabled event writes a record on the path that is measured" },
	  "/sys/kernel/tracing/set_event" },
};
static const struct mp_fact_line livepatches = { "livepatches", MP_FACT_NOW, MP_WEIGHT_SOME,
						 "patched functions are entered through a detour" };
static const struct mp_fact_line config_hash = {
	"config_hash", MP_FACT_BOOT, MP_WEIGHT_LITTLE,
	"equal: the whole configuration is equal (SHA-256, 16 digits)"
};

static const struct mp_fact_line build_id = { "build_id", MP_FACT_BOOT, MP_WEIGHT_SOME,
					      "one build of the kernel, whatever it calls itself" };
static const struct mp_fact_line command_line_hash = {
	"cmdline_hash", MP_FACT_BOOT, MP_WEIGHT_NONE,
	"equal on one machine: the whole command line is equal, also what is left out above"
};

/* Options of the kernel's configuration, and how much each moves. */
static const struct {
	const char *option;
	int weight;
	const char *why;
} options[] = {
	/* model */
	{ "CONFIG_PREEMPT_NONE", 2, "preemption model" },
	{ "CONFIG_PREEMPT_VOLUNTARY", 2, "preemption model" },
	{ "CONFIG_PREEMPT", 2, "preemption model" },
	{ "CONFIG_PREEMPT_LAZY", 2, "preemption model" },
	{ "CONFIG_PREEMPT_RT", 3, "spinlocks sleep" },
	{ "CONFIG_PREEMPT_DYNAMIC", 1, "the preemption model can be chosen at boot" },
	{ "CONFIG_HZ", 2, "timer ticks interrupt the measured thread" },
	{ "CONFIG_HIGH_RES_TIMERS", 1, "timers interrupt where they fall, not at ticks" },
	{ "CONFIG_NO_HZ_FULL", 1, "a CPU with one thread can lose its tick" },
	{ "CONFIG_NR_CPUS", 1, "the size of CPU masks" },
	{ "CONFIG_CC_OPTIMIZE_FOR_SIZE", 2, "the compiler's goal" },
	{ "CONFIG_LTO_NONE", 1, "n: link-time optimisation" },
	{ "CONFIG_NO_HZ_IDLE", 1, "an idle CPU has no tick" },
	{ "CONFIG_RCU_NOCB_CPU", 1, "callbacks can run on other CPUs" },
	{ "CONFIG_SCHED_CORE", 1, "siblings can be kept for one trust group" },
	{ "CONFIG_ARM64_4K_PAGES", 2, "base page size" },
	{ "CONFIG_ARM64_16K_PAGES", 2, "base page size" },
	{ "CONFIG_ARM64_64K_PAGES", 2, "base page size" },
	{ "CONFIG_PGTABLE_LEVELS", 1, "the depth of page tables" },
	{ "CONFIG_NUMA", 2, "node lists and policies" },
	{ "CONFIG_NUMA_BALANCING", 2, "hinting faults" },
	/* huge pages */
	{ "CONFIG_TRANSPARENT_HUGEPAGE", 3, "huge pages without asking" },
	{ "CONFIG_TRANSPARENT_HUGEPAGE_ALWAYS", 1, "their default" },
	{ "CONFIG_TRANSPARENT_HUGEPAGE_MADVISE", 1, "their default" },
	{ "CONFIG_TRANSPARENT_HUGEPAGE_NEVER", 1, "their default" },
	{ "CONFIG_READ_ONLY_THP_FOR_FS", 1, "huge pages of files" },
	{ "CONFIG_THP_SWAP", 1, "huge pages are swapped whole" },
	{ "CONFIG_NO_PAGE_MAPCOUNT", 1, "mappings of large folios are counted per folio alone" },
	{ "CONFIG_HUGETLB_PAGE", 1, "the hugetlb pool" },
	{ "CONFIG_HUGETLB_PAGE_OPTIMIZE_VMEMMAP", 1, "freeing struct pages of hugetlb pages" },
	{ "CONFIG_HUGETLB_PAGE_OPTIMIZE_VMEMMAP_DEFAULT_ON", 1, "from boot" },
	{ "CONFIG_ARCH_ENABLE_SPLIT_PMD_PTLOCK", 2, "one lock per page table" },
	/* virtual memory */
	{ "CONFIG_PER_VMA_LOCK", 3, "faults without the mmap lock" },
	{ "CONFIG_LRU_GEN", 2, "multi-generational LRU" },
	{ "CONFIG_LRU_GEN_ENABLED", 1, "from boot" },
	{ "CONFIG_LRU_GEN_WALKS_MMU", 1, "it walks page tables for accessed bits" },
	{ "CONFIG_PT_RECLAIM", 2, "empty page tables are freed by madvise" },
	{ "CONFIG_MEM_SOFT_DIRTY", 1, "dirty tracking in page tables" },
	{ "CONFIG_HAVE_ARCH_USERFAULTFD_WP", 1, "write protection by userfaultfd" },
	{ "CONFIG_PTE_MARKER_UFFD_WP", 1, "markers of userfaultfd" },
	{ "CONFIG_USERFAULTFD", 1, "faults handled in user space" },
	{ "CONFIG_KSM", 1, "same-page merging" },
	{ "CONFIG_ZSWAP", 1, "compressed swap" },
	{ "CONFIG_ZSWAP_DEFAULT_ON", 1, "from boot" },
	{ "CONFIG_DAMON", 1, "accesses can be monitored" },
	{ "CONFIG_IDLE_PAGE_TRACKING", 1, "accessed bits can be cleared from user space" },
	{ "CONFIG_COMPACTION", 2, "huge pages can be made" },
	{ "CONFIG_MIGRATION", 1, "pages can be moved" },
	{ "CONFIG_PAGE_REPORTING", 1, "free pages are given back to the hypervisor" },
	{ "CONFIG_DEFERRED_STRUCT_PAGE_INIT", 1, "memory is set up after boot" },
	{ "CONFIG_SPARSEMEM_VMEMMAP", 2, "struct page is found by an addition" },
	{ "CONFIG_ANON_VMA_NAME", 1, "mappings have names that keep them from merging" },
	/* groups */
	{ "CONFIG_MEMCG", 3, "every page is charged" },
	{ "CONFIG_MEMCG_KMEM", 2, "kernel objects are charged (always, since 6.10)" },
	{ "CONFIG_MEMCG_V1", 1, "version 1 of the memory group" },
	{ "CONFIG_CGROUP_HUGETLB", 1, "hugetlb pages are charged" },
	{ "CONFIG_PSI", 1, "stall accounting" },
	/* slab */
	{ "CONFIG_SLUB", 2, "the slab allocator" },
	{ "CONFIG_SLUB_TINY", 3, "the slab allocator of small systems, without per-CPU lists" },
	{ "CONFIG_SLUB_CPU_PARTIAL", 2, "per-CPU lists of partial slabs" },
	{ "CONFIG_SLUB_DEBUG", 1, "slab debugging can be switched on, which its slow paths ask" },
	{ "CONFIG_SLUB_DEBUG_ON", 3, "slab debugging from boot" },
	{ "CONFIG_SLUB_STATS", 2, "counters in every slab operation" },
	{ "CONFIG_SLAB_FREELIST_HARDENED", 2, "encoded free-list pointers" },
	{ "CONFIG_SLAB_FREELIST_RANDOM", 1, "shuffled free lists" },
	{ "CONFIG_SLAB_BUCKETS", 1, "separate caches for user-sized objects" },
	{ "CONFIG_RANDOM_KMALLOC_CACHES", 1, "sixteen copies of every kmalloc cache" },
	{ "CONFIG_SLAB_MERGE_DEFAULT", 1, "caches of one size share slabs" },
	{ "CONFIG_SHUFFLE_PAGE_ALLOCATOR", 1, "shuffled free lists of pages" },
	/* clearing and checking */
	{ "CONFIG_INIT_ON_ALLOC_DEFAULT_ON", 3, "every allocation is cleared" },
	{ "CONFIG_INIT_ON_FREE_DEFAULT_ON", 3, "every free is cleared" },
	{ "CONFIG_PAGE_POISONING", 1, "freed pages can be poisoned" },
	{ "CONFIG_HARDENED_USERCOPY", 1, "copies to and from user space are checked" },
	{ "CONFIG_DEBUG_VM", 3, "assertions in memory management" },
	{ "CONFIG_DEBUG_VM_MAPLE_TREE", 3, "the VMA tree is validated" },
	{ "CONFIG_DEBUG_VM_PGTABLE", 1, "page-table helpers are tested at boot" },
	{ "CONFIG_DEBUG_PAGEALLOC", 2, "freed pages can be unmapped" },
	{ "CONFIG_DEBUG_PAGEALLOC_ENABLE_DEFAULT", 3, "they are, from boot" },
	{ "CONFIG_DEBUG_LIST", 1, "list operations are checked" },
	{ "CONFIG_LIST_HARDENED", 1, "list operations are checked inline" },
	{ "CONFIG_PAGE_OWNER", 2, "allocations can record their stack" },
	{ "CONFIG_PAGE_TABLE_CHECK", 2, "page-table changes are checked" },
	{ "CONFIG_PAGE_TABLE_CHECK_ENFORCED", 3, "from boot" },
	{ "CONFIG_PAGE_EXTENSION", 1, "extra data per page" },
	{ "CONFIG_MEM_ALLOC_PROFILING", 2, "allocations are counted per call site" },
	{ "CONFIG_MEM_ALLOC_PROFILING_ENABLED_BY_DEFAULT", 2, "from boot" },
	{ "CONFIG_KASAN", 3, "every access is checked" },
	{ "CONFIG_KASAN_HW_TAGS", 2, "memory is tagged by the processor" },
	{ "CONFIG_KCSAN", 3, "races are watched for" },
	{ "CONFIG_KMSAN", 3, "uninitialised memory is tracked" },
	{ "CONFIG_KFENCE", 1, "sampled guard pages" },
	{ "CONFIG_KCOV", 3, "coverage calls in every block" },
	{ "CONFIG_UBSAN", 1, "undefined behaviour is checked" },
	{ "CONFIG_LOCKDEP", 3, "every lock is tracked" },
	{ "CONFIG_PROVE_LOCKING", 3, "every lock is proved" },
	{ "CONFIG_LOCK_STAT", 3, "lock contention is counted" },
	{ "CONFIG_DEBUG_SPINLOCK", 2, "spinlocks are checked" },
	{ "CONFIG_DEBUG_ATOMIC_SLEEP", 2, "sleeping is checked everywhere" },
	{ "CONFIG_DEBUG_KMEMLEAK", 3, "every allocation is recorded" },
	{ "CONFIG_DEBUG_OBJECTS", 2, "object lifetimes are tracked" },
	{ "CONFIG_GCOV_KERNEL", 3, "coverage counters" },
	{ "CONFIG_DEBUG_LOCK_ALLOC", 2, "locks in freed memory are looked for" },
	{ "CONFIG_DEBUG_PREEMPT", 1, "per-CPU accesses are checked" },
	{ "CONFIG_FUNCTION_TRACER", 1, "a patchable call in every function" },
	{ "CONFIG_DYNAMIC_FTRACE", 2,
	  "n: the tracer is called from every function, also when off" },
	{ "CONFIG_KPROBES", 1, "probes can be put into functions" },
	{ "CONFIG_LIVEPATCH", 1, "functions can be patched" },
	{ "CONFIG_LATENCYTOP", 2, "latencies are recorded" },
	/* security modules: where securityfs is not mounted, nothing else tells */
	{ "CONFIG_SECURITY", 1, "security modules are asked on mmap, mprotect, brk and shm" },
	{ "CONFIG_LSM", 1, "which of them, unless the command line says so" },
	{ "CONFIG_SECURITY_SELINUX", 1, "one of the larger ones" },
	{ "CONFIG_SECURITY_APPARMOR", 1, "one of the larger ones" },
	/* isolation */
	{ "CONFIG_MITIGATION_PAGE_TABLE_ISOLATION", 1, "a second page table for user space" },
	{ "CONFIG_PAGE_TABLE_ISOLATION", 1, "the same, before 6.9" },
	{ "CONFIG_X86_USER_SHADOW_STACK", 1, "shadow stacks" },
	{ "CONFIG_X86_KERNEL_IBT", 1, "branch tracking in the kernel" },
	{ "CONFIG_CFI_CLANG", 2, "indirect calls are checked" },
	{ "CONFIG_SHADOW_CALL_STACK", 1, "return addresses are kept twice" },
	{ "CONFIG_STACKPROTECTOR_STRONG", 1, "stack canaries" },
	{ "CONFIG_RANDOMIZE_KSTACK_OFFSET_DEFAULT", 1, "a random stack offset per system call" },
	{ "CONFIG_ZERO_CALL_USED_REGS", 2, "registers are cleared at returns" },
	{ "CONFIG_INIT_STACK_ALL_ZERO", 1, "stack variables are cleared" },
	{ "CONFIG_RANDSTRUCT_NONE", 1, "n: structure layout is random" },
	{ "CONFIG_ARM64_MTE", 1, "memory tagging" },
};

/* "/proc/version" names the builder; only what stands in the parentheses after him is taken. */
static void put_compiler(const struct mp_fact_group *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	int err = mp_sysfile_read(group->root, &text, "/proc/version");
	const char *open = err ? NULL : strstr(text.text, ") ("), *close = NULL;
	unsigned depth = 0;

	for (const char *c = open ? open + 2 : ""; *c && !close; c++) {
		depth += *c == '(';
		if (*c == ')' && !--depth)
			close = c;
	}
	if (!close) {
		mp_fact_put_result(group, &compiler, err ? err : -EINVAL, NULL, "/proc/version");
		return;
	}
	text.text[close - text.text] = '\0';
	mp_fact_put(group, &compiler, open + 3, "/proc/version");
}

static void put_cmdline(const struct mp_fact_group *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str filtered = MP_STR_INIT;
	int err = mp_sysfile_read(group->root, &text, "/proc/cmdline");

	if (!err)
		mp_cmdline_filter(text.text, &filtered);
	mp_fact_put_result(group, &command_line, err, filtered.len ? filtered.text : "none",
			   "/proc/cmdline");
}

static void put_page_size(const struct mp_fact_group *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char value[32];
	int err = mp_sysfile_read(group->root, &text, "/proc/self/smaps");

	if (!err)
		err = mp_sysfile_field(text.text, "KernelPageSize", value, sizeof(value));
	mp_fact_put_result(group, &page_size, err, value, "/proc/self/smaps");
}

/* 8 bytes of a digest as 16 digits, which is enough to tell a few thousand apart. */
static void digits_of(const uint8_t digest[32], char digits[17])
{
	for (unsigned i = 0; i < 8; i++)
		snprintf(digits + 2 * i, 3, "%02x", digest[i]);
}

/*
 * The whole command line may hold secrets that a hash alone could be guessed from. With the machine's id before it,
 * which is never stored (machine-id(5)), nobody can; it says "equal" on one machine and nothing between two.
 */
static void put_cmdline_hash(const struct mp_fact_group *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char id[64], digits[17];
	uint8_t digest[32];
	int err = mp_sysfile_line(group->root, id, sizeof(id), "/etc/machine-id");

	if (err || strlen(id) < 32) {
		mp_fact_put(group, &command_line_hash, NULL,
			    "/etc/machine-id: none, and a hash without it could be guessed from");
		return;
	}
	mp_str_printf(&text, "memperf command line 1:%s:", id);
	err = mp_sysfile_read(group->root, &text, "/proc/cmdline");
	mp_sha256(text.text, text.len, digest);
	digits_of(digest, digits);
	mp_fact_put_result(group, &command_line_hash, err, digits, "/proc/cmdline");
}

static uint32_t word_at(const struct mp_str *notes, size_t at)
{
	uint32_t word;

	memcpy(&word, notes->text + at, sizeof(word));
	return word;
}

/* ELF notes: sizes of name and content, type, name, content, both padded to 4 bytes; the build id is "GNU", type 3. */
static void put_build_id(const struct mp_fact_group *group)
{
	static const char path[] = "/sys/kernel/notes";
	MP_CLEANUP(mp_str_done) struct mp_str notes = MP_STR_INIT;
	char value[2 * 32 + 1] = "";
	int err = mp_sysfile_read(group->root, &notes, path);
	size_t at = 0;

	while (!err && !*value && notes.len - at >= 12) {
		size_t name = word_at(&notes, at), len = word_at(&notes, at + 4);
		size_t content = at + 12 + ((name + 3) & ~(size_t)3);

		if (name > notes.len || len > notes.len || content + len > notes.len)
			break;
		if (word_at(&notes, at + 8) == 3 && name == 4 && len <= 32 &&
		    !memcmp(notes.text + at + 12, "GNU", 4)) {
			for (size_t i = 0; i < len; i++)
				snprintf(value + 2 * i, 3, "%02x",
					 (unsigned char)notes.text[content + i]);
		}
		at = content + ((len + 3) & ~(size_t)3);
		if (at > notes.len)
			break;
	}
	if (!err && !*value)
		err = -EINVAL;
	mp_fact_put_result(group, &build_id, err, value, path);
}

/* Vulnerabilities are one file each; those that cost system calls and faults most weigh most. */
static void put_vulnerabilities(const struct mp_fact_group *group)
{
	static const char folder[] = "/sys/devices/system/cpu/vulnerabilities";
	static const char *const heavy[] = { "meltdown", "spectre_v2",		 "retbleed",
					     "mds",	 "spec_rstack_overflow", "spectre_v1" };
	struct mp_fact_line line = { .volatility = MP_FACT_BOOT,
				     .why = "mitigations cost every entry to the kernel" };
	char **names, key[80], path[MP_SYSFILE_PATH], value[256];
	size_t count;
	int err = mp_fact_names(group->root, folder, "*", &names, &count);

	if (err) {
		line.key = "vulnerabilities";
		line.weight = MP_WEIGHT_SOME;
		mp_fact_put_result(group, &line, err, NULL, folder);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		line.weight = MP_WEIGHT_LITTLE;
		for (size_t h = 0; h < MP_COUNT(heavy); h++) {
			if (!strcmp(names[i], heavy[h]))
				line.weight = MP_WEIGHT_SOME;
		}
		snprintf(key, sizeof(key), "vulnerability_%s", names[i]);
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		line.key = key;
		err = mp_sysfile_line(group->root, value, sizeof(value), "%s", path);
		mp_fact_put_result(group, &line, err, value, path);
	}
	mp_fact_names_free(names, count);
}

static void put_config(const struct mp_fact_group *group)
{
	struct mp_kconfig config;
	char value[64], digits[17];
	uint8_t digest[32];
	int err = mp_kconfig_load(group->root, &config);

	if (!err) {
		mp_sha256(config.text.text, config.text.len, digest);
		digits_of(digest, digits);
	}
	mp_fact_put(group, &config_hash, err ? NULL : digits, config.origin);
	for (size_t i = 0; i < MP_COUNT(options); i++) {
		struct mp_fact_line line = { options[i].option, MP_FACT_BOOT, options[i].weight,
					     options[i].why };

		if (!err)
			mp_kconfig_get(&config, options[i].option, value, sizeof(value));
		mp_fact_put(group, &line, err ? NULL : value, config.origin);
	}
	mp_kconfig_done(&config);
}

static void put_hooks(const struct mp_fact_group *group)
{
	for (size_t i = 0; i < MP_COUNT(hooks); i++) {
		MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
		int err = mp_sysfile_read(group->root, &text, "%s", hooks[i].list);
		unsigned count = 0;
		char value[16];

		for (size_t k = 0; k < text.len; k++)
			count += text.text[k] == '\n';
		snprintf(value, sizeof(value), "%u", count);
		mp_fact_put_result(group, &hooks[i].line, err, value, hooks[i].list);
	}
}

static void put_livepatches(const struct mp_fact_group *group)
{
	static const char folder[] = "/sys/kernel/livepatch";
	char **names, value[16];
	size_t count;
	int err = mp_fact_names(group->root, folder, "*", &names, &count);

	if (!err) {
		snprintf(value, sizeof(value), "%zu", count);
		mp_fact_names_free(names, count);
	}
	mp_fact_put_result(group, &livepatches, err, value, folder);
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "kernel", sink };

	mp_fact_put_files(&group, files, MP_COUNT(files));
	put_compiler(&group);
	put_cmdline(&group);
	put_cmdline_hash(&group);
	put_build_id(&group);
	put_page_size(&group);
	put_hooks(&group);
	put_livepatches(&group);
	put_vulnerabilities(&group);
	put_config(&group);
}

const struct mp_fact_collector mp_facts_kernel = { "kernel", collect };
