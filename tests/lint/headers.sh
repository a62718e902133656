#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every header compiles alone, twice in a row, without a warning.
# CTest: TIMEOUT 300
. "$(dirname -- "$0")/lib/tree.bash"

read -ra libraries <<<"$(pkg-config --cflags sqlite3 hwloc numa libconfig jansson libzstd 2>/dev/null)"
tree_files '*.h' | grep -v '^kmod/' | while IFS= read -r path; do
	printf '#include "%s"\n#include "%s"\n' "$path" "$path" |
		"${CC:-cc}" -std=gnu17 -D_GNU_SOURCE -DMEMPERF_BIN=\"\" -DMEMPERF_TESTS=\"\" -I. ${libraries[@]+"${libraries[@]}"} -Wall -Wextra -Wundef \
			-Wstrict-prototypes -Werror -fsyntax-only -x c - 2>&1 |
		grep -E '(error|warning):' | sed -E "s|: (fatal )?error: |: $path does not compile alone: |" | head -n 3
done | judge
