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
