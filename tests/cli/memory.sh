#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Memory that runs out: the Nth allocation of a command fails, for N from 1 to all of them. Every run ends as it would have, with
# the same output, or with an exit code of memperf's and one line (beside libnuma's own); none crashes. MEMPERF_MEMORY_RUNS=N makes N
# runs of each command, spread over its allocations, "all" one for each.
# CTest: TIMEOUT 600, PROCESSORS 2
set -u
: "${MEMPERF_SOURCE:?}" "${MEMPERF_BUILD:?}"
runs=${MEMPERF_MEMORY_RUNS:-60}
work=$(mktemp -d) || exit 1
trap 'rm -rf -- "$work"' EXIT
memperf=$(command -v memperf) || exit 1
ldd "$memperf" | grep -q 'lib[at]san' && { echo "skip: a sanitizer has an allocator of its own"; exit 77; }
cc -O2 -D_GNU_SOURCE -shared -fPIC -o "$work/short.so" "$MEMPERF_SOURCE/tests/cli/memory/short.c" || exit 1
cd "$work" || exit 1
# A locale that cannot be loaded is no error: its glyphs are replaced by ASCII ones.
export LC_ALL=C
make=$MEMPERF_BUILD/tests
"$make/make_db" base.db few && "$make/make_db" change.db base && "$make/make_db" levels.db levels && "$make/make_history" nights.db 6 3 || exit 1

# short N FILES COMMAND...: with allocation N failing
short() {
	local n=$1 to=$2
	shift 2
	timeout 20 env MEMORY_FAIL="$n" MEMORY_COUNT="$to.count" LD_PRELOAD="$work/short.so" "$memperf" "$@" >"$to.out" 2>"$to.err" </dev/null
}

# try COMMAND...: prints what is wrong with it
try() {
	local to normal code total step n end
	to=$(mktemp -d)/x
	short 0 "$to" "$@"
	normal=$?
	total=$(cat "$to.count")
	((normal < 6)) || { echo "'$*' exits with $normal: $(cat "$to.err")"; return; }
	mv "$to.out" "$to.normal"
	n=1 step=1 end=$total
	if [[ ${first-} ]]; then
		((end = first, step = 3))
	elif [[ ${last-} ]]; then
		((n = total - last, step = 3))
	elif [[ $runs != all* ]]; then
		((step = total / runs + 1))
	fi
	for (( ; n <= end; n += step)); do
		short "$n" "$to" "$@"
		code=$?
		if ((code == normal)) && { cmp -s "$to.out" "$to.normal" || [[ ${same-} == no ]]; }; then
			continue
		elif ((code == normal)); then
			echo "'$*', allocation $n of $total: exit $code with other output: $(diff "$to.normal" "$to.out" | head -n 3 | tr '\n' ' ')"
		elif ((code > 5)); then
			echo "'$*', allocation $n of $total: exit $code: $(tail -n 1 "$to.err")"
		elif [[ $(grep -cv '^libnuma: Warning' "$to.err") != 1 ]] || ! grep -q '^memperf: .*memory' "$to.err"; then
			echo "'$*', allocation $n of $total: exit $code with $(wc -l <"$to.err") lines: $(head -n 2 "$to.err")"
		fi
	done
	echo "$total allocations in '$*'" >>"$work/totals"
}

export -f short try
export runs work memperf
export TMPDIR=$work
# Slow ones have a share of the runs; of 'db check' a third of the last 900 are tried, too, those of its blobs, where want of memory
# looks like damage, and of 'plan' a third of the first 200, where the machine is read, and what cannot be read looks like what it
# lacks. What is measured differs every time, and what cannot be asked of the machine for want of memory is unknown there, or missing,
# with the reason.
xargs -d '\n' -P "$(nproc)" -I {} bash -c '{}' <<'T' >found 2>shell
try list "mprotect.*"
same=no try list
try list --json
try list mmap.anon
try plan --suite quick --json
try plan --bench mmap.pair --filter "size > 4K"
first=200 try plan --suite all --json
try report base.db
try report base.db --format json
try compare base.db change.db --all
try compare base.db change.db --format csv
try history nights.db --json
try history nights.db
try db info base.db
try db runs base.db --json
try db check base.db
last=900 try db check levels.db
try db export base.db
same=no try counters --json
same=no runs=${runs/#[0-9]*/8} try doctor --json
T
sort found | sed 's/^/FAIL: /'
cat totals
[[ ! -s found && $(wc -l <totals) == 20 ]]
