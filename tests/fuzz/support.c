/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fuzz targets share: see fuzz.h. */
#include "tests/fuzz/fuzz.h"

#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>
#include <zstd.h>

#include "results/varint.h"

/* hwloc and libconfig forget some of what they read of a file that they then refuse. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libhwloc.so\nleak:libconfig.so";
}

void fuzz_must(bool holds)
{
	if (!holds)
		abort();
}

/* Told by libc, not by what is tested: what is no UTF-8 is no character, and control characters are those of iswcntrl(3). */
void fuzz_shown(const char *text, const char *besides)
{
	static const wchar_t others[] = L"\x61c\x200e\x200f\x2028\x2029\x202a\x202b\x202c\x202d"
					L"\x202e\x2066\x2067\x2068\x2069";
	static locale_t utf8;
	mbstate_t state = { 0 };
	wchar_t c;

	if (!utf8)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	fuzz_must(utf8 && uselocale(utf8));
	for (size_t n; *text; text += n) {
		n = mbrtowc(&c, text, strnlen(text, MB_LEN_MAX), &state);
		fuzz_must(n <= MB_LEN_MAX);
		fuzz_must(strchr(besides, *text) || (!iswcntrl((wint_t)c) && !wcschr(others, c)));
	}
	uselocale(LC_GLOBAL_LOCALE);
}

void fuzz_sentence(const struct mp_err *err)
{
	fuzz_must(*err->text && memchr(err->text, '\0', sizeof(err->text)));
	fuzz_shown(err->text, "");
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	fuzz_must(text);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static char folder[32];

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *walk)
{
	(void)st;
	(void)what;
	(void)walk;
	return remove(path);
}

static void remove_folder(void)
{
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_path(const char *name)
{
	static char path[256];

	if (!*folder) {
		strcpy(folder, "/dev/shm/memperf-test-XXXXXX");
		fuzz_must(mkdtemp(folder));
		atexit(remove_folder);
	}
	fuzz_must((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) < sizeof(path));
	return path;
}

const char *fuzz_file(const char *name, const void *data, size_t size)
{
	const char *path = fuzz_path(name);
	FILE *file = fopen(path, "wbe");

	fuzz_must(file);
	fuzz_must(fwrite(data, 1, size, file) == size);
	fuzz_must(!fclose(file));
	return path;
}

size_t fuzz_seed_file(unsigned index, const char *const *patterns, size_t n, uint8_t **ret_data)
{
	struct mp_str text = MP_STR_INIT;
	glob_t found = { 0 };
	size_t size = 0;

	for (size_t i = 0; i < n; i++) {
		char pattern[512];

		snprintf(pattern, sizeof(pattern), "%s/../%s", MEMPERF_TESTS, patterns[i]);
		glob(pattern, i ? GLOB_APPEND : 0, NULL, &found);
	}
	fuzz_must(found.gl_pathc > 0);
	if (index < found.gl_pathc) {
		fuzz_must(!mp_str_read_file(&text, found.gl_pathv[index]));
		size = text.len;
		*ret_data = (uint8_t *)mp_str_take(&text);
		fuzz_must(size && *ret_data);
	}
	globfree(&found);
	return size;
}

size_t fuzz_seed_kinds(unsigned index, const char *const *patterns, uint8_t kinds,
		       uint8_t **ret_data)
{
	for (uint8_t kind = 0; kind < kinds; kind++) {
		uint8_t *file;
		size_t size;
		unsigned n = 0;

		while ((size = fuzz_seed_file(n, &patterns[kind], 1, &file)) && index--) {
			free(file);
			n++;
		}
		if (!size)
			continue;
		*ret_data = malloc(size + 1);
		fuzz_must(*ret_data);
		**ret_data = kind;
		memcpy(*ret_data + 1, file, size);
		free(file);
		return size + 1;
	}
	return 0;
}

size_t fuzz_seed_text(unsigned index, const char *const *texts, size_t n, uint8_t **ret_data)
{
	if (index >= n)
		return 0;
	*ret_data = (uint8_t *)strdup(texts[index]);
	fuzz_must(*ret_data);
	return strlen(texts[index]);
}

uint64_t fuzz_number(struct fuzz_bytes *in, unsigned bytes)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < bytes && in->at < in->end; i++)
		number |= (uint64_t)*in->at++ << (8 * i);
	return number;
}

const uint8_t *fuzz_piece(struct fuzz_bytes *in, size_t *ret_size)
{
	size_t size = (size_t)fuzz_number(in, 2), left = (size_t)(in->end - in->at);
	const uint8_t *piece = in->at;

	*ret_size = 0;
	if (size == 0xffff)
		return NULL;
	*ret_size = size < left ? size : left;
	in->at += *ret_size;
	return piece;
}

size_t fuzz_pack(const uint8_t *payload, size_t size, uint8_t **ret_blob)
{
	size_t room = 1 + MP_VARINT_MAX + ZSTD_compressBound(size), head;
	uint8_t *blob = malloc(room);

	fuzz_must(blob);
	blob[0] = 1;
	head = 1 + mp_varint_put(blob + 1, size);
	*ret_blob = blob;
	return head + ZSTD_compress(blob + head, room - head, payload, size, 1);
}

size_t fuzz_unpack(const uint8_t *blob, size_t size, uint8_t **ret_payload)
{
	struct mp_bytes in = { blob + (size > 0), blob + size };
	uint64_t n = 0;
	uint8_t *payload = NULL;

	if (mp_varint_get(&in, &n) && n < 1 << 24)
		payload = malloc(n + 1);
	if (payload && ZSTD_decompress(payload, n, in.at, (size_t)(in.end - in.at)) != n) {
		free(payload);
		payload = NULL;
	}
	*ret_payload = payload;
	return payload ? n : 0;
}
