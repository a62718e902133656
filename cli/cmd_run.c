/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf run: plan, measure, record, sum up. */
#include "cli/listen.h"
#include "cli/lock.h"
#include "cli/progress.h"
#include "cli/run_counters.h"
#include "cli/run_options.h"
#include "cli/run_speed.h"
#include "cli/run_summary.h"
#include "cli/select.h"
#include "cli/stored.h"
#include "common/cleanup.h"
#include "common/output.h"
#include "common/str.h"
#include "common/units.h"
#include "runner/exec/passes.h"
#include "runner/exec/record.h"
#include "runner/machine/tune.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define KEPT "what was measured is kept; go on with 'memperf run --resume --db %s'\n"

static volatile sig_atomic_t stopped;

/* Everything one run holds; taken down in one place. */
struct session {
	const struct mp_args *args; /* the command line */
	const struct mp_sink *listener; /* of whoever runs this as a part of something else; NULL */
	const struct mp_args
		*chosen; /* what decides the measurement: the same, or the stored one */
	struct mp_args stored;
	void *stored_text;
	struct mp_machine *machine;
	struct mp_setup *setup;
	struct mp_store *store;
	struct mp_suite suite;
	struct mp_plan plan;
	struct mp_clocksource clock;
	struct mp_run run;
	struct mp_counter_group group; /* what it counts */
	struct mp_countings countings; /* of its cases */
	struct mp_recorder recorder;
	char *options_json;
	char *stored_plan; /* of the run that goes on */
	char *stored_clock;
	FILE *log;
	char db[PATH_MAX];
	uint64_t seed;
	int64_t resumed; /* id of the run that goes on; 0: a new one */
	int lock;
	bool measured; /* something is stored, and the run is one to go on with */
};

static void on_signal(int number)
{
	static struct timespec first;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!stopped) {
		first = now;
		stopped = number;
	} else if (now.tv_sec - first.tv_sec >= 2) {
		/* Impatience, not timeout(1), which signals the process and then its group: the results file survives it. */
		signal(number, SIG_DFL);
		raise(number);
	}
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static int choose_db(struct session *s, struct mp_err *err)
{
	int ret = mp_stored_path(s->args, s->db, err);

	return ret ? ret : mp_store_open(s->db, MP_STORE_WRITE, &s->store, err);
}

/* The run that goes on is this machine's: its ticks, speeds and batch sizes are. */
static int take_stored(struct session *s, struct mp_run_row *row, struct mp_err *err)
{
	char machine[33];
	int ret;

	mp_machine_key(machine);
	if (strcmp(row->machine, machine))
		return mp_err_usage(err, -EINVAL,
				    "run #%lld was interrupted on another machine; go on with it "
				    "there, or start a new run",
				    (long long)row->id);
	ret = mp_run_options_parse(&mp_cmd_run, row->options_json, &s->stored, &s->stored_text,
				   &s->seed, err);
	if (!ret)
		ret = mp_store_plan(s->store, row->id, &s->stored_plan, err);
	s->suite.name = row->suite;
	s->stored_clock = row->clock;
	row->suite = row->clock = NULL;
	return ret;
}

/* --resume: the newest run that was interrupted, with its own options, plan and clock. */
static int find_interrupted(struct session *s, struct mp_err *err)
{
	struct mp_run_row row;
	int64_t *runs;
	size_t count;
	int ret = mp_store_select(s->store, "last:1000", &runs, &count, err);

	if (ret)
		return ret;
	for (size_t i = 0; i < count && !s->resumed && !ret; i++) {
		ret = mp_store_run_get(s->store, runs[i], &row, err);
		if (ret)
			break;
		if (strcmp(row.status, "complete")) {
			s->resumed = row.id;
			ret = take_stored(s, &row, err);
		}
		mp_run_row_done(&row);
	}
	free(runs);
	if (!ret && !s->resumed)
		ret = mp_err_usage(err, -ENOENT,
				   "every run in '%s' is complete: there is nothing to resume",
				   s->db);
	s->chosen = &s->stored;
	return ret;
}

static int parse_number(const struct mp_args *args, const char *name, uint64_t *ret,
			struct mp_err *err)
{
	const char *text = mp_args_get(args, name);
	char *end;

	if (!text)
		return 0;
	errno = 0;
	*ret = strtoull(text, &end, 0);
	if (errno || *end || text[0] < '0' || text[0] > '9')
		return mp_err_usage(err, -EINVAL, "--%s '%s' is not a whole number below 2^64",
				    name, text);
	return 0;
}

static int run_settings(struct session *s, struct mp_err *err)
{
	const char *timeout = mp_args_get(s->chosen, "timeout");
	const char *sabotage = mp_args_get(s->chosen, "sabotage");

	s->run.stop = &stopped;
	s->run.setup = s->setup;
	s->run.no_aslr = mp_args_has(s->chosen, "no-aslr");
	if (timeout && (mp_duration_parse(timeout, &s->run.timeout_ns) || !s->run.timeout_ns))
		return mp_err_usage(err, -EINVAL,
				    "--timeout '%s' is not a time; write it as 90s or 2m", timeout);
	return sabotage ? mp_sabotage_parse(sabotage, &s->run.sabotage, err) : 0;
}

static int begin_record(struct session *s, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) char *plan_json = s->resumed ? NULL : mp_plan_json(&s->plan);
	const char *tags[64], *given = mp_args_get(s->args, "host");
	char host[64], machine[33];
	struct mp_run_info info = {
		.host = host,
		.label = mp_args_get(s->args, "label"),
		.suite = s->suite.name,
		.suite_text = s->suite.text,
		.plan_json = plan_json,
		.options_json = s->options_json,
		.version = MEMPERF_VERSION,
		.commit = MEMPERF_COMMIT,
		.seed = s->seed,
		.budget_s = (double)s->plan.budget_ns / 1e9,
		.estimate_s = s->plan.estimate_s,
		.clock = s->clock.name,
		.clock_why = s->clock.why,
		.clock_ns_per_tick = s->clock.ns_per_tick,
		.clock_step_ns = s->clock.step_ns,
		.clock_pair_ns = s->clock.pair_p50_ns,
	};
	size_t n_tags = 0;

	if (s->resumed)
		return mp_recorder_resume(&s->recorder, s->store, s->resumed, &s->run, err);
	if (!plan_json || !s->options_json)
		return mp_err_env(err, -ENOMEM, "out of memory");
	/* The machine's own name is nobody's business: the file may be shown to others. */
	mp_machine_key(machine);
	snprintf(host, sizeof(host), "machine-%.8s", machine);
	if (given)
		snprintf(host, sizeof(host), "%s", given);
	while (n_tags < 64 && (tags[n_tags] = mp_args_nth(s->args, "tag", n_tags)))
		n_tags++;
	return mp_recorder_begin(&s->recorder, s->store, &s->run, &info, tags, n_tags, err);
}

/* What is asked to be counted, by option or by suite; NULL: nothing was said. */
static const char *asked_counters(const struct session *s)
{
	const char *given = mp_args_get(s->chosen, "counters");

	return given ? given : s->suite.counters;
}

static int make_plan(struct session *s, struct mp_err *err)
{
	struct mp_stored stored = { 0 };
	int ret;

	/* A file that cannot be read is told when it is opened for writing. */
	mp_stored_open(s->args, &stored, NULL);
	ret = mp_select_plan(s->chosen, s->machine, s->setup, "all", mp_stored_overhead, &stored,
			     &s->suite, &s->plan, err);
	mp_stored_close(&stored);
	return ret;
}

/* Everything that the chosen options decide, and that can be wrong with them. */
static int choose(struct session *s, struct mp_err *err)
{
	int ret = s->resumed ? mp_select_stored(s->stored_plan, s->machine, s->setup, &s->plan, err)
			     : make_plan(s, err);

	free(s->stored_plan);
	s->stored_plan = NULL;
	if (ret)
		return ret;
	if (mp_run_init(&s->run, &s->plan, s->machine, &s->clock, s->seed))
		return mp_err_env(err, -ENOMEM, "out of memory");
	ret = run_settings(s, err);
	if (ret)
		return ret;
	ret = mp_clocksource_choose(mp_args_get(s->chosen, "clock"), &s->clock, err);
	if (!ret && s->resumed && strcmp(s->clock.name, s->stored_clock))
		ret = mp_err_env(err, -ENOTSUP,
				 "run #%lld was begun with clock %s, which is not to be had now "
				 "(%s: %s); start a new run",
				 (long long)s->resumed, s->stored_clock, s->clock.name,
				 s->clock.why);
	return ret;
}

/* The lock, and then what benchmarks need can be set up; what a killed run set up is put back first. Who does not get the lock
 * (ret_busy says why) only looks. */
static int take_machine(struct session *s, int *ret_busy, struct mp_err *busy, struct mp_err *err)
{
	const char *state = mp_args_get(s->args, "state");
	int ret = mp_args_has(s->args, "topology")
			  ? mp_err_usage(
				    err, -EINVAL,
				    "--topology '%s': nothing can be bound on another machine's "
				    "topology, where hwloc reports every binding as done and does "
				    "none; 'memperf plan' takes it",
				    mp_args_get(s->args, "topology"))
			  : mp_machine_open(&s->machine, err);

	if (ret)
		return ret;
	*ret_busy = mp_lock_take(
		MP_LOCK_RUN,
		"another 'memperf run' is measuring on this machine; wait for it, or the two "
		"would measure each other",
		&s->lock, busy);
	ret = mp_setup_open(s->machine, state ? state : MP_TUNE_STATE,
			    *ret_busy ? MP_SETUP_LOOK : MP_SETUP_CHANGE, &s->setup, err);
	if (!ret && mp_setup_replayed(s->setup) && !mp_args_has(s->args, "quiet"))
		fprintf(stderr, "put back what an earlier run had set up and could not undo\n");
	return ret;
}

/* A wrong option is told before anything else, a busy machine before the results file is touched. */
static int prepare(struct session *s, struct mp_err *err)
{
	bool resume = mp_args_has(s->args, "resume");
	struct mp_err busy_err;
	int busy = 0, ret = take_machine(s, &busy, &busy_err, err);

	if (!ret && getrandom(&s->seed, sizeof(s->seed), 0) != sizeof(s->seed))
		s->seed = mp_clock_raw_ns();
	if (!ret)
		ret = parse_number(s->args, "seed", &s->seed, err);
	if (!ret && !resume)
		ret = choose(s, err);
	if (!ret && busy) {
		*err = busy_err;
		ret = busy;
	}
	if (!ret)
		ret = choose_db(s, err);
	if (!ret && resume) {
		ret = find_interrupted(s, err);
		if (!ret)
			ret = choose(s, err);
	}
	if (!ret)
		ret = mp_run_counters(asked_counters(s), &s->run, &s->group, &s->countings, err);
	if (!ret)
		ret = mp_run_speed(&s->run, s->store, err);
	return ret;
}

static void announce_counters(const struct session *s)
{
	MP_CLEANUP(mp_free_ptr) char *words = mp_countings_words(&s->countings);
	uint64_t ns = mp_passes_estimate(&s->run);

	printf("%s", words ? words : "counters");
	if (ns)
		printf("; about %.0f s more", (double)ns / 1e9);
	putchar('\n');
}

static void announce(const struct session *s)
{
	MP_CLEANUP(mp_free_ptr) char *words = mp_plan_words(&s->plan);

	if (mp_args_has(s->args, "quiet"))
		return;
	printf("suite %s: %s\n", s->suite.name, words ? words : "");
	printf("clock %s (%.3g ns steps, %.3g ns a pair), database %s\n", s->clock.name,
	       s->clock.step_ns, s->clock.pair_p50_ns, s->db);
	if (s->countings.n && asked_counters(s))
		announce_counters(s);
	fflush(stdout);
}

static int open_log(struct session *s, struct mp_err *err)
{
	const char *path = mp_args_get(s->args, "json-log");
	int fd;

	if (!path)
		return 0;
	fd = mp_output_allowed(path, err);
	if (!fd)
		fd = strcmp(path, "-") ? mp_output_open(path, err) : dup(STDOUT_FILENO);
	s->log = fd < 0 ? NULL : fdopen(fd, "w");
	if (fd < 0 || s->log)
		return fd < 0 ? fd : 0;
	close(fd);
	return mp_err_env(err, -ENOMEM, "out of memory");
}

static int measure(struct session *s, struct mp_err *err)
{
	struct mp_sink sinks[4] = { mp_recorder_sink(&s->recorder) };
	struct mp_progress progress;
	struct mp_err end_err;
	size_t n_sinks = 1;
	bool quiet = mp_args_has(s->args, "quiet") || mp_args_has(s->args, "no-progress");
	int ret, end;

	if (s->log)
		sinks[n_sinks++] = mp_json_log_sink(s->log);
	if (!quiet)
		sinks[n_sinks++] = mp_progress_sink(&progress, &s->run);
	if (s->listener)
		sinks[n_sinks++] = *s->listener;
	ret = mp_run_execute(&s->run, sinks, n_sinks, err);
	if (!quiet)
		mp_progress_clear(&progress);
	end = mp_recorder_end(&s->recorder, &s->run, ret ? "interrupted" : "complete", &end_err);
	if (!ret && end) {
		*err = end_err;
		ret = end;
	}
	return ret;
}

static void finish(struct session *s)
{
	mp_run_done(&s->run);
	mp_countings_done(&s->countings);
	mp_counter_group_done(&s->group);
	mp_recorder_done(&s->recorder);
	mp_store_close_or_remove(s->store);
	mp_plan_done(&s->plan);
	mp_suite_done(&s->suite);
	mp_machine_close(s->machine);
	if (s->stored_text)
		mp_run_options_done(&s->stored, s->stored_text);
	free(s->options_json);
	free(s->stored_plan);
	free(s->stored_clock);
	if (s->log)
		fclose(s->log);
	mp_close_fd(&s->lock);
}

static int sum_up(struct session *s, int ret, struct mp_err *err)
{
	int code;

	if (ret == -EINTR) {
		fprintf(stderr, "interrupted: " KEPT, s->db);
		return MP_EXIT_INTERRUPTED;
	}
	if (ret) {
		code = mp_fail(err);
		if (s->measured)
			fprintf(stderr, KEPT, s->db);
		return code;
	}
	if (mp_args_has(s->args, "quiet"))
		return MP_EXIT_DONE;
	code = mp_run_summary(s->store, s->recorder.run, s->db, err);
	return code ? mp_fail(err) : MP_EXIT_DONE;
}

/* The machine as it was. What cannot be put back is told even if something else went wrong. */
static int put_back(struct session *s, int ret, struct mp_err *err)
{
	struct mp_err why;
	int code = mp_setup_close(s->setup, &why);

	s->setup = NULL;
	if (!code)
		return ret;
	if (ret) {
		mp_fail(&why);
		return ret;
	}
	/* The run itself is complete. */
	s->measured = false;
	*err = why;
	return code;
}

int mp_run_listen(const struct mp_args *args, const struct mp_sink *listener)
{
	struct session s = { .args = args, .chosen = args, .listener = listener, .lock = -1 };
	struct mp_err err;
	int ret, code;

	catch_signals();
	ret = prepare(&s, &err);
	if (!ret)
		ret = open_log(&s, &err);
	if (!ret) {
		s.options_json =
			mp_run_options_json(s.chosen, s.seed, asked_counters(&s), &s.group);
		ret = begin_record(&s, &err);
	}
	if (!ret) {
		announce(&s);
		s.measured = true;
		ret = measure(&s, &err);
	}
	ret = put_back(&s, ret, &err);
	code = sum_up(&s, ret, &err);
	finish(&s);
	return code;
}

static int run(const struct mp_args *args)
{
	return mp_run_listen(args, NULL);
}

static const struct mp_option options[] = {
	MP_SELECT_OPTIONS,
	/* Refused; known so that the refusal says why. */
	{ .name = "topology", .value = "FILE", .help = "", .hidden = true },
	{ .name = "db", .value = "FILE", .help = "results file; default: HOSTNAME.db here" },
	{ .name = "label", .value = "TEXT", .help = "a name for this run, for selecting it later" },
	{ .name = "host",
	  .value = "TEXT",
	  .help = "the machine's name in reports; default: one made of its anonymous key" },
	{ .name = "tag", .value = "K=V", .help = "a tag for selecting it later", .repeats = true },
	{ .name = "seed", .value = "N", .help = "of everything random in the run; default: drawn" },
	{ .name = "resume", .help = "go on with the newest interrupted run of the results file" },
	{ .name = "json-log", .value = "FILE", .help = "one JSON object per event; - is stdout" },
	{ .name = "state",
	  .value = "FOLDER",
	  .help = "where it is recorded what --setup has to undo; " MP_TUNE_STATE " by default" },
	{ .name = "no-progress", .help = "no progress on stderr" },
	{ .name = "quiet", .help = "nothing but errors" },
	{ .name = "counters",
	  .value = "GROUP",
	  .help = "what to count beside: a group, metrics with commas, or none; see memperf "
		  "counters; default: the suite's, or what costs a timed invocation nothing" },
	{ .name = "timeout",
	  .value = "TIME",
	  .help = "most time for one invocation; default 60s and more" },
	{ .name = "clock",
	  .value = "SOURCE",
	  .help = "'counter' or 'raw' instead of the best that passes its checks" },
	{ .name = "no-aslr",
	  .help = "address space randomisation off: less variance, more bias; stored with the "
		  "run" },
	{ .name = "sabotage",
	  .value = "HOW",
	  .help = "spoil cases on purpose, to see it noticed: skip, touch, thp, major, major=5%, "
		  "spin=5%, spin=20ns or tail=1%x10, with @GLOB for some benchmarks only; several "
		  "with commas" },
};

const struct mp_cmd mp_cmd_run = {
	.name = "run",
	.summary = "measure, and record the results",
	.synopsis =
		"[--suite NAME|FILE]... [--bench GLOB]... [--filter EXPR] [--set AXIS=VALUES]... "
		"[--db FILE] [OPTIONS]",
	.about =
		"Runs every case of the plan in fresh processes, in random order, and stores what "
		"it "
		"measured.\nCtrl-C keeps what is there; --resume goes on with it. With --setup, as "
		"root, what the planned cases\nneed of the system is set up and put back, at the "
		"latest when the next run as root starts." MP_SELECT_ABOUT,
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.order = 1,
	.run = run,
};
