/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files to map, without a name in any directory: a memfd (pages of the kernel's internal tmpfs), or a file on a
 * real file system, which the last close deletes: in $TMPDIR, else /var/tmp, or on the RAM disk.
 */
#ifndef BENCHMARKS_SUPPORT_BACKING_H
#define BENCHMARKS_SUPPORT_BACKING_H

#include "common/err.h"

#include <stdint.h>

enum mp_backing {
	MP_BACKING_MEMFD,
	MP_BACKING_DISK,
	MP_BACKING_RAMDISK, /* on the file system in memory that MP_NEED_RAMDISK stands for */
};

/* Where that file system is mounted. */
#define MP_BACKING_RAMDISK_FOLDER "/run/memperf/disk"

/* The kind that an axis value names: "memfd", "disk", "ramdisk". */
enum mp_backing mp_backing_named(const char *word);

/* Can there be a file of that kind here? 0, or -EINVAL with the reason and the remedy: the directory is
 * missing, or in memory itself (a RAM disk is a need instead). Cheap enough for a `legal` hook. */
int mp_backing_possible(enum mp_backing kind, struct mp_err *err);

/* An empty file; the caller closes it. 0, or a negative errno with a sentence. */
int mp_backing_open(enum mp_backing kind, int *ret_fd, struct mp_err *err);

/*
 * Length of an open file and bytes that are allocated for it; 0, or a negative errno.
 *
 * statx(2) without the times, and not fstat(2): a kernel with multigrain timestamps (6.13) gives a file whose times were asked
 * for a fine-grained one at its next change, and from then to the next tick all changes of such files pay for the comparison
 * with it (ktime_get_coarse_real_ts64_mg(), kernel/time/timekeeping.c). An fstat of one memfd made ftruncate of the next dozens
 * take 747 ns in place of 718.
 */
int mp_backing_extent(int fd, uint64_t *ret_size, uint64_t *ret_allocated);

/*
 * How pages come into the page cache. It decides on the size of the folios they are part of, and so on what a
 * fault maps: from Linux 6.18 on, a whole folio.
 */
enum mp_fill {
	MP_FILL_PAGES, /* one page at a time: folios of one page, unless the file system insists on more */
	MP_FILL_STREAM, /* in large pieces: folios as large as the file system makes them */
};

/* Writes `size` bytes (whole pages) and makes them durable, so that every page is in the page cache and clean. */
int mp_backing_write(int fd, uint64_t size, enum mp_fill fill, struct mp_err *err);

/* Makes the file `size` bytes long (whole pages) and reads it, so that every page is in the page cache and clean.
 * On a disk the pages are those of a hole: no block is allocated, and nothing is ever written back. A memfd has
 * no pages before it is written: it is written. */
int mp_backing_cache(enum mp_backing kind, int fd, uint64_t size, enum mp_fill fill,
		     struct mp_err *err);

#endif
