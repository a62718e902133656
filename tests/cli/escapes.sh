#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A results file that somebody wrote to steer the terminal of whoever reads it: every text of it, one column after the other, holds
# escape sequences, control characters of both sets, line and paragraph separators, direction overrides, and bytes that are no UTF-8.
# None of them reaches what a command prints in any format, an error sentence, or the terminal of the viewer; and no cell of
# CSV begins a formula.
# CTest: TIMEOUT 300, RUN_SERIAL FALSE, PROCESSORS 2
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
"$make_db" base.db "counted" 6 2 3 >/dev/null && "$make_db" base.db base && "$make_db" base.db change || exit 1
sqlite3 base.db "PRAGMA foreign_keys = OFF; PRAGMA writable_schema = ON;
	UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE type = 'table'; PRAGMA writable_schema = RESET"
# A formula first: whoever opens CSV in a spreadsheet would run it.
evil="'=cmd()' || char(27) || ']0;evil' || char(7, 27) || '[2J' || char(13, 10, 9, 8, 127, 0x9b) || '31m'
	|| char(0x85, 0x2028, 0x2029, 0x61c, 0x200f, 0x202e, 0x2066) || CAST(x'9b80ff' AS TEXT) || 'marker'"

# hostile FILE TABLE COLUMN: every text of that column ends so, and the last one is nothing else
hostile() {
	sqlite3 "$1" "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;
		UPDATE OR IGNORE \"$2\" SET \"$3\" = \"$3\" || $evil WHERE \"$3\" IS NOT NULL;
		UPDATE OR IGNORE \"$2\" SET \"$3\" = $evil WHERE \"$3\" = (SELECT max(\"$3\") FROM \"$2\")" || echo "FAILED: $2.$3 cannot be set"
}

# said COLUMN FILE: what every command says of it; control characters are found byte by byte
said() {
	local line
	for line in "report $2 --all" "report $2 --counters" "report $2 --format csv" "report $2 --counters --format csv" "report $2 --json" \
		"report $2 --format markdown" "report $2 --format junit" "report $2 --format openmetrics" "compare base.db $2 --all" \
		"compare $2:#2 $2:#3 --format csv" "compare $2:#2 $2:#3 --json" "history $2" "history $2 --format csv" "db info $2" \
		"db runs $2" "db check $2" "db export $2" "view $2 --linear"; do
		timeout 20 memperf $line >"$2.out" 2>&1 <screens
		(($? < 6)) || echo "FAILED: $1: '$line' ends with $?: $(tail -n 1 "$2.out")"
		if LC_ALL=C grep -aqP "$steers" <(tr -d '\r' <"$2.out"); then
			echo "FAILED: $1: '$line' shows $(LC_ALL=C grep -aoP "$steers" "$2.out" | head -n 1 | od -An -tx1)"
		fi
		[[ $line != *csv* ]] || ! grep -aqE '(^|,)"?=' "$2.out" || echo "FAILED: $1: '$line' begins a formula"
		! grep -aq marker "$2.out" || echo "$1" >>told
	done
}

column() {
	cp base.db "h-$1-$2.db"
	hostile "h-$1-$2.db" "$@"
	said "$1.$2" "h-$1-$2.db"
	rm -f "h-$1-$2".db*
}
printf 'screen\n2\nscreen\nEnter\nscreen\n5\nscreen\n6\nscreen\n' >screens
# C0 but line ends, DEL, C1, ALM, LRM and RLM, separators and embeddings, isolates, what is no UTF-8
steers='[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xff'
export evil steers
export -f column hostile said
sqlite3 -separator ' ' base.db "SELECT s.name, c.name FROM sqlite_schema s, pragma_table_info(s.name) c
	WHERE s.type = 'table' AND c.type = 'TEXT'" >columns
(($(wc -l <columns) > 80)) || bad "only $(wc -l <columns) columns are texts"
xargs -a columns -P 2 -L 1 bash -c 'column "$@"' - >found 2>&1
[[ ! -s found ]] || bad "$(sort found | head -n 40)"
# Of these something is shown: nothing above would have been tested otherwise.
for name in run.host run.label run.suite fact.value kase.text run_case.reason bench.unit counter.metric; do
	grep -qx "$name" told || bad "nothing shows $name"
done

# The viewer draws by ncurses, whose own sequences are the terminal's: none that sets a title is among them.
command -v tmux >/dev/null || { echo "no tmux: the viewer's terminal is not tested"; done_; exit; }
for name in "run host" "run label" "run suite" "run_case reason" "fact value" "fact why" "check_result detail" "tag value"; do
	hostile base.db $name
done >/dev/null 2>&1
export TMUX_TMPDIR=$work
unset TMUX NO_COLOR
tmux -L evil -f /dev/null new-session -d -x 150 -y 40 "sleep 1; TERM=screen LC_ALL=C.UTF-8 exec '$(command -v memperf)' view base.db"
tmux -L evil pipe-pane "exec cat >'$work/raw'"
for key in 1 2 Enter Escape 3 4 5 6 j Enter Escape '?' q; do
	sleep 0.2
	[[ $key != 2 ]] || for _ in {1..100}; do grep -aq marker raw && break; sleep 0.1; done
	tmux -L evil send-keys "$key"
done
for _ in {1..100}; do tmux -L evil has-session 2>/dev/null || break; sleep 0.1; done
tmux -L evil kill-server 2>/dev/null
grep -aq marker raw || bad "the viewer shows nothing of it"
! LC_ALL=C grep -aqP '\x1b\]|[\x7f\xff]|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' raw ||
	bad "the viewer's terminal gets $(LC_ALL=C grep -aoP '\x1b\].{10}|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]' raw | head -n 3 | od -An -c)"
done_
