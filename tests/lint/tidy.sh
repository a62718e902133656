#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# clang-tidy with the short list of .clang-tidy, over every file that the build compiles.
# CTest: TIMEOUT 600, PROCESSORS 2
. "$(dirname -- "$0")/lib/tree.bash"

command -v clang-tidy >/dev/null || skip "clang-tidy is not installed"
commands=${MEMPERF_BUILD:-$root/build}
[[ -e $commands/compile_commands.json ]] || skip "no compile_commands.json in $commands"

mapfile -t files < <(
	tree_files 'common/*.c' 'benchmarks/*.c' 'results/*.c' 'runner/*.c' 'report/*.c' 'cli/*.c' |
		while IFS= read -r path; do
			grep -qF "/$path\"" "$commands/compile_commands.json" && printf '%s\n' "$path"
		done
)
((${#files[@]})) || {
	printf 'compile_commands.json:1: the build compiles no file of this tree: this test would be blind\n'
	exit 1
}
printf '%s\0' "${files[@]}" | timeout 570 xargs -0 -n 4 -P 2 clang-tidy --quiet -p "$commands" 2>/dev/null |
	grep -E ': (warning|error): ' | sed "s|^$PWD/||" | sort -u | judge
