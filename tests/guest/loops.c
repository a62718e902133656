/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks the module of tests/guest/truth for all of its figures, in the machines of tests.
 *
 *	loops ROUND	a line for each: "truth ROUND NAME PICOSECONDS...", the median of REPEATS loops at each place. All of them take
 *			turns, so that a slow moment of the machine is none of one alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOP	    "/sys/module/truth/parameters/loop"
#define REPEATS	    9
#define PLACES	    8
#define FIGURES_MAX 64

static char names[FIGURES_MAX][128];
static unsigned long long lengths[FIGURES_MAX][PLACES][REPEATS];

static int ascending(const void *a, const void *b)
{
	unsigned long long x = *(const unsigned long long *)a, y = *(const unsigned long long *)b;

	return x < y ? -1 : x > y;
}

static void fail(const char *what)
{
	printf(LOOP ": %s: %s\n", what, strerror(errno));
	exit(1);
}

/* 0: there is no such figure. */
static int ask(int file, int figure, int place, int repeat)
{
	char text[256];
	ssize_t n;

	snprintf(text, sizeof(text), "%d %d", figure, place);
	if (pwrite(file, text, strlen(text), 0) < 0) {
		if (errno == ENOENT)
			return 0;
		fail("choose a loop");
	}
	n = pread(file, text, sizeof(text) - 1, 0);
	if (n <= 0)
		fail("run a loop");
	text[n] = '\0';
	if (sscanf(text, "%127s %llu", names[figure], &lengths[figure][place][repeat]) != 2)
		fail("read a loop's length");
	return 1;
}

/* One turn of all: how many there are. */
static int ask_all(int file, int repeat)
{
	for (int figure = 0; figure < FIGURES_MAX; figure++)
		for (int place = 0; place < PLACES; place++)
			if (!ask(file, figure, place, repeat))
				return figure;
	return FIGURES_MAX;
}

int main(int argc, char **argv)
{
	int file = open(LOOP, O_RDWR), figures = 0;

	if (file < 0 || argc != 2)
		fail("open");
	for (int repeat = 0; repeat < REPEATS; repeat++)
		figures = ask_all(file, repeat);
	for (int figure = 0; figure < figures; figure++) {
		printf("truth %s %s", argv[1], names[figure]);
		for (int place = 0; place < PLACES; place++) {
			qsort(lengths[figure][place], REPEATS, sizeof(lengths[0][0][0]), ascending);
			printf(" %llu", lengths[figure][place][REPEATS / 2]);
		}
		printf("\n");
	}
	return 0;
}
