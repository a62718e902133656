-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What a reader lays over a file of schema version 2: see versions/1/read.sql.

-- One bit said that blocks drifted.
CREATE TEMP VIEW invocation AS
SELECT *, CASE warmup_incomplete WHEN 1 THEN 'warmup' END AS steady FROM main.invocation;

CREATE TEMP VIEW seat AS
SELECT NULL AS invocation_id, NULL AS worker, NULL AS cpu, NULL AS cpu_end, NULL AS migrated, NULL AS memory,
       NULL AS per_mapping, NULL AS nodes, NULL AS pages, NULL AS astray, NULL AS page_nodes WHERE 0;

CREATE TEMP VIEW topology AS
SELECT NULL AS topology_id, NULL AS hash, NULL AS bytes, NULL AS blob WHERE 0;

CREATE TEMP VIEW run_topology AS SELECT NULL AS run_id, NULL AS topology_id WHERE 0;
