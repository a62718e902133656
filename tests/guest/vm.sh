#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf vm: two kernels of the release boot in guests, are measured and compared, the second with the module that is built for it;
# kernels that cannot boot, and what else is wrong, are told in one line, with the exit codes of memperf or of git.
# CTest: TIMEOUT 600, RESOURCE_LOCK guests+machine, COST 40, LABELS guest+vm
. "$(dirname -- "$0")/x86.bash"
. "$(dirname -- "$0")/kernels.bash"
. "$MEMPERF_SOURCE/tests/cli/documented.bash"
guest_needs sqlite3
kernel_meta "$(kernel_newest cloud-amd64)"
newest=$guest_kernel
ln -s "$(guest_cached vmlinuz)" "$work/old"
ln -s "$newest" "$work/new"
mkdir "$work/modules" "$work/tmp"
ln -s "$kernel_build" "$work/modules/build"
echo "no kernel" >"$work/nothing"
cd -- "$work" || exit 1
export TMPDIR=$work/tmp NO_COLOR=1
failures=0

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# vm CODE ARGS...: its output in out and err
vm() {
	local want=$1 status
	shift
	timeout 300 memperf vm --accel tcg "$@" >out 2>err
	status=$?
	[[ $want == *"$status"* ]] || fail "'vm $*' ends with $status, not $want: $(cat err)"
	[[ -z $(ls tmp) ]] || fail "'vm $*' leaves $(ls tmp) behind"
}

# refused CODE SENTENCE ARGS...: before anything boots, in one line
refused() {
	local code=$1 sentence=$2
	shift 2
	vm "$code" "$@"
	grep -qF -- "$sentence" err && [[ $(wc -l <err) == 1 ]] || fail "'vm $*' says: $(cat err)"
}

refused 2 "cannot read the kernel 'none'" --kernel none -- list
refused 2 "cannot read the kernel 'tmp': Is a directory" --kernel tmp -- list
refused 2 "cannot read the modules 'none'" --kernel old --modules none -- list
refused 2 "unknown policy 'none'" --kernel old --kernel new --policy none -- run
refused 2 "'vm' wants a command" --kernel old
refused 2 "'run' has no option '--bensh'; did you mean '--bench'" --kernel old -- run --bensh floor.loop
refused 128 "'run' has no option '--bensh'" --bisect --kernel old --kernel new -- run --bensh floor.loop
refused 128 "'vm' has no option '--nonsense'" --bisect --nonsense
refused 2 "write it before the --" --kernel old -- run --db a.db
refused 2 "--modules is given 1 times for 2 kernels" --kernel old --kernel new --modules modules -- run
refused 3 "cannot make 'none/a.db'" --kernel old --db none/a.db -- run
refused 2 "compared by what 'run' measures, not by 'list'" --kernel old --kernel new -- list
refused 2 "'--memory' is given twice" --kernel old --memory 1G --memory 2G -- list
refused 2 "--memory '1M' is not" --kernel old --memory 1M -- list
refused 2 "first program of a guest alone" --guest
mkdir bin
ln -s "$MEMPERF_BUILD/bin/memperf" bin/memperf
PATH=$work/bin /usr/bin/timeout 60 memperf vm --kernel old --accel tcg -- list >out 2>err && fail "no QEMU, and no error"
grep -q "there is no 'qemu-system-x86_64' here; apt-get install" err || fail "without QEMU it says: $(cat err)"

# What README and the guide say is taken as it stands: of these, QEMU alone is missing (and a folder of modules, which takes make).
for command in "$(documented 'memperf vm --kernel /boot/vmlinuz-6.12')" "$(documented 'memperf vm --kernel vmlinuz-good')" \
	"$(documented 'memperf vm --kernel /boot/vmlinuz-6.1 ')"; do
	command=$(sed 's#/boot/vmlinuz-6.1 \|vmlinuz-good#old #g; s#/boot/vmlinuz-6.12\|arch/x86/boot/bzImage#new#g; s#--modules /lib/modules/6.12##;
		s#results/db/##' <<<"$command")
	(eval "PATH=$work/bin /usr/bin/timeout 60 $command") >out 2>err && fail "no QEMU, and no error: $command"
	grep -q "there is no 'qemu-system-x86_64' here" err && [[ $(wc -l <err) == 1 ]] || fail "'$command' says: $(cat err)"
done

# Kernels that do not boot: tried once more, then told.
vm 3 --kernel nothing --db none.db -- run --bench floor.getppid
[[ ! -e none.db ]] || fail "no kernel, and an empty results file"
grep -q "^memperf: QEMU cannot boot 'nothing': " err && grep -q '^note: .*; tried once more' err || fail "no kernel: $(cat err)"
vm 3 --kernel old --append rdinit=/nothing -- list
grep -q "^memperf: 'old' does not live: Kernel panic" err && grep -q '^  | .*Kernel Offset' err || fail "a panic: $(cat err)"

# To git, a kernel that does not boot is one to skip; what was measured of the good one stays.
vm 125 --bisect --kernel old --kernel nothing --append quiet --db skip.db -- run --bench floor.getppid --invocations 1 --budget 1s --no-progress
[[ $(grep -c '^memperf: ' err) == 1 ]] && grep -q "^memperf: QEMU cannot boot 'nothing': " err || fail "a kernel to skip: $(cat err)"
grep -q "^'old' is run #1 of 'skip.db'" out || fail "the good kernel's run is lost: $(cat out)"

vm 3 --kernel old --timeout 1s -- list
grep -q "^memperf: 'old' did not start memperf within 1 s" err || fail "too long: $(cat err)"
timeout --preserve-status -s INT 2 memperf vm --accel tcg --kernel old -- list >out 2>err
[[ $? == 130 && -z $(ls tmp) ]] && grep -q '^interrupted: ' err || fail "interrupted: $(cat err; ls tmp)"
pgrep -f "qemu-system.*$work" >/dev/null && fail "a guest outlives memperf"

# A guest is a machine like any: other commands run there, too, and their exit code is its.
vm 2 --kernel old --cpus 1 --memory 512M -- plan --bench floor.loop --set nonsense=1
grep -q "nonsense" err || fail "a wrong plan: $(cat err)"

cat >suite.cfg <<CFG
suite: {
  title = "two operations";
  cases = ( { bench = "floor.getppid"; }, { bench = "kmalloc.pair"; size = "256"; context = "process"; gfp = "kernel"; } );
};
CFG
memperf plan --suite suite.cfg >out 2>&1 || fail "the suite is no good: $(cat out)"
vm '0 1 125' --bisect --kernel old --kernel new --modules '' --modules modules --numa 2 --db both.db -- \
	run --suite suite.cfg --invocations 1 --budget 1s --no-progress
grep -q "^'new' is run #2 of 'both.db'" out || fail "the runs: $(cat out err)"
grep -q '^memperf compare both.db:#1 both.db:#2' out || fail "no comparison: $(cat out err)"
[[ $(grep -c "^note: --accel tcg: the guest's processor is emulated (TCG); its times show that it works, not how fast" err) == 2 ]] ||
	fail "emulation is not told: $(cat err)"
for side in A B; do
	grep -q "of $side was measured on an emulated processor" <(tr -s '\n ' ' ' <out) || fail "no caveat of $side: $(cat out)"
done
memperf db check both.db >out || fail "the database is not sound: $(cat out)"

# is "SQL" EXPECTED
is() {
	local got

	got=$(sqlite3 both.db "$1" 2>&1)
	[[ $got == "$2" ]] || fail "$got, not $2: $1"
}
is "SELECT group_concat(value) FROM (SELECT value FROM run_tag WHERE key = 'kernel' ORDER BY run_id)" old,new
is "SELECT DISTINCT value FROM fact WHERE fact_group = 'guest'" tcg
is "SELECT count(DISTINCT value) FROM fact WHERE fact_group = 'kernel' AND key = 'release'" 2
is "SELECT DISTINCT value FROM fact WHERE fact_group = 'numa' AND key = 'with_memory'" 0-1
is "SELECT count(DISTINCT machine_id) FROM run" 1
is "SELECT group_concat(outcome) FROM (SELECT outcome FROM run_case JOIN kase USING (case_id) WHERE text LIKE 'kmalloc%' ORDER BY run_id)" \
	skipped,ok
is "SELECT count(*) > 3 FROM run_case WHERE outcome = 'ok'" 1
exit $((failures > 0))
