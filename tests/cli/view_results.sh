#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Results of the viewer beyond the plain list, by script: the tree, marks and what is done with them, one unit a column,
# counters as columns, filtered and sorted by, where a search found something, rows in a file; warnings, marks; runs that are
# pooled; cases missing for one reason.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
wanted="$MEMPERF_SOURCE/tests/data/view"
for kind in base change levels; do
	"$make_db" $kind.db $kind || exit 1
done
cp base.db two.db && "$make_db" two.db again || exit 1

# played NAME FILES... <script: the script's expectations hold
played() {
	local name=$1
	shift
	cat >"$name.keys"
	memperf view "$@" --script "$name.keys" >"$name.out" 2>"$name.err" || bad "$name: $(cat "$name.err" "$name.out")"
}

# The tree: families by their strongest case, counts on the branches, the selection where it was; the same at any size.
printf '2 t\nscreen\nz\nscreen\nsize 40x12\nscreen\nsize 20x5\nscreen\n' >tree.keys
golden tree.screen 0 memperf view base.db change.db --script tree.keys
played tree base.db change.db <<-'END'
	2 t
	expect > + munmap
	expect 2 cases: 1 faster 1 only A
	expect 6 cases: 1 slower 3 same 1 unsure 1 only B
	refuse munmap.anon
	Enter
	expect > - munmap
	expect + munmap.anon
	j l j
	expect > F     size=2M
	h
	expect >   - munmap.anon
	h
	expect >   + munmap.anon
	h h
	expect > + munmap
	/
	type 64K
	Enter
	expect match 1 of 1
	expect > B     populate=no/size=64K
	k
	expect > ?     populate=no/size=1G
	t
	expect > ? mmap.anon
	s t .
	expect > S     populate=yes/size=2M
	Enter
	expect [Distribution]
	Esc f
	type size = 4K
	Enter
	expect 3 of 20 shown
	t k
	expect of 3, by change
	l
	expect t makes a tree of it
END
played alone base.db <<-'END'
	2 t
	expect + mmap
	expect 5 cases
	l
	expect + brk.grow
	size 30x10
	expect brk, 1 case
END

# Marks: listed alone, kept when the sides change places, exported, measured again, compared with each other.
played marks base.db change.db <<-'END'
	2 e
	expect Space marks the selected case
	Space j Space
	expect 2 marked
	expect *F munmap.anon
	e
	expect list them alone
	Enter
	expect 2 of 20 shown
	expect 2 marked, and no others
	x
	expect B base.db
	expect 2 of 20 shown
	F
	expect 14 of 20 shown
	:export-rows csv marked.csv
	until exported as marked.csv
	e j j Enter
	clipboard
	e j j j Enter Enter
	expect saved as again.sh
	e j j j Enter Enter
	expect File exists
	Esc -
	refuse 2 marked
	:export-rows json listed.json
	until exported as listed.json
	=
	expect two cases are to be marked
	t g Space
	expect 2 cases marked, 2 are
END
grep -q '^memperf run --bench munmap.anon/size=2M/threads=1$' marks.out || bad "the commands are not copied: $(cat marks.out)"
[[ -x again.sh && $(grep -c '^memperf run --bench' again.sh) == 2 ]] && sh -n again.sh || bad "the commands are not saved: $(cat again.sh)"
csv cat marked.csv
[[ $(wc -l <marked.csv) == 3 ]] && grep -q '^munmap.anon/size=2M/threads=1,slower,ns,' marked.csv || bad "marked rows: $(cat marked.csv)"
jq -e 'length == 14 and .[0].verdict == "slower" and .[0].n_a == 10' listed.json >/dev/null || bad "listed rows: $(head -c 400 listed.json)"
played versus base.db change.db <<-'END'
	size 100x34
	2 Space Space =
	expect A mmap.anon/populate=yes/size=2M/threads=1
	expect B munmap.anon/size=2M/threads=1
	expect [Shift]
	expect nothing is judged
	p
	expect [Percentiles]
	d
	expect A: 6000 calm calls of 10 invocations
	v
	expect both cases of side B
	=
	expect A munmap.anon/size=2M/threads=1
	o
	expect no counters are stored
	size 40x12
	expect [cOunters]
	Esc
	expect [2 Results]
END

# A column has one unit, which its head names, or each value its own.
played units base.db change.db --settings seen <<-'END'
	2
	expect A us
	expect 263.2
	expect 1.288
	refuse 263.2 us
	u
	expect 263.2 us
	refuse A us
END
grep -q '^results.units = own$' seen || bad "the units are not remembered: $(cat seen)"
played units_again base.db change.db --settings seen <<<$'2\nexpect 263.2 us'

# Changes as a picture: the scale in the head, no change in the middle, noise beyond both ends.
printf '2\nscreen\n' | memperf view base.db change.db --size 220x24 --glyphs ascii --script - >picture.out
grep -q -- '-23\.[0-9] % *+30\.[0-9] %' picture.out || bad "the picture has no scale: $(grep 'case ' picture.out)"
grep 'size=1G' picture.out | grep -q -- '<-*o-*|-' || bad "the interval is not drawn: $(grep 'size=1G' picture.out)"
grep 'populate=yes/size=2M' picture.out | grep -q '|  *o' || bad "a change is not right of the middle: $(grep populate=yes picture.out)"

# Counters as columns: chosen from those of the selected case, remembered, read when they are seen.
played counters levels.db levels.db --settings counted <<-'END'
	size 120x30
	2 a c G
	expect counter
	Space
	expect [x] counter
	Esc
	2
END
grep -q '^results.counters = [a-z]' counted || bad "the counters are not remembered: $(cat counted)"
printf 'results.counters = minor_faults; l3_misses; cycles (cpu_core)\n' >counted
played counted levels.db levels.db --settings counted <<-'END'
	size 140x30
	2 a
	expect minor_faults
	expect l3_misses
	expect +0.00 %
	refuse ...
	Y
	clipboard
	Space
	:export-rows csv counted.csv
	until exported as counted.csv
END
grep -q minor_faults counted.out || bad "a copied table has no counters: $(cat counted.out)"
csv cat counted.csv
head -n 1 counted.csv | grep -q 'minor_faults_a,minor_faults_b,minor_faults_ratio' && grep -q '^mmap.*,1,1,1,' counted.csv || bad "exported counters: $(cat counted.csv)"
played counted_alone levels.db --settings counted <<-'END'
	size 140x30
	2
	expect minor_faults
	refuse ...
END

# Filtered and sorted by what was counted; the marks of verdicts; what the results files say against values.
"$make_db" counted_a.db counted 12 1 && "$make_db" counted_b.db counted 12 2 || exit 1
printf 'results.counters = minor_faults; cycles (cpu_core)\n' >asked
played asked counted_a.db counted_b.db --settings asked <<-'END'
	size 140x30
	2 a f
	type minor_faults > 100
	Enter
	expect 3 of 12 shown
	f ^U
	type "cycles (cpu_core)_a" < 900
	Enter
	expect 1 of 12 shown
	expect mmap.many11
	f ^U
	type minor_fautls > 100
	Enter
	expect did you mean 'minor_faults'
	Esc F
	:sort case
	s
	expect sorted by minor_faults: largest change
	s
	expect sorted by cycles (cpu_core)
	s
	expect sorted by evidence
	S G Enter
	expect sorted by cycles (cpu_core)
	r
	expect by cycles (cpu_core), reversed
	:sort minor_faults
	expect by minor_faults
	:export-rows json sorted.json
	until exported as sorted.json
	:sort minor_fautls
	expect and each counter by its name
END
jq -e '[.[0:6][].case | test("many[0-9]*[13579]/")] | all' sorted.json >/dev/null || bad "not sorted by a counter: $(jq -c '[.[].case]' sorted.json)"
played asked_before counted_a.db counted_b.db --filter 'minor_faults_change > 50%' <<<$'2 a\nexpect 6 of 12 shown'
played asked_alone counted_a.db <<-'END'
	2
	:sort minor_faults
	g
	expect > . mmap.many11
	r g
	expect > . mmap.many0
END

played warned counted_a.db counted_b.db <<-'END'
	expect m 1 case: two modes: the value stands for neither of them alone
	expect w 1 case: values go one way over the run
	expect i 1 case: the first invocation differs from all others
	expect x 1 case: counters took turns
	expect o 1 case: timing is over 10 % of a call
	g j j Enter
	expect filter warn ~ "*drift*"
	expect 1 of 12 shown
	Enter
	expect ! values go one way over the run: the machine was changing
	w
	expect 'memperf doctor' looks for what changes
	:goto mmap.many3/n=3/size=4K/threads=1
	expect ! counters took turns: scaled up, so small changes mean nothing
	:goto mmap.many5/n=5/size=4K/threads=1
	expect ! the first invocation differs from all others: something warmed up
	refuse ! counters
	refuse ! values
END
# A report says what costs much by the same measure.
memperf report counted_a.db | grep -q 'timing each call costs more than' || bad "the report does not flag what the viewer warns of"
played warned_environment base.db change.db <<-'END'
	size 140x30
	2
	:filter warn ~ "*environment*"
	expect 9 of 20 shown
	Enter w
	expect Environment (5) says in what, and why it matters
END
played warned_alone counted_a.db <<-'END'
	expect w 1 case: values go one way over the run
	g Enter
	expect filter warn ~ "*modes*"
	expect 1 of 12 shown
END

played marks_of_verdicts base.db change.db --glyphs block <<-'END'
	expect ▼ 1 slower
	expect ▲ 1 faster
	Enter
	expect ▼ S slower +9.5 %
	:goto floor.clock
	expect = same
	refuse = = same
	:goto mmap.anon/populate=yes/size=2M/threads=1
	Esc 2
	size 140x24
	expect ▼ slower
	expect ▲ faster
	expect ◧ only A
	:set glyphs ascii
	expect v slower
	expect ^ faster
	1
	expect v 1 slower
END

# What the runs are, in lines of Environment.
played summary counted_a.db counted_b.db <<-'END'
	size 120x24
	5
	expect topology: A packages 1, cores 4, CPUs 0-7, nodes 0, B packages 1, cores 4, CPUs 0-3, nodes 0
	expect suite: quick, but not the same text
	expect tool: A 0.1.0 (0123456789ab), B 0.1.0 (fedcba987654)
END
played summary_same base.db change.db <<-'END'
	5
	expect topology: unknown
	refuse unknown, same
	expect suite: quick, same text
	expect tool: 0.1.0 (0123456789ab), same
END
played summary_alone counted_a.db <<-'END'
	5
	expect topology: packages 1, cores 4, CPUs 0-7, nodes 0
	expect suite: quick
	expect tool: 0.1.0 (0123456789ab)
END

# Where a search found something: what is saved says it.
played found base.db change.db <<-'END'
	2 /
	type munmap
	Enter
	:save-screen found.html
END
grep -Eq 'underline( reverse)?">munmap<' found.html || bad "what was found is not shown: $(grep -o '[^>]*>munmap[^ ]*' found.html | head -n 2)"

# Runs that are pooled; and the cases that are missing for one reason.
played pooled two.db base.db <<-'END'
	size 120x30
	6
	expect 6.18.0
	Space Space
	expect 2 runs marked
	k A
	until A is run #2,#1
	expect A two.db #2 and 1 more
	2 a
	expect 20+10
	6 B
	until B is run #1
END
memperf compare 'two.db:#1,#2' base.db --format csv | grep '^munmap.anon/size=2M' | grep -q ',20,10,' ||
	bad "runs that a selector names are not pooled: $(memperf compare 'two.db:#1,#2' base.db --format csv | head -n 2)"
refused 2 "of which 'two.db' has 1" memperf compare 'two.db:#1,#9' base.db
played reasons base.db change.db <<-'END'
	6 j j j Enter
	expect 4 of 20 shown
	expect filter verdict = "failed" and reason = "both skipped
	F f
	type reason ~ *module*
	Enter
	expect 4 of 20 shown
END
done_
