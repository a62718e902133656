/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of zstd: see frame.h. */
#include "results/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

size_t mp_frame_room(size_t size)
{
	return ZSTD_compressBound(size);
}

size_t mp_frame_put(const void *data, size_t size, int level, void *out, size_t room)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	size_t used;

	if (!context)
		return 0;
	ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	used = ZSTD_compress2(context, out, room, data, size);
	ZSTD_freeCCtx(context);
	/* There is room enough: only memory can be short. */
	return ZSTD_isError(used) ? 0 : used;
}

int mp_frame_get(const void *frame, size_t size, uint64_t bytes, char **ret_data)
{
	char *data;
	size_t got;

	if (ZSTD_getFrameContentSize(frame, size) != bytes)
		return -EBADMSG;
	data = malloc(bytes + 1);
	if (!data)
		return -ENOMEM;
	got = ZSTD_decompress(data, bytes, frame, size);
	if (got != bytes) {
		free(data);
		return ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation ? -ENOMEM : -EBADMSG;
	}
	data[bytes] = '\0';
	*ret_data = data;
	return 0;
}
