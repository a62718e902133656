#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The suite on many hosts by ssh alone, side by side; then all runs in one file here:
#
#	configs/fleet/ssh.sh FOLDER HOST... [-- ARGS of memperf run]
#
# Hosts need memperf in PATH and let us in without a question (a key). Exit code: of the last host that failed, else 0.
# 'memperf db push URL FOLDER/*.db' takes the same files to a central database.
set -u

folder=${1-} hosts=() args=()
shift
while (($#)) && [[ $1 != -- ]]; do
	hosts+=("$1")
	shift
done
((${#hosts[@]})) || { echo "usage: $0 FOLDER HOST... [-- ARGS of memperf run]" >&2; exit 2; }
shift
args=("${@:---suite=all}")
mkdir -p -- "$folder" || exit 3

# measure HOST: standard output is the file, so that one connection does it all
measure() {
	ssh -o BatchMode=yes -o ServerAliveInterval=60 "$1" "own=\$(mktemp -d) && trap 'rm -rf -- \"\$own\"' EXIT &&
		memperf run ${args[*]@Q} --host ${1@Q} --no-progress --quiet --db \"\$own/run.db\" >&2; code=\$?
		cat \"\$own/run.db\"; exit \$code" >"$folder/.$1"
	local code=$?
	if [[ -s $folder/.$1 ]]; then
		mv -- "$folder/.$1" "$folder/$1.db"
	else
		rm -f -- "$folder/.$1"
	fi
	((code == 0)) || echo "$1: memperf or ssh ended with $code" >&2
	return $code
}

for host in "${hosts[@]}"; do
	measure "$host" &
	running+=($!)
done
code=0
for job in "${running[@]}"; do
	wait "$job" || code=$?
done
files=()
for host in "${hosts[@]}"; do
	[[ -e $folder/$host.db ]] && files+=("$folder/$host.db")
done
((${#files[@]} == 0)) || memperf db merge "$folder/all.db" "${files[@]}" || code=$?
exit $code
