#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian packages of this build: lintian has nothing to say; in a root of the release's own packages they install as README says, a
# user measures, the group buys what it should, nights begin as the guide says, a higher version takes their place and leaves settings that
# were changed and timers that were enabled as they are, and once they are removed and purged nothing is left but results.
# CTest: TIMEOUT 600, PROCESSORS 1
. "$(dirname -- "$0")/x86.bash"
. "$MEMPERF_SOURCE/tests/cli/documented.bash"
[[ $(uname -m) == x86_64 ]] || guest_skip "this is not an x86-64 build of memperf"
guest_tools cpack apt-get dpkg-deb lintian mmdebstrap unshare setpriv
((EUID == 0)) || guest_skip "a root of its own needs root"
[[ -e $MEMPERF_BUILD/man/memperf.1.gz ]] || guest_skip "this build has no manual pages: ninja manuals"
unshare --mount true 2>/dev/null || guest_skip "no mount namespaces here"

# --- another prefix -------------------------------------------------------------------------------------------

cmake --install "$MEMPERF_BUILD" --prefix "$work/prefix" >"$work/log" 2>&1 || guest_fail "cmake --install: $(tail -n 5 "$work/log")"
"$work/prefix/bin/memperf" plan --suite quick >"$work/log" 2>&1 || guest_fail "installed below a prefix: $(cat "$work/log")"
# What the manual page names is there.
mapfile -t named < <(MANWIDTH=200 man -l "$work/prefix/share/man/man1/memperf.1.gz" 2>/dev/null | grep -o 'share/doc/memperf/[a-z.]*' | sort -u)
((${#named[@]} == 3)) || guest_fail "the manual page names ${#named[@]} files of documentation: ${named[*]}"
for file in "${named[@]}"; do
	[[ -s $work/prefix/$file ]] || guest_fail "the manual page names '$file', and there is none"
done
if command -v systemd-analyze >/dev/null; then
	systemd-analyze verify "$work"/prefix/lib/systemd/system/* >"$work/log" 2>&1 || guest_fail "units: $(cat "$work/log")"
	[[ ! -s $work/log ]] || guest_fail "units: $(cat "$work/log")"
fi

# --- the packages ---------------------------------------------------------------------------------------------

tools=$(documented 'sudo apt-get install dpkg-dev') && pack=$(documented '(cd build && cpack') && install=$(documented 'sudo apt-get install ./build/memperf_') &&
	alone=$(documented 'sudo apt-get install ./memperf_') && enable=$(documented 'sudo systemctl enable') &&
	timers=$(documented 'systemctl list-timers') && nightly=$(documented 'memperf nightly') || guest_fail "README or the guide"
(pack=${pack/build/'"$MEMPERF_BUILD"'} && eval "${pack/cpack/'cpack -B "$work/made"'}") >"$work/log" 2>&1 || guest_fail "cpack: $(tail -n 5 "$work/log")"
# Where a tool of it is missing, there is no package rather than one without dependencies.
for tool in dpkg-shlibdeps file; do
	unshare --mount sh -c 'mount --bind /dev/null "$(command -v "$1")" && cd "$2" && cpack -B "$3"' sh $tool "$MEMPERF_BUILD" "$work/less" \
		>"$work/log" 2>&1 && guest_fail "without '$tool' there is a package"
	grep -qF "there is no '$tool' here: ${tools#sudo }" "$work/log" || guest_fail "without '$tool' cpack says: $(cat "$work/log")"
done
version=$(dpkg-deb -f "$work"/made/memperf_*.deb Version)
lintian --allow-root --tag-display-limit 0 "$work"/made/*.deb >"$work/log" 2>&1 || guest_fail "lintian: $(cat "$work/log")"
[[ ! -s $work/log ]] || guest_fail "lintian: $(cat "$work/log")"

# No release is older than this one, so the next one is this under another number, without one of its files and with another
# file of settings. What dpkg, dkms and the packages' scripts do in an upgrade is real then; that a newer memperf reads what an older one has
# stored is no matter of packages (results/test_store_old).
mkdir -p -- "$work/next"
for package in "$work"/made/*.deb; do
	name=$(dpkg-deb -f "$package" Package)
	dpkg-deb -R "$package" "$work/$name"
	grep -rlF -- "$version" "$work/$name/DEBIAN" "$work/$name/usr/src" 2>/dev/null | xargs -r sed -i "s/${version//./\\.}/$version+1/g"
	[[ ! -d $work/$name/usr/src ]] || mv -- "$work/$name/usr/src/memperf-$version" "$work/$name/usr/src/memperf-$version+1"
	rm -f -- "$work/$name/usr/share/man/man1/memperf-view.1.gz"
	[[ ! -e $work/$name/etc ]] || echo "# the next version's" >>"$work/$name/etc/security/limits.d/memperf.conf"
	sed -i '\|man1/memperf-view.1.gz\|etc/security|d' "$work/$name/DEBIAN/md5sums"
	dpkg-deb -Z none -b "$work/$name" "$work/next" >/dev/null || guest_fail "no next version of $name"
done

# --- the root -------------------------------------------------------------------------------------------------

# A root with what the packages depend on, in the cache under the hash of those packages' own; others are old.
mapfile -t depends < <(dpkg-deb -f "$work"/made/memperf_*.deb Depends | tr ',' '\n' | sed 's/^ *//; s/ .*//' | sort -u)
depends+=(dkms libpam-modules passwd systemd)
key=$(apt-cache show --no-all-versions "${depends[@]}" 2>/dev/null | grep '^SHA256' | sha256sum)
base=$cache/root-${key:0:40}
if [[ ! -d $base ]]; then
	rm -rf -- "$cache"/root-* "$cache/.root.$$"
	release=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
	mmdebstrap --quiet --variant=minbase --include="$(IFS=, && echo "${depends[*]}")" --aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/locale/*' "$release" "$cache/.root.$$" >"$work/log" 2>&1 ||
		{ rm -rf -- "$cache/.root.$$"; guest_skip "no root of the release's packages: $(tail -n 1 "$work/log")"; }
	mv -T -- "$cache/.root.$$" "$base"
fi

mkdir -p -- "$work"/{root,upper/build,work}
cp -- "$work"/made/*.deb "$work/upper/build"

# What happens in it: a line "step NAME" each, so that a failure says where.
cat >"$work/upper/steps" <<SH
set -eux
export SYSTEMD_OFFLINE=1 DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
as_user() { setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/srv/user "\$@"; }

# Everything but logs, dpkg's and apt's own accounts, what is mounted, and copies of /etc/group before a change.
listing() {
	find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var/log -o -path /var/lib/dpkg/triggers -o -path /var/cache/apt -o -path /var/lib/apt \\) -prune -o \\
		\\( -path '/var/lib/dpkg/*-old' -o -path /var/lib/dpkg/status -o -path '/var/lib/dpkg/lock*' -o -path '/etc/*-' \\) -o \\
		-type f -fprintf /tmp/files '%p\\0' -printf '%p %m %u:%g\\n' -o -printf '%p %y %m %u:%g %l\\n'
	xargs -0 sha256sum </tmp/files
}

step() { echo "step \$1" >&2; }
sudo() { "\$@"; }
cd /
step user
useradd --home-dir /srv/user --create-home --uid 1000 user
getent group | sort >/tmp/groups
listing >/tmp/before

step install
$install
dkms status memperf/$version | grep -q added
getent group memperf
grep -q '^ExecStart=/usr/bin/memperf ' /usr/lib/systemd/system/memperf-nightly.service
test -x /usr/bin/memperf -a -s /usr/lib/udev/rules.d/60-memperf.rules -a -s /usr/share/bash-completion/completions/memperf

step measure
as_user memperf run --bench floor.getppid --invocations 2 --budget 1s --quiet --db /srv/user/results.db
as_user memperf report /srv/user/results.db >/tmp/report
grep -q '^getppid .* ns ' /tmp/report

step limits
# Where the hard limit is lower, not every root may raise it.
ulimit -S -l 64
if [ "\$(ulimit -H -l)" = unlimited ]; then
	test "\$(su user -c 'ulimit -l')" = 64
	usermod -aG memperf user
	test "\$(su user -c 'ulimit -l')" = unlimited
	gpasswd -d user memperf >/dev/null
fi

step night
# Nothing here runs the timers: their files are asked, and what they begin is begun by hand, with fewer cases.
${enable/--now /}
${timers/list-timers/list-unit-files} >/tmp/said
test "\$(grep -c '^memperf-.*\.timer *enabled' /tmp/said)" = 2
night=\$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/memperf-nightly.service)
mkdir /var/lib/memperf
cd /var/lib/memperf
\$night --judge 2>/tmp/said || test \$? = 3
grep -q "no results file 'nightly.db'" /tmp/said
# Noise is no reason here: the machine of a test is busy, and a night that ended for that would show nothing of the package. The verdict
# is known, then: the first of ten nights cannot be judged.
sed 's/# filter = .*/filter = "bench = floor.getppid"; invocations = 3; budget = "2s";/; s/# least_calm = .*/least_calm = 0.0;/' \
	/usr/share/memperf/nightly.cfg >/srv/user/own.cfg
code=0
$nightly /srv/user/own.cfg >/tmp/said || code=\$?
cat /tmp/said
test \$code = 5
grep -q 'could not judge' /tmp/said
grep -q 'the history is too short' /tmp/said
test -s reports/own.html -a -s reports/own.prom
memperf history nightly.db --case floor.getppid
cd /

step upgrade
settings=/etc/security/limits.d/memperf.conf
echo '# the administrator'\''s' >>\$settings
cp \$settings /tmp/settings
# As an administrator answers who keeps what is there.
dpkg --force-confold -i /next/*.deb
systemctl is-enabled memperf-nightly.timer memperf-nightly-continue.timer
cmp \$settings /tmp/settings
grep -q "next version's" \$settings.dpkg-dist
test "\$(dpkg-query -W -f '\${Version}' memperf)" = $version+1
test ! -e /usr/share/man/man1/memperf-view.1.gz -a ! -e /usr/src/memperf-$version
test "\$(dkms status | grep -c memperf)" = 1
dkms status memperf/$version+1 | grep -q added
as_user memperf db check /srv/user/results.db

step remove
dpkg -r memperf-dkms memperf
test ! -e /usr/bin/memperf
cmp \$settings /tmp/settings
test -z "\$(dkms status)"
! systemctl is-enabled memperf-nightly.timer

step again
cd /build
yes N | $alone # the administrator keeps his settings
cmp \$settings /tmp/settings
systemctl is-enabled memperf-nightly.timer
dpkg -r memperf

step purge
dpkg -P memperf-dkms memperf
getent group | sort | cmp - /tmp/groups
listing >/tmp/after
step done
SH
mv -- "$work/next" "$work/upper/next"

cat >"$work/inside" <<'SH'
set -eu
work=$1 base=$2
mount --make-rprivate /
mount -t overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/work" root "$work/root" 2>/dev/null || {
	cp -a -- "$base/." "$work/root" && cp -a -- "$work/upper/." "$work/root"
}
cd -- "$work/root"
mount -t proc proc proc
mount -t sysfs -o ro sys sys
mount -t tmpfs tmp tmp
mount -t tmpfs run run
mount -t tmpfs dev dev
mkdir dev/shm
ln -s /proc/self/fd dev/fd
chmod 1777 dev/shm tmp
for device in null zero full random urandom tty; do
	touch "dev/$device" && mount --bind "/dev/$device" "dev/$device"
done
status=0
chroot . sh /steps || status=$?
cp tmp/before tmp/after "$work" 2>/dev/null || :
exit $status
SH
# A network of its own: the lock by which runs keep out of each other's way is a name in it.
unshare --mount --pid --ipc --uts --net --fork bash "$work/inside" "$work" "$base" >"$work/log" 2>&1 ||
	guest_fail "in step '$(sed -n 's/^step //p' "$work/log" | tail -n 1)': $(tail -n 15 "$work/log")"
grep -qx 'step done' "$work/log" || guest_fail "the steps did not come to their end: $(tail -n 5 "$work/log")"

left=$(diff "$work/before" "$work/after" | grep '^[<>]' | grep -vE ' /(srv/user/(results\.db|own\.cfg)|var/lib/memperf)')
[[ -z $left ]] || guest_fail "left behind, or gone: $left"
grep -q '^/srv/user/results\.db ' "$work/after" || guest_fail "the results are gone"
