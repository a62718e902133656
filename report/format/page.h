/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every HTML page carries inside: the text of page.css and page.js, put into the library by the build. Layer: report. */
#ifndef REPORT_FORMAT_PAGE_H
#define REPORT_FORMAT_PAGE_H

extern const char mp_page_css[], mp_page_js[];

#endif
