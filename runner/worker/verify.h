/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is the worker where it was put, and is its memory? Asked of the kernel again after the last block, and for the pages
 * while they are there: between a block and its disarm, outside of everything timed. And was it left alone, and did it do anything?
 */
#ifndef RUNNER_WORKER_VERIFY_H
#define RUNNER_WORKER_VERIFY_H

#include "runner/worker/measure.h"

/* Looks up resident pages of the thread's arena with move_pages(2) when a policy of nodes is in force and a look is due
 * (blocks 0, 1, 2, 4, 8, ...), counts them by node, and records the check "memory_node": no page is on a node that the
 * policy excludes. Preferred nodes exclude none. */
void mp_verify_pages(struct mp_measurer *m);

/* After the last block: records in the seat whether CPU, affinity and memory policy still hold; if not, the check "seat"
 * fails. */
void mp_verify_seat(struct mp_measurer *m);

/* After the last block: where measured blocks had a major fault that the benchmark does not mean (MP_BLOCK_STRAY), records in
 * how many; the check "major_faults" fails when they are more than half. The kernel takes pages of a program's text
 * back when it likes, and counts a fault that waited for a folio in the page cache as major (mm_account_fault() in
 * mm/memory.c): one such block disturbs, and says nothing of the others. */
void mp_verify_faults(struct mp_measurer *m);

/* After the last block: the check "duration" fails where a measured block took less than 0.01 ns an operation, which no processor
 * does: the operations were not made. Blocks of single calls cannot tell. */
void mp_verify_duration(struct mp_measurer *m);

#endif
