/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening groups, reading them, and turning deltas into values: see perf.h. libc alone. */
#include "runner/counters/perf.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int kernel_open(void *user, struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd,
		       unsigned long flags)
{
	long fd = syscall(SYS_perf_event_open, attr, pid, cpu, group_fd, flags);

	(void)user;
	return fd < 0 ? -errno : (int)fd;
}

static ssize_t kernel_read(void *user, int fd, void *buf, size_t size)
{
	ssize_t n = read(fd, buf, size);

	(void)user;
	return n < 0 ? -errno : n;
}

static int kernel_ioctl(void *user, int fd, unsigned long request, unsigned long argument)
{
	(void)user;
	return ioctl(fd, request, argument) < 0 ? -errno : 0;
}

static int kernel_close(void *user, int fd)
{
	(void)user;
	return close(fd) < 0 ? -errno : 0;
}

const struct mp_perf_ops mp_perf_kernel = {
	.open = kernel_open,
	.read = kernel_read,
	.ioctl = kernel_ioctl,
	.close = kernel_close,
};

const char *mp_counter_scope_name(enum mp_counter_scope scope)
{
	static const char *const names[] = { "thread", "cpu", "package", "system", "process" };

	return names[scope];
}

const char *mp_counter_status_name(enum mp_counter_status status)
{
	static const char *const names[] = { "unavailable", "measured", "scaled", "estimated",
					     "partial" };

	return names[status];
}

bool mp_counter_status_has_number(enum mp_counter_status status)
{
	return status == MP_COUNTER_MEASURED || status == MP_COUNTER_SCALED ||
	       status == MP_COUNTER_ESTIMATED;
}

const char *mp_perf_open_reason(int error)
{
	switch (error < 0 ? -error : error) {
	case EACCES:
		return "permission denied (EACCES): perf_event_paranoid or a missing capability";
	case EPERM:
		return "not permitted (EPERM): a seccomp filter, lockdown or a missing capability";
	case ENOSYS:
		return "no such system call (ENOSYS): a seccomp filter or a kernel without perf "
		       "events";
	case ENOENT:
		return "no such event here (ENOENT): no PMU of this kind counts it on this CPU";
	case ENODEV:
		return "no such device (ENODEV): the PMU is gone or has no counter for it";
	case EOPNOTSUPP:
		return "not supported (EOPNOTSUPP) by this PMU";
	case EINVAL:
		return "refused (EINVAL): the PMU does not know this encoding, or the group is "
		       "larger than the PMU";
	case EBUSY:
		return "busy (EBUSY): somebody else holds the PMU";
	case EMFILE:
		return "too many open files (EMFILE): raise the limit with ulimit -n";
	case ENFILE:
		return "too many open files in the system (ENFILE): raise fs.file-max";
	case ESRCH:
		return "no such thread (ESRCH)";
	case ENOSPC:
		return "no counter left (ENOSPC)";
	default:
		return "refused by the kernel";
	}
}

static void encode(const struct mp_perf_event *event, bool pinned, bool leads,
		   struct perf_event_attr *ret_attr)
{
	memset(ret_attr, 0, sizeof(*ret_attr));
	ret_attr->size = sizeof(*ret_attr);
	ret_attr->type = event->type;
	ret_attr->config = event->config;
	ret_attr->config1 = event->config1;
	ret_attr->config2 = event->config2;
	ret_attr->exclude_user = event->exclude_user;
	ret_attr->exclude_kernel = event->exclude_kernel;
	ret_attr->exclude_hv = event->exclude_hv;
	ret_attr->exclude_guest = event->exclude_guest;
	ret_attr->disabled = leads;
	ret_attr->pinned = leads && pinned;
	ret_attr->read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID |
				PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
}

/* One event into the group. 0 or a negative errno. */
static int open_event(struct mp_perf_group *group, const struct mp_perf_event *event, int cpu,
		      bool pinned)
{
	const struct mp_perf_ops *ops = group->ops;
	struct perf_event_attr attr;
	int fd, rc;

	encode(event, pinned, group->n == 0, &attr);
	fd = ops->open(ops->user, &attr, event->whole ? -1 : 0, event->cpu >= 0 ? event->cpu : cpu,
		       group->n ? group->fds[0] : -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return fd;
	group->fds[group->n] = fd;
	rc = ops->ioctl(ops->user, fd, PERF_EVENT_IOC_ID, (unsigned long)&group->ids[group->n]);
	group->n++;
	if (!rc && event->filter[0])
		rc = ops->ioctl(ops->user, fd, PERF_EVENT_IOC_SET_FILTER,
				(unsigned long)event->filter);
	return rc;
}

int mp_perf_group_open(const struct mp_perf_ops *ops, const struct mp_perf_event *events,
		       unsigned n, int cpu, bool pinned, struct mp_perf_group *ret_group,
		       unsigned *ret_failed, struct mp_err *err)
{
	struct mp_perf_group group = { .ops = ops };

	if (!n || n > MP_PERF_GROUP_MAX)
		return mp_err_internal(err, -EINVAL, "a group of %u events; 1 to %d are possible",
				       n, MP_PERF_GROUP_MAX);
	for (unsigned i = 0; i < n; i++) {
		const struct mp_perf_event *e = &events[i];
		int rc = open_event(&group, e, cpu, pinned);

		if (!rc)
			continue;
		mp_perf_group_close(&group);
		if (ret_failed)
			*ret_failed = i;
		return mp_err_env(err, rc, "event type %u config 0x%llx of PMU '%s' on CPU %d: %s",
				  e->type, (unsigned long long)e->config, e->pmu,
				  e->cpu >= 0 ? e->cpu : cpu, mp_perf_open_reason(rc));
	}
	*ret_group = group;
	return 0;
}

void mp_perf_group_close(struct mp_perf_group *group)
{
	/* Siblings first: closing a leader would make single events of them. */
	while (group->n) {
		group->n--;
		group->ops->close(group->ops->user, group->fds[group->n]);
	}
}

static int control(struct mp_perf_group *group, unsigned long request, const char *what,
		   struct mp_err *err)
{
	const struct mp_perf_ops *ops = group->ops;
	int rc = ops->ioctl(ops->user, group->fds[0], request, PERF_IOC_FLAG_GROUP);

	return rc ? mp_err_env(err, rc, "cannot %s a group of counters: %s", what, strerror(-rc))
		  : 0;
}

int mp_perf_group_enable(struct mp_perf_group *group, struct mp_err *err)
{
	return control(group, PERF_EVENT_IOC_ENABLE, "enable", err);
}

int mp_perf_group_disable(struct mp_perf_group *group, struct mp_err *err)
{
	return control(group, PERF_EVENT_IOC_DISABLE, "disable", err);
}

int mp_perf_group_read(const struct mp_perf_group *group, struct mp_perf_reading *ret_reading)
{
	struct {
		uint64_t n, enabled, running;
		struct {
			uint64_t value, id;
		} items[MP_PERF_GROUP_MAX];
	} data;
	const size_t size = 3 * sizeof(uint64_t) + group->n * sizeof(data.items[0]);
	const ssize_t got = group->ops->read(group->ops->user, group->fds[0], &data, sizeof(data));

	if (got < 0)
		return (int)got;
	if (got == 0)
		return -ENODATA;
	if ((size_t)got != size || data.n != group->n)
		return -EIO;
	for (unsigned i = 0; i < group->n; i++)
		if (data.items[i].id != group->ids[i])
			return -EIO;
	ret_reading->enabled_ns = data.enabled;
	ret_reading->running_ns = data.running;
	ret_reading->n = group->n;
	for (unsigned i = 0; i < group->n; i++)
		ret_reading->values[i] = data.items[i].value;
	return 0;
}

struct mp_perf_delta mp_perf_delta(const struct mp_perf_reading *before,
				   const struct mp_perf_reading *after, unsigned index)
{
	struct mp_perf_delta delta = { 0 };

	if (index >= before->n || index >= after->n) {
		delta.error = -EIO;
		return delta;
	}
	delta.count = after->values[index] - before->values[index];
	delta.enabled_ns = after->enabled_ns - before->enabled_ns;
	delta.running_ns = after->running_ns - before->running_ns;
	if (delta.count > UINT64_MAX / 2 || delta.enabled_ns > UINT64_MAX / 2 ||
	    delta.running_ns > UINT64_MAX / 2)
		delta = (struct mp_perf_delta){ .error = -ERANGE };
	return delta;
}

struct mp_perf_delta mp_perf_delta_plain(uint64_t before, uint64_t after)
{
	struct mp_perf_delta delta = { .count = after - before, .enabled_ns = 1, .running_ns = 1 };

	if (delta.count > UINT64_MAX / 2)
		delta = (struct mp_perf_delta){ .error = -ERANGE };
	return delta;
}

void mp_perf_delta_add(struct mp_perf_delta *sum, const struct mp_perf_delta *more)
{
	if (!sum->error)
		sum->error = more->error;
	sum->count += more->count;
	sum->enabled_ns += more->enabled_ns;
	sum->running_ns += more->running_ns;
}

void mp_counter_value_none(struct mp_counter_value *ret_value, const char *fmt, ...)
{
	va_list ap;

	*ret_value = (struct mp_counter_value){ .status = MP_COUNTER_UNAVAILABLE,
						.value = NAN,
						.ratio = NAN };
	va_start(ap, fmt);
	vsnprintf(ret_value->reason, sizeof(ret_value->reason), fmt, ap);
	va_end(ap);
}

/* Why an instance has no count: a clause for the reason. */
static const char *failure(const struct mp_perf_delta *d)
{
	switch (d->error) {
	case 0:
		return d->enabled_ns ? "not scheduled: the counter was enabled and never ran"
				     : "the counter was never enabled";
	case -ENODATA:
		return "the counter lost its PMU to somebody else";
	case -EIO:
		return "the kernel's answer had the wrong size or ids";
	case -ERANGE:
		return "the counter ran backwards";
	default:
		return mp_perf_open_reason(d->error);
	}
}

/* Without a number because of this instance; what the others said is kept beside it. */
static void give_up(struct mp_counter_value *v, const struct mp_perf_delta *bad)
{
	v->status = v->instances ? MP_COUNTER_PARTIAL : MP_COUNTER_UNAVAILABLE;
	v->value = NAN;
	if (!v->instances)
		snprintf(v->reason, sizeof(v->reason), "%s",
			 bad ? failure(bad) : "no instance was read");
	else
		snprintf(v->reason, sizeof(v->reason), "%u of %u instances: %s", v->instances,
			 v->expected, bad ? failure(bad) : "the others are missing");
}

void mp_counter_sum(const struct mp_counter_rule *rule, const struct mp_perf_delta *deltas,
		    size_t n, struct mp_counter_value *ret_value)
{
	struct mp_counter_value v = { .expected = rule->expected, .ratio = NAN };
	const struct mp_perf_delta *bad = NULL;
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		const struct mp_perf_delta *d = &deltas[i];
		double ratio = (double)d->running_ns / (double)d->enabled_ns;

		if (d->error || !d->enabled_ns || !d->running_ns) {
			bad = bad ? bad : d;
			continue;
		}
		v.instances++;
		v.raw += d->count;
		v.enabled_ns += d->enabled_ns;
		v.running_ns += d->running_ns;
		if (!(v.ratio <= ratio))
			v.ratio = ratio;
		sum += (double)d->count / ratio;
	}
	if (bad || v.instances < v.expected || !v.instances) {
		give_up(&v, bad);
	} else if (!v.raw && !rule->zero_proven) {
		v.status = MP_COUNTER_UNAVAILABLE;
		v.value = NAN;
		snprintf(v.reason, sizeof(v.reason), "it reads 0, which nothing proves: %s",
			 rule->zero_reason ? rule->zero_reason
					   : "the source was never seen to count");
	} else {
		v.value = sum * rule->per_count;
		v.status = rule->estimate ? MP_COUNTER_ESTIMATED
			   : v.ratio < 1  ? MP_COUNTER_SCALED
					  : MP_COUNTER_MEASURED;
	}
	*ret_value = v;
}

int mp_rusage_read(const char *fields, uint64_t *ret_count)
{
	struct rusage usage;
	const struct {
		const char *name;
		const long *value;
	} known[] = {
		{ "minflt", &usage.ru_minflt },
		{ "majflt", &usage.ru_majflt },
		{ "nvcsw", &usage.ru_nvcsw },
		{ "nivcsw", &usage.ru_nivcsw },
	};
	uint64_t sum = 0;

	if (getrusage(RUSAGE_THREAD, &usage))
		return -errno;
	while (*fields) {
		size_t len = strcspn(fields, "+"), i = 0;

		while (i < sizeof(known) / sizeof(known[0]) &&
		       (strlen(known[i].name) != len || strncmp(known[i].name, fields, len) != 0))
			i++;
		if (i == sizeof(known) / sizeof(known[0]))
			return -EINVAL;
		sum += (uint64_t)*known[i].value;
		fields += len + (fields[len] == '+');
	}
	*ret_count = sum;
	return 0;
}
