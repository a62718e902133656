#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How a file opens: with its licence, then (C) with a comment on what it is for; a header is guarded by the
# spelling of its path.
. "$(dirname -- "$0")/lib/tree.bash"

# Texts that are not ours to mark, or cannot hold a comment.
exempt() {
	case $1 in
	LICENSE | LICENSES/* | tests/data/* | tests/golden/* | *.json | *.gitignore | *.expected | *.screen) return 0 ;;
	esac
	return 1
}

tree_files '*' | while IFS= read -r path; do
	exempt "$path" && continue
	[[ -s $path ]] || continue
	licence=GPL-3.0-or-later
	case $path in
	kmod/memperf_uapi.h) licence='GPL-2.0-only WITH Linux-syscall-note' ;;
	kmod/*) licence=GPL-2.0-only ;;
	esac
	head -n 3 -- "$path" | grep -Eq "SPDX-License-Identifier: $licence( |\$)" ||
		printf '%s:1: does not open with "SPDX-License-Identifier: %s"\n' "$path" "$licence"
	case $path in
	*.c | *.h)
		sed -n 2p -- "$path" | grep -q '^/\*' ||
			printf '%s:2: the file does not say what it is for (a comment after the licence)\n' "$path"
		;;
	esac
	case $path in
	*.h)
		guard=$(printf '%s' "$path" | tr '[:lower:]' '[:upper:]' | tr -c 'A-Z0-9' _)
		grep -q "^#ifndef $guard\$" "$path" && grep -q "^#define $guard\$" "$path" ||
			printf '%s:1: the include guard is not %s\n' "$path" "$guard"
		;;
	esac
done | judge
