#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Bad input: one clear line on stderr that names the subject, the right exit code, nothing lost or overwritten.
set -u
work=$(mktemp -d) || exit 1
mounted=
trap '[ -n "$mounted" ] && umount "$mounted"; rm -rf "$work"' EXIT
failures=0

# expect CODE REGEX COMMAND...: exit code, exactly one line on stderr, which matches.
expect() {
	local code=$1 regex=$2 got
	shift 2
	"$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	sed -i '/^libgcov profiling error:/d' "$work/err" # of a build for coverage, where files may not grow
	if [ "$got" != "$code" ]; then
		echo "FAIL: exit $got, not $code: $*"; cat "$work/err"; failures=$((failures + 1))
	elif [ "$(wc -l <"$work/err")" != 1 ]; then
		echo "FAIL: not one line: $*"; cat "$work/err"; failures=$((failures + 1))
	elif ! grep -Eq "$regex" "$work/err"; then
		echo "FAIL: says something else: $*"; cat "$work/err"; failures=$((failures + 1))
	fi
}
quick() { echo --bench floor.loop --invocations 1 --budget 1s --clock raw --no-progress; }

# the command line
expect 2 "no command 'rnu'; did you mean 'run'" memperf rnu
expect 2 "no option '--suit'; did you mean '--suite'" memperf run --suit quick
expect 2 "'--db' needs a value" memperf run --db
expect 2 "'--quiet' takes no value" memperf run --quiet=yes
expect 2 "does not take 'x'" memperf doctor x
expect 2 "needs more operands" memperf report
expect 2 "there is no 'db chekc'; did you mean 'check'" memperf db chekc x.db
expect 2 "there is no command 'lsit'" memperf help lsit

# selections
expect 2 "quik.*did you mean 'quick'" memperf run --suite quik --db "$work/n.db"
expect 2 "flor" memperf run --bench 'flor.loop' --db "$work/n.db"
expect 2 "sise.*did you mean 'size'" memperf run --bench 'floor.access' --set sise=4K --db "$work/n.db"
expect 2 "4Q" memperf run --bench 'floor.access' --set size=4Q --db "$work/n.db"
expect 2 "column|expected" memperf run --bench 'floor.access' --filter 'size >' --db "$work/n.db"
expect 2 "budget" memperf run --bench floor.loop --budget 10 --db "$work/n.db"
expect 2 "invocations" memperf run --bench floor.loop --invocations 0 --db "$work/n.db"
expect 2 "seed" memperf run $(quick) --seed x --db "$work/n.db"
expect 2 "timeout" memperf run $(quick) --timeout 5 --db "$work/n.db"
expect 2 "sabotage" memperf run $(quick) --sabotage all --db "$work/n.db"
expect 2 "sundial" memperf run --bench floor.loop --clock sundial --db "$work/n.db"
rm -f "$work/n.db"

# configurations
printf 'suite: {\n  cases = ( { bench = "floor.*"; sise = "4K"; } );\n};\n' >"$work/bad.cfg"
expect 2 "bad.cfg:2: .*sise" memperf plan --suite "$work/bad.cfg"
printf 'suite: {\n  cases = (\n' >"$work/bad.cfg"
expect 2 "bad.cfg:[0-9]" memperf plan --suite "$work/bad.cfg"
printf 'suite: {\n  titel = "x";\n  cases = ( { bench = "floor.*"; } );\n};\n' >"$work/bad.cfg"
expect 2 "bad.cfg:2: .*titel.*did you mean 'title'" memperf plan --suite "$work/bad.cfg"
expect 2 "none.cfg" memperf plan --suite "$work/none.cfg"

# results files
echo "this is a text file" >"$work/text.db"
cp "$work/text.db" "$work/text.keep"
expect 3 "text.db" memperf run $(quick) --db "$work/text.db"
expect 3 "text.db" memperf report "$work/text.db"
expect 3 "text.db" memperf db check "$work/text.db"
expect 3 "text.db" memperf compare "$work/text.db" "$work/text.db"
cmp -s "$work/text.db" "$work/text.keep" || { echo "FAIL: a text file was changed"; failures=$((failures + 1)); }
sqlite3 "$work/other.db" 'CREATE TABLE t(x); INSERT INTO t VALUES(1);'
expect 3 "other.db" memperf run $(quick) --db "$work/other.db"
expect 3 "other.db" memperf report "$work/other.db"
expect 3 "none.db" memperf report "$work/none.db"
expect 3 "none" memperf run $(quick) --db "$work/none/at/all.db"
expect 3 "$work" memperf run $(quick) --db "$work"
memperf run $(quick) --db "$work/good.db" --quiet || { echo "FAIL: a good run"; failures=$((failures + 1)); }
for bytes in 50 100 1000 5000 20000; do
	head -c $bytes "$work/good.db" >"$work/cut.db"
	expect 3 "cut.db" memperf report "$work/cut.db"
	expect 3 "cut.db" memperf run $(quick) --db "$work/cut.db"
done
cp "$work/good.db" "$work/newer.db"
sqlite3 "$work/newer.db" 'PRAGMA user_version = 9999;'
expect 3 "newer.db.*(schema|version|newer)" memperf report "$work/newer.db"
expect 3 "newer.db.*(schema|version|newer)" memperf run $(quick) --db "$work/newer.db"
expect 2 "#99" memperf report "$work/good.db:#99"
expect 2 "resume" memperf run --resume --db "$work/good.db"
expect 3 "holds no run" memperf run --resume --db "$work/none.db"
MEMPERF_CONFIGS=$work/none expect 3 "counters" memperf run --bench floor.loop --db "$work/none.db"
[ ! -e "$work/none.db" ] || { echo "FAIL: a run that failed leaves an empty results file"; failures=$((failures + 1)); }

expect 2 "none.db' cannot be merged into itself" memperf db merge "$work/none.db" "$work/none.db"
expect 2 "good.db' cannot be merged into itself" memperf db merge "$work/good.db" "$work/../$(basename "$work")/good.db"
expect 3 "no results file.*missing.db" memperf db merge "$work/none.db" "$work/missing.db"
[ ! -e "$work/none.db" ] || { echo "FAIL: a merge of nothing leaves an empty results file"; failures=$((failures + 1)); }

# files without an end
mkfifo "$work/fifo"
head -c 500000 /dev/zero | tr '\0' A >"$work/long"
for file in /dev/zero "$work/long"; do
	expect 1 "$file:1: a line has more than 4096 characters" timeout 10 memperf view "$work/good.db" --script "$file"
done
for file in /dev/zero "$work/fifo"; do
	expect 2 "cannot read keymap '$file'" timeout 10 memperf view --keys --keymap "$file"
done
include() { printf '@include "%s"\n%s: { };\n' "$work/fifo" "$1" >"$work/include.cfg"; }
include policy
expect 2 "include.cfg:1: @include of '.*fifo': only a suite" timeout 10 memperf compare "$work/good.db" "$work/good.db" --policy "$work/include.cfg"
include nightly
expect 2 "include.cfg:1: @include of '.*fifo': only a suite" timeout 10 memperf nightly "$work/include.cfg"
include group
expect 2 "include.cfg:1: @include of '.*fifo': only a suite" timeout 10 memperf run $(quick) --counters "$work/include.cfg" --db "$work/n.db"
include suite
expect 2 "include.cfg:1: '.*fifo' is not a regular file" timeout 10 memperf plan --suite "$work/include.cfg"
expect 3 "unset HWLOC_XMLFILE" env HWLOC_XMLFILE=/dev/zero timeout 10 memperf list

# places that cannot be written
if [ "$(id -u)" = 0 ] && mkdir "$work/full" && mount -t tmpfs -o size=400k none "$work/full" 2>/dev/null; then
	mounted=$work/full
	expect 3 "full|space" memperf run --bench 'floor.*' --invocations 3 --budget 10s --no-progress --db "$work/full/f.db"
	[ ! -e "$work/full/f.db" ] || memperf db check "$work/full/f.db" >"$work/out" 2>&1 || { echo "FAIL: after a full disk: $(cat "$work/out")"; failures=$((failures + 1)); }
fi
expect 3 "cannot create .*too\.db'" sh -c "ulimit -f 20; memperf run $(quick) --quiet --db '$work/too.db'"
expect 3 "too.html': File too large" sh -c "ulimit -f 4; memperf report '$work/good.db' --format html -o '$work/too.html'"
expect 3 "standard output: File too large" sh -c "ulimit -f 4; memperf db export '$work/good.db' >'$work/too.json'"
[ -z "$(find "$work" -name '.memperf*')" ] || { echo "FAIL: a file that may not grow leaves a temporary one"; failures=$((failures + 1)); }
expect 3 "/dev/full|space" sh -c 'memperf list >/dev/full'
expect 3 "nowhere" memperf report "$work/good.db" -o "$work/nowhere/x.txt"
expect 2 "'' is no results file" memperf run $(quick) --db ''
expect 2 "'' is no results file" memperf report ''
expect 2 "'' is no file to write to" memperf report "$work/good.db" -o ''

# outputs that would take something with them
cp "$work/good.db" "$work/good.keep"
ln -s good.db "$work/link.db"
expect 2 "good.db' is a database and would be lost" memperf report "$work/good.db" -o "$work/good.db"
expect 2 "link.db' is a database" memperf report "$work/good.db" -o "$work/link.db"
expect 2 "good.db' is a database" memperf db export "$work/good.db" -o "$work/good.db"
expect 2 "good.db' is a database" memperf run $(quick) --db "$work/n.db" --json-log "$work/good.db"
expect 2 "n.db' is a database" memperf run $(quick) --db "$work/n.db" --json-log "$work/n.db"
cmp -s "$work/good.db" "$work/good.keep" || { echo "FAIL: a database was overwritten"; failures=$((failures + 1)); }
echo old >"$work/report.txt"
ln -s report.txt "$work/link.txt"
memperf report "$work/good.db" -o "$work/link.txt" || failures=$((failures + 1))
[ -L "$work/link.txt" ] && grep -q floor.loop "$work/report.txt" || { echo "FAIL: a symbolic link was replaced"; failures=$((failures + 1)); }
if mknod "$work/full.dev" c 1 7 2>/dev/null && (echo x >"$work/full.dev") 2>&1 | grep -q 'No space'; then
	expect 3 "full.dev': No space" memperf report "$work/good.db" -o "$work/full.dev"
	[ -c "$work/full.dev" ] || { echo "FAIL: a device was replaced by a file"; failures=$((failures + 1)); }
fi
mkfifo "$work/pipe"
timeout 20 cat "$work/pipe" >"$work/piped" & # the report may fail before it opens its output
expect 0 '^$' sh -c "memperf report '$work/good.db' -o '$work/pipe'; echo >&2"
wait
grep -q floor.loop "$work/piped" || { echo "FAIL: a pipe got nothing"; failures=$((failures + 1)); }
[ -p "$work/pipe" ] || { echo "FAIL: a pipe was replaced by a file"; failures=$((failures + 1)); }

# what cannot be measured for one reason is said in one line, and counted
if [ ! -e /dev/memperf ]; then
	memperf run --bench kfloor.pair --bench floor.loop --invocations 1 --budget 1s --no-progress --db "$work/skipped.db" >"$work/out" 2>/dev/null
	skipped=$(sqlite3 "$work/skipped.db" "SELECT count(*) FROM run_case WHERE outcome = 'skipped'")
	if [ "$(grep -c skipped: "$work/out")" != 1 ] || ! grep -q "and $((skipped - 1)) more for the same reason" "$work/out"; then
		echo "FAIL: $skipped cases skipped for one reason are said as: $(cat "$work/out")"
		failures=$((failures + 1))
	fi
fi
[ "$failures" = 0 ] && echo ok
exit $((failures != 0))
