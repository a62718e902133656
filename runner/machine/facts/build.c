/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about this build of memperf. They come from the compiler and the C library, not from the root folder. */
#include "runner/machine/facts.h"

#include <gnu/libc-version.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "runner/machine/facthelp.h"

static const struct mp_fact_line commit = {
	"commit", MP_FACT_BOOT, MP_WEIGHT_LITTLE,
	"memperf's own: it may measure otherwise, though benchmarks raise their version then"
};
static const struct mp_fact_line compiler = { "compiler", MP_FACT_BOOT, MP_WEIGHT_LITTLE,
					      "the timed loops are its code" };
static const struct mp_fact_line flags = {
	"flags", MP_FACT_BOOT, MP_WEIGHT_LITTLE,
	"sanitizers and a missing optimisation make the coordinator slow, not the measured process"
};
static const struct mp_fact_line libc = { "libc", MP_FACT_BOOT, MP_WEIGHT_LITTLE,
					  "operations that go through the C library are its code" };

static const struct mp_fact_line options = { "options", MP_FACT_BOOT, MP_WEIGHT_LITTLE,
					     "what the compiler was told; paths are left out" };

/* The words of the build's flags; one with a path in it is left out. */
static void put_options(const struct mp_fact_group *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	const char *at = MEMPERF_CFLAGS;

	for (size_t len; *at; at += len) {
		at += strspn(at, " ");
		len = strcspn(at, " ");
		if (len && !memchr(at, '/', len))
			mp_str_printf(&text, "%s%.*s", text.len ? " " : "", (int)len, at);
	}
	mp_fact_put(group, &options, text.len ? text.text : "none", "CMAKE_C_FLAGS");
}

static void add_if(struct mp_str *text, bool on, const char *word)
{
	if (on)
		mp_str_printf(text, "%s%s", text->len ? " " : "", word);
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "build", sink };
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char version[64];

	if (strcmp(MEMPERF_COMMIT, "unknown"))
		mp_fact_put(&group, &commit, MEMPERF_COMMIT, "git rev-parse HEAD");
	else
		mp_fact_put(&group, &commit, NULL, "built outside of a checkout");
#if defined(__clang__)
	mp_fact_put(&group, &compiler, "clang " __clang_version__, "__clang_version__");
#else
	mp_fact_put(&group, &compiler, "gcc " __VERSION__, "__VERSION__");
#endif
#if defined(__OPTIMIZE__)
	add_if(&text, true, "optimised");
#else
	add_if(&text, true, "unoptimised");
#endif
#if defined(NDEBUG)
	add_if(&text, true, "NDEBUG");
#endif
#if defined(__SANITIZE_ADDRESS__)
	add_if(&text, true, "address-sanitizer");
#elif defined(__has_feature)
	add_if(&text, __has_feature(address_sanitizer), "address-sanitizer");
#endif
#if defined(__AVX512F__)
	add_if(&text, true, "avx512f");
#elif defined(__AVX2__)
	add_if(&text, true, "avx2");
#endif
	mp_fact_put(&group, &flags, text.text, "predefined macros");
	put_options(&group);
	snprintf(version, sizeof(version), "glibc %s %s", gnu_get_libc_version(),
		 gnu_get_libc_release());
	mp_fact_put(&group, &libc, version, "gnu_get_libc_version()");
}

const struct mp_fact_collector mp_facts_build = { "build", collect };
