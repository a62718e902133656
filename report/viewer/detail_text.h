/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts of the Case screen: its head, and the parts that are no charts. Layer: report. */
#ifndef REPORT_VIEWER_DETAIL_TEXT_H
#define REPORT_VIEWER_DETAIL_TEXT_H

#include "report/format/doc.h"
#include "report/format/show.h"
#include "report/viewer/look.h"

/* What stands above every part. */
struct mp_detail_head {
	bool known;
	struct mp_row row;
	char *timed; /* owned: what the benchmark times, in its own words */
	struct mp_str why; /* owned: the verdict, or what became of the case, in a sentence */
};
int mp_detail_head_read(struct mp_view *view, const struct mp_look *look,
			struct mp_detail_head *head, struct mp_err *err);
/* Rows it took: none where there is no room beside a picture. */
int mp_detail_head_draw(struct mp_view *view, const struct mp_detail_head *head,
			const struct mp_grid *body);
void mp_detail_head_done(struct mp_detail_head *head); /* accepts zeroed */

/* Each writes its part. 0 or negative errno with a sentence. */
int mp_detail_checks(struct mp_view *view, const struct mp_look *look, const struct mp_doc *doc,
		     struct mp_err *err);
int mp_detail_counters(struct mp_view *view, const struct mp_look *look, const struct mp_doc *doc,
		       struct mp_err *err);
int mp_detail_environment(struct mp_view *view, const struct mp_look *look,
			  const struct mp_doc *doc, struct mp_err *err);
int mp_detail_why(struct mp_view *view, const struct mp_look *look, const struct mp_doc *doc,
		  struct mp_err *err);

#endif
