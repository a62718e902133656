#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# CSV and JSON lines go straight into databases: a real PostgreSQL and sqlite3 load every command's rows, and find in both what
# `--json` says, unknown as NULL, odd texts unchanged.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
. "$MEMPERF_SOURCE/tests/cli/postgres.bash"
trap 'postgres_stop; rm -rf -- "$work"' EXIT
postgres_start "$work" || exit 1

"$make_db" base.db base && "$make_db" change.db change && "$make_db" levels.db levels &&
	"$MEMPERF_BUILD/tests/make_history" nights.db 60 4 kernel=30 seed=3 step=0@40*1.1 || exit 1
# What quoting is for.
odd=$'a "quoted", \\n back\\slash\nline; \'it\' \xc3\xa4 {}'
sqlite3 base.db "UPDATE run_case SET reason = '${odd//\'/\'\'}' WHERE outcome = 'timed_out'"

# load NAME COMMAND...: the rows of both formats in tables of both databases, with what the command's JSON types are
load() {
	local name=$1 columns
	shift
	"$@" --format csv -o "$name.csv" && "$@" --format jsonl -o "$name.jsonl" || bad "'$*' fails"
	columns=$(jq -rs '. as $rows | .[0] | keys_unsorted[] | . as $key | [$rows[][$key] | type] |
		"\"\($key)\" " + (if any(. == "object" or . == "array") then "jsonb" elif any(. == "string") then "text"
		elif any(. == "boolean") then "boolean" else "double precision" end)' "$name.jsonl" | paste -sd,)
	psql -qX -v ON_ERROR_STOP=1 <<EOF || bad "PostgreSQL does not take $name"
CREATE TABLE $name ($columns);
\\copy $name FROM '$name.csv' WITH (FORMAT csv, HEADER match)
CREATE TABLE ${name}_lines (line jsonb);
\\copy ${name}_lines FROM '$name.jsonl' WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')
EOF
	sql 0 "SELECT count(*) FROM ((TABLE $name EXCEPT ALL SELECT r.* FROM ${name}_lines, jsonb_populate_record(NULL::$name, line) r)
		UNION ALL (SELECT r.* FROM ${name}_lines, jsonb_populate_record(NULL::$name, line) r EXCEPT ALL TABLE $name)) AS differ"
	sqlite3 load.db ".mode csv" ".import $name.csv $name" "CREATE TABLE ${name}_lines (line TEXT CHECK (json_valid(line)))" \
		".mode ascii" '.separator "\001" "\n"' ".import $name.jsonl ${name}_lines" 2>err || bad "sqlite3 does not take $name: $(cat err)"
	[[ $(sqlite3 load.db "SELECT count(*) FROM $name") == $(sql_of "SELECT count(*) FROM $name") &&
		$(sqlite3 load.db "SELECT count(*) FROM ${name}_lines") == $(sql_of "SELECT count(*) FROM $name") ]] ||
		bad "rows of $name are lost in sqlite3"
}

sql_of() {
	psql -qXAt -c "$1"
}

# sql VALUE QUERY
sql() {
	local value
	value=$(sql_of "$2")
	[[ $value == "$1" ]] || bad "'$2' says '$value', not '$1'"
}

load report memperf report base.db
load compare memperf compare base.db change.db
load history memperf history nights.db --metrics
load counted memperf report levels.db --counters
load exported memperf db export base.db

sql 19 'SELECT count(*) FROM report'
sql 7 'SELECT count(*) FROM report WHERE value_ns IS NULL'
sql "$(memperf report base.db --json | jq -r '.cases[] | select(.case == "floor.clock").value_ns')" \
	"SELECT value_ns FROM report WHERE \"case\" = 'floor.clock'"
sql "$(memperf compare base.db change.db --json | jq -r '.counts.slower')" "SELECT count(*) FROM compare WHERE verdict = 'slower'"
sql 't' "SELECT starts_with(reason, E'a \"quoted\", \\\\n back\\\\slash\\nline; ''it'' \u00e4 {}') FROM report WHERE outcome = 'timed_out'"
[[ $(sqlite3 load.db "SELECT reason FROM report WHERE outcome = 'timed_out'") == "$odd"* ]] || bad "sqlite3 has another reason"
[[ $(sqlite3 load.db "SELECT json_extract(line, '$.reason') FROM report_lines WHERE json_extract(line, '$.outcome') = 'timed_out'") == "$odd"* ]] ||
	bad "sqlite3 has another reason in the JSON"

# What the guide says for psql is taken as it stands.
cp report.jsonl try.jsonl
sed -n '/^-- PostgreSQL/,/^```/{/^```/d;p}' "$MEMPERF_SOURCE/docs/guide.md" >guide.sql
psql -qXAt -v ON_ERROR_STOP=1 -f guide.sql >out 2>err || bad "PostgreSQL does not take the guide's lines: $(cat err)"
grep -qxF "floor.clock|$(sql_of "SELECT value_ns FROM report WHERE \"case\" = 'floor.clock'")" out || bad "the guide's query says: $(cat out)"

done_
