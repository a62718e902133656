/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and verdicts as the viewer shows them: spelt as the reports spell them. */
#include "report/viewer/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/format/show_internal.h"
#include "report/viewer/view_internal.h"

_Static_assert(MP_VIEW_NUMBER_LEN >= MP_UNITS_LEN, "room for what the reports write");

static const struct {
	enum mp_role role;
	const char *letter;
	enum mp_glyph mark; /* 0: the letter is it */
} verdicts[MP_VERDICT_COUNT] = {
	[MP_VERDICT_FASTER] = { MP_ROLE_BETTER, "F", MP_GLYPH_BETTER },
	[MP_VERDICT_SLOWER] = { MP_ROLE_WORSE, "S", MP_GLYPH_WORSE },
	[MP_VERDICT_SAME] = { MP_ROLE_TEXT, "=", 0 },
	[MP_VERDICT_UNSURE] = { MP_ROLE_UNSURE, "?", 0 },
	[MP_VERDICT_ONLY_A] = { MP_ROLE_MUTED, "A", MP_GLYPH_ONLY_A },
	[MP_VERDICT_ONLY_B] = { MP_ROLE_MUTED, "B", MP_GLYPH_ONLY_B },
	[MP_VERDICT_FAILED] = { MP_ROLE_FAILED, "!", 0 },
	[MP_VERDICT_INCOMPARABLE] = { MP_ROLE_FAILED, "x", MP_GLYPH_TIMES },
};

enum mp_role mp_verdict_role(enum mp_verdict verdict)
{
	return verdicts[verdict].role;
}

char mp_verdict_letter(enum mp_verdict verdict)
{
	return verdicts[verdict].letter[0];
}

const char *mp_verdict_mark(enum mp_glyphs set, enum mp_verdict verdict)
{
	enum mp_glyph mark = verdicts[verdict].mark;

	return mark ? mp_glyph_text(set, mark) : verdicts[verdict].letter;
}

/* That of the rows: another one that was asked for may be on its way, and one side is in ns. */
static enum mp_unit unit_of(const struct mp_view *view)
{
	return view->model.rows ? mp_rows_summary(view->model.rows)->unit : MP_UNIT_NS;
}

char *mp_view_value(const struct mp_view *view, double value, char buf[MP_VIEW_NUMBER_LEN])
{
	char text[2 * MP_UNITS_LEN];

	mp_show_value(unit_of(view), value, text);
	snprintf(buf, MP_VIEW_NUMBER_LEN, "%.*s", MP_VIEW_NUMBER_LEN - 1, text);
	return buf;
}

#define PREFIXES 4 /* a thousand from one to the next */

struct mp_view_scale mp_view_scale(const struct mp_view *view, double least, double most)
{
	static const char *const names[MP_UNIT_COUNT][PREFIXES] = {
		[MP_UNIT_NS] = { "ns", "us", "ms", "s" },
		[MP_UNIT_CYCLES] = { "cyc", "kcyc", "Mcyc", "Gcyc" },
		[MP_UNIT_NULL] = { "null", "k null", "M null", "G null" },
		[MP_UNIT_BYTES] = { "GB/s", "TB/s", "PB/s", "EB/s" },
		[MP_UNIT_PER_CYCLE] = { "B/cyc", "kB/cyc", "MB/cyc", "GB/cyc" },
	};
	double middle = least > 0 && most > 0 ? sqrt(least) * sqrt(most) : 0, divisor = 1;
	int i = 0;

	for (; i < PREFIXES - 1 && middle >= 1000 * divisor; i++)
		divisor *= 1000;
	return (struct mp_view_scale){ names[unit_of(view)][i], divisor };
}

char *mp_view_scaled(const struct mp_view_scale *scale, double value, char buf[MP_VIEW_NUMBER_LEN])
{
	double shown = value / scale->divisor, below = fabs(shown);
	int decimals = 3;

	if (!isfinite(shown)) {
		strcpy(buf, "-");
		return buf;
	}
	if (shown == 0) {
		strcpy(buf, "0");
		return buf;
	}
	for (double at = below; decimals > 0 && at >= 9.9995; at /= 10)
		decimals--;
	for (double at = below; decimals < 7 && at < 0.99995; at *= 10)
		decimals++;
	snprintf(buf, MP_VIEW_NUMBER_LEN, "%.*f", decimals, shown);
	return buf;
}

char *mp_view_change(const struct mp_view *view, double ratio, char buf[MP_VIEW_NUMBER_LEN])
{
	if (isfinite(ratio) && (view->show.factor || ratio >= 2))
		snprintf(buf, MP_VIEW_NUMBER_LEN, "%.*fx", ratio < 10 ? 3 : 1, ratio);
	else
		mp_show_change(ratio, buf);
	return buf;
}

char *mp_view_interval(const struct mp_view *view, double low, double high,
		       char buf[2 * MP_VIEW_NUMBER_LEN])
{
	if (!isfinite(low) || !isfinite(high))
		strcpy(buf, "-");
	else if (view->show.factor || high >= 10)
		snprintf(buf, 2 * (size_t)MP_VIEW_NUMBER_LEN, "%.3f .. %.3fx", low, high);
	else
		mp_show_interval(&(struct mp_change){ .tested = true, .low = low, .high = high },
				 buf);
	return buf;
}
