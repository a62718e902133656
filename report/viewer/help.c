/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The help, written from the tables that the viewer works by: what is not in a table does not exist. */
#include <stdio.h>
#include <string.h>

#include "report/format/width.h"
#include "report/viewer/index_filter.h"
#include "report/viewer/view_internal.h"
#include "report/viewer/view_run.h"

#define KEYS_WIDTH 16

static void heading(struct mp_str *out, const char *text)
{
	mp_str_printf(out, "\n%s\n", text);
}

/* "  Down j          one row down", the help wrapped beside the keys. */
static void entry(struct mp_str *out, size_t columns, const char *left, const char *right)
{
	struct mp_str line = MP_STR_INIT;
	size_t width = mp_text_width(left), indent = KEYS_WIDTH + 2;

	mp_str_printf(&line, "  %s", left);
	if (columns && columns < 40) {
		/* No room beside each other. */
		mp_str_addc(&line, '\n');
		mp_str_add(out, line.text);
		mp_str_add(out, "    ");
		mp_text_wrap(out, right, columns - (columns > 8 ? 4 : 0), 4);
		mp_str_done(&line);
		return;
	}
	mp_str_pad(&line, ' ', width + 1 < KEYS_WIDTH ? KEYS_WIDTH - width : 1);
	mp_str_add(out, line.text);
	if (columns) {
		struct mp_str wrapped = MP_STR_INIT;
		const char *rest = right;
		bool first = true;

		while (*rest) {
			size_t used = first ? mp_text_width(line.text) : indent;
			const char *next;
			size_t bytes =
				mp_text_break(rest, columns > used + 8 ? columns - used : 8, &next);

			if (!first)
				mp_str_pad(&wrapped, ' ', indent);
			mp_str_printf(&wrapped, "%.*s\n", (int)bytes, rest);
			rest = next;
			first = false;
		}
		mp_str_add(out, wrapped.text);
		mp_str_done(&wrapped);
	} else {
		mp_str_printf(out, "%s\n", right);
	}
	mp_str_done(&line);
}

static void actions(const struct mp_keymap *map, const char *scope, const struct mp_actions *list,
		    size_t columns, struct mp_str *out)
{
	for (size_t i = 0; i < list->count; i++) {
		struct mp_str keys = MP_STR_INIT;

		mp_keymap_keys(map, scope, &list->items[i], &keys);
		if (keys.len)
			entry(out, columns, keys.text, list->items[i].help);
		mp_str_done(&keys);
	}
}

static void words(const struct mp_view *view, size_t columns, struct mp_str *out)
{
	/* What readers look for first stands first. */
	static const enum mp_verdict verdicts[] = {
		MP_VERDICT_SLOWER, MP_VERDICT_FASTER, MP_VERDICT_SAME,	 MP_VERDICT_UNSURE,
		MP_VERDICT_ONLY_A, MP_VERDICT_ONLY_B, MP_VERDICT_FAILED, MP_VERDICT_INCOMPARABLE,
	};

	heading(out, "Verdicts (a letter; a mark: performance down, up)");
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		enum mp_verdict v = verdicts[i];
		char left[32];

		snprintf(left, sizeof(left), "%c %s %s", mp_verdict_letter(v),
			 mp_verdict_mark(view->canvas.glyphs, v),
			 v == MP_VERDICT_INCOMPARABLE ? "n/a" : mp_verdict_name(v));
		entry(out, columns, left, mp_verdict_meaning(v));
	}
	heading(out, "Warnings (column w)");
	for (int i = 0; i < MP_WARN_COUNT; i++) {
		struct mp_str text = MP_STR_INIT;
		char left[32];

		snprintf(left, sizeof(left), "%c %s", mp_warning_texts[i].letter,
			 mp_warning_texts[i].name);
		mp_view_warning(view, (enum mp_warning)i, &text);
		entry(out, columns, left, text.text);
		mp_str_done(&text);
	}
}

static void language(size_t columns, struct mp_str *out)
{
	heading(out, "Filters");
	mp_text_wrap(
		out,
		"  Conditions joined by and, or, not and parentheses: size >= 2M and verdict = "
		"slower. Operators = != < <= > >= and ~ for globs. Axes, bench, family and case "
		"exist for every case; words without an operator are looked for in the case.",
		columns, 2);
	for (size_t i = 0; i < mp_n_index_fields; i++)
		entry(out, columns, mp_index_fields[i].name, mp_index_fields[i].help);
	entry(out, columns, "COUNTER",
	      "what was counted per operation, on the side that has more: l3_misses > 1000; with "
	      "_a, _b, _change behind it of one side, or B against A: l3_misses_change > 10%; a "
	      "name with blanks in quotes: \"cycles (cpu_core)\" > 4000");
	heading(out, "Commands (behind :)");
	for (size_t i = 0; i < mp_n_commands; i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", mp_commands[i].name,
			 mp_commands[i].arguments);
		entry(out, columns, left, mp_commands[i].help);
	}
	for (size_t i = 0; i < mp_n_screens; i++)
		entry(out, columns, mp_screens[i]->name, mp_screens[i]->summary);
}

void mp_help_text(const struct mp_view *view, const struct mp_screen *about, size_t columns,
		  struct mp_str *out)
{
	const struct mp_keymap *map = &view->keymap;

	mp_str_printf(out, "%s: ", about->title);
	mp_text_wrap(out, about->summary, columns ? columns - strlen(about->title) - 2 : 0, 2);
	if (about->about) {
		struct mp_str text = MP_STR_INIT;

		mp_view_keyed(view, about, about->about, &text);
		mp_str_addc(out, '\n');
		mp_text_wrap(out, text.text, columns, 0);
		mp_str_done(&text);
	}
	if (about->actions.count) {
		heading(out, "This screen");
		actions(map, about->name, &about->actions, columns, out);
	}
	heading(out, "Every screen");
	actions(map, MP_SCOPE_ALL, &mp_actions_all, columns, out);
	heading(out, "While typing");
	actions(map, MP_SCOPE_PROMPT, &mp_actions_prompt, columns, out);
	heading(out, "In a list to choose from");
	actions(map, MP_SCOPE_CHOICE, &mp_actions_choice, columns, out);
	words(view, columns, out);
	language(columns, out);
}

static void key_lines(const struct mp_keymap *map, const char *scope, const struct mp_actions *list,
		      struct mp_str *out)
{
	for (size_t i = 0; i < list->count; i++) {
		struct mp_str keys = MP_STR_INIT;
		char name[64];

		mp_keymap_keys(map, scope, &list->items[i], &keys);
		snprintf(name, sizeof(name), "%s.%s", scope, list->items[i].name);
		/* As a keymap file has it. */
		mp_str_printf(out, "%-24s = %-18s # %s\n", name, keys.text, list->items[i].help);
		mp_str_done(&keys);
	}
}

void mp_help_keys(const struct mp_view *view, const struct mp_screen *screen, struct mp_str *out)
{
	if (screen) {
		key_lines(&view->keymap, screen->name, &screen->actions, out);
		return;
	}
	key_lines(&view->keymap, MP_SCOPE_ALL, &mp_actions_all, out);
	key_lines(&view->keymap, MP_SCOPE_PROMPT, &mp_actions_prompt, out);
	key_lines(&view->keymap, MP_SCOPE_CHOICE, &mp_actions_choice, out);
}
