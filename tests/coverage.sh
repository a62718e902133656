#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Lines and branches that the tests of an instrumented build reached, per folder: coverage.sh SOURCE BUILD. The measured
# process is not instrumented, so that benchmarks/ counts what the unit tests ran and no more.
set -eu -o pipefail
for tool in gcovr jq; do
	command -v "$tool" >/dev/null || { echo "coverage.sh: no $tool: apt-get install gcovr jq" >&2; exit 3; }
done
# A child that is killed while it counts leaves a count that does not add up: that branch is left out.
gcovr --gcov-ignore-parse-errors --root "$1" --object-directory "$2" --exclude "$1/build/.*" --exclude "$2/.*" --exclude "$1/tests/.*" \
	--json-summary "$2/coverage.json" "$2" >/dev/null
jq -r '
	def share(a; b): if b == 0 then "-" else "\(1000 * a / b | round / 10) %" end;
	["folder", "lines", "of", "branches", "of"],
	(.files | group_by(.filename | split("/")[:-1])[] |
		(map(.line_covered) | add) as $l | (map(.line_total) | add) as $lt |
		(map(.branch_covered) | add) as $b | (map(.branch_total) | add) as $bt |
		[(.[0].filename | split("/")[:-1] | join("/")), share($l; $lt), $lt, share($b; $bt), $bt]) | @tsv' \
	"$2/coverage.json" | column -t -s "$(printf '\t')"
