#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel module as the kernel's own judges see it: sparse (kinds of GFP flags, memory of users and of CPUs, locks), checkpatch, and
# rules for coccinelle: some of the kernel's, and its own (cocci/). Its tree is the one that guest/kernel_uml builds the module with.
# CTest: TIMEOUT 900, PROCESSORS 2
. "$(dirname -- "$0")/../guest/x86.bash"
. "$(dirname -- "$0")/../guest/kernels.bash"
guest_tools sparse spatch perl
kernel_uml
. "$(dirname -- "$0")/lib/tree.bash"

cp -r -- kmod "$work/kmod"
mapfile -t files < <(cd -- "$work/kmod" && find . -name '*.[ch]' -printf '%P\n' | sort)

# As the kernel would call it for main.c; its paths begin in the kernel's tree. Descriptors are declared where they are listed.
checked() {
	printf '#!/bin/sh\nprintf "%%s\\0" "$@" >"%s/flags"\n' "$work" >"$work/checker"
	chmod +x "$work/checker"
	make -C "$kernel_build" "$kernel_arch" M="$work/kmod" C=2 CHECK="$work/checker" main.o >"$work/log" 2>&1 || {
		printf 'kmod/main.c:1: does not compile: %s\n' "$(grep -m 1 'error' "$work/log")"
		return
	}
	mapfile -d '' -t flags <"$work/flags"
	unset 'flags[-1]'
	printf "$work/kmod/%s\0" "${files[@]}" | grep -z '\.c$' |
		(cd -- "$kernel_build" && xargs -0 -n 1 -P 2 sparse -Wno-decl "${flags[@]}") 2>&1 | grep -E '(warning|error): '
}

# Not asked: what the tree's own lints ask otherwise (format, comments, licence lines), macros, which are lists and loops here, and the
# one version that no name in a header tells apart.
own=SPDX_LICENSE_TAG,LONG_LINE,LONG_LINE_COMMENT,BLOCK_COMMENT_STYLE,CODE_INDENT,LEADING_SPACE,TABSTOP,SPLIT_STRING,UNSPECIFIED_INT
own+=,EMBEDDED_FILENAME,COMPLEX_MACRO,TRAILING_SEMICOLON,LINUX_VERSION_CODE,CONSTANT_COMPARISON
patched() {
	echo mpk_loop_fn >"$work/types"
	(cd -- "$work/kmod" && perl "$kernel_build/scripts/checkpatch.pl" --no-tree --terse --no-summary --quiet --show-types \
		--ignore "$own" --typedefsfile "$work/types" -f "${files[@]}" 2>&1) | sed "s|^|$work/kmod/|"
}

# The rules report through python, whose library coccinelle looks up by the name that only its development package has.
cat >"$work/python.cocci" <<-'END'
	virtual report
	@r@
	position p;
	@@
	int found@p;

	@script:python depends on report@
	p << r.p;
	@@
	print("python")
END
echo 'int found;' >"$work/python.c"
[[ $(spatch -D report --very-quiet --cocci-file "$work/python.cocci" "$work/python.c" 2>/dev/null) == *python* ]] ||
	guest_skip "coccinelle finds no python: libpython3-dev is not installed"

# The kernel's, and the module's own.
rules=(free/kfree free/ifnullfree locks/double_lock locks/mini_lock null/eno null/kmerr misc/noderef tests/odd_ptr_err)
rules=("${rules[@]/#/$kernel_build/scripts/coccinelle/}" "$root"/tests/lint/cocci/{bracket,calm,quiet})
matched() {
	printf '%s\0' "${rules[@]}" | xargs -0 -P 2 -I{} timeout 100 spatch -D report --very-quiet --no-show-diff --no-includes \
		--cocci-file "{}.cocci" --dir "$work/kmod" 2>"$work/cocci" ||
		printf 'kmod:1: coccinelle did not come to its end: %s\n' "$(tail -n 1 "$work/cocci")"
}

{
	checked &
	patched &
	matched
	wait
} | sed "s|$work/||" | grep -v '^$' | judge
