/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes in a zstd frame with a checksum, as the blobs of a results file have them. */
#ifndef RESULTS_FRAME_H
#define RESULTS_FRAME_H

#include <stddef.h>
#include <stdint.h>

/* Most bytes that the frame of `size` bytes can take. */
size_t mp_frame_room(size_t size);
/* The bytes that the frame took, of at least mp_frame_room(); 0: not enough memory. Of one version of zstd they depend on the level alone. */
size_t mp_frame_put(const void *data, size_t size, int level, void *out, size_t room);
/* Heap memory, `bytes` and a NUL behind them. -EBADMSG when it is not a frame of exactly that many, -ENOMEM. A size that lies costs no
 * memory: the frame is asked first. */
int mp_frame_get(const void *frame, size_t size, uint64_t bytes, char **ret_data);

#endif
