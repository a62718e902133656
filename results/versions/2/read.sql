-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What a reader lays over a file of schema version 2: see versions/1/read.sql.

-- One bit said that blocks drifted.
CREATE TEMP VIEW invocation AS
SELECT *, CASE warmup_incomplete WHEN 1 THEN 'warmup' END AS steady FROM main.invocation;

-- Nothing was counted.
CREATE TEMP VIEW counter AS
SELECT NULL AS counter_id, NULL AS metric, NULL AS unit, NULL AS means, NULL AS kind, NULL AS source, NULL AS encoder, NULL AS
       event, NULL AS events, NULL AS scope, NULL AS side, NULL AS note WHERE 0;

CREATE TEMP VIEW counter_value AS
SELECT NULL AS run_case_id, NULL AS pass, NULL AS ordinal, NULL AS counter_id, NULL AS status, NULL AS value,
       NULL AS operations, NULL AS covers, NULL AS raw, NULL AS enabled_ns, NULL AS running_ns, NULL AS ratio,
       NULL AS instances, NULL AS expected, NULL AS proven, NULL AS region_ns, NULL AS idle_before, NULL AS
       idle_after, NULL AS reason WHERE 0;

CREATE TEMP VIEW seat AS
SELECT NULL AS invocation_id, NULL AS worker, NULL AS cpu, NULL AS cpu_end, NULL AS migrated, NULL AS memory,
       NULL AS per_mapping, NULL AS nodes, NULL AS pages, NULL AS astray, NULL AS page_nodes, NULL AS kind,
       NULL AS mul_reference, NULL AS add_reference WHERE 0;

-- Full speed was that of one kind of core, untold which.
CREATE TEMP VIEW probe_reference AS SELECT *, '' AS kind FROM main.probe_reference;

CREATE TEMP VIEW topology AS
SELECT NULL AS topology_id, NULL AS hash, NULL AS bytes, NULL AS blob WHERE 0;

CREATE TEMP VIEW run_topology AS SELECT NULL AS run_id, NULL AS topology_id WHERE 0;

-- The author was the user's login name, which nobody had been asked for.
CREATE TEMP VIEW baseline AS
SELECT machine_id, name, run_uuid, made_ns, NULL AS author, reason FROM main.baseline;

CREATE TEMP VIEW accepted AS
SELECT machine_id, case_text, bench_version, metric, run_uuid, run_started_ns, state, made_ns, NULL AS author, reason,
       link FROM main.accepted;
