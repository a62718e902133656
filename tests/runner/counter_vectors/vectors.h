/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file of vectors being checked: what was, what was wrong, and what could not be checked here and why. */
#ifndef TESTS_RUNNER_COUNTER_VECTORS_VECTORS_H
#define TESTS_RUNNER_COUNTER_VECTORS_VECTORS_H

#include "tests/runner/counter_support.h"

struct tally {
	size_t rows, checked, wrong, other; /* other: rows that nothing here can check */
	const char *skip; /* why nothing could be checked; NULL: it could */
};

/* Prints what is wrong with the row and counts it. */
void wrong(struct tally *tally, const struct tsv *row, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Prints why the row cannot be checked here and counts it. */
void left_out(struct tally *tally, const struct tsv *row, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Each checks one file of `folder`. */
void check_libpfm(const char *folder, const char *file, struct tally *tally);
void check_sysfs(const char *folder, const char *file, struct tally *tally);
void check_hybrid(const char *folder, const char *file, struct tally *tally);
void check_detection(const char *folder, const char *file, struct tally *tally);
void check_bandwidth(const char *folder, const char *file, struct tally *tally);
void check_observed(const char *folder, const char *file, struct tally *tally);
void check_permissions(const char *folder, const char *file, struct tally *tally);

/* Prints the core PMUs that libpfm4 finds on this CPU, then all that it finds: what the test asks itself under
 * emulation. */
int print_found(void);

#endif
