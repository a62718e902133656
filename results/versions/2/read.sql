-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What a reader lays over a file of schema version 2: see versions/1/read.sql.

-- One bit said that blocks drifted.
CREATE TEMP VIEW invocation AS
SELECT *, CASE warmup_incomplete WHEN 1 THEN 'warmup' END AS steady FROM main.invocation;
