/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mistakes on purpose, for those who judge the log of a kernel that looks for them; a load makes the one that its parameter
 * names, and fails, so that nothing of the module stays:
 *
 *	what=overrun	writes behind an object
 *	what=sleep	allocates with interrupts off, with flags that let it sleep
 *	what=leak	forgets objects, in which "planted" stands
 *	what=list	deletes an entry of a list twice
 *	what=order	takes two locks in one order and in the other
 *	what=caches	no mistake: makes and destroys slab caches while failures are injected into its task, which shows
 *			what the kernel itself loses then
 */
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#define LEAKS  8
#define CACHES 16
#define BYTES  100

static char *what = "";
module_param(what, charp, 0444);

static void overrun(void)
{
	char *object = kmalloc(BYTES, GFP_KERNEL);
	int at = BYTES;

	OPTIMIZER_HIDE_VAR(at);
	if (object)
		WRITE_ONCE(object[at], 1);
	kfree(object);
}

static void sleep(void)
{
	unsigned long flags;

	local_irq_save(flags);
	kfree(kmalloc(BYTES, GFP_KERNEL));
	local_irq_restore(flags);
}

static void leak(void)
{
	for (int i = 0; i < LEAKS; i++) {
		char *object = kzalloc(BYTES, GFP_KERNEL);

		if (object)
			strscpy(object, "planted", BYTES);
		OPTIMIZER_HIDE_VAR(object);
	}
}

static void list(void)
{
	struct list_head head, entry;

	INIT_LIST_HEAD(&head);
	list_add(&entry, &head);
	list_del(&entry);
	list_del(&entry);
}

static DEFINE_SPINLOCK(one);
static DEFINE_SPINLOCK(other);

static void order(void)
{
	spin_lock(&one);
	spin_lock(&other);
	spin_unlock(&other);
	spin_unlock(&one);
	spin_lock(&other);
	spin_lock(&one);
	spin_unlock(&one);
	spin_unlock(&other);
}

static void caches(void)
{
	current->make_it_fail = true;
	for (int i = 0; i < CACHES; i++) {
		char name[32];

		snprintf(name, sizeof(name), "fault-%d", i);
		kmem_cache_destroy(kmem_cache_create(name, BYTES, 0, SLAB_NO_MERGE, NULL));
	}
	current->make_it_fail = false;
}

static const struct {
	const char *name;
	void (*make)(void);
} faults[] = {
	{ "overrun", overrun }, { "sleep", sleep }, { "leak", leak },
	{ "list", list },	{ "order", order }, { "caches", caches },
};

static int __init fault_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		if (!strcmp(what, faults[i].name)) {
			faults[i].make();
			return -ECANCELED;
		}
	}
	return -EINVAL;
}
module_init(fault_init);
MODULE_DESCRIPTION("makes mistakes on purpose");
MODULE_LICENSE("GPL");
