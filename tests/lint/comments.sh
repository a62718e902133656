#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Comments are block comments, and none of them is code that was switched off.
. "$(dirname -- "$0")/lib/tree.bash"

tree_files '*.c' '*.h' | while IFS= read -r path; do
	awk -v path="$path" '
	BEGIN { state = "code" }
	{
		if (state == "code" && $0 ~ /^[ \t]*#[ \t]*if[ \t]+0([ \t]|$)/)
			printf "%s:%d: code is switched off with #if 0: delete it\n", path, NR
		if (state == "code" && $0 ~ /^[ \t]*\/\*[ \t]*[a-z_][^;]*(\(|=)[^;]*;[ \t]*\*\/[ \t]*$/)
			printf "%s:%d: a comment that is code: delete it\n", path, NR
		n = length($0)
		for (i = 1; i <= n; i++) {
			c = substr($0, i, 1)
			two = substr($0, i, 2)
			if (state == "comment") {
				if (two == "*/") { state = "code"; i++ }
			} else if (state == "string" || state == "char") {
				if (c == "\\")
					i++
				else if (c == (state == "string" ? "\"" : "'\''"))
					state = "code"
			} else if (two == "/*") {
				state = "comment"
				i++
			} else if (two == "//") {
				printf "%s:%d: a // comment: write /* */\n", path, NR
				break
			} else if (c == "\"") {
				state = "string"
			} else if (c == "'\''") {
				state = "char"
			}
		}
		if (state != "comment")
			state = "code"
	}' "$path"
done | judge
