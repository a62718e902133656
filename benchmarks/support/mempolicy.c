/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory policies of mappings: see mempolicy.h. libnuma is not for the measured process, which is libc alone. */
#include "benchmarks/mempolicy.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "benchmarks/bench.h"

/* Headers of Linux before 5.15 lack it; its number is the system call's. */
#define PREFERRED_MANY 5

static const struct {
	const char *name;
	int mode;
} modes[MP_MEMORY_COUNT] = {
	[MP_MEMORY_DEFAULT] = { "default", MPOL_DEFAULT },
	[MP_MEMORY_BIND] = { "bind", MPOL_BIND },
	[MP_MEMORY_LOCAL] = { "local", MPOL_LOCAL },
	[MP_MEMORY_INTERLEAVE] = { "interleave", MPOL_INTERLEAVE },
	[MP_MEMORY_PREFERRED_MANY] = { "preferred-many", PREFERRED_MANY },
};

const char *mp_memory_name(enum mp_memory mode)
{
	return mode < MP_MEMORY_COUNT ? modes[mode].name : "unknown";
}

int mp_mempolicy_mode(enum mp_memory mode)
{
	return modes[mode].mode;
}

bool mp_mempolicy_has(const struct mp_mempolicy *policy, unsigned node)
{
	return node < MP_NODES_MAX && (policy->nodes[node / 64] >> (node % 64) & 1);
}

void mp_mempolicy_add(struct mp_mempolicy *policy, unsigned node)
{
	if (node < MP_NODES_MAX)
		policy->nodes[node / 64] |= UINT64_C(1) << (node % 64);
}

int mp_ctx_bind(struct mp_ctx *ctx, void *base, uint64_t size, struct mp_err *err)
{
	const struct mp_mempolicy *p = ctx->mapping_policy;
	uint64_t got[MP_NODE_WORDS] = { 0 };
	bool local = p && p->mode == MP_MEMORY_LOCAL;
	int mode = -1;

	if (!p || !p->per_mapping)
		return 0;
	/* The kernel takes one bit less than it is told (mbind(2)); a policy without nodes takes none. */
	if (syscall(SYS_mbind, base, size, mp_mempolicy_mode((enum mp_memory)p->mode),
		    local ? NULL : p->nodes, local ? 0 : MP_NODES_MAX + 1, 0))
		return mp_err_env(err, -errno,
				  "cannot lay the memory policy '%s' over a mapping: %s",
				  mp_memory_name((enum mp_memory)p->mode), strerror(errno));
	if (syscall(SYS_get_mempolicy, &mode, got, MP_NODES_MAX + 1, base, MPOL_F_ADDR))
		return mp_err_env(err, -errno,
				  "cannot read the memory policy of a mapping back: %s",
				  strerror(errno));
	if (mode != mp_mempolicy_mode((enum mp_memory)p->mode) ||
	    (!local && memcmp(got, p->nodes, sizeof(got))))
		return mp_err_env(err, -EXDEV,
				  "the memory policy '%s' of a mapping did not take effect",
				  mp_memory_name((enum mp_memory)p->mode));
	return 0;
}
