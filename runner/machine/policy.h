/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words for where workers run and where their memory comes from: one grammar for command line, suite files and
 * the case's own text. Pure: what a word means on a topology is seats.h.
 *
 *	place  = auto | compact | spread | spread:core | spread:l3 | spread:package | spread:node
 *	       | smt | p-cores | e-cores | lp-cores | cpus:LIST
 *	memory = default | kind [ "@map" ]
 *	kind   = local | remote | interleave [ :LIST ] | bind:LIST | preferred-many:LIST
 *	LIST   = item { ("+" | ",") item }
 *	item   = number [ "-" number [ ":" stride ] ]        as in taskset(1)
 *
 * Everything but auto and default is part of the case's text (place=..., mem=...): what it changes is measured, so
 * it is what was measured. There a list is written with "+".
 */
#ifndef RUNNER_MACHINE_POLICY_H
#define RUNNER_MACHINE_POLICY_H

#include "benchmarks/mempolicy.h"
#include "common/value.h"

#define MP_AXIS_PLACE "place"
#define MP_AXIS_MEM   "mem"

enum mp_place {
	MP_PLACE_AUTO, /* one per core; fast cores first; away from CPU 0; siblings last */
	MP_PLACE_COMPACT, /* neighbours in the topology, siblings together */
	MP_PLACE_SPREAD, /* round the packages, in each round its L3 caches, in each round its cores */
	MP_PLACE_SPREAD_CORE,
	MP_PLACE_SPREAD_L3,
	MP_PLACE_SPREAD_PACKAGE,
	MP_PLACE_SPREAD_NODE,
	MP_PLACE_SMT, /* pairs of siblings: workers 0 and 1 share a core, 2 and 3 the next */
	MP_PLACE_P_CORES,
	MP_PLACE_E_CORES,
	MP_PLACE_LP_CORES,
	MP_PLACE_CPUS, /* worker i on the i-th of the list */
	MP_PLACE_COUNT,
};

#define MP_POLICY_CPUS 256 /* as many as a case has workers */

struct mp_place_policy {
	enum mp_place how;
	unsigned n_cpus; /* CPUS */
	int cpus[MP_POLICY_CPUS];
};

enum mp_mem {
	MP_MEM_DEFAULT, /* bound to the workers' own node where they share one, else the kernel's default */
	MP_MEM_LOCAL,
	MP_MEM_REMOTE, /* bound to the farthest node that another CPU calls its own */
	MP_MEM_INTERLEAVE,
	MP_MEM_BIND,
	MP_MEM_PREFERRED_MANY,
	MP_MEM_COUNT,
};

struct mp_mem_policy {
	enum mp_mem how;
	bool per_mapping; /* @map */
	bool all; /* INTERLEAVE without a list: every node that may be used */
	struct mp_mempolicy listed; /* its nodes alone count */
};

/* Parses one policy; `canonical` gets its word in a case's text, empty for auto and default. NULL stands for
 * those two. -EINVAL with a sentence and did-you-mean. */
int mp_place_parse(const char *word, struct mp_place_policy *ret_policy,
		   char canonical[MP_WORD_MAX], struct mp_err *err);
int mp_mem_parse(const char *word, struct mp_mem_policy *ret_policy, char canonical[MP_WORD_MAX],
		 struct mp_err *err);

/* A set of policies with its lists rewritten to "+" ("cpus:0,2,compact" is "cpus:0+2,compact"): then every comma
 * parts two policies. No policy begins with a digit. Heap text, NULL when memory ran out. */
char *mp_policy_set(const char *text);

/* "0-3,8" of the set bits: the kernel's list form, cut to fit. */
void mp_node_list(const struct mp_mempolicy *policy, char *buf, size_t size);

#endif
