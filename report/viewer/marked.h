/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be done with the marked cases. Layer: report. */
#ifndef REPORT_VIEWER_MARKED_H
#define REPORT_VIEWER_MARKED_H

#include "report/viewer/view.h"

/* Actions of a screen that lists cases, and when they are there. */
bool mp_marked_any(const struct mp_view *view, const void *state, const char **ret_why);
bool mp_marked_two(const struct mp_view *view, const void *state, const char **ret_why);
int mp_marked_clear(struct mp_view *view, void *state, int with);
int mp_marked_choose(struct mp_view *view, void *state,
		     int with); /* from a list of what can be done */
int mp_marked_compare(struct mp_view *view, void *state, int with);
#define MP_MARKED_ACTIONS                                                                            \
	{ "unmark", "-", NULL, "take all marks away", 0, mp_marked_clear, mp_marked_any },           \
		{ "marked",	    "e",	  NULL, "what can be done with the marked cases", 0, \
		  mp_marked_choose, mp_marked_any },                                                 \
	{                                                                                            \
		"compare-marked", "=", NULL, "compare the two marked cases with each other", 0,      \
			mp_marked_compare, mp_marked_two                                             \
	}

#endif
