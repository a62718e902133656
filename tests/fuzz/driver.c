/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mutates a target's seeds: flips, overwrites, inserts, removes, cuts, splices, or as the target says. `driver FOUND RUNS [SEED]`: FOUND is the folder
 * of inputs that once found a fault, which come first, as they are. `driver FOUND --write FOLDER` writes the seeds for another
 * fuzzer. `driver FOUND 0 FILE` runs one input. The input that gave a crash is left in the file that is printed first.
 */
#include "tests/fuzz/fuzz.h"

#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/random.h"

#define SEEDS_MAX 1024
#define ROOM	  262144
#define HANG_S	  10

static uint8_t *seeds[SEEDS_MAX];
static size_t sizes[SEEDS_MAX];
static unsigned n_seeds;
static uint8_t data[ROOM]; /* the input */
static size_t size;

static struct mp_random random_state;

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t room)
{
	static const uint8_t telling[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct mp_random *r = &random_state;
	size_t at = n ? mp_random_below(r, n) : 0;
	size_t length = 1 + mp_random_below(r, 16);
	unsigned other = (unsigned)mp_random_below(r, n_seeds);
	size_t from;

	switch (n ? mp_random_below(r, 7) : 3) {
	case 0:
		bytes[at] ^= (uint8_t)(1 << mp_random_below(r, 8));
		return n;
	case 1:
		bytes[at] = (uint8_t)mp_random_next(r);
		return n;
	case 2:
		bytes[at] = telling[mp_random_below(r, sizeof(telling))];
		return n;
	case 3:
		if (n + length > room)
			return n;
		memmove(bytes + at + length, bytes + at, n - at);
		for (size_t i = 0; i < length; i++)
			bytes[at + i] = (uint8_t)mp_random_next(r);
		return n + length;
	case 4:
		length = length < n - at ? length : n - at;
		memmove(bytes + at, bytes + at + length, n - at - length);
		return n - length;
	case 5:
		return at;
	default:
		from = sizes[other] ? mp_random_below(r, sizes[other]) : 0;
		length = sizes[other] - from < n - at ? sizes[other] - from : n - at;
		memcpy(bytes + at, seeds[other] + from, length);
		return n;
	}
}

#pragma weak LLVMFuzzerCustomMutator

static size_t change(void)
{
	if (&LLVMFuzzerCustomMutator)
		return LLVMFuzzerCustomMutator(data, size, ROOM,
					       (unsigned)mp_random_next(&random_state));
	return LLVMFuzzerMutate(data, size, ROOM);
}

/* Of exactly that size, so that a sanitizer sees the byte behind. */
static void run(void)
{
	uint8_t *exact = malloc(size ? size : 1);

	fuzz_must(exact);
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static char crash[64];
static int crash_fd = -1;

/* write(2), dup(2) and the like are all that a handler may call. */
static void save(int number)
{
	if (ftruncate(crash_fd, 0) || pwrite(crash_fd, data, size, 0) != (ssize_t)size)
		_exit(3);
	signal(number, SIG_DFL);
	raise(number);
}

static void watch(void)
{
	static const int numbers[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM };

	strcpy(crash, "/tmp/memperf-fuzz-XXXXXX");
	crash_fd = mkstemp(crash);
	fuzz_must(crash_fd >= 0);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		signal(numbers[i], save);
}

static void take(const uint8_t *from, size_t len)
{
	size = len < ROOM ? len : ROOM;
	memcpy(data, from, size);
}

static void read_input(const char *path)
{
	struct mp_str text = MP_STR_INIT;

	fuzz_must(!mp_str_read_file(&text, path));
	take((const uint8_t *)text.text, text.len);
	mp_str_done(&text);
}

static unsigned run_found(const char *folder)
{
	char pattern[512];
	glob_t found = { 0 };
	unsigned n;

	snprintf(pattern, sizeof(pattern), "%s/*", folder);
	glob(pattern, 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		read_input(found.gl_pathv[i]);
		alarm(HANG_S);
		run();
	}
	n = (unsigned)found.gl_pathc;
	globfree(&found);
	return n;
}

static int write_seeds(const char *folder)
{
	for (unsigned i = 0; i < n_seeds; i++) {
		char path[512];
		FILE *file;

		snprintf(path, sizeof(path), "%s/seed-%u", folder, i);
		file = fopen(path, "wbe");
		fuzz_must(file && fwrite(seeds[i], 1, sizes[i], file) == sizes[i]);
		fuzz_must(!fclose(file));
	}
	return 0;
}

static void run_mutations(unsigned long runs)
{
	for (unsigned long i = 0; i < runs; i++) {
		/* The seeds as they are, then their mutations. */
		unsigned which = i < n_seeds ? (unsigned)i
					     : (unsigned)mp_random_below(&random_state, n_seeds);

		take(seeds[which], sizes[which]);
		for (uint64_t n = i < n_seeds ? 0 : mp_random_below(&random_state, 6); n; n--)
			size = change();
		alarm(HANG_S);
		run();
	}
}

int main(int argc, char **argv)
{
	unsigned long runs;
	unsigned found;

	if (argc < 3)
		return 2;
	while (n_seeds < SEEDS_MAX && (sizes[n_seeds] = fuzz_seed(n_seeds, &seeds[n_seeds])))
		n_seeds++;
	fuzz_must(n_seeds);
	if (!strcmp(argv[2], "--write") && argc > 3)
		return write_seeds(argv[3]);
	runs = strtoul(argv[2], NULL, 10);
	if (!runs && argc > 3) {
		read_input(argv[3]);
		run();
		return 0;
	}
	random_state.state = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	watch();
	printf("what crashes, or takes %d s, is left in '%s'\n", HANG_S, crash);
	fflush(stdout);
	found = run_found(argv[1]);
	run_mutations(runs);
	printf("%u inputs that once found a fault, %u seeds, %lu runs\n", found, n_seeds, runs);
	unlink(crash);
	for (unsigned i = 0; i < n_seeds; i++)
		free(seeds[i]);
	return 0;
}
