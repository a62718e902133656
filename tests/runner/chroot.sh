#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In a plain chroot: without a folder /dev/shm, and with one at which nothing is mounted, POSIX shared memory is skipped, with the reason
# and the command that helps, and SysV's is measured; that command helps. Nothing that a worker mounts shows outside of it.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE
set -u
: "${MEMPERF_BUILD:?}"
for tool in sqlite3 jq unshare chroot; do command -v $tool >/dev/null || { echo "skip: $tool is not installed"; exit 77; }; done
((EUID == 0)) && unshare -mn true 2>/dev/null || { echo "skip: no namespaces may be made here"; exit 77; }
work=$(mktemp -d /tmp/memperf-test-XXXXXX) || exit 1
trap 'rm -rf -- "$work"' EXIT

cat >"$work/inside" <<'INSIDE'
set -u
build=$1
root=$PWD/root
failures=0
fail() { echo "FAIL: $*"; failures=$((failures + 1)); }

# Of everything that the root needs there is a copy, or a mount below it; it is no mount itself.
mkdir -p root/{usr,proc,sys,tmp,dev,build}
cp -a /bin /sbin /lib* root 2>/dev/null
mount --make-rprivate / && mount --bind /usr root/usr && mount --bind "$build" root/build && mount -t proc proc root/proc &&
	mount --bind -o ro /sys root/sys && mknod -m 666 root/dev/null c 1 3 && mount --make-rshared / || exit 77
memperf() { chroot root /build/bin/memperf "$@"; }

# measured DB WANTED: the outcomes and reasons of the two cases
measured() {
	local got
	memperf run --quiet --counters none --invocations 1 --budget 1s --db "/tmp/$1" --bench shmposix.open --bench shmctl.stat >out 2>&1 ||
		fail "the run of $1 ends with $?: $(cat out)"
	got=$(sqlite3 "root/tmp/$1" "SELECT outcome, ifnull(reason, '') FROM run_case JOIN kase USING (case_id) WHERE text LIKE 'shm%' ORDER BY text")
	[[ $got == "$2" ]] || fail "$1 has: $got"
}

# remedy SENTENCE: it is why; what stands after it is done
remedy() {
	local why
	why=$(memperf list --bench shmposix.open --json | jq -r '.[].why_not')
	[[ $why == *"$1"*": "* ]] || { fail "not '$1', but: $why"; return; }
	chroot root sh -c "${why##*: }" || fail "no remedy: ${why##*: }"
}

remedy "no folder '/dev/shm'"
umount root/dev/shm
measured bare.db "ok|
skipped|this is a chroot with nothing mounted at / or /dev/shm, and a mount could show outside of it: mount -t tmpfs shm /dev/shm"
remedy "nothing mounted at / or /dev/shm"
measured mounted.db $'ok|\nok|'
! grep -e '- tmpfs memperf ' /proc/self/mountinfo || fail "a worker's mount shows outside of it"
exit $((failures > 0))
INSIDE
cd -- "$work" && unshare --mount --net bash ./inside "$MEMPERF_BUILD"
