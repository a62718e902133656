#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What report, compare and history write as JSON is what report/format/schema.json says, member by member. (That of a night is
# judged in nightly.sh.)
# CTest: TIMEOUT 60, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || { echo "skipped: python3-jsonschema is not installed"; exit 77; }
schema="$MEMPERF_SOURCE/report/format/schema.json"

for kind in base change levels few empty planted; do
	"$make_db" $kind.db $kind || exit 1
done
"$make_db" c1.db counted 30 1 && "$make_db" c2.db counted 30 2 && "$make_db" two.db base && "$make_db" two.db again &&
	"$MEMPERF_BUILD/tests/make_history" nights.db 60 6 kernel=30 seed=4 step=0-3@20*1.1 failed=3@50 tail=5@20*2 || exit 1

# documents COMMAND...: its JSON is kept, to be judged with the others
n=0
documents() {
	n=$((n + 1))
	"$@" --format json >"$n.json" 2>err || bad "'$*' fails: $(cat err)"
}

for kind in base levels few empty planted two c1; do documents memperf report $kind.db; done
documents memperf report base.db --filter 'size >= 2M'
documents memperf compare base.db change.db
documents memperf compare levels.db base.db
documents memperf compare empty.db base.db
documents memperf compare c1.db c2.db --unit cycles
documents memperf compare base.db change.db two.db few.db
for case in munmap.anon/size=2M brk.grow fault.anon/size=2M/thp=never/threads=4 mmap.anon/populate=no/size=1G; do
	documents memperf compare base.db change.db --explain $case
done
documents memperf compare c1.db c2.db --explain mmap.many3/n=3/
documents memperf history nights.db --metrics
documents memperf history base.db change.db
documents memperf history empty.db
/usr/bin/python3 -W ignore "$MEMPERF_SOURCE/tests/report/lib/schema.py" "$schema" ./*.json || bad "JSON is not what the schema says"

# Every document that code writes is in it, and it would see what is wrong.
for format in $(grep -ho '"memperf-[a-z-]*-[0-9]*"' "$MEMPERF_SOURCE"/report/format/show_*.c | sort -u); do
	grep -qF "{ \"const\": $format }" "$schema" || bad "the schema does not know $format"
done
mkdir wrong
jq '.pairs[0].ratio = "1"' 9.json >wrong/text.json
jq 'del(.run.seed)' 1.json >wrong/less.json
jq '.cases[0].more = 1' 1.json >wrong/more.json
jq '.format = "memperf-report-9"' 1.json >wrong/version.json
for file in wrong/*; do
	/usr/bin/python3 -W ignore "$MEMPERF_SOURCE/tests/report/lib/schema.py" "$schema" "$file" >/dev/null && bad "the schema takes $file"
done

done_
