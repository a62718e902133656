#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The formats for other programs, as others judge them: HTML that needs nothing else (tidy), JUnit XML by its schema, OpenMetrics
# by the parser of Prometheus's own client library, and by what node_exporter takes.
# CTest: TIMEOUT 60, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
for tool in xmllint tidy; do
	command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
# The system's: another one, earlier in PATH, does not have the system's modules.
python=/usr/bin/python3
"$python" -c 'import prometheus_client' 2>/dev/null || { echo "skipped: python3-prometheus-client is not installed"; exit 77; }
lib="$MEMPERF_SOURCE/tests/report/lib"

"$make_db" base.db base && "$make_db" change.db change && "$make_db" empty.db empty &&
	"$MEMPERF_BUILD/tests/make_history" nights.db 60 4 kernel=30 seed=3 step=0@40*1.1 || exit 1

# valid COMMAND...: all three formats of it are sound; they stay in html, junit, openmetrics
valid() {
	local format
	for format in html junit openmetrics; do
		"$@" --format "$format" -o "$format" 2>err || bad "'$* --format $format' fails: $(cat err)"
	done
	xmllint --noout html 2>err || bad "HTML of '$*': $(head -n 3 err)"
	xmllint --noout --schema "$lib/junit.xsd" junit 2>err || bad "JUnit of '$*': $(head -n 3 err)"
	tidy -q -e html 2>err || bad "HTML of '$*': $(head -n 3 err)"
	"$python" "$lib/openmetrics.py" openmetrics >err || bad "OpenMetrics of '$*': $(head -n 3 err)"
	if grep -qE '(src|href|action)=|url\(|<link|<base|<i?frame|@import|import\(|fetch\(|XMLHttp' html; then
		bad "the HTML of '$*' needs something from elsewhere"
	fi
	[[ $(grep -c '<script' html) == 1 ]] || bad "the HTML of '$*' has another script than its own"
	grep -q "Content-Security-Policy.*default-src 'none'" html || bad "the HTML of '$*' might load something"
	grep -qiE '[^a-z_]-?(nan|inf)[^a-z_]' html junit openmetrics && bad "nan or inf in '$*'"
}

# xpath FILE EXPRESSION VALUE
xpath() {
	local value
	value=$(xmllint --xpath "$2" "$1")
	[[ $value == "$3" ]] || bad "$2 of $1 is '$value', not '$3'"
}

valid memperf report base.db
xpath junit 'count(//testcase)' 19
xpath junit 'count(//error)' 3
xpath junit 'count(//skipped)' 5
xpath junit 'string(/testsuites/@errors)' 3
xpath html 'count(//*[local-name()="main"]/*[@class="table"]//th[@scope="row"])' 16
[[ $(grep -c '^memperf_report_value_seconds{' openmetrics) == 12 ]] || bad "not a value of every measured case"
grep -q '^memperf_report_verdict{case="shm.attach/size=2M/threads=1",verdict="pending"} 1$' openmetrics ||
	bad "no verdict of a pending case"

valid memperf compare base.db change.db
xpath junit 'count(//testcase)' 20
xpath junit 'string(//failure/../@name)' mmap.anon/populate=yes/size=2M/threads=1
xpath junit 'count(//testcase[failure or error or skipped])' \
	"$(memperf compare base.db change.db --json | jq '[.pairs[] | select(.verdict | IN("faster", "same") | not)] | length')"
xpath junit 'sum(//testsuite/@tests)' 20
xpath html 'count(//*[local-name()="tr"]//*[local-name()="svg"])' 12
xpath html 'count(//*[local-name()="figure"]/*[local-name()="svg"])' 10
grep -q '^memperf_compare_cases{verdict="slower"} 1$' openmetrics || bad "the slower case is not counted"

# Three metrics of a case are three samples.
valid memperf history nights.db --metrics
[[ $(grep -c '^memperf_history_level{case="mmap.made/n=0",' openmetrics) == 3 ]] || bad "not a level of every metric"
valid memperf history nights.db
# A suite for each machine, and what is known of the newest run at its own.
cp nights.db elsewhere.db
sqlite3 elsewhere.db "UPDATE machine SET key = 'm-other'; UPDATE run SET uuid = 'x' || substr(uuid, 2), started_ns = started_ns - 1"
valid memperf history nights.db elsewhere.db
xpath junit 'count(//testsuite)' 2
xpath junit 'count(//testsuite[@name="m-made"]/testcase)' 4
xpath junit 'count(//testsuite[@name="m-other"]/testcase)' 4
xpath junit 'count(//property[@name="run"][not(@value = preceding::property/@value)])' 2
valid memperf history nights.db
xpath html 'count(//*[local-name()="figure"]/*[local-name()="svg"])' 4

# Nothing at all is no reason to break.
memperf compare empty.db empty.db --format junit | xmllint --noout --schema "$lib/junit.xsd" - 2>/dev/null || bad "JUnit of nothing"
memperf report empty.db --format html | xmllint --noout - || bad "HTML of nothing"

# Texts that are markup elsewhere stay texts.
sqlite3 base.db "UPDATE run SET host = '<a&\"b\\ c' || char(10) || '>' || char(1)"
valid memperf report base.db
xpath html 'count(//a)' 0
grep -qF 'host="<a&\"b\\ c >' openmetrics || bad "the label of a strange host: $(grep 'run{' openmetrics)"

# Every format that is named exists, and the other way round.
memperf help report | grep -qF -- 'text (default), markdown, html, csv, json, jsonl, junit or openmetrics' || bad "help does not name the formats"
refused 2 "is none of csv, html, json, jsonl, junit, markdown, openmetrics, text" memperf report base.db --format pdf

done_
