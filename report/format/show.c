/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pieces that reports of one run and of a comparison have in common. */
#include "report/format/show.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/format/show_internal.h"

void mp_show_when(int64_t ns, char buf[64])
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	if (!ns || !localtime_r(&seconds, &tm) || !strftime(buf, 64, "%Y-%m-%d %H:%M:%S %Z", &tm))
		strcpy(buf, "-");
}

const char *mp_show_text(const char *text)
{
	return text ? text : "?";
}

void mp_show_outcomes(const struct mp_run_row *row, struct mp_str *out)
{
	const struct {
		unsigned count;
		const char *word;
	} parts[] = {
		{ row->invalid, "invalid" },	 { row->failed, "failed" },
		{ row->timed_out, "timed out" }, { row->skipped, "skipped" },
		{ row->pending, "pending" },
	};

	mp_str_printf(out, "%u case%s: %u ok", row->cases, row->cases == 1 ? "" : "s", row->ok);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].count)
			mp_str_printf(out, ", %u %s", parts[i].count, parts[i].word);
	}
}

/* The next "axis=value" of a case text, from the slash before it on; its length, 0 at the end. */
static size_t next_axis(const char **at)
{
	const char *slash = strchr(*at, '/');

	if (!slash)
		return 0;
	*at = slash + 1;
	return strcspn(*at, "/");
}

static bool has_axis(const char *text, const char *axis, size_t len)
{
	size_t n;

	while ((n = next_axis(&text))) {
		if (n == len && !strncmp(text, axis, len))
			return true;
		text += n;
	}
	return false;
}

void mp_show_common_axes(const struct mp_case_row *const *rows, size_t count, struct mp_str *out)
{
	const char *at = count > 1 ? rows[0]->text : "";
	size_t len;

	while ((len = next_axis(&at))) {
		bool shared = true;

		for (size_t i = 1; i < count && shared; i++)
			shared = has_axis(rows[i]->text, at, len);
		if (shared) {
			mp_str_add(out, out->len ? "/" : "");
			mp_str_add_len(out, at, len);
		}
		at += len;
	}
}

void mp_show_own_axes(const struct mp_case_row *row, const char *common, struct mp_str *out)
{
	struct mp_str list = MP_STR_INIT;
	const char *at = row->text;
	size_t start = out->len, len;

	mp_str_printf(&list, "/%s", common);
	while ((len = next_axis(&at))) {
		if (!has_axis(list.text, at, len)) {
			mp_str_add(out, out->len > start ? "/" : "");
			mp_str_add_len(out, at, len);
		}
		at += len;
	}
	if (out->len == start) {
		const char *dot = strchr(row->bench, '.');

		mp_str_add(out, dot ? dot + 1 : row->bench);
	}
	if (list.failed)
		out->failed = true;
	mp_str_done(&list);
}

static bool same_reason(const struct mp_reason *a, const struct mp_reason *b)
{
	return !a->alone && !b->alone && !strcmp(a->word, b->word) &&
	       !strcmp(a->reason ? a->reason : "", b->reason ? b->reason : "");
}

/* One line for reason `i` and all later ones like it; how many. */
static size_t add_reason(struct mp_table *table, const struct mp_reason *reasons, size_t i,
			 size_t count, bool all)
{
	struct mp_str text = MP_STR_INIT;
	size_t like = 1;

	for (size_t k = i + 1; !all && k < count; k++)
		like += same_reason(&reasons[i], &reasons[k]);
	mp_str_add(&text, reasons[i].text);
	if (like > 1)
		mp_str_printf(&text, " and %zu more", like - 1);
	mp_table_text(table, reasons[i].word);
	mp_table_str(table, &text);
	if (table && like == 1)
		mp_table_number(table, reasons[i].value);
	else
		mp_table_unknown(table);
	mp_table_text(table, reasons[i].reason ? reasons[i].reason : "");
	mp_str_done(&text);
	return like;
}

bool mp_show_reasons(const struct mp_doc *doc, const struct mp_reason *reasons, size_t count,
		     bool all, size_t *ret_hidden)
{
	static const struct mp_column columns[] = {
		{ .key = "outcome", .title = "outcome" },
		{ .key = "case", .title = "case" },
		{ .key = "value_ns", .title = "value", .kind = MP_COLUMN_DURATION },
		{ .key = "reason", .title = "reason" },
	};
	struct mp_column shown[4];
	struct mp_table *table;
	bool values = false, fine;
	size_t hidden = 0;

	memcpy(shown, columns, sizeof(columns));
	for (size_t i = 0; i < count; i++)
		values = values || isfinite(reasons[i].value);
	shown[2].machines_only = !values;
	table = mp_table_new(shown, 4);
	for (size_t i = 0; i < count; i++) {
		bool seen = false;

		for (size_t k = 0; k < i && !all && !seen; k++)
			seen = same_reason(&reasons[i], &reasons[k]);
		if (!seen)
			hidden += add_reason(table, reasons, i, count, all) - 1;
	}
	mp_doc_table(doc, table);
	fine = !mp_table_failed(table);
	mp_table_free(table);
	*ret_hidden = hidden;
	return fine;
}
