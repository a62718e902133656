#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf compare on made results files: exact text at 80 and 120 columns, Markdown, JSON, CSV, the gate's exit codes.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"

"$make_db" base.db base && "$make_db" change.db change && "$make_db" again.db again && "$make_db" few.db few &&
	"$make_db" planted.db planted && "$make_db" empty.db empty && "$make_db" two.db base && "$make_db" two.db again || exit 1

COLUMNS=80 golden compare-80.txt 0 memperf compare base.db change.db
narrow 80
COLUMNS=120 golden compare-120.txt 0 memperf compare base.db change.db
narrow 120
COLUMNS=120 golden compare-all.txt 0 memperf compare base.db change.db --all
golden compare.md 0 memperf compare base.db change.db --format markdown
COLUMNS=80 golden compare-same.txt 0 memperf compare base.db again.db
COLUMNS=80 golden compare-few.txt 0 memperf compare base.db few.db
COLUMNS=80 golden compare-empty.txt 0 memperf compare empty.db base.db

# Every verdict, every case once, no number where there is none.
json '(.pairs | length) == 20 and ([.counts[]] | add) == 20' memperf compare base.db change.db --json
json '[.counts[] | . > 0] | all' memperf compare base.db change.db --json
json '.pairs[] | select(.case == "mmap.anon/populate=yes/size=2M/threads=1") |
	.verdict == "slower" and .ratio > 1.08 and .low > 1.02 and .p_adjusted < 0.05' memperf compare base.db change.db --json
json '[.pairs[] | select(.verdict == "failed") | .ratio] | all(. == null)' memperf compare base.db change.db --json
json '.floors_known == 0 and ([.pairs[] | select(.p) | .threshold == 0.03] | all)' memperf compare base.db change.db --json
json '[.differences[] | select(.key == "thp_enabled")][0] | .a == "madvise" and .b == null' \
	memperf compare base.db change.db --json
json '.counts.incomparable == 19' memperf compare base.db planted.db --json
json '.counts.unsure == 11 and ([.pairs[] | select(.verdict == "unsure") | .reason | test("cannot be tested")] | all)' \
	memperf compare base.db few.db --json
json '.pairs | length == 5' memperf compare base.db again.db --json --filter 'bench = mmap.anon'
csv memperf compare base.db change.db --format csv
[[ $(wc -l <out) == 21 ]] || bad "the CSV does not have a line per pair and a header"
if grep -qiE '(^|[^a-z])-?(nan|inf)([^a-z]|$)|-0(\.0+)? %' "$wanted"/compare*; then
	bad "nan, inf or -0 in an output"
fi

# What moves the whole distribution from run to run moves its tail: a slower tail inside the floor of the value is no alarm.
for profile in base again base again base again again; do "$make_db" floor.db "$profile" || exit 1; done
# take RUNS MODE COLUMN: the null call takes what another case has in that run
take() {
	sqlite3 floor.db "UPDATE point SET $3 = (SELECT q.$3 FROM point q JOIN run_case USING (run_case_id) JOIN kase USING (case_id)
		WHERE text = 'mmap.anon/populate=no/size=4K/threads=1' AND q.mode = '$2' AND run_id = (SELECT run_id FROM run_case c
		WHERE c.run_case_id = point.run_case_id) AND q.population = point.population)
		WHERE mode = '$2' AND run_case_id IN (SELECT run_case_id FROM run_case JOIN kase USING (case_id)
		WHERE text = 'floor.null_syscall' AND run_id IN ($1))"
}
take 7 call profile
judged='.pairs[] | select(.case == "floor.null_syscall") | .floor != null and .verdict == "same" and'
json "$judged"' .floor < 0.1 and .tail == "slower"' memperf compare 'floor.db:#1' 'floor.db:#7' --json
take 2,5 batch p50
json "$judged"' .floor > 1 and .tail == "unsure"' memperf compare 'floor.db:#1' 'floor.db:#7' --json

# Sides: the same file twice, several runs.
json '.a.runs[0].id == 1 and .b.runs[0].id == 2' memperf compare 'two.db:#1' 'two.db:#2' --json
json '.b.runs | length == 2' memperf compare base.db two.db:last:2 --json
json '[.pairs[] | select(.case == "floor.clock")][0].n_b == 20' memperf compare base.db two.db:last:2 --json
holds "are the same run" memperf compare base.db base.db

# Two modes are said to be two, on the side that has them.
"$make_db" levels.db levels || exit 1
holds "two modes of invocations: 60 % near 1.212 us, 40 % near" \
	memperf compare base.db levels.db --explain 'mmap.anon/populate=no/size=4K/threads=1'
json '.levels_a == null and (.levels_b | test("no steady state: 4 of 10"))' \
	memperf compare base.db levels.db --explain 'mmap.anon/populate=no/size=4K/threads=1' --json

# gate CODE A B [ARGS]: the exit code, and the reason in words
gate() {
	local code=$1 status
	shift
	memperf compare "$@" --gate >"$work/out" 2>"$work/err"
	status=$?
	[[ $status == "$code" ]] || bad "the gate of '$*' ends with $status, not $code"
	grep -q '^gate: ' "$work/out" || bad "the gate of '$*' does not say why"
}
gate 0 base.db again.db
gate 1 base.db change.db
gate 5 base.db few.db
gate 5 base.db planted.db
gate 5 base.db empty.db
gate 5 empty.db empty.db
gate 5 base.db base.db
gate 5 base.db change.db --filter 'bench = munmap.anon'
# A noisy run is told, and is neither an alarm nor its absence, on either side.
noisy() {
	sqlite3 "$1" "INSERT INTO fact SELECT run_id, 1 + max(position), 'doctor', 'noisy$2', '$3', 'o', 'now', 0, 'why' FROM fact"
}
for side in base again change; do
	cp "$side.db" "quiet-$side.db" && noisy "quiet-$side.db" "" no
	cp "quiet-$side.db" "noisy-$side.db" && noisy "noisy-$side.db" _2 'yes: others used 40 % of the CPUs'
done
gate 0 quiet-base.db quiet-again.db
gate 5 quiet-base.db noisy-again.db
gate 5 noisy-base.db quiet-again.db
gate 1 quiet-base.db quiet-change.db
gate 5 quiet-base.db noisy-change.db
grep -q 'gate: could not judge: run #1 of B was noisy: others used 40 % of the CPUs' "$work/out" || bad "not why: $(cat "$work/out")"
holds 'was noisy (others used 40 % of the CPUs)' memperf compare quiet-base.db noisy-change.db
holds 'others used 40 % of the CPUs' memperf report noisy-change.db
json '[.differences[] | select(.fact == "doctor.noisy")] | length == 0' memperf compare quiet-base.db quiet-change.db --json

json '.gate.result == "regression"' memperf compare base.db change.db --gate --json

refused 3 "none.db" memperf compare base.db none.db --gate
refused 2 "" memperf compare base.db
refused 2 "is no selector" memperf compare base.db:newest base.db

done_
