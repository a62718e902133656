#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Names: a file that CMake collects exports the descriptor that its name promises, and a benchmark is named
# after its family's file. Says in a sentence what would otherwise be a link error.
. "$(dirname -- "$0")/lib/tree.bash"

# "FOLDER GLOB PREFIX EXCLUDED..." of every memperf_collect() in the tree.
collected() {
	tree_files CMakeLists.txt '*/CMakeLists.txt' | while IFS= read -r file; do
		tr '\n\t' '  ' <"$file" | grep -o 'memperf_collect([^)]*)' | awk '
		{
			gsub(/[()]/, " ")
			folder = prefix = excluded = ""
			glob = "*.c"
			for (i = 2; i <= NF; i++) {
				if ($i == "FOLDER") folder = $(i + 1)
				if ($i == "GLOB") { glob = $(i + 1); gsub(/"/, "", glob) }
				if ($i == "PREFIX") prefix = $(i + 1)
				if ($i == "EXCLUDE")
					for (j = i + 1; j <= NF && $j !~ /^[A-Z]+$/; j++)
						excluded = excluded " " $j
			}
			print folder, glob, prefix excluded
		}'
	done
}

# Calls its arguments with FILE NAME SYMBOL for every file that is collected.
each_collected() {
	local folder glob prefix excluded path file name

	while read -r folder glob prefix excluded; do
		while IFS= read -r path; do
			file=${path#"$folder"/}
			[[ $file == */* || " $excluded " == *" $file "* ]] && continue
			name=${file%.c}
			"$@" "$path" "${name#cmd_}" "$prefix${name#cmd_}"
		done < <(tree_files "$folder/$glob")
	done < <(collected)
}

has_descriptor() {
	grep -Eq "^const struct mp_[a-z_]+ $3( =|;|\$)" "$1" ||
		printf '%s:1: does not define the descriptor %s that its name promises (const struct ... %s = ...)\n' \
			"$1" "$3" "$3"
}

is_named_after_file() {
	local said

	said=$(sed -n "/^const struct mp_[a-z_]* $3\b/,/;/p" "$1" | grep -o '"[^"]*"' | head -n 1 | tr -d '"')
	[[ -z $said || ${said//-/_} == "$2" ]] ||
		printf '%s:1: %s calls itself "%s", but its file says "%s"\n' "$1" "$3" "$said" "$2"
}

benchmarks_are_of_family() {
	[[ $1 == benchmarks/* ]] || return 0
	awk -v path="$1" -v family="$2" '
	match($0, /\.name = "[^"]*\.[^"]*"/) {
		name = substr($0, RSTART + 9, RLENGTH - 10)
		if (index(name, family ".") != 1)
			printf "%s:%d: benchmark \"%s\" is not of the family \"%s\" that its file names\n", \
				path, NR, name, family
		if (name !~ /^[a-z0-9_]+\.[a-z0-9_]+$/)
			printf "%s:%d: \"%s\" is not family.variant in lower case\n", path, NR, name
	}' "$1"
}

all() {
	has_descriptor "$@"
	is_named_after_file "$@"
	benchmarks_are_of_family "$@"
}

n=$(each_collected echo | wc -l)
((n)) || {
	printf 'CMakeLists.txt:1: nothing is collected by memperf_collect(): this test would be blind\n'
	exit 1
}
each_collected all | judge
