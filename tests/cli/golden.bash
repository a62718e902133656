# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by report.sh and compare.sh: fixtures, exact outputs (tests/data/report/), checks by jq. With
# MEMPERF_UPDATE=1 the wanted outputs are written instead: read the difference before you commit it.
set -u
: "${MEMPERF_SOURCE:?}" "${MEMPERF_BUILD:?}"
wanted="$MEMPERF_SOURCE/tests/data/report"
make_db="$MEMPERF_BUILD/tests/make_db"
failures=0
command -v jq >/dev/null || { echo "skipped: jq is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work" || exit 1
export NO_COLOR=1 TZ=UTC LC_ALL=C
unset COLUMNS

bad() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# golden NAME CODE COMMAND...: the exact output and exit code
golden() {
	local name=$1 code=$2 status
	shift 2
	"$@" >"$work/out" 2>"$work/err"
	status=$?
	[[ $status == "$code" ]] || bad "'$*' ends with $status, not $code: $(head -n 3 "$work/err")"
	if [[ -n ${MEMPERF_UPDATE-} ]]; then
		cp -- "$work/out" "$wanted/$name"
	elif ! diff -u -- "$wanted/$name" "$work/out" >"$work/diff"; then
		bad "the output of '$*' is not $name"
		head -n 40 "$work/diff"
	fi
}

# narrow COLUMNS: no line of the last output is wider
narrow() {
	local long
	long=$(awk -v most="$1" 'length($0) > most' "$work/out" | head -n 1)
	[[ -z $long ]] || bad "wider than $1 columns: $long"
}

# refused CODE WORDS COMMAND...: nothing on stdout, one line on stderr that holds the words
refused() {
	local code=$1 words=$2 status
	shift 2
	"$@" >"$work/out" 2>"$work/err"
	status=$?
	[[ $status == "$code" ]] || bad "'$*' ends with $status, not $code"
	[[ ! -s $work/out ]] || bad "'$*' failed and still printed a result"
	[[ $(wc -l <"$work/err") == 1 ]] || bad "'$*' does not say one line: $(cat "$work/err")"
	grep -qF -- "$words" "$work/err" || bad "'$*' says: $(cat "$work/err")"
}

# holds WORDS COMMAND...: exit 0 and the words somewhere in the output
holds() {
	local words=$1
	shift
	"$@" >"$work/out" 2>"$work/err" || bad "'$*' ends with $?: $(cat "$work/err")"
	grep -qF -- "$words" "$work/out" || bad "'$*' does not say '$words'"
}

# json FILTER COMMAND...: the output is JSON and the filter is true of it
json() {
	local filter=$1
	shift
	"$@" >"$work/out" 2>"$work/err"
	jq -e "$filter" "$work/out" >/dev/null || bad "not true of '$*': $filter"
}

# csv COMMAND...: every line has as many fields as the header (no field of the fixtures holds a line end)
csv() {
	"$@" >"$work/out" 2>"$work/err"
	awk '{
		text = $0; fields = 1; quoted = 0
		if (!sub(/\r$/, "", text)) { print "line " NR " does not end with CRLF"; exit 1 }
		for (i = 1; i <= length(text); i++) {
			c = substr(text, i, 1)
			if (c == "\"") quoted = !quoted
			else if (c == "," && !quoted) fields++
		}
		if (quoted) { print "line " NR " has an open quote"; exit 1 }
		if (NR == 1) want = fields
		else if (fields != want) { print "line " NR " has " fields " fields, not " want; exit 1 }
	}' "$work/out" || bad "'$*' is no sound CSV"
}

done_() {
	((failures == 0)) || exit 1
}
