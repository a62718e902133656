/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a worker may do beyond an ordinary process: see privilege.h. capget(2) and capset(2) have no wrapper in libc. */
#include "benchmarks/support/privilege.h"

#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>

#include "benchmarks/support/syscall.h"

/* Whatever else a hook does that asks for a capability, it does while it sets up. */
static const struct {
	unsigned needs; /* enum mp_need */
	int capability;
} kept[] = {
	/* mlock(2) beyond RLIMIT_MEMLOCK, SHM_LOCK, SHM_HUGETLB */
	{ MP_NEED_MEMLOCK | MP_NEED_HUGETLB, CAP_IPC_LOCK },
	{ MP_NEED_PROCESS_MADVISE, CAP_SYS_NICE },
};

struct capabilities {
	uint64_t effective, permitted, inheritable;
};

static int call(long number, struct __user_cap_data_struct halves[2])
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return (int)mp_syscall3(number, (long)&header, (long)halves, 0);
}

static int get(struct capabilities *ret)
{
	struct __user_cap_data_struct halves[2] = { 0 };
	int err = call(SYS_capget, halves);

	if (err)
		return err;
	ret->effective = halves[0].effective | (uint64_t)halves[1].effective << 32;
	ret->permitted = halves[0].permitted | (uint64_t)halves[1].permitted << 32;
	ret->inheritable = halves[0].inheritable | (uint64_t)halves[1].inheritable << 32;
	return 0;
}

static int set(const struct capabilities *c)
{
	struct __user_cap_data_struct halves[2];

	for (int i = 0; i < 2; i++)
		halves[i] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(c->effective >> (32 * i)),
			.permitted = (uint32_t)(c->permitted >> (32 * i)),
			.inheritable = (uint32_t)(c->inheritable >> (32 * i)),
		};
	return call(SYS_capset, halves);
}

/* What leaves the inheritable set leaves the ambient one. Who has nothing to give up asks for nothing. */
static int keep(uint64_t wanted)
{
	struct capabilities c = { 0 };
	int err = (int)mp_syscall6(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0);

	if (!err)
		err = get(&c);
	if (err || (!(c.permitted & ~wanted) && !c.inheritable))
		return err;
	c.permitted &= wanted;
	c.effective &= wanted;
	c.inheritable = 0;
	return set(&c);
}

int mp_privilege_drop(const struct mp_bench *bench, const struct mp_params *params,
		      struct mp_err *err)
{
	struct mp_needed needed[MP_NEEDED_MAX];
	size_t n = mp_bench_needed(bench, params, needed);
	uint64_t wanted = 0;
	int ret;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < MP_COUNT(kept); k++)
			if (needed[i].need & kept[k].needs)
				wanted |= 1ULL << kept[k].capability;
	ret = keep(wanted);
	return ret ? mp_err_env(err, ret, "cannot give up privileges: %s", strerror(-ret)) : 0;
}

void mp_privilege_drop_all(void)
{
	keep(0);
}
