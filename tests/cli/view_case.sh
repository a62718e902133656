#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The screens Case, Scaling and History of the viewer, by script: what each part says, in every glyph set and at every size;
# every key of theirs acts; from a change to the runs on both sides; a case that one side lacks, a file that goes away.
# CTest: TIMEOUT 180, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
"$make_db" a.db base && "$make_db" b.db change && "$MEMPERF_BUILD/tests/make_history" nights.db 60 4 kernel=30 seed=3 step=0@40*1.1 || exit 1

# played NAME COMMAND... <script: the script's expectations hold
played() {
	local name=$1
	shift
	cat >"$name.keys"
	"$@" --script "$name.keys" >"$name.out" 2>"$name.err" || bad "$name: $(cat "$name.err")"
}

slower='mmap.anon/populate=yes/size=2M/threads=1'
for glyphs in ascii block braille; do
	played "parts-$glyphs" memperf view a.db b.db --glyphs "$glyphs" <<-END
		size 100x34
		:goto $slower
		expect S slower +9.5 %
		expect [Distribution]
		expect share of the calls (A up, B down)
		expect A: 6000 calm calls of 10 invocations
		Right
		expect [Percentiles]
		expect p99
		c
		expect [CDF]
		L
		expect towards the tail
		L
		s
		expect no change
		expect shape of the calls: same
		i
		expect [Invocations]
		v
		expect 120 passed, 0 failed
		expect timed       the call alone
		o
		expect no counters are stored
		e
		expect kernel.release
		expect another kernel is another
		w
		expect Mann-Whitney p = 1.08e-05 (exact)
		G
		expect memperf run --bench mmap.anon/populate=yes/size=2M/threads=1
		expect --explain $slower
		Left
		expect [Environment]
		d T
		expect share of A
		refuse (A up, B down)
		T
		]
		refuse [Percentiles]
		[
		expect S slower +9.5 %
	END
done
# The words of compare --explain, from the same source.
why=$(memperf compare a.db b.db --explain "$slower" --json | jq -r .why)
grep -qF "$why" <(printf '%s\n' "size 400x40" ":goto $slower" w screen | memperf view a.db b.db --script -) ||
	bad "the Case screen does not say why as compare --explain does"
# Picture and table of a chart say the same as the SVG.
grep -q '264.2 us' <(printf '%s\n' "size 200x40" ":goto $slower" screen | memperf view a.db b.db --script -) ||
	bad "the histogram's sentence is missing"
memperf compare a.db b.db --chart "$slower" | grep -q '264.2 us' || bad "the SVG has another sentence"

# The unit of the comparison is that of the charts, too.
played units memperf view a.db b.db <<-END
	size 100x34
	:goto mmap.anon/populate=yes/size=2M/threads=1
	:set unit cycles
	expect cyc
	expect k cycles, half of B
	p
	expect cyc
	T
	expect cycles
	T
	3
	expect cyc
END
# One side is in ns, and says so.
played ns memperf view a.db <<-END
	size 100x34
	m
	expect one side: times are in ns
	:set unit cycles
	expect one side: times are in ns
	:goto mmap.anon/populate=yes/size=2M/threads=1
	refuse cyc
END
# How the sides scatter is told as compare --explain tells it.
"$make_db" levels.db levels || exit 1
line=$(memperf compare levels.db levels.db --explain 'mmap.anon/populate=no/size=4K/threads=1' | grep -A1 'More than one level')
[[ -n $line ]] || bad "compare tells no levels"
played levels memperf view levels.db levels.db <<-'END'
	size 120x60
	:goto mmap.anon/populate=no/size=4K/threads=1
	w
	expect More than one level
END

# What is not there says so.
played missing memperf view a.db b.db <<-END
	size 90x30
	:goto munmap.anon/size=4K/threads=1
	expect only A
	expect B does not have the case
	s
	expect a shift needs two sides
	:goto kmod.kmalloc/size=4K
	i
	expect no invocation is stored
	:goto floor.clock
	d
	expect batch mode
	3
	expect no numeric axis
	4
	until too few runs
END
played alone memperf view a.db <<-END
	size 90x30
	:goto $slower
	expect ok
	s
	expect a shift needs two sides
	3
	expect x: [size]
	v v v
	expect y: per operation
END

# Scaling: places, quantities, the axes that are held.
played scaling memperf view a.db b.db <<-END
	size 90x30
	:goto mmap.anon/populate=no/size=2M/threads=1
	3
	expect page 4K
	expect held: populate=no threads=1
	expect 64M
	v v v
	expect no change
	}
	expect held: populate=yes threads=1
	}
	expect no other values behind these
	{
	expect held: populate=no threads=1
	L
	expect y is linear
	Enter
	expect [Distribution]
END

# History: the change, and the runs on both sides of it.
played history memperf view nights.db <<-END
	size 90x30
	:goto mmap.made/n=0
	4
	until +9.5 %
	expect between run #40 and run #41: slower
	expect kernel release 6.1 -> 6.2
	,
	expect run #41 (41 of 60)
	,
	expect no change before this run
	r
	expect change from the reference run
	r D
	expect by date
	z
	expect the newest runs alone
	z T
	expect 2023-11-14
	T
	Enter
	expect A nights.db #40
	expect B nights.db #41
	4
	until +9.5 %
END
# With colour off the words are the same.
printf '%s\n' "size 100x34" ":goto $slower" screen i screen w screen 3 screen 4 "until run #1" screen >same.keys
memperf view a.db b.db --script same.keys >with || bad "the script for colours fails"
NO_COLOR=1 memperf view a.db b.db --color never --script same.keys >without
cmp -s with without || bad "a screen says something else without colour"
# Only B has the case: the values of A along the axis are there all the same.
only='mmap.anon/populate=no/size=64K/threads=1'
memperf compare a.db b.db --chart "$only" --kind scaling | grep -q 'circle class="mc-a"' || bad "A is missing beside $only"
printf '%s\n' "size 90x30" ":goto $only" 3 screen >only.keys
memperf view a.db b.db --script only.keys | sed -n '6,18p' | grep -q '[A*]' || bad "A is missing on Scaling"

# Any size: nothing breaks, and a letter of each side is left wherever a picture fits.
{
	echo ":goto $slower"
	for size in 200x60 120x40 40x12 20x5 1x1 80x24; do
		printf '%s\n' "size $size" p screen c screen s screen i screen w screen v screen d screen
	done
	printf '%s\n' 3 screen "size 20x5" screen "size 1x1" screen 4 "size 80x24" "until run #1" "size 20x5" screen "size 1x1" screen
} >sizes.keys
memperf view a.db b.db --script sizes.keys >sizes.out 2>sizes.err || bad "sizes: $(cat sizes.err)"

# What was counted: a number with its share of the time, why there is none, and each event of a sum.
played counters memperf view levels.db --color never <<-'KEYS'
	size 180x40
	:goto mmap.anon/populate=no/size=4K/threads=1
	o
	expect minor_faults
	expect scaled, counted 50 % of the time
	expect l3_misses
	expect this machine has no PMU
	expect cycles (cpu_atom)
	expect cycles (cpu_core)
	expect uncore_imc_0/cas_count_read/ type 20 config 0xffffffffffffffff on CPU 0
	expect uncore_imc_1/cas_count_read/ type 21 config 0x304 on CPU 56
	expect A: group made: a pair
	expect Faults tell what was touched.
	expect Not asked for: page_allocs, tlb_flushes (explain pass), dram_read_bytes (bandwidth pass)
	expect page faults without a read; those of the kernel included
	expect loads that the last cache did not hold
	screen
KEYS

# Prose that both sides share is told once.
"$make_db" one.db base && "$make_db" one.db levels || exit 1
for pair in "levels.db levels.db" "levels.db one.db:#2" "one.db:#1 levels.db"; do
	printf '%s\n' "size 120x60" ":goto mmap.anon/populate=no/size=4K/threads=1" o screen |
		memperf view $pair --color never --script - >pair.out 2>&1 || bad "counters of $pair: $(cat pair.out)"
	want="group made: a pair"
	[[ $pair == one.db:#1* ]] && want="B: $want"
	[[ $(grep -c "group made" pair.out) == 1 ]] && grep -q "^$want" pair.out || bad "$pair: the group is not told once: $(cat pair.out)"
done

# Both sides beside each other, with the change.
played counters_beside memperf view levels.db levels.db <<-'KEYS'
	size 120x40
	:goto mmap.anon/populate=no/size=4K/threads=1
	o
	expect Counted while it ran
	expect A per op
	expect minor_faults
	expect +0.00 %
KEYS

# Warnings in full, with what to do.
played warned memperf view a.db b.db <<-'END'
	size 100x40
	:goto mmap.anon/populate=no/size=1G/threads=1
	w
	expect Warnings
	expect more invocations narrow the interval
END

# From a change to the runs of both levels.
played levels_pooled memperf view nights.db <<-'END'
	size 100x30
	:goto mmap.made/n=0
	4
	until +9.5 %
	b
	expect no level begins with this run
	,
	b
	expect A nights.db #40 and 9 more
	expect B nights.db #50 and 9 more
END

# A file that goes away while it is looked at is a sentence.
cp a.db gone.db
{
	printf '%s\n' ":goto $slower" ":save-screen shown.txt"
	for ((i = 0; i < 1200; i++)); do [[ -e removed ]] && break; sleep 0.05; done
	printf '%s\n' p screen 3 screen
} | {
	(for ((i = 0; i < 1000; i++)); do [[ -e shown.txt ]] && break; sleep 0.05; done; rm -f gone.db; : >removed) &
	memperf view gone.db b.db --script - >gone.out 2>gone.err || bad "a file that goes away: $(cat gone.err)"
	wait
}
grep -qF "no results file 'gone.db'" gone.out || bad "a file that went away is not told: $(tail -n 20 gone.out)"
exit $((failures > 0))
