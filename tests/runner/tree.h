/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Captured machines that are one text file each (tests/data/machines/NAME.tree), unpacked to a folder:
 *
 *	/path = value				a file of one line
 *	/sys/.../cpu{0-7}/core_id = {#/2}	the same for each number; {#} is the number, {#/2} half of it, {#%4} the rest
 *	=== /path, lines, ===			a file of several lines
 *	=== /path smbios, lines, ===		an SMBIOS table: one memory device a line, see add_dimm()
 *	=== /path hex, lines, ===		bytes
 *	# ...					a comment, outside of files
 */
#ifndef TESTS_RUNNER_TREE_H
#define TESTS_RUNNER_TREE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/str.h"

/* The bytes of a file below `root`, its folders made. */
static void tree_write(const char *root, const char *path, const char *data, size_t len)
{
	char full[1024];
	FILE *file;

	assert_true(snprintf(full, sizeof(full), "%s%s", root, path) < (int)sizeof(full));
	for (char *c = full + strlen(root) + 1; (c = strchr(c, '/')); c++) {
		*c = '\0';
		assert_true(!mkdir(full, 0755) || errno == EEXIST);
		*c = '/';
	}
	file = fopen(full, "w");
	if (!file)
		fail_msg("cannot write '%s'", full);
	assert_int_equal(fwrite(data, 1, len, file), len);
	fclose(file);
}

static void tree_put(uint8_t *data, size_t offset, size_t bytes, unsigned long value)
{
	for (size_t i = 0; i < bytes; i++)
		data[offset + i] = (uint8_t)(value >> (8 * i));
}

/*
 * One memory device (DSP0134, type 17) from words like "size=0x7fff xsize=32768 type=0x22 speed=5600 maker=Micron".
 * A word "short" makes a structure of SMBIOS 2.3, which ends before the configured speed. An underscore is a blank.
 */
static void add_dimm(const char *line, struct mp_str *out)
{
	static const struct {
		const char *word;
		size_t offset, bytes;
	} numbers[] = { { "total", 0x08, 2 },	   { "data", 0x0a, 2 },
			{ "size", 0x0c, 2 },	   { "form", 0x0e, 1 },
			{ "type", 0x12, 1 },	   { "speed", 0x15, 2 },
			{ "rank", 0x1b, 1 },	   { "xsize", 0x1c, 4 },
			{ "configured", 0x20, 2 }, { "mv", 0x26, 2 },
			{ "technology", 0x28, 1 }, { "xspeed", 0x54, 4 },
			{ "xconfigured", 0x58, 4 } };
	static const struct {
		const char *word;
		size_t offset;
	} strings[] = { { "locator", 0x10 }, { "bank", 0x11 },	{ "maker", 0x17 },
			{ "serial", 0x18 },  { "asset", 0x19 }, { "part", 0x1a } };
	uint8_t data[0x5c] = { 17, sizeof(data) };
	struct mp_str texts = MP_STR_INIT;
	char copy[512], *rest = copy, *word;
	uint8_t index = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&rest, " "))) {
		char *value = strchr(word, '=');

		if (!strcmp(word, "short"))
			data[1] = 0x1b;
		if (!value)
			continue;
		*value++ = '\0';
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			if (!strcmp(word, numbers[i].word))
				tree_put(data, numbers[i].offset, numbers[i].bytes,
					 strtoul(value, NULL, 0));
		}
		for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
			if (strcmp(word, strings[i].word))
				continue;
			data[strings[i].offset] = ++index;
			for (char *c = value; *c; c++)
				mp_str_addc(&texts, *c == '_' ? ' ' : *c);
			mp_str_addc(&texts, '\0');
		}
	}
	mp_str_add_len(out, (const char *)data, data[1]);
	mp_str_add_len(out, texts.text, texts.len);
	mp_str_add_len(out, "\0\0", index ? 1 : 2);
	mp_str_done(&texts);
}

/* A table: the system with its serial number, which nobody must read, the devices, and the end. */
static void tree_smbios(const struct mp_str *lines, struct mp_str *out)
{
	static const char system[] =
		"\x01\x1b\x01\x00\x01\x02\x00\x03"
		"\xde\xad\xbe\xef\xde\xad\xbe\xef\xde\xad\xbe\xef\xde\xad\xbe\xef"
		"\x06\x00\x00"
		"Example\0Machine\0SERIAL-MUST-NOT-BE-STORED\0";
	char *copy = strdup(lines->text), *rest = copy, *line;

	assert_non_null(copy);
	mp_str_add_len(out, system, sizeof(system));
	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			add_dimm(line, out);
	}
	mp_str_add_len(out, "\x7f\x04\xff\xff\0\0", 6);
	free(copy);
}

static void tree_hex(const struct mp_str *lines, struct mp_str *out)
{
	unsigned byte;
	int used;

	for (const char *at = lines->text; sscanf(at, " %2x%n", &byte, &used) == 1; at += used)
		mp_str_addc(out, (char)byte);
}

/* `text` with {#}, {#/n} and {#%n} replaced. */
static void tree_expand(const char *text, unsigned number, struct mp_str *out)
{
	for (const char *at = text; *at; at++) {
		unsigned by;
		char sign;

		if (!strncmp(at, "{#}", 3))
			mp_str_printf(out, "%u", number);
		else if (sscanf(at, "{#%c%u}", &sign, &by) == 2 && by && strchr("/%", sign))
			mp_str_printf(out, "%u", sign == '/' ? number / by : number % by);
		else {
			mp_str_addc(out, *at);
			continue;
		}
		at = strchr(at, '}');
	}
}

/* "/path = value", perhaps with one {a-b} in the path. */
static void tree_line(const char *root, char *line)
{
	char *value = strstr(line, " = "), *open = strchr(line, '{');
	unsigned first = 0, last = 0;
	int used = 0;

	assert_non_null(value);
	*value = '\0';
	value += 3;
	if (open && sscanf(open, "{%u-%u}%n", &first, &last, &used) != 2)
		fail_msg("'%s': not a range", open);
	for (unsigned i = first; i <= last; i++) {
		struct mp_str path = MP_STR_INIT, text = MP_STR_INIT;

		if (open)
			mp_str_printf(&path, "%.*s%u%s", (int)(open - line), line, i, open + used);
		else
			mp_str_add(&path, line);
		tree_expand(value, i, &text);
		mp_str_addc(&text, '\n');
		tree_write(root, path.text, text.text, text.len);
		mp_str_done(&path);
		mp_str_done(&text);
	}
}

/* The lines up to "===" as the file that `head` names. */
static void tree_block(const char *root, const char *head, char **rest)
{
	struct mp_str lines = MP_STR_INIT, data = MP_STR_INIT;
	char path[512], kind[16] = "", *line;

	assert_true(sscanf(head, "=== %511s %15s", path, kind) >= 1);
	while ((line = strsep(rest, "\n")) && strcmp(line, "==="))
		mp_str_printf(&lines, "%s\n", line);
	assert_non_null(line);
	if (!strcmp(kind, "smbios"))
		tree_smbios(&lines, &data);
	else if (!strcmp(kind, "hex"))
		tree_hex(&lines, &data);
	else
		mp_str_add_len(&data, lines.text, lines.len);
	tree_write(root, path, data.text, data.len);
	mp_str_done(&lines);
	mp_str_done(&data);
}

/* Unpacks <folder><name>.tree to a new folder, whose path is written to `root`. */
static void tree_unpack(const char *folder, const char *name, char root[64])
{
	struct mp_str text = MP_STR_INIT;
	char path[512], *rest, *line;

	strcpy(root, "/tmp/memperf-tree-XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(path, sizeof(path), "%s%s.tree", folder, name);
	assert_int_equal(mp_str_read_file(&text, path), 0);
	rest = text.text;
	while ((line = strsep(&rest, "\n"))) {
		if (!strncmp(line, "=== ", 4))
			tree_block(root, line, &rest);
		else if (*line == '/')
			tree_line(root, line);
		else if (*line && *line != '#')
			fail_msg("%s: '%s'", name, line);
	}
	mp_str_done(&text);
}

static void tree_remove(const char *root)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	assert_int_equal(system(command), 0);
}

#endif
