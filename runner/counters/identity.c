/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/cpuinfo and the cache folders of sysfs. */
#include "runner/counters/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"

/* The value of "key : value" in one processor's block of text. */
static bool field(const char *block, size_t len, const char *key, char *buf, size_t size)
{
	const size_t key_len = strlen(key);

	for (const char *line = block; line < block + len;) {
		size_t n = strcspn(line, "\n");
		const char *colon = memchr(line, ':', n);

		if (colon && n > key_len && !strncmp(line, key, key_len) &&
		    strspn(line + key_len, " \t") == (size_t)(colon - line) - key_len) {
			const char *value = colon + 1 + strspn(colon + 1, " \t");

			snprintf(buf, size, "%.*s", (int)(line + n - value), value);
			return true;
		}
		line += n + 1;
	}
	return false;
}

static int identify(const char *block, size_t len, char ret_id[MP_CPU_ID_MAX])
{
	char vendor[32], family[16], model[16];

	if (field(block, len, "vendor_id", vendor, sizeof(vendor)) &&
	    field(block, len, "cpu family", family, sizeof(family)) &&
	    field(block, len, "model", model, sizeof(model))) {
		snprintf(ret_id, MP_CPU_ID_MAX, "%s-%ld-%lX", vendor, strtol(family, NULL, 10),
			 strtol(model, NULL, 10));
		return 0;
	}
	if (field(block, len, "CPU implementer", vendor, sizeof(vendor)) &&
	    field(block, len, "CPU part", model, sizeof(model))) {
		snprintf(ret_id, MP_CPU_ID_MAX, "arm-%lx-%lx", strtol(vendor, NULL, 16),
			 strtol(model, NULL, 16));
		return 0;
	}
	return -ENOENT;
}

int mp_cpu_identity(const char *proc, int cpu, char ret_id[MP_CPU_ID_MAX])
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char path[512], number[16];
	int rc;

	snprintf(path, sizeof(path), "%s/cpuinfo", proc);
	rc = mp_str_read_file(&text, path);
	if (rc)
		return rc;
	/* Blocks are separated by empty lines. */
	for (const char *block = text.text; *block;) {
		const char *end = strstr(block, "\n\n");
		size_t len = end ? (size_t)(end - block) : strlen(block);

		if (field(block, len, "processor", number, sizeof(number)) &&
		    strtol(number, NULL, 10) == cpu)
			return identify(block, len, ret_id);
		block += len;
		block += strspn(block, "\n");
	}
	return -ENOENT;
}

bool mp_cpu_matches(const char *patterns, const char *id)
{
	char pattern[MP_CPU_ID_MAX];

	if (!patterns)
		return true;
	for (const char *at = patterns; *at;) {
		size_t len = strcspn(at, " ");

		snprintf(pattern, sizeof(pattern), "%.*s", (int)len, at);
		if (len && mp_str_glob(pattern, id))
			return true;
		at += len;
		at += strspn(at, " ");
	}
	return false;
}

/* One line of cpuN/cache/indexI/file; "" when there is none. */
static void cache_line(const char *root, int cpu, int index, const char *file, char *buf,
		       size_t size)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char path[512];

	snprintf(path, sizeof(path), "%s/cpu%d/cache/index%d/%s", root, cpu, index, file);
	buf[0] = '\0';
	if (!mp_str_read_file(&text, path))
		snprintf(buf, size, "%.*s", (int)strcspn(text.text, "\n"), text.text);
}

bool mp_cpu_lacks_l3(const struct mp_cpu_cache *cache)
{
	return cache->level && cache->level < 3;
}

void mp_cpu_last_cache(const char *cpu_root, int cpu, struct mp_cpu_cache *ret_cache)
{
	struct mp_cpu_cache best = { 0 };

	for (int index = 0; index < 8; index++) {
		char text[64], *end;
		unsigned long level;

		cache_line(cpu_root, cpu, index, "level", text, sizeof(text));
		level = strtoul(text, NULL, 10);
		if (level <= best.level)
			continue;
		best.level = (unsigned)level;
		cache_line(cpu_root, cpu, index, "coherency_line_size", text, sizeof(text));
		best.line_size = (unsigned)strtoul(text, NULL, 10);
		cache_line(cpu_root, cpu, index, "size", text, sizeof(text));
		best.size = strtoull(text, &end, 10);
		best.size *= *end == 'K' ? 1024 : *end == 'M' ? 1048576 : 1;
		cache_line(cpu_root, cpu, index, "shared_cpu_list", best.shared,
			   sizeof(best.shared));
	}
	*ret_cache = best;
}
