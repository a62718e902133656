/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A person's own keys: lines "SCOPE.ACTION = KEY [KEY]...", in the form in which `memperf view --keys` prints all of them; nothing
 * behind "=" takes the keys away, but quitting keeps one. "#" begins a comment, behind a key, too, where it is a word of its
 * own and not the last. A key that another action of the scope has changes its owner. Layer: report.
 */
#ifndef REPORT_VIEWER_KEYMAP_FILE_H
#define REPORT_VIEWER_KEYMAP_FILE_H

#include "report/viewer/key.h"

/* 0, or a negative errno with FILE:LINE, what is wrong there and the remedy. */
int mp_keymap_load(struct mp_keymap *map, const char *path, struct mp_err *err);

#endif
