/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tells CPUs apart for whoever counts on them: mp_counter_domains() in counters.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "runner/counters/identity.h"
#include "runner/counters/internal.h"

#define WORD_MAX 320

/* Adds the word unless it is there. */
static void add_word(struct mp_str *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words->text; (at = strstr(at, word)); at += len)
		if ((at == words->text || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return;
	mp_str_printf(words, "%s%s", words->len ? " " : "", word);
}

static int by_number(const void *left, const void *right)
{
	int a = *(const int *)left, b = *(const int *)right;

	return (a > b) - (a < b);
}

char *mp_counter_domains(const struct mp_counter_roots *roots, const int *cpus, size_t n,
			 bool whole)
{
	const char *cpu_root = roots->cpu ? roots->cpu : MP_CPU_ROOT;
	MP_CLEANUP(mp_free_ptr) int *sorted = calloc(n + 1, sizeof(*sorted));
	struct mp_str words = MP_STR_INIT;
	struct mp_pmus pmus = { 0 };

	if (!sorted || mp_pmus_read(roots->event_source ? roots->event_source : MP_EVENT_SOURCE,
				    &pmus, NULL) == -ENOMEM)
		return NULL;
	memcpy(sorted, cpus, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_number);
	for (int domains = 0; domains < 1 + whole; domains++)
		for (size_t i = 0; i < n; i++) {
			const struct mp_pmu *core = mp_pmus_core(&pmus, sorted[i]);
			struct mp_cpu_cache cache;
			char word[WORD_MAX];

			mp_cpu_last_cache(cpu_root, sorted[i], &cache);
			if (domains)
				snprintf(word, sizeof(word), "l%u:%s", cache.level, cache.shared);
			else
				snprintf(word, sizeof(word), "%s%s", core ? core->name : "no-pmu",
					 mp_cpu_lacks_l3(&cache) ? "/no-l3" : "");
			add_word(&words, word);
		}
	mp_pmus_done(&pmus);
	return mp_str_take(&words);
}
