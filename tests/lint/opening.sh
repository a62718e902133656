#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How a file opens: with its licence, then (C) with a comment on what it is for; a header is guarded by the
# spelling of its path.
. "$(dirname -- "$0")/lib/tree.bash"

# Not asked: texts that are not ours to mark, and those that cannot hold a comment.
tree_files '*' | grep -Ev '^(LICENSE$|tests/data/)|\.(json|gitignore|expected|screen)$|^\.gitignore$' | awk '
function say(line, sentence) { printf "%s:%d: %s\n", path, line, sentence }
{
	path = $0
	licence = "GPL-3.0-or-later"
	if (path ~ /^(kmod|tests\/guest\/(truth|fault|described))\//)
		licence = "GPL-2.0-only"
	if (path ~ /^kmod\/memperf_[a-z]+\.h$/)
		licence = "GPL-2.0-only WITH Linux-syscall-note"
	guard = toupper(path)
	gsub(/[^A-Z0-9]/, "_", guard)

	licensed = guarded = lines = 0
	second = ""
	while ((getline text < path) > 0) {
		lines++
		at = index(text, "SPDX-License-Identifier: " licence)
		if (lines <= 3 && at && substr(text, at + 25 + length(licence)) ~ /^( |$)/)
			licensed = 1
		if (lines == 2)
			second = text
		if (text == "#ifndef " guard || text == "#define " guard)
			guarded++
		if (lines >= 3 && path !~ /\.h$/)
			break
	}
	close(path)
	if (lines && !licensed)
		say(1, "does not open with \"SPDX-License-Identifier: " licence "\"")
	if (lines && path ~ /\.[ch]$/ && second !~ /^\/\*/)
		say(2, "the file does not say what it is for (a comment after the licence)")
	if (lines && path ~ /\.h$/ && guarded != 2)
		say(1, "the include guard is not " guard)
}' | judge
