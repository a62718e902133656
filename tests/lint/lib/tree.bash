# SPDX-License-Identifier: GPL-3.0-or-later
# What the lints share. Each lint is called with the tree to judge as its only argument, or with none for
# the tree that is being tested; it prints "file:line: sentence" per violation and exits 1 when there was one.
set -u
export LC_ALL=C

root=${1:-${MEMPERF_SOURCE:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.." && pwd)}}
cd -- "$root" || exit 4

# tree_files GLOB...: files of the tree whose path matches, one per line: what git has or would add; in a
# tree without git everything but build folders.
tree_files() {
	local path pattern

	if git -c safe.directory='*' rev-parse --show-cdup 2>/dev/null | grep -q '^$'; then
		git -c safe.directory='*' ls-files --cached --others --exclude-standard
	else
		find . -type f -not -path './.git/*' -not -path './build*/*' -not -path './results/db/*' -printf '%P\n'
	fi | sort -u | while IFS= read -r path; do
		[[ -e $path ]] || continue
		for pattern; do
			# shellcheck disable=SC2053
			[[ $path == $pattern ]] && printf '%s\n' "$path" && break
		done
	done
}

# judge: the sentences come in on stdin; hands them on and ends the test.
judge() {
	local found

	found=$(cat)
	[[ -z $found ]] && exit 0
	printf '%s\n' "$found"
	exit 1
}

skip() {
	printf 'skipped: %s\n' "$*"
	exit 77
}
