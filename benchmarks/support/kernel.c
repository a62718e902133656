/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user side of memperf's kernel module: jobs out, lengths in. */
#include "benchmarks/support/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "benchmarks/support/nodes.h"
#include "benchmarks/support/vmstat.h"

/* What one job may hold: `live` is cut to that. */
#define BYTES_MAX     (64u << 20)
#define BYTES_MAX_DMA (1u << 20) /* of a zone that may have no more than 16M */

enum { LOCAL }; /* of mp_kernel_node_words */

const char *const mp_kernel_pattern_words[] = { [MPK_ALLOC] = "alloc",
						[MPK_FREE] = "free",
						[MPK_PAIR] = "pair",
						[MPK_STEADY] = "steady",
						[MPK_APPLY] = "apply" };

const char *const mp_kernel_gfp_words[] = {
#define WORD(id, word, ...) word,
	MPK_GFP_SETS(WORD)
#undef WORD
		NULL
};

const char *const mp_kernel_context_words[] = {
#define WORD(id, word, how, refusal) word,
	MPK_CONTEXTS(WORD)
#undef WORD
		NULL
};

const char *const mp_kernel_touch_words[] = { "none", "first", "all", NULL };

const char *const mp_kernel_node_words[] = { "local", "remote", NULL };

const char *const mp_kernel_order_words[] = { "fifo", "lifo", "random", NULL };

const char *mp_kernel_reason(uint32_t reason)
{
	static const char *const sentences[] = {
#define SENTENCE(id, text) (text),
		MPK_REASONS(SENTENCE)
#undef SENTENCE
	};

	return reason < MPK_REASON_COUNT ? sentences[reason]
					 : "a reason that this memperf does not know: update it";
}

static int device_open(struct mpk_info *ret_info)
{
	int fd = open(MPK_DEVICE, O_RDWR | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	memset(ret_info, 0, sizeof(*ret_info));
	if (!ioctl(fd, MPK_INFO, ret_info) && ret_info->abi == MPK_ABI)
		return fd;
	error = ret_info->abi == MPK_ABI ? -errno : -EPROTO;
	close(fd);
	return error;
}

int mp_kernel_info(struct mpk_info *ret_info)
{
	struct mpk_info info;
	int fd = device_open(&info);

	if (fd < 0)
		return fd;
	close(fd);
	*ret_info = info;
	return 0;
}

enum mpk_pattern mp_kernel_pattern(const char *bench)
{
	const char *word = strchr(bench, '.') + 1;
	unsigned pattern = 0;

	while (pattern < MPK_PATTERN_COUNT && strcmp(mp_kernel_pattern_words[pattern], word) != 0)
		pattern++;
	return (enum mpk_pattern)pattern;
}

static void allocator_of(const char *bench, char ret_name[MPK_NAME_MAX])
{
	bool arm = mp_kernel_pattern(bench) == MPK_PATTERN_COUNT;

	snprintf(ret_name, MPK_NAME_MAX, "%.*s", (int)strcspn(bench, arm ? "" : "."), bench);
}

int mp_kernel_describe(bool (*each)(void *user, const struct mpk_describe *d), void *user)
{
	struct mpk_describe d = { 0 };
	struct mpk_info info;
	int fd = device_open(&info);

	if (fd < 0)
		return fd;
	while (!ioctl(fd, MPK_DESCRIBE, &d) && each(user, &d))
		d = (struct mpk_describe){ .index = d.index + 1 };
	close(fd);
	return 0;
}

struct offer {
	char allocator[MPK_NAME_MAX];
	uint32_t patterns; /* of those that are looked for, the ones it has */
	uint32_t reason;
};

static bool seek(void *user, const struct mpk_describe *d)
{
	struct offer *o = user;

	if (strcmp(d->name, o->allocator))
		return true;
	o->reason = d->reason;
	o->patterns &= d->patterns;
	if (d->reason == MPK_REASON_OK && !o->patterns)
		o->reason = MPK_REASON_VALUE;
	return false;
}

/* What the loaded module says of that benchmark. 0 or a negative errno. */
static int ask(const char *bench, struct offer *ret_offer)
{
	enum mpk_pattern pattern = mp_kernel_pattern(bench);

	*ret_offer = (struct offer){ .reason = MPK_REASON_ALLOCATOR,
				     .patterns = pattern == MPK_PATTERN_COUNT ? UINT32_MAX
									      : 1u << pattern };
	allocator_of(bench, ret_offer->allocator);
	return mp_kernel_describe(seek, ret_offer);
}

int mp_kernel_offers(const char *bench, uint32_t *ret_reason)
{
	struct offer o;
	int rc = ask(bench, &o);

	if (!rc)
		*ret_reason = o.reason;
	return rc;
}

/* ---- which cases there are ---- */

static int legal(enum mpk_kind kind, const struct mp_params *params, const struct mp_host *host,
		 struct mp_err *err)
{
	const struct mpk_request r = {
		.kind = kind,
		.gfp = (enum mpk_gfp)mp_params_number(params, "gfp", MPK_GFP_KERNEL),
		.context = (enum mpk_context)mp_params_number(params, "context", MPK_PROCESS),
		.in_order = mp_params_find(params, "order") != NULL,
		.order = (unsigned)mp_params_number(params, "order", 0),
	};
	const uint64_t align = mp_params_number(params, "align", 0);
	enum mpk_reason reason = mpk_legal(&r);

	if (reason == MPK_REASON_OK && host->kernel_contexts &&
	    !(host->kernel_contexts & 1u << r.context))
		reason = mpk_context_refusal(r.context);
	if (reason == MPK_REASON_OK && host->kernel_gfp && !(host->kernel_gfp & 1u << r.gfp))
		reason = MPK_REASON_NO_FLAG;
	if (reason == MPK_REASON_OK && host->kernel_contexts && r.order > host->kernel_max_order)
		reason = MPK_REASON_ORDER;
	if (reason == MPK_REASON_OK && align & (align - 1))
		reason = MPK_REASON_ALIGN;
	if (reason == MPK_REASON_OK && host->nodes == 1 &&
	    mp_params_number(params, "node", LOCAL) != LOCAL)
		reason = MPK_REASON_NODE;
	if (reason == MPK_REASON_OK)
		return 0;
	return mp_err_usage(err, -EINVAL, "not legal: %s", mp_kernel_reason(reason));
}

#define LEGAL(id, reach)                                                                           \
	int mp_kernel_legal_##id(const struct mp_params *params, const struct mp_host *host,       \
				 struct mp_err *err)                                               \
	{                                                                                          \
		return legal(MPK_KIND_##id, params, host, err);                                    \
	}
MPK_KINDS(LEGAL)
#undef LEGAL

/* ---- a job ---- */

static uint64_t amount(const struct mp_params *params)
{
	return mp_params_number(params, "size", mp_params_number(params, "order", 0));
}

static uint32_t batch(const struct mp_ctx *ctx)
{
	return (uint32_t)mp_params_number(ctx->params, "batch", 1);
}

/* What one object, or batch of them, takes of the machine's memory. */
static uint64_t object_bytes(const struct mp_ctx *ctx)
{
	long configured = sysconf(_SC_NPROCESSORS_CONF);
	uint64_t cpus = configured > 0 ? (uint64_t)configured : 1;
	uint64_t bytes, align = mp_params_number(ctx->params, "align", 1);

	if (mp_params_find(ctx->params, "order"))
		return ctx->host->page_size << mp_ctx_number(ctx, "order");
	bytes = mp_params_number(ctx->params, "size", ctx->host->page_size);
	bytes = (bytes > align ? bytes : align) * batch(ctx);
	if (ctx->bench->legal == mp_kernel_legal_PERCPU)
		return bytes * cpus;
	return strcmp(ctx->bench->unit, "cache") ? bytes : bytes + MPK_CACHE_BYTES(cpus);
}

static uint32_t depth_of(const struct mp_ctx *ctx)
{
	uint64_t live = mp_params_number(ctx->params, "live", 1);
	bool dma = mp_params_number(ctx->params, "gfp", MPK_GFP_KERNEL) == MPK_GFP_DMA;
	uint64_t most = (dma ? BYTES_MAX_DMA : BYTES_MAX) / object_bytes(ctx);

	if (most > MPK_DEPTH_MAX / batch(ctx))
		most = MPK_DEPTH_MAX / batch(ctx);
	return (uint32_t)(live < most ? live : most ? most : 1);
}

/* A call block is short, and between two of them the kernel did other things: without operations before it, the first
 * ones would be those of a cold cache. */
static uint32_t warm_of(const struct mp_ctx *ctx, uint32_t depth)
{
	uint32_t warm = object_bytes(ctx) <= 65536 ? 8 : 1;

	return depth > 2 * warm ? warm : 0;
}

/* How often anyone's allocation had to reclaim memory itself; UINT64_MAX: unknown. */
static uint64_t stalls(void)
{
	return mp_vmstat_sum("allocstall_");
}

static int refused(const struct mp_kernel *k, struct mp_err *err)
{
	int error = errno;

	if (error == EINVAL)
		return mp_err_env(err, -error, "the kernel module refuses the job: %s",
				  mp_kernel_reason(k->job.reason));
	return mp_err_env(err, -error, "the kernel module cannot prepare the job: %s",
			  strerror(error));
}

static int fill(struct mp_kernel *k, struct mp_err *err)
{
	struct mpk_fill f = { .count = k->depth };

	if (ioctl(k->fd, MPK_FILL, &f)) {
		k->alive = 0;
		return mp_err_env(err, -errno, "the kernel cannot allocate %u objects: %s",
				  k->depth, strerror(errno));
	}
	k->alive = k->depth;
	return 0;
}

/* Does an operation need an object of its own that was filled before? */
static bool uses_up(const struct mp_kernel *k)
{
	return k->pattern == MPK_FREE || k->pattern == MPK_APPLY;
}

/* Does a thread of the kernel do the operations? */
static bool on_thread(const struct mp_kernel *k)
{
	return k->job.context == MPK_KTHREAD || k->job.context == MPK_REMOTE;
}

/* For a job: -1, the CPU's own, or the lowest that is another. 0, or a negative errno with a sentence. */
static int node_of(const struct mp_ctx *ctx, int32_t *ret_node, struct mp_err *err)
{
	unsigned own;
	int nodes[2], ret;

	*ret_node = -1;
	if (mp_params_number(ctx->params, "node", LOCAL) == LOCAL)
		return 0;
	ret = mp_nodes_two(nodes, err);
	if (ret)
		return ret;
	if (getcpu(NULL, &own))
		return mp_err_env(err, -errno, "cannot tell this CPU's node: %s", strerror(errno));
	*ret_node = nodes[nodes[0] == (int)own];
	return 0;
}

int mp_kernel_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_kernel *k = ctx->state;
	struct mpk_info info;
	struct offer o;
	int ret;

	k->fd = device_open(&info);
	if (k->fd < 0)
		return mp_err_env(err, k->fd, "cannot open '%s': %s", MPK_DEVICE, strerror(-k->fd));
	ret = ask(ctx->bench->name, &o);
	if (!ret && o.reason != MPK_REASON_OK)
		ret = -ENODEV;
	if (ret)
		return mp_err_env(err, ret, "the kernel module has no '%s'", ctx->bench->name);
	k->pattern = (enum mpk_pattern)__builtin_ctz(o.patterns);
	k->depth = depth_of(ctx);
	k->job = (struct mpk_prepare){
		.gfp = (uint32_t)mp_params_number(ctx->params, "gfp", MPK_GFP_KERNEL),
		.context = (uint32_t)mp_params_number(ctx->params, "context", MPK_PROCESS),
		.pattern = k->pattern,
		.order = (uint32_t)mp_params_number(ctx->params, "free_order", MPK_FIFO),
		.clock = ctx->clock == MP_CLOCK_COUNTER ? MPK_CLOCK_COUNTER : MPK_CLOCK_RAW,
		.cpu = -1,
		.depth = k->depth,
		.samples = MP_KERNEL_SAMPLES,
		.batch = batch(ctx),
		.crowd = (uint32_t)mp_params_number(ctx->params, "areas", 0),
		.amount = amount(ctx->params),
		.touch = (uint32_t)mp_params_number(ctx->params, "touch", MPK_TOUCH_NONE),
		.align = mp_params_number(ctx->params, "align", 0),
		.seed = mp_random_next(&ctx->random),
	};
	memcpy(k->job.allocator, o.allocator, sizeof(k->job.allocator));
	ret = node_of(ctx, &k->job.node, err);
	if (ret)
		return ret;
	if (ioctl(k->fd, MPK_PREPARE, &k->job))
		return refused(k, err);
	ctx->elsewhere = on_thread(k);
	k->warm = warm_of(ctx, UINT32_MAX);
	if (k->pattern == MPK_ALLOC || uses_up(k)) {
		k->warm = warm_of(ctx, k->depth);
		ctx->depth = k->depth - k->warm;
	}
	k->stalls = stalls();
	return k->pattern == MPK_STEADY ? fill(k, err) : 0;
}

/* Makes room for n more objects, or has n to be used up, those of the warm-up too. */
int mp_kernel_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_kernel *k = ctx->state;

	k->last = (struct mpk_run){ 0 };
	if (k->pattern == MPK_ALLOC && k->alive + n + k->warm > k->depth) {
		if (ioctl(k->fd, MPK_DRAIN))
			return mp_err_internal(err, -errno, "the kernel module frees nothing: %s",
					       strerror(errno));
		k->alive = 0;
	}
	return uses_up(k) && k->alive < n + k->warm ? fill(k, err) : 0;
}

uint64_t mp_kernel_run(struct mp_ctx *ctx, uint64_t n, uint64_t *stamps, bool each)
{
	struct mp_kernel *k = ctx->state;
	struct mpk_run *r = &k->last;
	size_t size;

	*r = (struct mpk_run){ .count = (uint32_t)n, .each = each, .warm = each ? k->warm : 0 };
	k->error = ioctl(k->fd, MPK_RUN, r) ? errno : 0;
	size = each ? r->done * sizeof(k->records[0]) : 0;
	if (size && pread(k->fd, k->records, size, 0) != (ssize_t)size)
		k->error = EIO;
	/* Operations without their breaks: a block is as long as they are together. */
	stamps[0] = r->start;
	stamps[1] = r->start + r->ticks;
	for (uint64_t i = 0; each && i < n; i++)
		stamps[i + 1] = stamps[i] + (i < r->done ? k->records[i].ticks : 0);
	if (k->pattern == MPK_ALLOC)
		k->alive += r->done + r->warm;
	else if (uses_up(k))
		k->alive -= r->done + r->warm;
	return k->error ? 0 : r->done - r->failed;
}

int mp_kernel_hollow(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_kernel *k = ctx->state;
	struct mpk_run r = { .count = (uint32_t)n, .hollow = 1 };

	return ioctl(k->fd, MPK_RUN, &r) ? -errno : 0;
}

void mp_kernel_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_kernel *k = ctx->state;
	char text[MP_CHECK_TEXT];

	mp_expect_true(ctx, "ran", !k->error, k->error ? strerror(k->error) : "to the end");
	/* What the module says, not what the loop does: a run that never was has done nothing. */
	mp_expect_equal(ctx, "operations", n, k->last.done - k->last.failed);
	mp_expect_equal(ctx, "counted", ctx->succeeded, k->last.done - k->last.failed);
	/* Every stretch of operations saw itself in the context, and on the task whose counters count it. */
	mp_expect_equal(ctx, "in_context", k->last.shots, k->last.proven);
	mp_expect_equal(ctx, "on_caller", on_thread(k) ? 0 : k->last.shots, k->last.on_caller);
	/* The allocator did what its name says, where that can be seen of an object. */
	if (k->last.looked)
		mp_expect_equal(ctx, "as_named", k->last.looked, k->last.found);
	snprintf(text, sizeof(text), "0x%x %.70s%s", k->job.gfp_raw, k->job.gfp_name,
		 k->job.charged ? ", charged" : "");
	mp_expect_true(ctx, "gfp", k->job.gfp_raw && strcmp(k->job.gfp_name, "__GFP_NOWARN"), text);
}

void mp_kernel_teardown(struct mp_ctx *ctx)
{
	struct mp_kernel *k = ctx->state;

	if (k->fd <= 0)
		return;
	if (k->job.gfp_raw) {
		uint64_t now = stalls();

		mp_expect_equal(ctx, "direct_reclaim", 0,
				now == UINT64_MAX || k->stalls == UINT64_MAX ? UINT64_MAX
									     : now - k->stalls);
	}
	close(k->fd);
}
