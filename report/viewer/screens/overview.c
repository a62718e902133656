/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Overview: are the sides comparable, what got slower and faster, what is not known. */
#include "report/viewer/screen.h"

static void draw(struct mp_view *view, void *state, const struct mp_grid *body)
{
	(void)view;
	(void)state;
	mp_grid_text(body, 0, 1, MP_ROLE_TITLE, "overview");
}

const struct mp_screen mp_screen_overview = {
	.name = "overview",
	.title = "Overview",
	.summary = "are the sides comparable, what got slower or faster, what is not known",
	.tab = 1,
	.draw = draw,
};
