/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nodes of this process: see nodes.h. Raw calls, because a forked child asks, too. */
#include "benchmarks/support/nodes.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <string.h>

#include "benchmarks/support/syscall.h"

int mp_nodes_allowed(uint64_t nodes[MP_NODE_WORDS], struct mp_err *err)
{
	long ret;

	memset(nodes, 0, MP_NODE_WORDS * sizeof(*nodes));
	ret = mp_sys_get_mempolicy(NULL, nodes, NULL, MPOL_F_MEMS_ALLOWED);
	return ret ? mp_err_env(err, (int)ret, "cannot ask for the NUMA nodes: %s",
				strerror((int)-ret))
		   : 0;
}

int mp_nodes_next(const uint64_t nodes[MP_NODE_WORDS], int after)
{
	for (int node = after + 1; node < MP_NODES_MAX; node++)
		if (nodes[node / 64] >> (node % 64) & 1)
			return node;
	return -1;
}

int mp_nodes_two(int ret_nodes[2], struct mp_err *err)
{
	uint64_t nodes[MP_NODE_WORDS];
	int ret = mp_nodes_allowed(nodes, err);

	if (ret)
		return ret;
	ret_nodes[0] = mp_nodes_next(nodes, -1);
	ret_nodes[1] = mp_nodes_next(nodes, ret_nodes[0]);
	return ret_nodes[1] < 0 ? mp_err_usage(err, -EINVAL, "this process may use one NUMA node")
				: 0;
}
