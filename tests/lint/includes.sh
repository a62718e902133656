#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Layers: every #include points downward, and every outside library stays behind its one door.
. "$(dirname -- "$0")/lib/tree.bash"

tree_files "*.c" "*.h" | awk '
BEGIN {
	# What a folder may include besides itself.
	may["common"] = ""
	may["kmod"] = ""
	may["benchmarks"] = "common kmod/memperf_uapi.h"
	may["results"] = "common"
	may["runner"] = "benchmarks results common"
	may["runner/worker"] = "benchmarks results common runner/counters/perf.h"
	may["report"] = "results common"
	may["cli"] = "report runner benchmarks results common kmod/memperf_uapi.h"

	# Outside libraries: pattern of the header, the folder that is its door.
	door["^sqlite3(ext)?\\.h$"] = "results"
	door["^(zstd|zdict)(_errors)?\\.h$"] = "results"
	door["^libpq"] = "results/central"
	door["^hwloc(/.*|\\.h)$"] = "runner/machine"
	door["^numa(if|compat1)?\\.h$"] = "runner/machine"
	door["^perfmon/"] = "runner/counters"
	door["^libconfig\\.h"] = "runner/config"
	door["^gsl/"] = "report/statistics"
	door["^(n?cursesw?/)?(n?curses|menu|panel|form|term)\\.h$"] = "report/viewer"

	# Everywhere but here.
	barred["^jansson\\.h$"] = "common benchmarks kmod runner/worker"
}

function under(path, folder) { return index(path, folder "/") == 1 }

function folder_of(path) {
	if (under(path, "runner/worker"))
		return "runner/worker"
	return path ~ "/" ? substr(path, 1, index(path, "/") - 1) : "."
}

function say(sentence) { printf "%s:%d: %s\n", path, line, sentence }

function outside(header,    pattern, i, n, folders) {
	for (pattern in door)
		if (header ~ pattern && !under(path, door[pattern]))
			say("<" header "> is included outside its door, " door[pattern] "/")
	for (pattern in barred) {
		n = split(barred[pattern], folders, " ")
		for (i = 1; i <= n; i++)
			if (header ~ pattern && under(path, folders[i]))
				say("<" header "> may not be used in " folders[i] "/")
	}
}

function inside(header,    i, n, allowed) {
	if (header !~ "/" && folder != "kmod") {
		say("\"" header "\" is not written from the root of the tree")
		return
	}
	if (header !~ "/" ? !((folder "/" header) in exists) : !(header in exists)) {
		say("\"" header "\" does not exist")
		return
	}
	if (header !~ "/" || folder == "." || !(folder in may) || under(header, folder))
		return
	n = split(may[folder], allowed, " ")
	for (i = 1; i <= n; i++)
		if (header == allowed[i] || under(header, allowed[i]))
			return
	if (folder == "runner/worker")
		say("runner/worker/ may not include \"" header "\": the measured process knows only itself, " \
		    "benchmarks, common, the plain structs of results and runner/counters/perf.h")
	else
		say(folder "/ may not include \"" header "\": it may use " \
		    (may[folder] == "" ? "nothing else of the project" : "only " may[folder]))
}

{ paths[++n_paths] = $0; exists[$0] = 1 }

END {
	for (p = 1; p <= n_paths; p++) {
		path = paths[p]
		if (under(path, "tests"))
			continue
		folder = folder_of(path)
		own = path
		sub(/\.c$/, ".h", own)
		first = 1
		line = 0
		while ((getline text < path) > 0) {
			line++
			if (!match(text, /^[ \t]*#[ \t]*include[ \t]*[<"][^>"]+[>"]/))
				continue
			header = text
			sub(/^[^<"]*/, "", header)
			quoted = header ~ /^"/
			header = substr(header, 2)
			sub(/[>"].*/, "", header)
			if (first && own != path && own in exists && header != own)
				say("the first include of " path " must be its own header, \"" own "\"")
			first = 0
			if (quoted)
				inside(header)
			else if (header in exists)
				say("<" header "> belongs to the project: write \"" header "\"")
			outside(header)
		}
		close(path)
	}
}' | judge
