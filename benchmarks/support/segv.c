/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults that end in a signal handler: see segv.h. */
#include "benchmarks/support/segv.h"

#include <errno.h>
#include <string.h>
#include <ucontext.h>

static struct mp_segv *current;

/* A fault at another place is a crash like any other: without the handler it will be one. */
static void count(int number, const siginfo_t *info)
{
	if (info->si_code == current->code && info->si_addr == current->page)
		current->hits++;
	else
		signal(number, SIG_DFL);
}

static void jump_out(int number, siginfo_t *info, void *context)
{
	(void)context;
	count(number, info);
	if (info->si_addr == current->page)
		siglongjmp(current->back, 1);
}

static void step_over(int number, siginfo_t *info, void *context)
{
	ucontext_t *at = context;

	count(number, info);
	if (info->si_addr != current->page)
		return;
#if defined(__x86_64__)
	at->uc_mcontext.gregs[REG_RIP] += MP_SEGV_STORE_BYTES;
#else
	at->uc_mcontext.pc += MP_SEGV_STORE_BYTES;
#endif
}

int mp_segv_open(struct mp_segv *segv, char *page, int code, bool jump, struct mp_err *err)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	action.sa_sigaction = jump ? jump_out : step_over;
	sigemptyset(&action.sa_mask);
	segv->page = page;
	segv->code = code;
	current = segv;
	if (sigaction(SIGSEGV, &action, &segv->before))
		return mp_err_env(err, -errno, "cannot handle SIGSEGV: %s", strerror(errno));
	segv->open = true;
	return 0;
}

void mp_segv_done(struct mp_segv *segv)
{
	if (segv->open)
		sigaction(SIGSEGV, &segv->before, NULL);
	segv->open = false;
}

uint64_t mp_segv_jump(struct mp_segv *segv)
{
	if (sigsetjmp(segv->back, 1))
		return 1;
	mp_segv_store(segv->page);
	return 0;
}

static sigjmp_buf refused;

static void jump_back(int number)
{
	(void)number;
	siglongjmp(refused, 1);
}

bool mp_segv_allows(char *at, enum mp_segv_access access)
{
	struct sigaction action = { .sa_handler = jump_back }, before;
	volatile bool allowed = false;

	sigemptyset(&action.sa_mask);
	if (sigaction(SIGSEGV, &action, &before))
		return false;
	if (!sigsetjmp(refused, 1)) {
		volatile char *byte = at;

		if (access == MP_SEGV_LOAD)
			(void)*byte;
		else if (access == MP_SEGV_STORE)
			*byte = *byte;
		else
			((void (*)(void))at)();
		allowed = true;
	}
	sigaction(SIGSEGV, &before, NULL);
	return allowed;
}

void mp_segv_write_return(char *at)
{
#if defined(__x86_64__)
	static const unsigned char code[] = { 0xc3 };
#else
	static const unsigned char code[] = { 0xc0, 0x03, 0x5f, 0xd6 };
#endif

	memcpy(at, code, sizeof(code));
	__builtin___clear_cache(at, at + sizeof(code));
}
