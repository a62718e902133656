-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The results file of memperf, as tables. `sqlite3 -readonly FILE.db` and this text answer most questions; start
-- with the views at the end (v_run, v_result, v_invocation, v_seat, v_check, v_fact, v_counter).
--
--   SELECT "case", value_ns, low_ns, high_ns, mode, population FROM v_result WHERE run_id = 1;
--
-- Conventions. Times are nanoseconds per operation unless a name says otherwise; *_ns since the epoch are
-- CLOCK_REALTIME. NULL means "unknown" or "none", never 0. 64-bit seeds are stored in two's complement: show one
-- with printf('%u', seed). Every constraint states what an impossible row is.
-- "commit", "group" and "case" are SQL words, so the columns are called source_commit, fact_group, text.

PRAGMA application_id = 1297109574; -- 0x4D505246, "MPRF"
PRAGMA user_version = 3;

-- A machine, under a stable key that names nobody: no serial number, UUID or MAC address is ever stored.
CREATE TABLE machine (
	machine_id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 255)
) STRICT;

-- One `memperf run`.
CREATE TABLE run (
	run_id INTEGER PRIMARY KEY,		-- the N of the selector #N, local to this file
	uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36), -- the run's identity in every file
	machine_id INTEGER NOT NULL REFERENCES machine,
	host TEXT NOT NULL,			-- label of the machine for people
	label TEXT CHECK (label <> ''),		-- --label
	suite TEXT NOT NULL,			-- names of the suites
	suite_text TEXT NOT NULL,		-- their full text
	plan_json TEXT CHECK (substr(plan_json, 1, 1) IN ('{', '[')),	-- the resolved plan
	options_json TEXT CHECK (substr(options_json, 1, 1) IN ('{', '[')), -- the effective options, for --resume; the group of counters in prose
	status TEXT NOT NULL CHECK (status IN ('running', 'complete', 'interrupted')),
	version TEXT NOT NULL,			-- of memperf
	source_commit TEXT NOT NULL,		-- memperf's commit, '' outside a checkout
	seed INTEGER NOT NULL,			-- everything random was drawn from it
	started_ns INTEGER NOT NULL,
	ended_ns INTEGER,
	budget_s REAL CHECK (budget_s >= 0),	-- allowed; NULL: no limit
	estimate_s REAL CHECK (estimate_s >= 0), -- what was announced before it began
	clock TEXT NOT NULL,			-- 'tsc', 'cntvct', 'monotonic_raw'
	clock_why TEXT NOT NULL,		-- which checks decided it
	clock_ns_per_tick REAL NOT NULL CHECK (clock_ns_per_tick > 0),
	clock_step_ns REAL NOT NULL CHECK (clock_step_ns >= 0), -- the counter advances in steps of this
	clock_pair_ns REAL NOT NULL CHECK (clock_pair_ns >= 0), -- median of an empty pair of readings
	clock_drift_ppm REAL,			-- of clock_ns_per_tick by its end, parts per million; NULL: unknown
	-- A killed run stays 'running' without an end.
	CHECK ((status = 'running') = (ended_ns IS NULL))
) STRICT;
CREATE INDEX run_started ON run (started_ns, run_id);
CREATE INDEX run_machine ON run (machine_id, started_ns);

-- --tag K=V
CREATE TABLE run_tag (
	run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
	key TEXT NOT NULL CHECK (key <> ''),
	value TEXT NOT NULL,
	PRIMARY KEY (run_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_tag_value ON run_tag (key, value);

-- One line of the machine's description at the time of the run.
CREATE TABLE fact (
	run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
	position INTEGER NOT NULL CHECK (position >= 0), -- order of collection
	fact_group TEXT NOT NULL,
	key TEXT NOT NULL CHECK (key <> ''),
	value TEXT,				-- NULL: unknown, and origin says why
	origin TEXT NOT NULL,			-- file or call it was read from
	volatility TEXT NOT NULL CHECK (volatility IN ('hardware', 'boot', 'now')), -- changes with what
	weight INTEGER NOT NULL CHECK (weight BETWEEN 0 AND 3), -- how much a difference moves results
	why TEXT NOT NULL,			-- one sentence: what it does to results
	PRIMARY KEY (run_id, position),
	UNIQUE (run_id, fact_group, key),
	CHECK (value IS NOT NULL OR origin <> '')
) STRICT, WITHOUT ROWID;

-- The machine's topology as hwloc's XML, without what names it (serial numbers, UUIDs, host names): one row for all runs
-- that saw the same text. 'memperf db topology FILE.db' writes it.
CREATE TABLE topology (
	topology_id INTEGER PRIMARY KEY,
	hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64), -- SHA-256 of the text
	bytes INTEGER NOT NULL CHECK (bytes BETWEEN 1 AND 16777216), -- of the text
	blob BLOB NOT NULL CHECK (length(blob) BETWEEN 2 AND 16777216) -- it, as a zstd frame with checksum
) STRICT;
CREATE TABLE run_topology (
	run_id INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,
	topology_id INTEGER NOT NULL REFERENCES topology
) STRICT;

-- A benchmark in its definition's own words, so that a reader needs no memperf of the same version. Two builds
-- that describe one (name, version) in other words leave two rows.
CREATE TABLE bench (
	bench_id INTEGER PRIMARY KEY,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 63), -- 'family.variant'
	version INTEGER NOT NULL CHECK (version >= 0), -- of the definition: others are not comparable
	family TEXT NOT NULL CHECK (family <> ''),
	summary TEXT NOT NULL,
	timed TEXT NOT NULL,			-- what is inside and what is outside the timed section
	unit TEXT NOT NULL,			-- unit of work of one operation
	bytes_axis TEXT NOT NULL,		-- axis that says how many bytes one operation handles; '': none
	UNIQUE (name, version, family, summary, timed, unit, bytes_axis)
) STRICT;

-- A benchmark with one value per axis.
CREATE TABLE kase (
	case_id INTEGER PRIMARY KEY,
	bench_id INTEGER NOT NULL REFERENCES bench,
	text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 511), -- 'mmap.anon/populate=no/size=2M': identity
	bytes INTEGER CHECK (bytes > 0),	-- that one operation handles; NULL: the unit has none
	UNIQUE (bench_id, text)
) STRICT;
CREATE INDEX kase_text ON kase (text);

CREATE TABLE case_param (
	case_id INTEGER NOT NULL REFERENCES kase ON DELETE CASCADE,
	axis TEXT NOT NULL CHECK (length(axis) BETWEEN 1 AND 31),
	kind TEXT NOT NULL CHECK (kind IN ('size', 'count', 'flag', 'choice')),
	word TEXT NOT NULL CHECK (length(word) BETWEEN 1 AND 31), -- canonical text of the value
	number INTEGER NOT NULL,		-- size: bytes; flag: 0 or 1; choice: index of the word
	PRIMARY KEY (case_id, axis),
	CHECK (kind <> 'flag' OR number IN (0, 1))
) STRICT, WITHOUT ROWID;

-- A case in a run: what became of it, and its headline value.
CREATE TABLE run_case (
	run_case_id INTEGER PRIMARY KEY,
	run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
	case_id INTEGER NOT NULL REFERENCES kase,
	planned INTEGER NOT NULL CHECK (planned >= 0), -- invocations
	outcome TEXT NOT NULL
		CHECK (outcome IN ('pending', 'ok', 'invalid', 'failed', 'skipped', 'timed_out')),
	reason TEXT NOT NULL,
	why_stopped TEXT -- NULL: unfinished
		CHECK (why_stopped IN ('target', 'budget', 'cap', 'planned', 'failing')),
	-- The headline: one value that stands for the case. All NULL: it has none.
	mode TEXT CHECK (mode IN ('call', 'batch', 'rate')),	  -- how it was timed
	population TEXT CHECK (population IN ('all', 'calm')),	  -- which samples
	resolution TEXT CHECK (resolution IN ('per-call', 'quantised', 'batch-only')), -- of call mode
	n INTEGER CHECK (n > 0),		-- invocations that have a value
	value_ns REAL CHECK (value_ns >= 0),	-- median of their p50 (call, batch) or mean (rate)
	low_ns REAL, high_ns REAL,		-- interval of that median; NULL: one invocation has none
	level REAL CHECK (level BETWEEN 0 AND 1), -- true confidence of the interval
	cv REAL,				-- standard deviation / mean between invocations; NULL at n = 1
	-- Beside it, over the invocations that are ok or invalid.
	calm_share REAL CHECK (calm_share BETWEEN 0 AND 1), -- calm / all samples of the headline's mode
	observer_effect_ns REAL,		-- mean of call mode - mean of batch mode
	blocks INTEGER NOT NULL DEFAULT 0 CHECK (blocks >= 0), -- measured blocks
	flagged_blocks INTEGER NOT NULL DEFAULT 0
		CHECK (flagged_blocks BETWEEN 0 AND blocks), -- of them disturbed, see invocation
	checks_passed INTEGER NOT NULL DEFAULT 0 CHECK (checks_passed >= 0),
	checks_failed INTEGER NOT NULL DEFAULT 0 CHECK (checks_failed >= 0),
	UNIQUE (run_id, case_id),
	CHECK (outcome <> 'ok' OR (reason = '' AND value_ns IS NOT NULL AND why_stopped IS NOT NULL)),
	CHECK (reason <> '' OR outcome IN ('ok', 'pending')),
	CHECK (outcome <> 'skipped' OR (value_ns IS NULL AND why_stopped IS NULL)),
	CHECK ((value_ns IS NULL) = (mode IS NULL)),
	CHECK ((value_ns IS NULL) = (population IS NULL)),
	CHECK ((value_ns IS NULL) = (n IS NULL)),
	CHECK ((low_ns IS NOT NULL) = (n IS NOT NULL AND n > 1)),
	CHECK ((low_ns IS NULL) = (high_ns IS NULL)),
	CHECK ((low_ns IS NULL) = (level IS NULL)),
	CHECK (low_ns IS NULL OR (low_ns <= value_ns AND value_ns <= high_ns)),
	CHECK (cv IS NULL OR n > 1)
) STRICT;
CREATE INDEX run_case_outcome ON run_case (run_id, outcome);
CREATE INDEX run_case_case ON run_case (case_id, run_id);

-- Summaries of a case over its invocations, both populations side by side.
CREATE TABLE summary (
	run_case_id INTEGER NOT NULL REFERENCES run_case ON DELETE CASCADE,
	mode TEXT NOT NULL CHECK (mode IN ('call', 'batch', 'rate')),
	population TEXT NOT NULL CHECK (population IN ('all', 'calm')),
	metric TEXT NOT NULL
		CHECK (metric IN ('mean', 'p50', 'p99', 'first', 'ops_per_s')), -- ns, but ops_per_s
	n INTEGER NOT NULL CHECK (n > 0),	-- invocations that have the metric
	value REAL NOT NULL,			-- their median
	low REAL, high REAL, level REAL,	-- interval of the median, as in run_case
	cv REAL,
	PRIMARY KEY (run_case_id, mode, population, metric),
	CHECK ((low IS NOT NULL) = (n > 1)),
	CHECK ((low IS NULL) = (high IS NULL)),
	CHECK ((low IS NULL) = (level IS NULL)),
	CHECK (low IS NULL OR (low <= value AND value <= high))
) STRICT, WITHOUT ROWID;

-- The same per invocation, for comparisons: one row instead of one per invocation. Arrays of n little-endian numbers in
-- order of the invocations that are ok or invalid and have enough samples (results/points.h says how many).
CREATE TABLE point (
	run_case_id INTEGER NOT NULL REFERENCES run_case ON DELETE CASCADE,
	mode TEXT NOT NULL CHECK (mode IN ('call', 'batch', 'rate')),
	population TEXT NOT NULL CHECK (population IN ('all', 'calm')),
	n INTEGER NOT NULL CHECK (n > 0),
	p50 BLOB NOT NULL CHECK (length(p50) = 8 * n),	-- doubles
	mean BLOB NOT NULL CHECK (length(mean) = 8 * n),
	-- floats, 13 of each invocation: p10, p20 .. p90, p95, p99, p99.5, p99.9 of its calls; NaN: too few calls
	profile BLOB CHECK (length(profile) = 52 * n),
	PRIMARY KEY (run_case_id, mode, population),
	CHECK ((profile IS NOT NULL) = (mode = 'call'))
) STRICT, WITHOUT ROWID;

-- Where the scatter of a case's headline comes from (results/variance.h), on logs of the medians of its blocks, so that
-- 0.0004 is a standard deviation of 2 %. No row: fewer than two invocations with two blocks, or never computed.
CREATE TABLE variance (
	run_case_id INTEGER PRIMARY KEY REFERENCES run_case ON DELETE CASCADE,
	n INTEGER NOT NULL CHECK (n > 1),	-- invocations
	blocks REAL NOT NULL CHECK (blocks >= 1), -- an invocation: the harmonic mean
	s1_within REAL NOT NULL CHECK (s1_within >= 0), -- of blocks inside an invocation
	s2_means REAL NOT NULL CHECK (s2_means >= 0), -- of the invocations' means
	t2_between REAL NOT NULL CHECK (t2_between >= 0), -- what invocations differ by beyond their blocks
	icc REAL,				-- intraclass correlation; NULL: no variance at all
	block_ns REAL NOT NULL CHECK (block_ns >= 0), -- c1: wall time that one more block costs
	start_ns REAL NOT NULL CHECK (start_ns >= 0) -- c2: and one more invocation, before its first block
) STRICT;

-- Two modes instead of one (results/bimodal.h), of the invocations' headline values and of all single calls together.
-- No row: too few values to tell.
CREATE TABLE modes (
	run_case_id INTEGER NOT NULL REFERENCES run_case ON DELETE CASCADE,
	what TEXT NOT NULL CHECK (what IN ('invocations', 'calls')),
	two INTEGER NOT NULL CHECK (two IN (0, 1)), -- 1: two modes; else the best split into two, which is none
	low REAL, low_share REAL,		-- median and share of either group; NULL: all values are equal
	high REAL, high_share REAL,
	separation REAL,			-- of the medians, in pooled MADs; NULL: those are 0
	PRIMARY KEY (run_case_id, what),
	CHECK (two = 0 OR (low IS NOT NULL AND low < high)),
	CHECK ((low IS NULL) = (low_share IS NULL)),
	CHECK ((low IS NULL) = (high IS NULL)),
	CHECK ((low IS NULL) = (high_share IS NULL))
) STRICT, WITHOUT ROWID;

-- One worker process: one repetition of one case.
CREATE TABLE invocation (
	invocation_id INTEGER PRIMARY KEY,
	run_case_id INTEGER NOT NULL REFERENCES run_case ON DELETE CASCADE,
	ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
	outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'invalid', 'failed', 'timed_out')),
	reason TEXT NOT NULL,
	seed INTEGER NOT NULL,			-- everything random in it was drawn from this
	started_ns INTEGER NOT NULL,
	duration_ns INTEGER NOT NULL CHECK (duration_ns >= 0), -- wall time of the worker, exec to exit
	layout TEXT NOT NULL,			-- what was drawn: 'env=1234 stack=560 ...'
	cpus TEXT NOT NULL,			-- CPU of each worker thread
	nodes TEXT NOT NULL,			-- bound memory nodes; '': default policy
	vma_count INTEGER NOT NULL CHECK (vma_count >= 0), -- when its measured phase began
	batch_ops INTEGER CHECK (batch_ops > 0), -- operations of a batch block before stretching
	clock_ns_per_tick REAL CHECK (clock_ns_per_tick > 0), -- NULL: it did not come that far
	-- Probe ticks at full speed that calm was judged by, on the kind of core of its first worker (seat has the others).
	mul_reference REAL CHECK (mul_reference > 0),
	add_reference REAL CHECK (add_reference > 0),
	calm_limit REAL NOT NULL CHECK (calm_limit > 1), -- slowest probe of a calm block, times its reference
	steal_ns INTEGER NOT NULL CHECK (steal_ns >= 0), -- taken by the hypervisor
	-- What its measured blocks did in time (results/steady.h); NULL: too few of them to tell.
	steady TEXT CHECK (steady IN ('flat', 'warmup', 'slowdown', 'unsteady')),
	first_ns REAL CHECK (first_ns >= 0),	-- the very first operation of the process
	ops_per_s REAL CHECK (ops_per_s > 0),	-- rate mode, all workers together
	blocks INTEGER NOT NULL CHECK (blocks >= 0), -- measured blocks, any mode
	-- Of them disturbed: preempted, slept, migrated, major fault, steal, or a failed operation. A block with a
	-- failed operation is in no statistic; the others are in all of them.
	flagged_blocks INTEGER NOT NULL CHECK (flagged_blocks BETWEEN 0 AND blocks),
	UNIQUE (run_case_id, ordinal),
	CHECK ((outcome = 'ok') = (reason = '')),
	CHECK ((mul_reference IS NULL) = (add_reference IS NULL))
) STRICT;

-- Where each worker ran and where its memory came from, as the kernel said, not as it was planned. No row: it could not
-- be bound, and the invocation says why.
CREATE TABLE seat (
	invocation_id INTEGER NOT NULL REFERENCES invocation ON DELETE CASCADE,
	worker INTEGER NOT NULL CHECK (worker >= 0),
	cpu INTEGER NOT NULL CHECK (cpu >= 0),			-- bound to; sched_getaffinity(2) and getcpu(2) agreed
	cpu_end INTEGER CHECK (cpu_end >= 0),			-- getcpu(2) after its last block; NULL: it did not come that far
	migrated INTEGER CHECK (migrated IN (0, 1)),		-- 1: by then its CPU, affinity or memory policy was another one
	memory TEXT NOT NULL
		CHECK (memory IN ('default', 'bind', 'local', 'interleave', 'preferred-many')),
	per_mapping INTEGER NOT NULL CHECK (per_mapping IN (0, 1)), -- the policy is that of its mappings
	nodes TEXT NOT NULL,			-- of the policy, '0-1'; '': any
	pages INTEGER CHECK (pages >= 0),			-- of its arena, looked up by move_pages(2); NULL: none was, or no policy of nodes
	astray INTEGER CHECK (astray BETWEEN 0 AND pages), -- of them on other nodes than the policy's
	page_nodes TEXT,				-- '0=512 1=511'
	kind TEXT NOT NULL,			-- of its core: 'p', 'e', 'lp'; '': they are all alike
	-- Where that is not the kind of worker 0: the probe ticks at full speed that calm was judged by here.
	mul_reference REAL CHECK (mul_reference > 0),
	add_reference REAL CHECK (add_reference > 0),
	PRIMARY KEY (invocation_id, worker),
	CHECK ((cpu_end IS NULL) = (migrated IS NULL)),
	CHECK ((pages IS NULL) = (astray IS NULL)),
	CHECK ((pages IS NULL) = (page_nodes IS NULL)),
	CHECK ((mul_reference IS NULL) = (add_reference IS NULL))
) STRICT, WITHOUT ROWID;

-- Named post-conditions of an invocation; one failure makes it invalid.
CREATE TABLE check_result (
	invocation_id INTEGER NOT NULL REFERENCES invocation ON DELETE CASCADE,
	position INTEGER NOT NULL CHECK (position >= 0),
	name TEXT NOT NULL CHECK (name <> ''),
	passed INTEGER NOT NULL CHECK (passed >= 0), -- blocks
	failed INTEGER NOT NULL CHECK (failed >= 0),
	detail TEXT NOT NULL,			-- the first failure, or else the last pass, in words
	PRIMARY KEY (invocation_id, position),
	UNIQUE (invocation_id, name)
) STRICT, WITHOUT ROWID;

-- Statistics of an invocation. Call: of single operations; batch and rate: of block means. No row: no sample.
-- Quantiles are NULL exactly when n is too small for a distribution-free 95 % interval.
CREATE TABLE invocation_stat (
	invocation_id INTEGER NOT NULL REFERENCES invocation ON DELETE CASCADE,
	mode TEXT NOT NULL CHECK (mode IN ('call', 'batch', 'rate')),
	population TEXT NOT NULL CHECK (population IN ('all', 'calm')),
	n INTEGER NOT NULL CHECK (n > 0),	-- call: samples; batch, rate: blocks
	blocks INTEGER NOT NULL CHECK (blocks BETWEEN 1 AND n), -- they come from
	mean REAL NOT NULL CHECK (mean >= 0),
	p50 REAL NOT NULL,			-- call: interpolated within the clock's step
	p90 REAL, p99 REAL, p999 REAL,
	min REAL NOT NULL CHECK (min >= 0),
	max REAL NOT NULL CHECK (max >= min),
	PRIMARY KEY (invocation_id, mode, population),
	CHECK ((p90 IS NULL) = (n < 36)),
	CHECK ((p99 IS NULL) = (n < 368)),
	CHECK ((p999 IS NULL) = (n < 3688))
) STRICT, WITHOUT ROWID;

-- Log-linear histogram of the call samples (results/histogram.h has the codec); merge by adding.
CREATE TABLE histogram (
	invocation_id INTEGER NOT NULL REFERENCES invocation ON DELETE CASCADE,
	population TEXT NOT NULL CHECK (population IN ('all', 'calm')),
	blob BLOB NOT NULL CHECK (length(blob) BETWEEN 2 AND 1048576),
	PRIMARY KEY (invocation_id, population)
) STRICT;

-- Every block and sample of an invocation (results/raw.c has the codec): all statistics can be had again.
CREATE TABLE raw (
	invocation_id INTEGER PRIMARY KEY REFERENCES invocation ON DELETE CASCADE,
	codec INTEGER NOT NULL CHECK (codec = 1), -- version byte of the blob
	blocks INTEGER NOT NULL CHECK (blocks >= 0), -- of every phase
	samples INTEGER NOT NULL CHECK (samples >= 0),
	blob BLOB NOT NULL CHECK (length(blob) BETWEEN 2 AND 67108864)
) STRICT;

-- ---- what was counted while operations ran ----

-- One way in which a metric was counted, or why it could not be: a value refers to it. Two ways of one metric are two
-- instruments, and their values are not compared without saying so.
CREATE TABLE counter (
	counter_id INTEGER PRIMARY KEY,
	metric TEXT NOT NULL CHECK (length(metric) BETWEEN 1 AND 63), -- 'minor_faults', 'l3_misses'
	unit TEXT NOT NULL CHECK (unit <> ''),	-- of values: 'count', 'bytes', 'cycles'
	means TEXT NOT NULL,			-- the metric in one sentence
	kind TEXT NOT NULL,			-- of core, where a case has workers on several: they are counted apart. The
						-- kernel's name of its PMU, 'cpu_core', 'cpu_atom/no-l3'; '': all workers
	source TEXT NOT NULL,			-- 'software', 'libpfm', 'imc', 'vmstat'; '': none can be used here
	encoder TEXT NOT NULL			-- who said what has to be programmed or read
		CHECK (encoder IN ('', 'kernel', 'libpfm', 'sysfs', 'table', 'rusage', 'file', 'formula')),
	event TEXT NOT NULL,			-- the encoding in words: 'software/minor-faults', 'vmstat/pgalloc_*'
	-- Every perf event whose counts are added up for one value, a JSON array of objects: event (its name), pmu (the
	-- kernel's name), type, config, config1, config2 (of perf_event_attr; texts, '0x304'), cpu (where an instance is
	-- opened that counts everybody's, one per package or memory controller; null: that of the worker), filter (of a
	-- tracepoint; null: none), exclude_kernel. '[]': no perf event.
	--   SELECT metric, e.value ->> 'pmu', e.value ->> 'config' FROM counter, json_each(events) e;
	events TEXT NOT NULL CHECK (substr(events, 1, 1) || substr(events, -1) = '[]'),
	scope TEXT NOT NULL			-- whose events: those of the measured threads, or everybody's
		CHECK (scope IN ('', 'thread', 'process', 'cpu', 'package', 'system')),
	side TEXT NOT NULL CHECK (side IN ('', 'user', 'user+kernel')),
	note TEXT NOT NULL,			-- what the number includes or leaves out
	UNIQUE (metric, unit, means, kind, source, encoder, event, events, scope, side, note),
	CHECK ((source = '') = (encoder = '')),
	CHECK ((source = '') = (scope = '')),
	CHECK (source <> '' OR events = '[]')
) STRICT;

-- What it said in one invocation. Timing: around the measured blocks of the invocation of that ordinal. Explain and
-- bandwidth: invocations of their own, whose times are in no statistic and in no other table.
CREATE TABLE counter_value (
	run_case_id INTEGER NOT NULL REFERENCES run_case ON DELETE CASCADE,
	pass TEXT NOT NULL CHECK (pass IN ('timing', 'explain', 'bandwidth')),
	ordinal INTEGER NOT NULL CHECK (ordinal >= 0), -- of the invocation among those of its pass
	counter_id INTEGER NOT NULL REFERENCES counter,
	-- scaled: the counter ran for a part of the time. estimated: the counter's note names the formula. partial: some
	-- instances are missing, so the value is a part and there is no total.
	status TEXT NOT NULL CHECK (status IN ('measured', 'scaled', 'estimated', 'partial', 'unavailable')),
	value REAL CHECK (value >= 0),		-- of all the operations together, in the counter's unit
	operations INTEGER NOT NULL CHECK (operations >= 0), -- that it counted over: value / operations is one's share
	-- What lies inside the counting: nothing but the operations; also undoing and preparing between them; or all that
	-- happened on the machine while they ran.
	covers TEXT NOT NULL CHECK (covers IN ('operations', 'blocks', 'region')),
	raw INTEGER,				-- sum of the counts as read, two's complement; NULL: nothing was read
	enabled_ns INTEGER CHECK (enabled_ns >= 0), -- summed over the instances; NULL: no perf event
	running_ns INTEGER CHECK (running_ns BETWEEN 0 AND enabled_ns),
	ratio REAL CHECK (ratio BETWEEN 0 AND 1), -- running / enabled, the least of the instances
	instances INTEGER NOT NULL CHECK (instances >= 0), -- summed: threads, or PMUs and the CPUs of each
	expected INTEGER NOT NULL CHECK (expected >= instances), -- that there should be
	proven INTEGER NOT NULL CHECK (proven IN (0, 1)), -- the source moved under a known load
	region_ns INTEGER CHECK (region_ns > 0), -- wall time that was counted over; NULL: the thread's own counters
	idle_before REAL CHECK (idle_before >= 0), -- the same over an idle time of the same length, before and after
	idle_after REAL CHECK (idle_after >= 0),
	reason TEXT NOT NULL,			-- why there is no value; of others a remark or ''
	PRIMARY KEY (run_case_id, pass, ordinal, counter_id),
	CHECK ((value IS NULL) = (status = 'unavailable')),
	CHECK (reason <> '' OR status NOT IN ('unavailable', 'partial')),
	-- A source that was never seen to count has no zeros.
	CHECK (value IS NULL OR value > 0 OR proven = 1),
	CHECK (status <> 'measured' OR ifnull(ratio, 1) = 1),
	CHECK (status <> 'scaled' OR (ratio IS NOT NULL AND ratio < 1)),
	CHECK ((status = 'partial') = (value IS NOT NULL AND instances < expected)),
	CHECK ((running_ns IS NULL) = (enabled_ns IS NULL)),
	CHECK ((covers = 'region') = (region_ns IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX counter_value_counter ON counter_value (counter_id);

-- Batch sizes pinned for a machine: the same every night, or means would not be comparable.
CREATE TABLE batch_pin (
	machine_id INTEGER NOT NULL REFERENCES machine,
	case_text TEXT NOT NULL CHECK (length(case_text) BETWEEN 1 AND 511),
	bench_version INTEGER NOT NULL CHECK (bench_version >= 0),
	ops INTEGER NOT NULL CHECK (ops > 0),
	PRIMARY KEY (machine_id, case_text, bench_version)
) STRICT, WITHOUT ROWID;

-- Fastest speed probes ever seen on each kind of core of a machine: what full speed means there.
CREATE TABLE probe_reference (
	machine_id INTEGER NOT NULL REFERENCES machine,
	kind TEXT NOT NULL,			 -- of core, as in seat
	mul_ns REAL NOT NULL CHECK (mul_ns > 0), -- dependent multiplies
	add_ns REAL NOT NULL CHECK (add_ns > 0), -- independent additions
	PRIMARY KEY (machine_id, kind)
) STRICT, WITHOUT ROWID;

-- ---- what people and nights decided about a machine's series; runs by uuid, because they may be in another file ----

-- Runs pinned under a name: what slow drift is measured against (`db baseline`).
CREATE TABLE baseline (
	machine_id INTEGER NOT NULL REFERENCES machine,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 63), -- 'default', or one per release
	run_uuid TEXT NOT NULL CHECK (length(run_uuid) = 36),
	made_ns INTEGER NOT NULL,		-- the same for all runs of one name: they are set together
	author TEXT CHECK (author <> ''),	-- as they call themselves; NULL: not said
	reason TEXT NOT NULL,
	PRIMARY KEY (machine_id, name, run_uuid)
) STRICT, WITHOUT ROWID;

-- A change of a series that a person judged (`db accept`): it raises no alert again.
CREATE TABLE accepted (
	machine_id INTEGER NOT NULL REFERENCES machine,
	case_text TEXT NOT NULL CHECK (length(case_text) BETWEEN 1 AND 511),
	bench_version INTEGER NOT NULL CHECK (bench_version >= 0),
	metric TEXT NOT NULL CHECK (metric IN ('value', 'tail', 'spread')),
	run_uuid TEXT NOT NULL CHECK (length(run_uuid) = 36), -- first run of the new level
	run_started_ns INTEGER NOT NULL,	-- places the change also where the run is not stored
	-- accepted, wontfix, environment: the new level is the reference from here on. fixed: it was a fault and is
	-- gone; invalid: there was no change. After these two the reference goes on as before.
	state TEXT NOT NULL CHECK (state IN ('accepted', 'wontfix', 'environment', 'fixed', 'invalid')),
	made_ns INTEGER NOT NULL,
	author TEXT CHECK (author <> ''),
	reason TEXT NOT NULL CHECK (reason <> ''),
	link TEXT CHECK (link <> ''),		-- to an issue or a commit
	PRIMARY KEY (machine_id, case_text, bench_version, metric, run_uuid)
) STRICT, WITHOUT ROWID;

-- A value of one night that stood out of its reference, and what the confirm run said.
CREATE TABLE suspect (
	machine_id INTEGER NOT NULL REFERENCES machine,
	run_uuid TEXT NOT NULL CHECK (length(run_uuid) = 36), -- the night
	run_started_ns INTEGER NOT NULL,
	case_text TEXT NOT NULL CHECK (length(case_text) BETWEEN 1 AND 511),
	bench_version INTEGER NOT NULL CHECK (bench_version >= 0),
	mode TEXT NOT NULL CHECK (mode IN ('call', 'batch', 'rate')),
	metric TEXT NOT NULL CHECK (metric IN ('value', 'tail', 'spread')),
	state TEXT NOT NULL CHECK (state IN ('suspect', 'confirmed', 'cleared', 'unconfirmable')),
	reason TEXT NOT NULL,			-- of the state, in words
	value REAL NOT NULL CHECK (value > 0),	-- of the night, in the metric's unit: ns, or a ratio
	reference REAL NOT NULL CHECK (reference > 0), -- median of the reference nights
	reference_mad REAL NOT NULL CHECK (reference_mad >= 0), -- median |ln value - ln reference| of them
	reference_runs INTEGER NOT NULL CHECK (reference_runs > 0),
	deviations REAL NOT NULL CHECK (deviations >= 0), -- |ln value - ln reference| in robust deviations
	-- What the confirm run said.
	confirm_uuid TEXT CHECK (length(confirm_uuid) = 36),
	confirm_n INTEGER CHECK (confirm_n > 0),  -- its invocations with a value
	confirm_value REAL CHECK (confirm_value > 0), -- their median
	confirm_ratio REAL CHECK (confirm_ratio > 0), -- to the reference
	confirm_p REAL CHECK (confirm_p BETWEEN 0 AND 1), -- Mann-Whitney against the reference nights
	made_ns INTEGER NOT NULL,
	PRIMARY KEY (machine_id, run_uuid, case_text, bench_version, mode, metric),
	CHECK (state = 'suspect' OR reason <> ''),
	CHECK (state <> 'suspect' OR confirm_p IS NULL),
	CHECK (state NOT IN ('confirmed', 'cleared') OR
	       (confirm_uuid IS NOT NULL AND confirm_n IS NOT NULL AND confirm_value IS NOT NULL)),
	CHECK (state <> 'confirmed' OR confirm_p IS NOT NULL),
	CHECK ((confirm_value IS NULL) = (confirm_ratio IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX suspect_series ON suspect (machine_id, case_text, bench_version, metric);

-- ---- for people: memperf itself reads no view ----

CREATE VIEW v_run AS
SELECT r.run_id, datetime(r.started_ns / 1000000000, 'unixepoch') AS started_utc, r.host, r.label, r.suite, r.status,
       (SELECT count(*) FROM run_case c WHERE c.run_id = r.run_id) AS cases,
       (SELECT count(*) FROM run_case c WHERE c.run_id = r.run_id AND c.outcome = 'ok') AS ok,
       (SELECT group_concat(t.key || '=' || t.value, ' ') FROM run_tag t WHERE t.run_id = r.run_id) AS tags,
       r.version, r.clock, r.clock_step_ns, r.clock_pair_ns, printf('%u', r.seed) AS seed, r.uuid
FROM run r;

CREATE VIEW v_result AS
SELECT c.run_id, b.name AS bench, k.text AS "case", c.outcome, c.reason, c.value_ns, c.low_ns, c.high_ns,
       round(100 * c.level, 1) AS level_pct, round(100 * c.cv, 2) AS cv_pct, c.n, c.mode, c.population, c.resolution,
       round(100 * c.calm_share, 1) AS calm_pct, c.observer_effect_ns, b.unit,
       k.bytes / c.value_ns AS gb_per_s, c.why_stopped, c.run_case_id
FROM run_case c JOIN kase k USING (case_id) JOIN bench b USING (bench_id);

CREATE VIEW v_invocation AS
SELECT c.run_id, k.text AS "case", i.ordinal, i.outcome, i.reason, s.mode, s.population, s.n, s.mean, s.p50, s.p90,
       s.p99, s.p999, s.min, s.max, i.first_ns, i.cpus, i.layout, i.blocks, i.flagged_blocks, i.invocation_id
FROM invocation i JOIN run_case c USING (run_case_id) JOIN kase k USING (case_id)
     LEFT JOIN invocation_stat s USING (invocation_id);

CREATE VIEW v_check AS
SELECT c.run_id, k.text AS "case", i.ordinal, r.name AS "check", r.passed, r.failed, r.detail
FROM check_result r JOIN invocation i USING (invocation_id) JOIN run_case c USING (run_case_id)
     JOIN kase k USING (case_id);

CREATE VIEW v_fact AS
SELECT f.run_id, f.fact_group, f.key, f.value, f.origin, f.volatility, f.weight FROM fact f;

CREATE VIEW v_counter AS
SELECT c.run_id, k.text AS "case", v.pass, v.ordinal, d.metric, d.kind, v.value / nullif(v.operations, 0) AS per_operation, d.unit,
       v.status, v.value, v.operations, v.covers, round(100 * v.ratio, 1) AS ratio_pct, d.source, d.event, d.scope, d.side,
       v.instances, v.expected, v.idle_before, v.idle_after, v.region_ns, v.reason
FROM counter_value v JOIN counter d USING (counter_id) JOIN run_case c USING (run_case_id) JOIN kase k USING (case_id);

CREATE VIEW v_seat AS
SELECT c.run_id, k.text AS "case", i.ordinal, s.worker, s.cpu, s.kind, s.cpu_end, s.migrated, s.memory, s.per_mapping,
       s.nodes, s.pages, s.astray, s.page_nodes
FROM seat s JOIN invocation i USING (invocation_id) JOIN run_case c USING (run_case_id) JOIN kase k USING (case_id);
