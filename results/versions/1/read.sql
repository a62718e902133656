-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What a reader lays over a file of schema version 1, in memory and for its own connection, so that the queries of
-- the current version find what they name: a table that the file does not have is empty, a column NULL. A temporary
-- view goes before the table of the same name (sqlite.org/lang_naming.html).

CREATE TEMP VIEW baseline AS
SELECT NULL AS machine_id, NULL AS name, NULL AS run_uuid, NULL AS made_ns, NULL AS author, NULL AS reason WHERE 0;

CREATE TEMP VIEW accepted AS
SELECT NULL AS machine_id, NULL AS case_text, NULL AS bench_version, NULL AS metric, NULL AS run_uuid,
       NULL AS run_started_ns, NULL AS state, NULL AS made_ns, NULL AS author, NULL AS reason, NULL AS link WHERE 0;

CREATE TEMP VIEW suspect AS
SELECT NULL AS machine_id, NULL AS run_uuid, NULL AS run_started_ns, NULL AS case_text, NULL AS bench_version,
       NULL AS mode, NULL AS metric, NULL AS state, NULL AS reason, NULL AS value, NULL AS reference,
       NULL AS reference_mad, NULL AS reference_runs, NULL AS deviations, NULL AS confirm_uuid,
       NULL AS confirm_n, NULL AS confirm_value, NULL AS confirm_ratio, NULL AS confirm_p, NULL AS made_ns WHERE 0;

-- Readers of values compute them from the statistics where this table is missing.
CREATE TEMP VIEW point AS
SELECT NULL AS run_case_id, NULL AS mode, NULL AS population, NULL AS n, NULL AS p50, NULL AS mean,
       NULL AS profile WHERE 0;

-- Calm was judged coarsely; one bit said that blocks drifted.
CREATE TEMP VIEW invocation AS
SELECT *, 1.05 AS calm_limit, CASE warmup_incomplete WHEN 1 THEN 'warmup' END AS steady FROM main.invocation;

CREATE TEMP VIEW run AS SELECT *, NULL AS clock_drift_ppm FROM main.run;

CREATE TEMP VIEW variance AS
SELECT NULL AS run_case_id, NULL AS n, NULL AS blocks, NULL AS s1_within, NULL AS s2_means, NULL AS t2_between, NULL AS icc,
       NULL AS block_ns, NULL AS start_ns WHERE 0;

CREATE TEMP VIEW modes AS
SELECT NULL AS run_case_id, NULL AS what, NULL AS two, NULL AS low, NULL AS low_share, NULL AS high,
       NULL AS high_share, NULL AS separation WHERE 0;

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
