-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- From schema version 2 to 3. The tables are those of schema.sql to the letter: db check compares.

-- What the blocks of an invocation did in time was told as one bit: they drifted. A CHECK changes only with its table;
-- children and views go on meaning the table of that name.
PRAGMA legacy_alter_table = ON;
ALTER TABLE invocation RENAME TO invocation_2;
PRAGMA legacy_alter_table = OFF;
CREATE TABLE invocation (
	invocation_id INTEGER PRIMARY KEY,
	run_case_id INTEGER NOT NULL REFERENCES run_case ON DELETE CASCADE,
	ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
	outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'invalid', 'failed', 'timed_out')),
	reason TEXT NOT NULL,
	seed INTEGER NOT NULL,
	started_ns INTEGER NOT NULL,
	duration_ns INTEGER NOT NULL CHECK (duration_ns >= 0),
	layout TEXT NOT NULL,
	cpus TEXT NOT NULL,
	nodes TEXT NOT NULL,
	vma_count INTEGER NOT NULL CHECK (vma_count >= 0),
	batch_ops INTEGER CHECK (batch_ops > 0),
	clock_ns_per_tick REAL CHECK (clock_ns_per_tick > 0),
	mul_reference REAL CHECK (mul_reference > 0),
	add_reference REAL CHECK (add_reference > 0),
	calm_limit REAL NOT NULL CHECK (calm_limit > 1),
	steal_ns INTEGER NOT NULL CHECK (steal_ns >= 0),
	steady TEXT CHECK (steady IN ('flat', 'warmup', 'slowdown', 'unsteady')),
	first_ns REAL CHECK (first_ns >= 0),
	ops_per_s REAL CHECK (ops_per_s > 0),
	blocks INTEGER NOT NULL CHECK (blocks >= 0),
	flagged_blocks INTEGER NOT NULL CHECK (flagged_blocks BETWEEN 0 AND blocks),
	UNIQUE (run_case_id, ordinal),
	CHECK ((outcome = 'ok') = (reason = '')),
	CHECK ((mul_reference IS NULL) = (add_reference IS NULL))
) STRICT;
INSERT INTO invocation SELECT invocation_id, run_case_id, ordinal, outcome, reason, seed, started_ns, duration_ns, layout, cpus,
	nodes, vma_count, batch_ops, clock_ns_per_tick, mul_reference, add_reference, calm_limit, steal_ns,
	CASE warmup_incomplete WHEN 1 THEN 'warmup' END, first_ns, ops_per_s, blocks, flagged_blocks FROM invocation_2;
DROP TABLE invocation_2;

-- Nothing was counted.
CREATE TABLE counter (
	counter_id INTEGER PRIMARY KEY,
	metric TEXT NOT NULL CHECK (length(metric) BETWEEN 1 AND 63),
	unit TEXT NOT NULL CHECK (unit <> ''),
	means TEXT NOT NULL,
	kind TEXT NOT NULL,
	source TEXT NOT NULL,
	encoder TEXT NOT NULL
		CHECK (encoder IN ('', 'kernel', 'libpfm', 'sysfs', 'table', 'rusage', 'file', 'formula')),
	event TEXT NOT NULL,
	events TEXT NOT NULL CHECK (substr(events, 1, 1) || substr(events, -1) = '[]'),
	scope TEXT NOT NULL
		CHECK (scope IN ('', 'thread', 'process', 'cpu', 'package', 'system')),
	side TEXT NOT NULL CHECK (side IN ('', 'user', 'user+kernel')),
	note TEXT NOT NULL,
	UNIQUE (metric, unit, means, kind, source, encoder, event, events, scope, side, note),
	CHECK ((source = '') = (encoder = '')),
	CHECK ((source = '') = (scope = '')),
	CHECK (source <> '' OR events = '[]')
) STRICT;
CREATE TABLE counter_value (
	run_case_id INTEGER NOT NULL REFERENCES run_case ON DELETE CASCADE,
	pass TEXT NOT NULL CHECK (pass IN ('timing', 'explain', 'bandwidth')),
	ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
	counter_id INTEGER NOT NULL REFERENCES counter,
	status TEXT NOT NULL CHECK (status IN ('measured', 'scaled', 'estimated', 'partial', 'unavailable')),
	value REAL CHECK (value >= 0),
	operations INTEGER NOT NULL CHECK (operations >= 0),
	covers TEXT NOT NULL CHECK (covers IN ('operations', 'blocks', 'region')),
	raw INTEGER,
	enabled_ns INTEGER CHECK (enabled_ns >= 0),
	running_ns INTEGER CHECK (running_ns BETWEEN 0 AND enabled_ns),
	ratio REAL CHECK (ratio BETWEEN 0 AND 1),
	instances INTEGER NOT NULL CHECK (instances >= 0),
	expected INTEGER NOT NULL CHECK (expected >= instances),
	proven INTEGER NOT NULL CHECK (proven IN (0, 1)),
	region_ns INTEGER CHECK (region_ns > 0),
	idle_before REAL CHECK (idle_before >= 0),
	idle_after REAL CHECK (idle_after >= 0),
	reason TEXT NOT NULL,
	PRIMARY KEY (run_case_id, pass, ordinal, counter_id),
	CHECK ((value IS NULL) = (status = 'unavailable')),
	CHECK (reason <> '' OR status NOT IN ('unavailable', 'partial')),
	CHECK (value IS NULL OR value > 0 OR proven = 1),
	CHECK (status <> 'measured' OR ifnull(ratio, 1) = 1),
	CHECK (status <> 'scaled' OR (ratio IS NOT NULL AND ratio < 1)),
	CHECK ((status = 'partial') = (value IS NOT NULL AND instances < expected)),
	CHECK ((running_ns IS NULL) = (enabled_ns IS NULL)),
	CHECK ((covers = 'region') = (region_ns IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX counter_value_counter ON counter_value (counter_id);
CREATE VIEW v_counter AS
SELECT c.run_id, k.text AS "case", v.pass, v.ordinal, d.metric, d.kind, v.value / nullif(v.operations, 0) AS per_operation, d.unit,
       v.status, v.value, v.operations, v.covers, round(100 * v.ratio, 1) AS ratio_pct, d.source, d.event, d.scope, d.side,
       v.instances, v.expected, v.idle_before, v.idle_after, v.region_ns, v.reason
FROM counter_value v JOIN counter d USING (counter_id) JOIN run_case c USING (run_case_id) JOIN kase k USING (case_id);

-- Nobody had asked where workers ran, nor kept the machine's topology.
CREATE TABLE seat (
	invocation_id INTEGER NOT NULL REFERENCES invocation ON DELETE CASCADE,
	worker INTEGER NOT NULL CHECK (worker >= 0),
	cpu INTEGER NOT NULL CHECK (cpu >= 0),
	cpu_end INTEGER CHECK (cpu_end >= 0),
	migrated INTEGER CHECK (migrated IN (0, 1)),
	memory TEXT NOT NULL
		CHECK (memory IN ('default', 'bind', 'local', 'interleave', 'preferred-many')),
	per_mapping INTEGER NOT NULL CHECK (per_mapping IN (0, 1)),
	nodes TEXT NOT NULL,
	pages INTEGER CHECK (pages >= 0),
	astray INTEGER CHECK (astray BETWEEN 0 AND pages),
	page_nodes TEXT,
	kind TEXT NOT NULL,
	mul_reference REAL CHECK (mul_reference > 0),
	add_reference REAL CHECK (add_reference > 0),
	PRIMARY KEY (invocation_id, worker),
	CHECK ((cpu_end IS NULL) = (migrated IS NULL)),
	CHECK ((pages IS NULL) = (astray IS NULL)),
	CHECK ((pages IS NULL) = (page_nodes IS NULL)),
	CHECK ((mul_reference IS NULL) = (add_reference IS NULL))
) STRICT, WITHOUT ROWID;
CREATE TABLE topology (
	topology_id INTEGER PRIMARY KEY,
	hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
	bytes INTEGER NOT NULL CHECK (bytes BETWEEN 1 AND 16777216),
	blob BLOB NOT NULL CHECK (length(blob) BETWEEN 2 AND 16777216)
) STRICT;
CREATE TABLE run_topology (
	run_id INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,
	topology_id INTEGER NOT NULL REFERENCES topology
) STRICT;
CREATE VIEW v_seat AS
SELECT c.run_id, k.text AS "case", i.ordinal, s.worker, s.cpu, s.kind, s.cpu_end, s.migrated, s.memory, s.per_mapping,
       s.nodes, s.pages, s.astray, s.page_nodes
FROM seat s JOIN invocation i USING (invocation_id) JOIN run_case c USING (run_case_id) JOIN kase k USING (case_id);

-- Full speed was that of one kind of core. Where there are several, nobody knows which: nothing there has no kind.
ALTER TABLE probe_reference RENAME TO probe_reference_2;
CREATE TABLE probe_reference (
	machine_id INTEGER NOT NULL REFERENCES machine,
	kind TEXT NOT NULL,
	mul_ns REAL NOT NULL CHECK (mul_ns > 0),
	add_ns REAL NOT NULL CHECK (add_ns > 0),
	PRIMARY KEY (machine_id, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO probe_reference SELECT machine_id, '', mul_ns, add_ns FROM probe_reference_2;
DROP TABLE probe_reference_2;

-- The author was the user's login name, which nobody had been asked for.
ALTER TABLE baseline RENAME TO baseline_2;
CREATE TABLE baseline (
	machine_id INTEGER NOT NULL REFERENCES machine,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 63),
	run_uuid TEXT NOT NULL CHECK (length(run_uuid) = 36),
	made_ns INTEGER NOT NULL,
	author TEXT CHECK (author <> ''),
	reason TEXT NOT NULL,
	PRIMARY KEY (machine_id, name, run_uuid)
) STRICT, WITHOUT ROWID;
INSERT INTO baseline SELECT machine_id, name, run_uuid, made_ns, NULL, reason FROM baseline_2;
DROP TABLE baseline_2;
ALTER TABLE accepted RENAME TO accepted_2;
CREATE TABLE accepted (
	machine_id INTEGER NOT NULL REFERENCES machine,
	case_text TEXT NOT NULL CHECK (length(case_text) BETWEEN 1 AND 511),
	bench_version INTEGER NOT NULL CHECK (bench_version >= 0),
	metric TEXT NOT NULL CHECK (metric IN ('value', 'tail', 'spread')),
	run_uuid TEXT NOT NULL CHECK (length(run_uuid) = 36),
	run_started_ns INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('accepted', 'wontfix', 'environment', 'fixed', 'invalid')),
	made_ns INTEGER NOT NULL,
	author TEXT CHECK (author <> ''),
	reason TEXT NOT NULL CHECK (reason <> ''),
	link TEXT CHECK (link <> ''),
	PRIMARY KEY (machine_id, case_text, bench_version, metric, run_uuid)
) STRICT, WITHOUT ROWID;
INSERT INTO accepted SELECT machine_id, case_text, bench_version, metric, run_uuid, run_started_ns, state, made_ns, NULL,
	reason, link FROM accepted_2;
DROP TABLE accepted_2;
