#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ./bootstrap on machines that this one is not: with packages missing, unknown, too old; without apt, without root,
# without sudo; called twice; from another folder; in a tree that was moved. The tools it calls are stand-ins that
# write down how they were called.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE
set -u
: "${MEMPERF_SOURCE:?}"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
tools="$work/tools"
tree="$work/a clone"
log="$work/log"
from=
root=$work/root # of the machine's own files: a kernel without modules
failures=0
unset MEMPERF_BUILD CDPATH

# tool NAME LINE...: a stand-in
tool() {
	printf '%s\n' '#!/bin/bash' "${@:2}" >"$tools/$1"
	chmod +x "$tools/$1"
}

# A Debian machine, as root, on which everything is installed and every tool works.
machine() {
	local name

	rm -rf -- "$tools" "$tree"
	mkdir -p -- "$tools" "$tree/cmake/packages" "$tree/kmod"
	cp -- "$MEMPERF_SOURCE/bootstrap" "$tree/"
	cp -- "$MEMPERF_SOURCE"/cmake/packages/*.txt "$tree/cmake/packages/"
	for name in bash env cat cp dirname basename grep head mkdir nproc realpath rm sed sleep sort tail tr true uname; do
		ln -s -- "$(type -P "$name")" "$tools/$name"
	done
	tool id 'echo "${FAKE_UID:-0}"'
	tool dpkg-query 'for p in "${@:4}"; do [[ " ${FAKE_MISSING-} " == *" $p "* ]] || echo "$p installed ${FAKE_VERSION:-99}"; done'
	tool apt-cache '[[ " ${FAKE_UNKNOWN-} " == *" $2 "* ]] && echo "  Candidate: (none)" || echo "  Candidate: ${FAKE_CANDIDATE:-99}-1"'
	tool apt-get 'echo "apt-get $*" >>"$LOG"' \
		'[[ -n ${FAKE_BROKEN-} && $* == *" $FAKE_BROKEN"* ]] && { echo "E: the mirror is broken"; exit 100; }' \
		'exit 0'
	tool cc 'exit 1'
	tool pkg-config 'exit 1'
	tool cmake '[[ $1 == --version ]] && { echo "cmake version 3.22.1"; exit; }' \
		'echo "cmake $*" >>"$LOG"' \
		'for a; do case $a in -DBUILD_TESTING=*) t=${a#*=} ;; esac; done' \
		'printf "CMAKE_HOME_DIRECTORY:INTERNAL=%s\nCMAKE_CACHEFILE_DIR:INTERNAL=%s\nBUILD_TESTING:BOOL=%s\n" "$2" "$4" "$t" >"$4/CMakeCache.txt"' \
		'echo >"$4/build.ninja"'
	tool ninja 'echo "ninja $*" >>"$LOG"' 'mkdir -p "$2/bin"; cp "$TOOLS/memperf" "$2/bin/"'
	tool ctest 'echo "ctest $*" >>"$LOG"' \
		'[[ $* == *--rerun-failed ]] && exit "${FAKE_AGAIN:-8}"' \
		'mkdir -p "$2/Testing/Temporary"' \
		'printf "%s" "${FAKE_FAILED-}" >"$2/Testing/Temporary/LastTestsFailed.log"' \
		'printf "1/2 Testing: lint/a\n1/2 Test: lint/a\nOutput:\n%s\n<end of output>\n2/2 Testing: lint/b\n" "${FAKE_SAID-}" >"$2/Testing/Temporary/LastTest.log"' \
		'exit "${FAKE_CTEST:-0}"'
	tool make 'echo "make $*" >>"$LOG"; [[ -z ${FAKE_MAKE-} ]] || { printf "%s\n" first "$FAKE_MAKE"; exit 2; }'
	tool memperf 'echo "memperf $*" >>"$LOG"' '[[ $1 == run ]] || exit 0' \
		'while (($#)); do case $1 in --db) : >"$2" ;; --db=*) : >"${1#*=}" ;; esac; shift; done' \
		'exit "${FAKE_RUN:-0}"'
}

# call CODE [NAME=VALUE...] -- ARGS: ./bootstrap ARGS on that machine, in the folder $from; wants the exit code.
call() {
	local code=$1 status
	local -a variables=()

	shift
	while [[ $1 != -- ]]; do
		variables+=("$1")
		shift
	done
	shift
	: >"$log"
	output=$(cd "${from:-$tree}" && env -i PATH="$tools" LOG="$log" TOOLS="$tools" MEMPERF_ROOT="$root" ${variables[@]+"${variables[@]}"} \
		"$tree/bootstrap" "$@" </dev/null 2>&1)
	status=$?
	calls=$(cat -- "$log")
	((status == code)) || fail "exits $status, not $code"
}

fail() {
	printf 'FAILED at line %s: %s; it said:\n%s\nand called:\n%s\n\n' "${BASH_LINENO[1]}" "$1" "$output" "$calls"
	failures=$((failures + 1))
}

says() {
	[[ $output == *"$1"* ]] || fail "does not say '$1'"
}

called() {
	[[ $calls == *"$1"* ]] || fail "does not call '$1'"
}

never() {
	[[ $calls != *"$1"* ]] || fail "calls '$1'"
}

machine
call 2 -- tset
says "unknown command 'tset'"
call 2 --
says 'usage: ./bootstrap run'
call 0 -- help
call 2 -- build all
says "build takes no arguments, got 'all'"

# Nothing is missing: the network is not asked; the second call configures nothing.
call 0 -- build
never apt-get
called "-S $tree -B $tree/build -G Ninja -DBUILD_TESTING=OFF"
[[ -d $tree/results/db ]] || fail "README.md measures into results/db, and it is not there"
call 0 -- build
never apt-get
never 'cmake -S'
called ninja

# Tests ask for a configuration with tests, once; a build afterwards keeps it.
call 0 -- test -R lint
called -DBUILD_TESTING=ON
called 'ctest --test-dir'
called '-R lint'
call 0 -- test
never 'cmake -S'
call 0 -- build
never 'cmake -S'
call 4 FAKE_CTEST=8 -- test
never --rerun-failed

# What fails beside others is run again alone, and named whether it passes or not.
call 4 FAKE_CTEST=8 FAKE_FAILED=$'3:cli/a\n12:guest/b\n' -- test
says 'failed, now again and alone: cli/a guest/b'
called --rerun-failed
call 0 FAKE_CTEST=8 FAKE_FAILED=$'3:cli/a\n' FAKE_AGAIN=0 -- test
says 'passed only alone: cli/a'
call 4 FAKE_CTEST=8 -- test
never --rerun-failed

# A machine without something is a reason to skip a test; a tool that the packages brought is none.
call 0 FAKE_SAID='skipped: only root can' -- test
call 4 FAKE_SAID='skipped: clang-tidy is not installed' -- test
says 'lint/a skipped: clang-tidy is not installed'

# A tree that was moved together with its build folder is configured afresh.
sed -i "s|=.*a clone|=$work/elsewhere|" "$tree/build/CMakeCache.txt"
call 0 -- build
says "was configured for '$work/elsewhere': configuring afresh"
called 'cmake -S'

# Running: the whole suite into the host's database unless told otherwise.
machine
call 0 -- run
called 'memperf run --suite all --db'
called "$tree/results/db/"
called 'memperf report'
says 'build/bin/memperf report results/db/'
call 0 -- run --label x
called 'memperf run --suite all'
called '--label x'
call 0 -- run --db=other.db --suite quick
never "$tree/results/db"
never '--suite all'
called 'memperf report other.db'
call 0 -- run --resume
never '--suite all'
call 3 FAKE_RUN=3 -- run
never 'memperf report'
call 130 FAKE_RUN=130 -- run
says 'with --resume goes on'
called 'memperf report'

# From another folder, paths are the caller's.
from=$work
call 0 -- run --bench 'floor.*' --db my.db
called 'memperf run --bench floor.* --db my.db'
says 'a\ clone/build/bin/memperf report my.db'
from=

# Packages are missing, as root. The stand-in installs nothing, so the look afterwards must notice.
machine
call 4 FAKE_MISSING=libhwloc-dev -- build
says 'installing packages: libhwloc-dev'
called 'install --no-install-recommends libhwloc-dev'
never ' update'
says 'still missing after the installation'
never ninja
call 4 FAKE_MISSING='libcmocka-dev jq' -- test
called 'install --no-install-recommends libcmocka-dev'
called ' jq'
call 0 FAKE_MISSING='libcmocka-dev jq' -- build
never apt-get

# One of two names is enough, and the second is taken where the first is unknown.
call 0 FAKE_MISSING=pkg-config -- build
never apt-get
tool pkg-config 'exit 1'
rm -- "$tools/pkg-config"
call 4 FAKE_MISSING='pkg-config pkgconf' FAKE_UNKNOWN=pkg-config -- build
called 'install --no-install-recommends pkgconf'

# What is there by other means is not installed.
tool pkg-config '[[ $2 == libzstd ]]'
call 0 FAKE_MISSING=libzstd-dev -- build
never apt-get
call 4 FAKE_MISSING='libzstd-dev libnuma-dev' -- build
called 'install --no-install-recommends libnuma-dev'
never libzstd-dev

# Unknown to the release, or too old there: fresh lists first, then a sentence.
machine
call 3 FAKE_MISSING=libconfig-dev FAKE_UNKNOWN=libconfig-dev -- build
called ' update'
never ' install '
says 'does not offer:'
says libconfig-dev
call 3 FAKE_VERSION=3.22.1-1ubuntu1 FAKE_CANDIDATE=3.22.1 -- build
says 'cmake 3.25 or newer (here: 3.22.1-1)'
never ' install '

# apt-get fails: once more with fresh lists, then its own words.
call 3 FAKE_MISSING=libnuma-dev FAKE_BROKEN=libnuma-dev -- build
called ' update'
says 'E: the mirror is broken'
says 'apt-get could not install: libnuma-dev'

# Not root: through sudo; without a password or without sudo, what to type.
call 3 FAKE_UID=1000 FAKE_MISSING=libnuma-dev -- build
says 'as root, type: apt-get update && apt-get install libnuma-dev'
never apt-get
tool sudo '[[ $1 == -n ]] && shift' 'echo "sudo $*" >>"$LOG"' '[[ -z ${FAKE_REFUSE-} ]] && exec "$@"'
call 4 FAKE_UID=1000 FAKE_MISSING=libnuma-dev -- build
called 'sudo env DEBIAN_FRONTEND=noninteractive'
called 'install --no-install-recommends libnuma-dev'
call 3 FAKE_UID=1000 FAKE_MISSING=libnuma-dev FAKE_REFUSE=yes -- build
says 'sudo refused; as root, type:'
never apt-get
call 0 FAKE_UID=1000 -- build
never sudo

# Not Debian: what is missing, under Debian names; what is there is found by looking.
machine
rm -- "$tools/dpkg-query" "$tools/apt-get" "$tools/apt-cache"
call 3 -- build
says 'missing, under their Debian names: libc6-dev cmake libsqlite3-dev'
says 'this is not a Debian or Ubuntu system'
tool cc 'exit 0'
tool pkg-config 'exit 0'
call 3 -- build
says 'missing, under their Debian names: cmake
'
sed -i 's/3\.22\.1/3.25.1/' "$tools/cmake"
call 0 -- build

# A build folder that cannot be one, and one somewhere else.
machine
: >"$tree/build"
call 3 -- build
says "cannot create the folder '$tree/build'"
call 0 MEMPERF_BUILD="$work/other build" -- build
called "-B $work/other build"

# The kernel module: built where the running kernel's headers are; else one line, and all the rest.
machine
release=$(uname -r)
call 0 -- build
never "make -s"
says 'no kernel module: this kernel loads none'
says 'programs are in'
mkdir -p "$root/proc"
: >"$root/proc/modules"
call 0 -- build
never "make -s"
says 'no kernel module: Kbuild does not build in a folder with blanks'
plain="MEMPERF_BUILD=$work/plain"
call 0 "$plain" FAKE_UNKNOWN="linux-headers-$release" -- build
never "make -s"
never apt-get
says "no kernel module: the headers of kernel $release are not installed, and no package 'linux-headers-$release' is offered"
call 0 "$plain" FAKE_BROKEN=make -- run
never "make -s"
says "no kernel module: apt-get could not install linux-headers-$release"
called 'memperf run'
call 0 "$plain" FAKE_UID=1000 -- build
never apt-get
says "no kernel module: as root, type: apt-get install make linux-headers-$release"
call 0 "$plain" -- build
called "install --no-install-recommends make linux-headers-$release"
called "make -s -C $tree/kmod OUT=$work/plain/kmod KDIR=$root/lib/modules/$release/build"
says "the kernel module is $work/plain/kmod/memperf.ko; 'sudo insmod $work/plain/kmod/memperf.ko' loads it"
mkdir -p "$root/lib/modules/$release/build"
: >"$root/lib/modules/$release/build/Makefile"
call 0 "$plain" -- run
never apt-get
called 'make -s'
called 'memperf run'
call 0 "$plain" FAKE_MAKE='it broke' -- build
says "no kernel module: it could not be built for kernel $release: it broke"
says 'programs are in'

((failures == 0))
