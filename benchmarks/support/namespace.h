/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernel objects that outlive the process that made them, SysV segments and names in /dev/shm, are made in namespaces
 * of the process's own (unshare(2)). When it ends, however it ends, the kernel removes the namespaces and all that is
 * in them; nobody else sees the objects, and no object of others disturbs a lookup, a count or a limit.
 *
 * Root may do so; others where they may have a user namespace, and then with one thread only.
 */
#ifndef BENCHMARKS_SUPPORT_NAMESPACE_H
#define BENCHMARKS_SUPPORT_NAMESPACE_H

#include "common/err.h"

/* From here on the calling thread is in an IPC namespace that holds no segment and is shared by all threads that call
 * this. 0, or a negative errno with a sentence. */
int mp_namespace_ipc(struct mp_err *err);

/* From here on the calling thread, which must be the only one, sees an empty tmpfs at /dev/shm. `huge`: its mount option
 * of that name (never, always, within_size, advise). 0, or a negative errno with a sentence. */
int mp_namespace_dev_shm(const char *huge, struct mp_err *err);

/* Would they succeed? Tried in a child, so that the caller stays where it is. 0, or a negative errno with the sentence. */
int mp_namespace_try_ipc(struct mp_err *err);
int mp_namespace_try_dev_shm(struct mp_err *err);

#endif
