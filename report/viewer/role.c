/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The palette: see role.h. 256-colour entries 31 (#0087af) and 166 (#d75f00) stand at 5.1 and 5.5 against black, 4.1 and
 * 3.8 against white (WCAG contrast), so that no guess at the background is needed; 130 (#af5f00) has 4.5 and 4.7.
 */
#include "report/viewer/role.h"

#include <errno.h>
#include <string.h>

#include "report/viewer/grid.h"

struct role {
	const char *name;
	char letter;
	unsigned attributes; /* of the role itself, where there is no colour as well */
	short c256; /* on any ground */
	short c8_dark, c8_light;
	unsigned bold8; /* MP_BOLD with 8 colours */
	const char *css_light, *css_dark;
};

static const struct role roles[MP_ROLE_COUNT] = {
	[MP_ROLE_TEXT] = { "text", '.', 0, -1, -1, -1, 0, "#1c1c1c", "#d8d8d8" },
	[MP_ROLE_MUTED] = { "muted", 'm', 0, 244, -1, -1, 0, "#6c6c6c", "#8a8a8a" },
	[MP_ROLE_TITLE] = { "title", 't', MP_BOLD, -1, -1, -1, 0, "#1c1c1c", "#eeeeee" },
	[MP_ROLE_BETTER] = { "better", 'b', 0, 31, 6, 4, 0, "#00729a", "#2fa5cf" },
	[MP_ROLE_WORSE] = { "worse", 'w', MP_BOLD, 166, 3, 1, MP_BOLD, "#b34e00", "#f07820" },
	[MP_ROLE_UNSURE] = { "unsure", 'u', 0, 244, -1, -1, 0, "#6c6c6c", "#8a8a8a" },
	[MP_ROLE_FAILED] = { "failed", 'f', MP_UNDERLINE, 166, 3, 1, 0, "#b34e00", "#f07820" },
	[MP_ROLE_WARNING] = { "warning", 'n', MP_BOLD, 166, 3, 1, MP_BOLD, "#b34e00", "#f07820" },
	[MP_ROLE_A] = { "a", 'A', 0, 31, 6, 4, 0, "#00729a", "#2fa5cf" },
	[MP_ROLE_B] = { "b", 'B', 0, 166, 3, 1, 0, "#b34e00", "#f07820" },
	[MP_ROLE_AXIS] = { "axis", 'x', 0, 244, -1, -1, 0, "#6c6c6c", "#8a8a8a" },
	[MP_ROLE_BAND] = { "band", 'i', 0, 244, -1, -1, 0, "#9e9e9e", "#6c6c6c" },
	[MP_ROLE_MATCH] = { "match", 'h', MP_UNDERLINE, -1, -1, -1, 0, "#1c1c1c", "#eeeeee" },
	[MP_ROLE_KEY] = { "key", 'k', MP_BOLD, -1, -1, -1, 0, "#1c1c1c", "#eeeeee" },
	[MP_ROLE_BAR] = { "bar", 'r', MP_REVERSE, -1, -1, -1, 0, "#1c1c1c", "#d8d8d8" },
};

static const char *const theme_names[MP_THEME_COUNT] = { "dark", "light", "contrast" };

char mp_role_letter(enum mp_role role)
{
	return roles[role].letter;
}

const char *mp_role_name(enum mp_role role)
{
	return roles[role].name;
}

const char *mp_theme_name(enum mp_theme theme)
{
	return theme_names[theme];
}

int mp_theme_parse(const char *name, enum mp_theme *ret_theme)
{
	for (int i = 0; i < MP_THEME_COUNT; i++) {
		if (!strcmp(theme_names[i], name)) {
			*ret_theme = (enum mp_theme)i;
			return 0;
		}
	}
	return -EINVAL;
}

struct mp_paint mp_role_paint(enum mp_role role, enum mp_colours colours, enum mp_theme theme)
{
	const struct role *r = &roles[role];
	struct mp_paint paint = { -1, r->attributes };

	if (colours == MP_COLOURS_8) {
		paint.colour = theme == MP_THEME_LIGHT ? r->c8_light : r->c8_dark;
		paint.attributes |= r->bold8;
	} else if (colours == MP_COLOURS_256) {
		paint.colour = r->c256;
	}
	if (theme == MP_THEME_CONTRAST) {
		/* Nothing is grey, and what is worse is darker and bold. */
		if (r->c256 == 244)
			paint.colour = -1;
		if (r->c256 == 166 && colours == MP_COLOURS_256)
			paint.colour = 130;
		if (r->c256 == 166 || r->c256 == 31)
			paint.attributes |= MP_BOLD;
	}
	return paint;
}

const char *mp_role_css(enum mp_role role, enum mp_theme theme)
{
	return theme == MP_THEME_DARK ? roles[role].css_dark : roles[role].css_light;
}
