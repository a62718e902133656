/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scripts of the viewer, over two honest files: keys, sizes, clicks and typed commands. Promises: a script comes to its end or is
 * refused with a sentence, and no control character but tabs, which lines of
 * roles begin with, reaches what it prints.
 * Runs: 300
 */
#include "tests/fuzz/hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/viewer/viewer.h"

#define NOBODY 65534

static char sides[2][256];

static void begin(void)
{
	if (*sides[0])
		return;
	strcpy(sides[0], hostile_make("a.db", "base"));
	strcpy(sides[1], hostile_make("b.db", "change"));
	/* What scripts save lands there, and nowhere else: see unprivileged(). */
	fuzz_must(!chdir(fuzz_path(".")));
	fuzz_must(getuid() || !chown(".", NOBODY, NOBODY));
}

/* A script may name any file to save to. */
static void unprivileged(bool yes)
{
	fuzz_must(getuid() || !seteuid(yes ? NOBODY : 0));
}

/* Lines that wait for what never comes, and those that start other programs, say nothing about the parser. */
static bool skipped(const char *text)
{
	return strstr(text, "until") || strchr(text, '!');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *names[] = { sides[0], sides[1] };
	struct mp_viewer_options options = { .sides = names, .n_sides = 2 };
	struct mp_script script = { .name = "fuzz", .rows = 24, .columns = 80 };
	struct mp_str out = MP_STR_INIT;
	struct mp_err err = { 0 };
	char *text;

	begin();
	text = fuzz_text(data, size);
	if (!skipped(text) && *text) {
		options.compare = mp_compare_defaults;
		script.lines = fmemopen(text, strlen(text), "r");
		fuzz_must(script.lines);
		unprivileged(true);
		if (mp_viewer_script(&options, &script, &out, &err))
			fuzz_sentence(&err);
		unprivileged(false);
		fuzz_shown(out.text, "\n\t");
		fclose(script.lines);
	}
	mp_str_done(&out);
	free(text);
	return 0;
}

size_t fuzz_seed(unsigned index, uint8_t **ret_data)
{
	static const char *const texts[] = {
		"2\nj j Enter\nscreen\nEsc\nsize 132x40\nroles\n",
		"3\n/\ntype fault\nEnter\nexpect fault\nscreen\ncursor\n",
		":filter change > 5%\n:sort p\nmouse click 5 3\nscreen\n",
		"4 s S t\nsize 40x12\nscreen\nclipboard\n?\nscreen\nq\n",
		"row 3\nnow\n5\n6\n7\nrefuse nothing\nscreen\n",
	};

	return fuzz_seed_text(index, texts, sizeof(texts) / sizeof(texts[0]), ret_data);
}
