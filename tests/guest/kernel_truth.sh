#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Are the figures of the kernel's allocators right? In Debian's user-mode-linux, at native speed: what memperf says an operation costs
# is what it costs in a plain loop of another module in the same boot, and an operation that is none costs what the clock does.
#
#	guest/kernel_truth.sh [SECONDS [BOOTS]]   of each of memperf's seven rounds, and most boots; default 1 and 3
# CTest: TIMEOUT 600, RUN_SERIAL TRUE, COST 45
. "$(dirname -- "$0")/x86.bash"
. "$(dirname -- "$0")/kernels.bash"
budget=${1:-1}
boots=${2:-3}
guest_needs sqlite3
kernel_uml
kernel_module
kernel_truth

# memperf and the other module take turns, so that both meet the machine's slow moments.
rounds=7
guest_disk "
busybox insmod /bin/memperf.ko
busybox insmod /bin/truth.ko
measure() { memperf run --invocations 1 --counters none --no-progress --quiet --db /tmp/kernel.db --budget \"\$@\"; }
set -- \$(loops 0 | busybox sed -n 's|^truth 0 \\([^ ]*/[^ ]*\\) .*|--bench=\\1|p')
for round in $(seq -s ' ' $rounds); do
	loops \$round
	measure ${budget}s --bench=kfloor.pair/context=process \"\$@\"
done
loops $((rounds + 1))
busybox dmesg
$(guest_send /tmp/kernel.db)" "$work/"{memperf,truth}.ko "$MEMPERF_BUILD/tests/loops"

# boot: $work/verdicts, a line "holds: ..." or "FAIL: ..." of each figure.
boot() {
	guest_boot 200 >"$work/console"
	kernel_console
	guest_receive "$work/console" /tmp/kernel.db "$work/kernel.db" || guest_fail "no database came back"
	kernel_is "SELECT DISTINCT outcome, reason FROM $kernel_cases" 'ok|'

	# Both sides as lines: who, round, name, ns; of a loop one for each place. Of memperf what it shows for many operations at once, and of
	# kfloor single ones, too.
	{
		sed -n 's/^truth //p' "$work/console" | awk '{ for (i = 3; i <= NF; i++) $i /= 1000; print "loop", $0 }'
		sqlite3 -separator ' ' "$work/kernel.db" "SELECT iif(s.mode = 'call', 'single', 'ours'), dense_rank() OVER (ORDER BY run_id), text, s.value
			FROM summary s JOIN run_case USING (run_case_id) JOIN kase USING (case_id)
			WHERE s.population = 'all' AND s.metric = iif(s.mode = 'call', 'mean', 'p50')"
	} >"$work/figures"

	# The median of the rounds' ratios decides, each to the loops before and after it, at the place that is nearest: memperf's loop has one
	# place, and which is the same by its speed nobody knows. It may be off by a tenth, or, in a moment in which the machine is worse than
	# that, by 1.5 times what the middle half of the rounds differ by, or of the loops from one round to the next, but never by a quarter.
	awk -v rounds=$rounds '
		function sorted(list, n,   i, k, x) {
			for (i = 2; i <= n; i++)
				for (k = i; k > 1 && list[k - 1] > list[k]; k--) {
					x = list[k]; list[k] = list[k - 1]; list[k - 1] = x
				}
		}
		function verdict(good, text) {
			print (good ? "holds: " : "FAIL: ") text
		}
		function median(who, name, place,   list, r) {
			for (r = 1; r <= rounds; r++)
				list[r] = of[who, name, r, place] + 0
			sorted(list, rounds)
			return list[int((rounds + 1) / 2)]
		}
		function middle(list,   quarter) {
			sorted(list, rounds)
			quarter = int((rounds + 1) / 4)
			return list[rounds + 1 - quarter] - list[quarter]
		}
		# How far memperf is off the loop at a place; sets noise.
		function beside(name, place,   ratio, drift, r, before, after) {
			for (r = 1; r <= rounds; r++) {
				before = of["loop", name, r, place] + 1e-9
				after = of["loop", name, r + 1, place]
				ratio[r] = 2 * of["ours", name, r, 1] / (before + after)
				drift[r] = after / before
			}
			noise = 1.5 * middle(ratio)
			drift[0] = 1.5 * middle(drift)
			noise = drift[0] > noise ? drift[0] : noise
			return ratio[int((rounds + 1) / 2)] - 1
		}
		function judge(name,   place, off, limit, nearest, least, most, loop) {
			for (place = 1; place <= places; place++) {
				loop = median("loop", name, place)
				least = place == 1 || loop < least ? loop : least
				most = loop > most ? loop : most
				off = beside(name, place)
				if (place == 1 || off * off < nearest * nearest) {
					nearest = off
					limit = noise < 0.1 ? 0.1 : noise > 0.25 ? 0.25 : noise
				}
			}
			verdict(nearest <= limit && nearest >= -limit, sprintf("%s: %.1f ns, a plain loop %.1f to %.1f ns by its place: off by %+.1f %%, at most %.0f %%",
				name, median("ours", name, 1), least, most, nearest * 100, limit * 100))
		}
		{
			for (i = 4; i <= NF; i++)
				of[$1, $3, $2, i - 3] = $i
		}
		$1 == "loop" { names[$3] = 1; places = NF - 3 }
		END {
			for (name in names)
				if (name ~ "/") {
					judged++
					judge(name)
				}
			pair = median("loop", "clock_pair", 1); floor = "kfloor.pair/context=process"
			call = median("single", floor, 1); batch = median("ours", floor, 1); loop = median("loop", "nothing", 1)
			# An indirect call between the reads, which costs what the machine lets it cost (mitigations): 2 to 8 ns were seen.
			verdict(pair > 1 && call > 0.5 * pair && call <= 1.5 * pair, sprintf("a call that does nothing: %.1f ns, a pair of clock reads %.1f ns", call, pair))
			verdict(loop > 0 && batch > 0.5 * loop && batch <= loop + 1, sprintf("an operation that does nothing: %.2f ns among many, a loop %.2f ns", batch, loop))
			verdict(judged >= 20 && places >= 4, "figures: " judged " were compared, at " places " places")
		}' "$work/figures" >"$work/verdicts"
}

# What is wrong with memperf is wrong in every boot, so a figure fails that holds in none.
for ((try = 1; try <= boots; try++)); do
	boot
	[[ -s $work/verdicts ]] || guest_fail "nothing was judged"
	cat -- "$work/verdicts"
	sed -n 's/^FAIL: \([^:]*\).*/\1/p' "$work/verdicts" | sort >"$work/failed"
	if ((try > 1)); then
		comm -12 "$work/failed" "$work/never" >"$work/both"
		mv -- "$work/both" "$work/failed"
	fi
	mv -- "$work/failed" "$work/never"
	if [[ ! -s $work/never ]]; then
		echo ok
		exit
	fi
	echo "note: boot $try left $(wc -l <"$work/never") figures to be seen again"
done
guest_fail "in no boot do they hold: $(cat -- "$work/never")"
