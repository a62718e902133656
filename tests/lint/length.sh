#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Length: about 60 lines for a function, about 500 for a file. Over that is a note that makes a reader look;
# far over it (120, 800; a test may have 1000) is a failure.
. "$(dirname -- "$0")/lib/tree.bash"

tree_files '*.c' '*.h' | while IFS= read -r path; do
	awk -v path="$path" '
	function said(kind, name, have, about, most) {
		if (have > most)
			printf "%s:%d: %s%s has %d lines, more than %d\n", path, at, kind, name, have, most
		else if (have > about)
			printf "note: %s:%d: %s%s has %d lines (about %d is the rule)\n", path, at, kind, name, have, about
	}
	/^[a-z].*\(/ && !/;[ \t]*$/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
	/^\{/ { start = NR }
	/^\}/ && start { at = start; said("the function ", name, NR - start - 1, 60, 120); start = 0 }
	END { at = 1; said("the file", "", NR, 500, path ~ /^tests\// ? 1000 : 800) }' "$path"
done | {
	all=$(cat)
	printf '%s\n' "$all" | grep '^note: '
	printf '%s\n' "$all" | grep -v -e '^note: ' -e '^$' | judge
}
