/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counts loops of known length with memperf's own counter code, for a machine whose counts are exact (counters.sh):
 *
 *	count loop ROUNDS...	instructions and cycles of each loop, as a worker counts them
 *	count overflow		twelve counters at once, on a PMU that has fewer
 *	count hog		holds all of CPU 0's counters but one until it is killed
 *
 * One line per value: "loop 1000000 instructions measured 1.000 4000018".
 */
#include "runner/exec/counting_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MANY 12

/* Four instructions a round. */
static void loop(uint64_t rounds)
{
#if defined(__aarch64__)
	__asm__ volatile("1:\tnop\n\tnop\n\tsubs %0, %0, #1\n\tb.ne 1b" : "+r"(rounds)::"cc");
#else
	__asm__ volatile("1:\tnop\n\tnop\n\tsub $1, %0\n\tjnz 1b" : "+r"(rounds)::"cc");
#endif
}

static void die(const char *what, const struct mp_err *err)
{
	fprintf(stderr, "count: %s: %s\n", what, err->text);
	exit(1);
}

static struct mp_counting *counting(void)
{
	static const char *const metrics[] = { "instructions", "cycles" };
	const int cpu = 0;
	const struct mp_counting_wish wish = { .group = "loop",
					       .metrics = metrics,
					       .n_metrics = 2,
					       .cpus = &cpu,
					       .n_cpus = 1,
					       .ops = &mp_perf_kernel };
	struct mp_counting *c = NULL;
	struct mp_err err;

	if (mp_counting_new(&wish, &c, &err))
		die("resolve", &err);
	return c;
}

static void print(const char *what, const struct mp_item *item, const struct mp_perf_delta *deltas)
{
	struct mp_counter_rule rule = mp_counter_rule_of(item->counter);
	struct mp_counter_value value;

	mp_counter_sum(&rule, deltas, 1, &value);
	printf("%s %s %s %.3f %.0f %s\n", what, item->what.metric,
	       mp_counter_status_name((enum mp_counter_status)value.status), value.ratio,
	       value.value, value.reason);
}

static void count_loop(struct mp_counting *c, uint64_t rounds)
{
	const struct mp_tally_order *order = mp_counting_order(c, MP_PASS_TIMING);
	struct mp_tally tally = { 0 };
	char what[64];

	mp_tally_open(&tally, order, &mp_perf_kernel, 0, 0);
	mp_tally_start(&tally, order);
	loop(rounds);
	mp_tally_stop(&tally, order, rounds, true);
	mp_tally_close(&tally, order);
	snprintf(what, sizeof(what), "loop %llu", (unsigned long long)rounds);
	for (size_t i = 0; i < c->n_items; i++) {
		if (c->items[i].kind == MP_ITEM_THREAD)
			print(what, &c->items[i], &tally.deltas[c->items[i].at[0]]);
		else
			printf("%s %s unavailable - - %s\n", what, c->items[i].what.metric,
			       c->items[i].counter->reason);
	}
}

/* The same two events again and again, arranged and multiplexed as a group file of so many would be. */
static void count_overflow(struct mp_counting *c)
{
	struct mp_counting many = { 0 };
	struct mp_item items[MANY];
	struct mp_tally_order order = { 0 };
	struct mp_tally tally = { 0 };
	uint16_t at[MANY];
	struct mp_err err;

	for (unsigned i = 0; i < MANY; i++) {
		items[i] = c->items[i % c->n_items];
		items[i].at = &at[i];
	}
	many.items = items;
	many.n_items = MANY;
	if (mp_counting_arrange(&many, MP_PASS_TIMING, &order, &mp_perf_kernel, 0, &err))
		die("arrange", &err);
	printf("overflow groups %u pinned %u largest %u\n", order.n_groups, order.groups[0].pinned,
	       order.groups[0].n);
	mp_tally_open(&tally, &order, &mp_perf_kernel, 0, 0);
	for (int block = 0; block < 100; block++) {
		mp_tally_start(&tally, &order);
		loop(500000);
		mp_tally_stop(&tally, &order, 500000, true);
	}
	mp_tally_close(&tally, &order);
	for (unsigned i = 0; i < MANY; i++)
		print("overflow", &items[i], &tally.deltas[at[i]]);
}

/* Five counters of instructions and one of cycles leave one of the seven. */
static void hog(const struct mp_counting *c)
{
	struct mp_perf_group group;
	struct mp_err err;

	for (unsigned i = 0; i < 6; i++) {
		struct mp_perf_event e = c->items[i == 0].counter->events[0];

		e.whole = 1;
		if (mp_perf_group_open(&mp_perf_kernel, &e, 1, 0, true, &group, NULL, &err) ||
		    mp_perf_group_enable(&group, &err))
			die("hog", &err);
	}
	puts("hog ready");
	fflush(stdout);
	pause();
}

int main(int argc, char **argv)
{
	struct mp_counting *c = counting();

	if (argc > 2 && !strcmp(argv[1], "loop"))
		for (int i = 2; i < argc; i++)
			count_loop(c, strtoull(argv[i], NULL, 10));
	else if (argc == 2 && !strcmp(argv[1], "overflow"))
		count_overflow(c);
	else if (argc == 2 && !strcmp(argv[1], "hog"))
		hog(c);
	else
		return 2;
	mp_counting_free(c);
	return 0;
}
