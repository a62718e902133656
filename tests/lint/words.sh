#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What must not stand in any file: a path that only one machine has, unfinished work, a reference to a
# document that is not there, white space at the end of a line, a conflict marker.
. "$(dirname -- "$0")/lib/tree.bash"

mapfile -t files < <(tree_files '*' | grep -Ev '^(tests/data/|LICENSE)' | xargs -r -d '\n' grep -lI '')
((${#files[@]})) || exit 1

# search KIND PATTERN SENTENCE: KIND is grep's, E or F
search() {
	grep -nH "-$1" -e "$2" -- "${files[@]}" | awk -F: -v sentence="$3" '
		{ printf "%s:%s: %s: %s\n", $1, $2, sentence, substr($0, length($1 $2) + 3, 100) }'
}

{
	search E '(^|[^A-Za-z0-9_.])/([h]ome|[U]sers|[w]ork|[r]oot)/[A-Za-z0-9_.]' 'a path that only one machine has'
	for own in "$PWD" "$(dirname "$PWD")" "${HOME-/}"; do
		[[ $own == /*/* ]] && search F "$own/" 'a path of this machine'
	done
	search E '\b([T]ODO|[F]IXME|[X]XX|[H]ACK)\b|[n]ot (yet )?implemented' 'unfinished work'
	search E '^(<<<<<<<|>>>>>>>|=======)( |$)' 'a conflict marker'
	search E '[ 	]+$' 'white space at the end of the line'
	grep -noEH '[$A-Za-z0-9_/.-]*\b[A-Z_-]+\.md\b' -- "${files[@]}" | while IFS=: read -r path line name; do
		[[ $name == *\$* || -e $name || -e $(dirname "$path")/$name ]] ||
			printf '%s:%s: refers to %s, which does not exist\n' "$path" "$line" "$name"
	done
} | judge
