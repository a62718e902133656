/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memperf's kernel module: the device /dev/memperf, through which memperf times the kernel's own allocators. Loading
 * it does nothing but make the device, for root, who may give it to a group; everything that happens is asked for by a
 * call, is bounded, and is undone when the file is closed. The contract is memperf_uapi.h.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "mpk.h"

static int device_open(struct inode *inode, struct file *file)
{
	struct mpk_job *job;

	job = kzalloc(sizeof(*job), MPK_GFP);
	if (!job)
		return -ENOMEM;
	mutex_init(&job->lock);
	file->private_data = job;
	return 0;
}

static int device_release(struct inode *inode, struct file *file)
{
	struct mpk_job *job = file->private_data;

	mpk_job_forget(job);
	kfree(job);
	return 0;
}

union argument {
	struct mpk_info info;
	struct mpk_describe describe;
	struct mpk_prepare prepare;
	struct mpk_fill fill;
	struct mpk_run run;
};

static int call_info(struct mpk_job *job, union argument *a)
{
	mpk_info(&a->info);
	return 0;
}

static int call_describe(struct mpk_job *job, union argument *a)
{
	return mpk_describe(&a->describe);
}

static int call_prepare(struct mpk_job *job, union argument *a)
{
	a->prepare.allocator[MPK_NAME_MAX - 1] = '\0';
	return mpk_job_prepare(job, &a->prepare);
}

static int call_fill(struct mpk_job *job, union argument *a)
{
	return mpk_job_fill(job, &a->fill);
}

static int call_run(struct mpk_job *job, union argument *a)
{
	return mpk_job_run(job, &a->run);
}

static int call_drain(struct mpk_job *job, union argument *a)
{
	mpk_job_drain(job);
	return 0;
}

/* By number, not by the whole command: the size in a command is that of the caller's struct. */
static const struct call {
	size_t size;
	bool needs_job;
	int (*run)(struct mpk_job *job, union argument *a);
} calls[] = {
	[_IOC_NR(MPK_INFO) - 0xe0] = { sizeof(struct mpk_info), false, call_info },
	[_IOC_NR(MPK_DESCRIBE) - 0xe0] = { sizeof(struct mpk_describe), false, call_describe },
	[_IOC_NR(MPK_PREPARE) - 0xe0] = { sizeof(struct mpk_prepare), false, call_prepare },
	[_IOC_NR(MPK_FILL) - 0xe0] = { sizeof(struct mpk_fill), true, call_fill },
	[_IOC_NR(MPK_RUN) - 0xe0] = { sizeof(struct mpk_run), true, call_run },
	[_IOC_NR(MPK_DRAIN) - 0xe0] = { 0, true, call_drain },
};

static long serve(struct mpk_job *job, const struct call *call, size_t size, void __user *user)
{
	union argument argument = { 0 };
	long err = 0;

	if (call->size)
		err = copy_struct_from_user(&argument, call->size, user, size);
	if (!err)
		err = call->needs_job && !job->allocator ? -ENODATA : call->run(job, &argument);
	/* A refusal names its reason, a cancelled run says how far it came. */
	if ((!err || err == -EINVAL || err == -EINTR) && call->size &&
	    copy_to_user(user, &argument, min(size, call->size)))
		err = -EFAULT;
	return err;
}

static long device_ioctl(struct file *file, unsigned int command, unsigned long address)
{
	struct mpk_job *job = file->private_data;
	unsigned int nr = _IOC_NR(command) - 0xe0;
	long err;

	if (_IOC_TYPE(command) != MPK_IOCTL || nr >= ARRAY_SIZE(calls))
		return -ENOTTY;
	if (!mutex_trylock(&job->lock))
		return -EBUSY;
	err = serve(job, &calls[nr], _IOC_SIZE(command), (void __user *)address);
	mutex_unlock(&job->lock);
	return err;
}

static ssize_t device_read(struct file *file, char __user *buffer, size_t count, loff_t *at)
{
	struct mpk_job *job = file->private_data;
	ssize_t done;

	if (!mutex_trylock(&job->lock))
		return -EBUSY;
	done = simple_read_from_buffer(buffer, count, at, job->records,
				       job->n_records * sizeof(*job->records));
	mutex_unlock(&job->lock);
	return done;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.read = device_read,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = default_llseek,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "memperf",
	.fops = &operations,
	.mode = 0600,
};
module_misc_device(device);

MODULE_DESCRIPTION("memperf: times the kernel's memory allocators");
MODULE_LICENSE("GPL");
MODULE_VERSION(MPK_VERSION);

/* Read from /sys/module/memperf/parameters/commit; nobody sets it. */
static char *commit = MPK_COMMIT;
module_param(commit, charp, 0444);
MODULE_PARM_DESC(commit, "not to be set: the commit that the module was built from");
