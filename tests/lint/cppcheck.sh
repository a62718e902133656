#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# cppcheck's warnings about defects and portability, over all code that is not a test.
# CTest: TIMEOUT 600
. "$(dirname -- "$0")/lib/tree.bash"

command -v cppcheck >/dev/null || skip "cppcheck is not installed"
mapfile -t files < <(tree_files '*.c' | grep -Ev '^(kmod|tests)/')

# Not asked: alloca and self-assignment, which the measured process uses to touch its own pages; and division
# by sizeof, which it sees in every macro that counts an array.
timeout 570 cppcheck --quiet --std=c11 --language=c --enable=warning,portability,performance --inline-suppr \
	--suppress=missingIncludeSystem --suppress=allocaCalled --suppress=selfAssignment \
	--suppress=sizeofDivisionMemfunc --error-exitcode=1 -D_GNU_SOURCE -D__x86_64__ -D__linux__ -I. \
	--template='{file}:{line}: {message} ({id})' "${files[@]}" 2>&1
