#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf report on made results files: exact text at 80 and 120 columns, Markdown, JSON, CSV, selectors, bad input.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"

"$make_db" base.db base && "$make_db" two.db base && "$make_db" two.db again && "$make_db" few.db few &&
	"$make_db" planted.db planted && "$make_db" empty.db empty && "$make_db" levels.db levels || exit 1

COLUMNS=80 golden report-80.txt 0 memperf report base.db
narrow 80
COLUMNS=120 golden report-120.txt 0 memperf report base.db
narrow 120
COLUMNS=120 golden report-all.txt 0 memperf report base.db --all
golden report.md 0 memperf report base.db --format markdown
COLUMNS=80 golden report-few.txt 0 memperf report few.db
COLUMNS=120 golden report-levels.txt 0 memperf report levels.db --all
COLUMNS=80 golden report-counters.txt 0 memperf report levels.db --counters
COLUMNS=80 golden report-empty.txt 0 memperf report empty.db

# Nothing is lost and nothing unknown becomes a number.
json '.cases | length == 19' memperf report base.db --format json
json '[.cases[] | select(.outcome == "skipped") | .value_ns] | length == 4 and all(. == null)' memperf report base.db --json
json '.run.seed == "12345678901234567890"' memperf report base.db --json
json '.cases[] | select(.case == "floor.clock") | .mode == "batch" and .call_p99_all_ns == null and .value_ns > 23' \
	memperf report base.db --json
json '[.facts[] | select(.key == "page_size")][0].value == "4096"' memperf report base.db --json
json '.cases[0] | .modes_of_invocations == "two" and .invocations_low_share == 0.6 and .steady_unsteady == 4' \
	memperf report levels.db --json
json '[.cases[] | select(.case == "floor.clock")][0] | .modes_of_invocations == "one" and .invocations_low_ns == null' \
	memperf report base.db --json
json '.counter_group.title == "a pair" and (.counter_group.not_asked | length == 3)' memperf report levels.db --json
json '.counter_group == null' memperf report base.db --json
json '.cases == [] and .run.cases == 0' memperf report empty.db --json
json '.run.planted_fault == "touch"' memperf report planted.db --json
json '(.cases | length) + .left_out_by_filter == 19 and .left_out_by_filter > 0' \
	memperf report base.db --json --filter 'size >= 2M'
csv memperf report base.db --format csv
[[ $(wc -l <out) == 20 ]] || bad "the CSV does not have a line per case and a header"
holds "cases are left out by --filter" memperf report base.db --filter 'size >= 2M'
holds "made with a planted fault (touch)" memperf report planted.db
if grep -qiE '(^|[^a-z])-?(nan|inf)([^a-z]|$)' "$wanted"/report*; then
	bad "nan or inf in an output"
fi

# A sum of counts names every event of it.
holds "uncore_imc_0/cas_count_read/ type 20 config 0xffffffffffffffff on CPU 0" memperf report levels.db --counters
holds "uncore_imc_1/cas_count_read/ type 21 config 0x304 on CPU 56" memperf report levels.db --counters
json '[.[] | select(.metric == "dram_read_bytes").events[] | [.pmu, .config, .cpu]] ==
	[["uncore_imc_0", "0xffffffffffffffff", 0], ["uncore_imc_1", "0x304", 56]]' memperf db export levels.db --counters --json

# Kinds of core are lines of their own.
holds "cycles (cpu_core)       8      8     8  measured" memperf report levels.db --counters
holds "cycles (cpu_atom)      18     18    18  measured" memperf report levels.db --counters
json '[.[] | select(.metric == "cycles") | [.kind, .per_operation]] == [["cpu_atom", 18], ["cpu_core", 8]]' \
	memperf db export levels.db --counters --json

counted=mmap.anon/populate=no/size=4K/threads=1
holds "cycles (cpu_atom)        18        18  +0.00 %  generic" memperf compare levels.db levels.db --explain $counted
json '[.counters[] | select(.metric == "cycles") | [.kind, .a.events[0].pmu, .b.per_operation]] ==
	[["cpu_atom", "cpu_atom", 18], ["cpu_core", "cpu_core", 8]]' memperf compare levels.db levels.db --explain $counted --format json

# Which run.
holds "run #2 on testhost" memperf report two.db
holds "run #1 on testhost" memperf report 'two.db:#1'
holds "run #1 on testhost" memperf report two.db:label:base
holds "2 runs match; this is the newest" memperf report two.db:last:2
cp two.db 'odd:name.db'
holds "run #2 on testhost" memperf report 'odd:name.db'
holds "run #1 on testhost" memperf report 'odd:name.db:label:base'
cp two.db 'strange.db:#1'
holds "run #2 on testhost" memperf report 'strange.db:#1'
refused 2 "'bogus' is no selector" memperf report base.db:bogus
refused 2 "#9" memperf report 'base.db:#9'
refused 3 "none.db" memperf report none.db
refused 2 "--format 'xml' is none of" memperf report base.db --format xml
refused 2 "contradict" memperf report base.db --json --format csv
refused 2 "--filter" memperf report base.db --filter '((('
echo "this is a text file, not a database" >text.db
refused 3 "text.db" memperf report text.db

# -o writes the whole file or none.
memperf report base.db --format json -o out.json && jq -e .run out.json >/dev/null || bad "-o does not write the file"
refused 3 "no/such" memperf report base.db -o no/such/folder/file

done_
