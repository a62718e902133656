/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one grammar of value sets, in suite files, descriptors and on the command line:
 *
 *	set    = item { "," item }
 *	item   = value | value ".." value [ ":" step ]
 *	step   = "x" number | "+" value      geometric or arithmetic; default x2
 *	value  = term [ ("+" | "-") term ] | word          "hugepage-page", "cores-1"
 *	term   = number [ K | M | G | T ] | symbol
 *	symbol = page | hugepage | hugetlb | llc           sizes, resolved on the machine
 *	       | cores | cpus | nodes                      counts
 *
 * The last value of a range is included when the step meets it or passes it ("1..6:x2" is 1,2,4,6).
 */
#ifndef RUNNER_CONFIG_VALUESET_H
#define RUNNER_CONFIG_VALUESET_H

#include "benchmarks/bench.h"

/* Expands `text` for `axis` on `host` into parameters, in order, without repeats. A value that is not of
 * the axis (unknown word, out of bounds, malformed) is -EINVAL with a sentence and did-you-mean. A value
 * that is well formed but that this machine cannot have (a symbol it lacks, a size that is no multiple
 * of its base page, a symbol that is out of bounds here) calls `drop` (may be NULL) with the value's text
 * and the reason, and is left out; so are the values of a range that lie outside the axis's bounds, while
 * a range of numbers wholly outside is an error. The result may be empty. More than 4096 values are
 * refused. *ret_items is heap memory of the caller, NULL when empty. */
int mp_valueset_expand(const char *text, const struct mp_axis *axis, const struct mp_host *host,
		       void (*drop)(void *user, const char *value, const char *reason), void *user,
		       struct mp_param **ret_items, size_t *ret_count, struct mp_err *err);

#endif
