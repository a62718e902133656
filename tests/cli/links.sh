#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What somebody else plants where root writes: a symbolic link, to a file that is there and to one that is not; a hard link; a FIFO that
# nobody reads. Every command that writes a file refuses the first two and the last in one line, at once, and writes nothing through any
# of them. The folder is everybody's, and not sticky: no setting of the kernel helps (fs.protected_symlinks and the like).
# CTest: TIMEOUT 120, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
((EUID == 0)) || { echo "skip: only root can plant what belongs to somebody else"; exit 77; }
chmod 711 "$work"
"$make_db" base.db base && "$make_db" change.db change && "$MEMPERF_BUILD/tests/make_history" nights.db 12 3 || exit 1
case=$(sqlite3 base.db "SELECT text FROM kase JOIN run_case USING (case_id) WHERE outcome = 'ok' LIMIT 1")
echo 'nightly: { suite = ["nightly"]; database = "judged.db"; reports: { folder = "reports"; formats = ["json"]; }; };' >night.cfg
mkdir -m 777 open reports
other=65534

# plant KIND FILE: what leads from FILE to the file 'kept', or to one that could be made
plant() {
	echo kept >kept
	rm -rf "$2" made
	case $1 in
	link) ln -s "$work/kept" "$2" ;;
	dangling) ln -s "$work/made" "$2" ;;
	hard) ln kept "$2" ;;
	fifo) mkfifo "$2" ;;
	esac
	[[ $1 == hard ]] || chown -h $other "$2"
}

# writes CODES FILE COMMAND...: refuses what is planted; what is a hard link it replaces, ending with one of CODES
writes() {
	local codes=$1 file=$2 kind status
	shift 2
	for kind in link dangling fifo hard; do
		cp nights.db judged.db
		plant $kind "$file"
		timeout 10 "$@" >out 2>err
		status=$?
		if [[ $kind != hard ]]; then
			[[ $status == [23] && $(wc -l <err) == 1 ]] && grep -q "another user ($other)" err ||
				bad "$kind: '$*' ends with $status: $(cat err)"
		elif [[ $codes != *$status* || $(stat -c %i kept) == "$(stat -c %i "$file")" ]]; then
			bad "$kind: '$*' ends with $status: $(cat err)"
		fi
		[[ $(cat kept) == kept && ! -e made ]] || bad "$kind: '$*' wrote through it"
		rm -f "$file"
		[[ -z $(find open reports -mindepth 1) ]] || bad "$kind: '$*' leaves $(find open reports -mindepth 1)"
	done
}

writes 0 open/x.txt memperf report base.db -o open/x.txt
writes 0 open/x.svg memperf report base.db --chart "$case" -o open/x.svg
writes 0 open/x.csv memperf compare base.db change.db --format csv -o open/x.csv
writes 0 open/x.txt memperf history nights.db -o open/x.txt
writes 0 open/x.json memperf db export base.db --json -o open/x.json
writes 0 open/x.1 memperf help run --man -o open/x.1
writes 015 reports/night.json memperf nightly ./night.cfg --judge
writes 0 open/log memperf run --bench floor.loop --filter 'bench = floor.loop' --invocations 1 --budget 1s --quiet --db run.db --json-log open/log
writes 0 open/keys memperf view base.db --record open/keys --script /dev/null

# A results file is opened by SQLite, which would follow a link and make the file. A FIFO or another file is none of memperf's.
for command in "run --bench floor.loop --budget 1s --quiet --db open/a.db" "db merge open/a.db base.db" \
	"vm --kernel kept --accel tcg --db open/a.db -- run --bench floor.loop"; do
	for kind in link dangling; do
		plant $kind open/a.db
		refused 3 "another user ($other)" timeout 10 memperf $command
		[[ $(cat kept) == kept && ! -e made ]] || bad "$kind: '$command' wrote through it"
	done
	rm open/a.db
done

# A folder on the way that leads elsewhere, and what is one's own: followed as ever.
ln -s "$work" open/way
chown -h $other open/way
refused 3 "'way' is a symbolic link of another user" memperf report base.db -o open/way/new.txt
[[ ! -e new.txt ]] || bad "written over a folder that is a link"
ln -sfn "$work" open/way
memperf report base.db -o open/way/new.txt && [[ -s new.txt ]] || bad "a link of one's own is not followed"
memperf report base.db -o /dev/stdout >out && cmp out new.txt || bad "/dev/stdout is not written to"
memperf report base.db -o >(cat >piped) && sleep 0.2 && cmp piped new.txt || bad "a pipe of the shell is not written to"

done_
