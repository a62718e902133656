/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums the throttle counters of all CPUs: see throttle.h. */
#include "runner/machine/throttle.h"

#include <errno.h>

#include "runner/machine/facthelp.h"

#define CPU "/sys/devices/system/cpu/"

int mp_throttle_read(const char *root, struct mp_throttle *ret_count)
{
	struct mp_throttle sum = { 0 };
	char **cpus = NULL;
	size_t n_cpus = 0;
	uint64_t number;
	int err = -ENOENT;

	mp_fact_names(root, CPU, "cpu[0-9]*", &cpus, &n_cpus);
	for (size_t i = 0; i < n_cpus; i++) {
		if (!mp_sysfile_number(root, &number, CPU "%s/thermal_throttle/core_throttle_count",
				       cpus[i])) {
			sum.cores += number;
			err = 0;
		}
		if (!mp_sysfile_number(root, &number,
				       CPU "%s/thermal_throttle/package_throttle_count", cpus[i]))
			sum.packages += number;
	}
	mp_fact_names_free(cpus, n_cpus);
	if (!err)
		*ret_count = sum;
	return err;
}
