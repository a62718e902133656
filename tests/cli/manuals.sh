#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Manual pages: one of every command, sound for mandoc and for man, with every option that its help has and with its words;
# what shells are offered to complete is the same. `memperf --version` says what was built, from what and by what.
# CTest: TIMEOUT 60, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"

# lint FILE: both say nothing against it
lint() {
	if command -v mandoc >/dev/null; then
		mandoc -Tlint -W warning "$1" >said || bad "mandoc of $1: $(head -n 3 said)"
	fi
	if command -v man >/dev/null; then
		LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "./$1" 2>said >/dev/null || bad "man of $1 ends with $?"
		[[ ! -s said ]] || bad "man of $1: $(head -n 3 said)"
	fi
}

commands=$(memperf help | sed -n 's/^  \([a-z-]*\) .*/\1/p')
(($(wc -w <<<"$commands") >= 13)) || bad "few commands: $commands"
memperf help --man >memperf.1 || bad "no overview"
lint memperf.1
for command in $commands; do
	page=memperf-$command.1
	memperf help "$command" --man -o "$page" || bad "no page of $command"
	lint "$page"
	memperf help "$command" >help
	# The page without the marks of roff, as one line: every option with its explanation is in it.
	sed 's/\\-/-/g; s/\\(aq/'\''/g; s/\\(ti/~/g; s/\\(ha/^/g; s/\\&//g; s/\\f[BIR]//g; s/\\e/\\/g' "$page" | tr '\n' ' ' >plain
	options=$(sed -nE 's/^  (-[A-Za-z-]+) .*/\1/p' help)
	while read -r option; do
		words=$(sed -nE "s/^  $option .*   *([^ ].*)/\1/p; s/^  $option  +(.*)/\1/p" help | head -n 1)
		[[ -z $option ]] || grep -qF -- ".TP $option" plain || bad "$page has no $option"
		grep -qF -- "${words% (repeatable)}" plain || bad "$page does not say '$words' of $option"
	done <<<"$options"
	[[ $(memperf help --complete "$command" --complete - | cut -f 1 | sort) == $(printf '%s\n' $options --help | sort -u) ]] ||
		bad "other options of $command are completed than explained"
	grep -qF -- "$command" <<<"$(sed -n '/^.SH COMMANDS/,/^.SH [^C]/p' memperf.1 | sed 's/\\-/-/g')" || bad "memperf.1 lacks $command"
done
[[ $(memperf help --complete '' | cut -f 1 | sort) == $(printf '%s\n' $commands --help --version | sort) ]] || bad "other commands"

# offers WANT WORD...: in place of the last WORD
offers() {
	local want=$1 words=() word
	shift
	for word; do words+=("--complete=$word"); done
	[[ $(memperf help "${words[@]}" | cut -f 1 | tr '\n' ' ') == $want ]] || bad "'$*' offers $(memperf help "${words[@]}" | head -n 5), not $want"
}
offers '*quick *:files ' run --suite ''
offers '*--suite *--bench *' run --suite quick -
offers '*default *:files ' compare --policy ''
offers '*csv *markdown *' report --format ''
offers 'csv json jsonl ' db --format ''
offers 'none all core *' run --counters ''
offers '*mmap.anon *' list --bench ''
offers ':folders ' doctor --state ''
offers ':files ' report ''
offers '' doctor ''
offers '' report a.db ''
offers 'info *merge *' db ''
offers ':files ' db info ''
offers '' nonsense ''
offers '' run --budget ''
[[ $(memperf help --complete doctor --complete --json --complete -) != *--json* ]] || bad "--json is offered twice"

refused 2 "belongs to --man" memperf help run -o run.1
refused 2 "no command 'nonsense'" memperf help nonsense --man
refused 3 "no/such.1" memperf help run --man -o no/such.1

memperf --version >version
commit=$(sed -nE '1s/^memperf [0-9]+\.[0-9]+\.[0-9]+ \((.*)\)$/\1/p' version)
# The one that was built, which need not be the newest.
[[ $commit == unknown ]] || git -C "$MEMPERF_SOURCE" -c safe.directory='*' cat-file -e "$commit^{commit}" ||
	bad "no version and commit of this checkout: $(head -n 1 version)"
for fact in 'compiler: (gcc|clang) [0-9]+' 'flags: (un)?optimised' 'options: .' 'libc: glibc 2' 'results schema: [0-9]+$' \
	'kernel module interface: [0-9]+$'; do
	grep -qE "^$fact" version || bad "no '$fact' in $(cat version)"
done
grep -q "^kernel module interface: $(sed -n 's/^#define MPK_ABI[^0-9]*//p' "$MEMPERF_SOURCE/kmod/memperf_uapi.h")$" version || bad "not the module's interface"
done_
