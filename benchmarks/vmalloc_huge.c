/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vmalloc_huge: vmalloc that maps huge pages. That it did is checked; it falls back in silence.
 */
#include "benchmarks/support/kernel.h"

#include <errno.h>

/* With base pages of 16K a huge page has 32M, with 64K 512M. Unknown (0) without transparent huge pages; vmalloc has its own. Kernels
 * before 6.11 share the size out among the nodes first. */
static int mp_kernel_legal_HUGE(const struct mp_params *params, const struct mp_host *host,
				struct mp_err *err)
{
	const uint64_t size = mp_params_number(params, "size", 0);

	if (size < host->hugepage_size)
		return mp_err_usage(err, -EINVAL, "not legal: less than a huge page");
	if (size < host->hugepage_size * host->nodes)
		return mp_err_usage(err, -EINVAL,
				    "not legal: less than a huge page of each memory node, for "
				    "which kernels before 6.11 map small ones");
	return mp_kernel_legal_VMALLOC(params, host, err);
}

static const struct mp_axis vmalloc_huge_alloc[] = {
	MP_KERNEL_SIZE("2M,8M", "2M,4M,8M,32M", 2u << 20, 1u << 30),
	MP_KERNEL_GFP_VMALLOC("kernel"), MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE
};
static const struct mp_axis vmalloc_huge_free[] = {
	MP_KERNEL_SIZE("2M,8M", "2M,4M,8M,32M", 2u << 20, 1u << 30), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE, MP_KERNEL_FREE_ORDER
};
static const struct mp_axis vmalloc_huge_pair[] = {
	MP_KERNEL_SIZE("2M,8M", "2M,4M,8M,32M", 2u << 20, 1u << 30), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process")
};
static const struct mp_axis vmalloc_huge_steady[] = {
	MP_KERNEL_SIZE("2M,8M", "2M,4M,8M,32M", 2u << 20, 1u << 30), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE
};

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(vmalloc_huge, HUGE, NULL, "vmalloc_huge", "vfree"),
};

const struct mp_family mp_family_vmalloc_huge =
	MP_FAMILY("vmalloc_huge", "virtually contiguous memory in huge pages", benches);
