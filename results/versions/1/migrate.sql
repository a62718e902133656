-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- From schema version 1 to 2. The tables are those of schema.sql to the letter: db check compares.

CREATE TABLE baseline (
	machine_id INTEGER NOT NULL REFERENCES machine,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 63),
	run_uuid TEXT NOT NULL CHECK (length(run_uuid) = 36),
	made_ns INTEGER NOT NULL,
	author TEXT NOT NULL,
	reason TEXT NOT NULL,
	PRIMARY KEY (machine_id, name, run_uuid)
) STRICT, WITHOUT ROWID;

CREATE TABLE accepted (
	machine_id INTEGER NOT NULL REFERENCES machine,
	case_text TEXT NOT NULL CHECK (length(case_text) BETWEEN 1 AND 511),
	bench_version INTEGER NOT NULL CHECK (bench_version >= 0),
	metric TEXT NOT NULL CHECK (metric IN ('value', 'tail', 'spread')),
	run_uuid TEXT NOT NULL CHECK (length(run_uuid) = 36),
	run_started_ns INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('accepted', 'wontfix', 'environment', 'fixed', 'invalid')),
	made_ns INTEGER NOT NULL,
	author TEXT NOT NULL,
	reason TEXT NOT NULL CHECK (reason <> ''),
	link TEXT CHECK (link <> ''),
	PRIMARY KEY (machine_id, case_text, bench_version, metric, run_uuid)
) STRICT, WITHOUT ROWID;

CREATE TABLE suspect (
	machine_id INTEGER NOT NULL REFERENCES machine,
	run_uuid TEXT NOT NULL CHECK (length(run_uuid) = 36),
	run_started_ns INTEGER NOT NULL,
	case_text TEXT NOT NULL CHECK (length(case_text) BETWEEN 1 AND 511),
	bench_version INTEGER NOT NULL CHECK (bench_version >= 0),
	mode TEXT NOT NULL CHECK (mode IN ('call', 'batch', 'rate')),
	metric TEXT NOT NULL CHECK (metric IN ('value', 'tail', 'spread')),
	state TEXT NOT NULL CHECK (state IN ('suspect', 'confirmed', 'cleared', 'unconfirmable')),
	reason TEXT NOT NULL,
	value REAL NOT NULL CHECK (value > 0),
	reference REAL NOT NULL CHECK (reference > 0),
	reference_mad REAL NOT NULL CHECK (reference_mad >= 0),
	reference_runs INTEGER NOT NULL CHECK (reference_runs > 0),
	deviations REAL NOT NULL CHECK (deviations >= 0),
	confirm_uuid TEXT CHECK (length(confirm_uuid) = 36),
	confirm_n INTEGER CHECK (confirm_n > 0),
	confirm_value REAL CHECK (confirm_value > 0),
	confirm_ratio REAL CHECK (confirm_ratio > 0),
	confirm_p REAL CHECK (confirm_p BETWEEN 0 AND 1),
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
