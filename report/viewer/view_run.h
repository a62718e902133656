/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A viewer from its start to its end, for the two ways of running one and for tests. Layer: report. */
#ifndef REPORT_VIEWER_VIEW_RUN_H
#define REPORT_VIEWER_VIEW_RUN_H

#include "report/viewer/view_internal.h"
#include "report/viewer/viewer.h"

/* Starts judging. 0 or negative errno with a sentence. */
int mp_view_new(const struct mp_viewer_options *options, struct mp_view **ret_view,
		struct mp_err *err);
void mp_view_free(struct mp_view *view); /* accepts NULL */
/* Before anything is drawn. 0 or -ENOMEM. */
int mp_view_attach(struct mp_view *view, struct mp_backend *backend, struct mp_err *err);
/* Until it ends. 0 or negative errno. */
int mp_view_loop(struct mp_view *view, struct mp_err *err);

/* Takes over what jobs finished and goes on filtering for a few milliseconds. true: there is more to do now. */
bool mp_view_work(struct mp_view *view);
/* Nothing is being judged, read or filtered. */
bool mp_view_settled(const struct mp_view *view);

/* Lines "SCOPE.ACTION = KEYS # HELP" of a screen, as a keymap file has them; NULL: of all screens, prompts and lists. */
void mp_help_keys(const struct mp_view *view, const struct mp_screen *screen, struct mp_str *out);

#endif
