/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration that the running kernel was built with. */
#ifndef RUNNER_MACHINE_KCONFIG_H
#define RUNNER_MACHINE_KCONFIG_H

#include "runner/machine/sysfile.h"

struct mp_kconfig {
	struct mp_str text; /* empty when there is none */
	char origin[128]; /* the file, or why none could be read */
};

/* Tries /proc/config.gz, /boot/config-<release> and /lib/modules/<release>/config below `root`. 0 or -ENOENT;
 * `origin` is filled in either way. */
int mp_kconfig_load(const char *root, struct mp_kconfig *ret_config);
void mp_kconfig_done(struct mp_kconfig *config);

/* The value of an option ("CONFIG_HZ"): "y", "m", "250", quotes removed, and "n" for one that is unset or that
 * this kernel does not know. Only for a configuration that was loaded. */
void mp_kconfig_get(const struct mp_kconfig *config, const char *option, char *buf, size_t size);
bool mp_kconfig_is_set(const struct mp_kconfig *config, const char *option);

#endif
