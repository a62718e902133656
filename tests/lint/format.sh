#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Format: .clang-format decides, in the version whose rules the tree was written with.
. "$(dirname -- "$0")/lib/tree.bash"

tool=$(command -v clang-format-14 || command -v clang-format) || skip "clang-format is not installed"
"$tool" --version | grep -q 'version 14\.' ||
	skip "$("$tool" --version | head -n 1): the tree is formatted with version 14, others disagree in details"

mapfile -t files < <(tree_files '*.c' '*.h')
"$tool" --dry-run -Werror "${files[@]}" 2>&1 </dev/null | sed -n 's/: error: code should be clang-formatted.*/: is not formatted: run clang-format -i/p' | sort -u -t: -k1,1 | judge
