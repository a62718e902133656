#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf view driven by scripts, without a terminal: exact screens at every size, the same words without colour and in
# ASCII, saved screens, filters, keys of one's own, one side, a file that grows, is deleted, locked or damaged.
# CTest: TIMEOUT 180, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
wanted="$MEMPERF_SOURCE/tests/data/view"

"$make_db" base.db base && "$make_db" change.db change && "$make_db" again.db again && "$make_db" empty.db empty || exit 1
cp base.db two.db && "$make_db" two.db again || exit 1

# play WORDS... with the script on stdin
play() {
	memperf view "$@" --script -
}

all_screens='screen\n2\nscreen\n5\nscreen\n6\nscreen\n?\nscreen\n'
for size in 80x24 120x40 40x12 200x60 20x5; do
	printf "$all_screens" >all.keys
	golden "two-$size.screen" 0 memperf view base.db change.db --size $size --script all.keys
	narrow_screen=$(awk -v most="${size%x*}" '{ gsub(/[^\x00-\x7f][\x80-\xbf]*/, "x"); } length($0) > most' out | head -n 1)
	[[ -z $narrow_screen ]] || bad "wider than $size: $narrow_screen"
	(($(wc -l <out) == 5 * ${size#*x})) || bad "a screen does not have ${size#*x} lines"
done
printf "$all_screens" >all.keys
golden one-80x24.screen 0 memperf view base.db --script all.keys
golden ascii-80x24.screen 0 memperf view base.db change.db --glyphs ascii --script all.keys
LC_ALL=C grep -q '[^ -~]' out && bad "ASCII screens hold other characters"

# Roles are colours: with them a screen carries the same words.
printf 'roles\n2\nroles\n5\nroles\n' >roles.keys
golden roles-80x24.screen 0 memperf view base.db change.db --script roles.keys
printf 'screen\n2\nscreen\n5\nscreen\n' | play base.db change.db >plain
memperf view base.db change.db --script roles.keys | grep -v $'^\t' | cmp -s - plain || bad "roles change the words"
memperf view base.db change.db --color never --script roles.keys | grep -v $'^\t' | cmp -s - plain ||
	bad "--color never changes the words"

# The verdicts are those of compare, all of them.
counts=$(memperf compare base.db change.db --json | jq -r '.counts | "\(.slower) slower|\(.faster) faster|\(.same) same|\(.unsure) unsure"')
memperf view base.db change.db --size 200x60 --script <(echo screen) >out
IFS='|' read -ra words <<<"$counts"
for word in "${words[@]}"; do
	grep -qF -- "$word" out || bad "the overview does not say '$word'"
done
printf '2 a\n:sort case\nscreen\n' | play base.db change.db --size 200x60 >out
memperf compare base.db change.db --json | jq -r '.pairs[] | .case' | while read -r case; do
	grep -qF -- "$case" out || echo "$case"
done >missing
[[ ! -s missing ]] || bad "cases that Results does not list: $(cat missing)"

# Filters: by verdict, by number, by word; a slip names its place and keeps the old one.
printf '2 f\ntype verdict = slower and change > 5%%\nEnter\nexpect 1 of 20 shown\nrefuse munmap\nF\nexpect 14 of 20\n' |
	play base.db change.db >out || bad "a filter by verdict and number: $(tail -n 1 out)"
printf '2 f\ntype munmap 2M\nEnter\nexpect munmap\nexpect 1 of 20 shown\n' | play base.db change.db >out ||
	bad "a filter by words"
printf '2 f\ntype verdikt = slower\nEnter\nexpect did you mean\nEsc\nexpect 14 of 20\n' | play base.db change.db >out ||
	bad "a slip in a filter"
printf '2 f\ntype size >\nEnter\nexpect column\n' | play base.db change.db >out || bad "an unfinished filter"
printf '2 f\ntype size = = 2M\nEnter\nexpect column 8: expected\ncursor\n' | play base.db change.db >out && grep -qx 'cursor 22 15' out ||
	bad "the cursor is not on what is wrong in a filter: $(tail -n 2 out)"
printf '2 /\ntype munmap\nEnter\nexpect match\nn\nexpect match\n' | play base.db change.db >out || bad "searching"
printf '%s\n' / 'type munmap' Enter 'expect match 1 of 2' n 'expect match 2 of 2' n 'expect match 1 of 2' N 'expect match 2 of 2' \
	/ 'type timing is over' Enter 'expect match 1 of 1' 5 / 'type kernel' Enter 'expect match 1 of 1' \
	6 / 'type testhost' Enter 'expect match 2 of 2' / 'type insmod' Enter 'expect match 1 of 1' '?' / 'type sort' Enter 'expect match 1 of' |
	play base.db change.db >out || bad "which match of how many: $(tail -n 1 out)"
printf '2 f\ntype side = A\nEnter\nexpect 1 of 20 shown\nexpect munmap\nF f\ntype side = B\nEnter\nexpect 1 of 20 shown\nF a f\ntype side = both\nEnter\nexpect 18 of 20 shown\n' |
	play base.db change.db >out || bad "a filter by side: $(tail -n 1 out)"
printf ':sort noise\nexpect by noise\n:sort -case\nexpect by case reversed\n:srot case\nexpect did you mean\n' |
	play base.db change.db >out || bad "sorting by command"

# Two keys to the facts: what regressed most in full, what differs, the runs, the help.
printf 'Enter\nexpect mmap.anon/populate=yes/size=2M/threads=1\nexpect slower\nEsc\n5\nexpect 6.19.0\n6\nexpect missing, and why\n' |
	play base.db change.db >out || bad "two keys: $(tail -n 2 out)"
printf 'expect but 2 differences that usually matter: kernel release 6.18.0\nexpect 1 slower\nexpect S mmap.anon/popu\nexpect +8.4 .. +10.6 %%\n' |
	play base.db change.db >out || bad "the first screen does not answer"
printf 'expect Comparable\n' | play base.db again.db >out || bad "the first screen does not say that sides are comparable"
printf 'x\nexpect A change.db\nexpect F mmap.anon\n' | play base.db change.db >out || bad "swapping"
printf '6 B\nuntil B is run\n' | play two.db >out || bad "a side from the list of runs"

# Environment leaves nothing out where it is narrow: it wraps, or says where the rest is.
printf '%s\n' 'size 40x24' 5 'expect topology: unknown' 'expect suite: quick, same text' 'expect tool: 0.1.0' 'expect usually' 'refuse from fixture' \
	'expect ... more: Enter' Enter 'expect from fixture' 'refuse ... more' 'size 40x6' 'expect ... more: a larger window' 'size 20x5' G 'expect tool' |
	play base.db change.db >out || bad "a narrow Environment: $(tail -n 1 out)"
printf '5\nexpect nothing differs\nexpect topology\n' | play base.db again.db >out || bad "an Environment without differences"

# Saved and copied: text, HTML and SVG that is well-formed; never over a database.
printf ':save-screen s.txt\n:save-screen s.html\n:save-screen s.svg\n:save-screen base.db\nexpect .txt, .html or .svg\ny\nclipboard\n' |
	play base.db change.db >out || bad "saving: $(tail -n 1 out)"
head -c 15 base.db | grep -q SQLite || bad "a database was written over"
xmllint --noout s.svg || bad "the SVG is not well-formed"
xmllint --noout --html s.html 2>/dev/null || bad "the HTML is broken"
printf 'screen\n' | play base.db change.db | cmp -s - s.txt || bad "the saved text is not the screen"
for word in slower munmap.anon 'same machine'; do
	grep -q "$word" s.svg && grep -q "$word" s.html || bad "a saved screen lacks '$word'"
done
grep -qE '(src|href)=' s.html s.svg && bad "a saved screen loads something"

# A report of the same sides: what the command writes, into a new file alone.
printf ':export json e.json\nuntil exported as e.json\n:export json e.json\nexpect exists\n:export nonsense x\nexpect formats are\n' |
	play base.db change.db >out || bad "exporting: $(tail -n 1 out)"
jq -e '.counts.slower == 1' e.json >/dev/null || bad "the exported report is not the comparison"
printf ':export markdown one.md\nuntil exported as one.md\n' | play base.db >out && grep -q 'munmap.anon' one.md ||
	bad "exporting one side: $(tail -n 1 out)"

# Columns that were chosen are there the next time.
printf '2 c j Space\nEsc\n' | play base.db change.db --settings own/deep/view >out || bad "choosing columns"
grep -q '^results.columns = ' own/deep/view || bad "the columns are not remembered"
printf '2\nscreen\n' | play base.db change.db --settings own/deep/view --size 200x30 >chosen
printf '2\nscreen\n' | play base.db change.db --size 200x30 | cmp -s - chosen && bad "the remembered columns are not shown"

# Their order, too: the change to the left of everything.
printf '2 c j j j\nexpect > [x] change\n< < <\nexpect > [x] change\n< Esc\n' | play base.db change.db --settings own/order >out || bad "moving a column: $(tail -n 1 out)"
grep -q '^results.columns = change verdict a b ' own/order || bad "the order is not remembered: $(cat own/order)"
printf '2\nscreen\n' | play base.db change.db --settings own/order --size 140x24 | grep -q 'case  *change  *verdict  *A us  *B us' ||
	bad "the remembered order is not shown"

# A person's own keys: the help shows them, the old ones are gone; slips have their line.
printf '# own\nall.quit = X\nresults.filter = Space\n' >keys
memperf view --keys --keymap keys >out || bad "--keys with a keymap"
grep -Eq '^all.quit += X ' out || bad "the keymap does not bind X: $(grep quit out)"
printf '2 Space\nexpect filter\nEsc\nq\nexpect q does nothing here\n' | play base.db change.db --keymap keys >out ||
	bad "keys of one's own"
# Sentences name the keys as they are bound, of what cannot be done now, too.
printf 'results.tree = W\nresults.mark = V\nresults.all = P\nall.quit = X\nall.search = Z\nall.tab-5 = K\nchoice.close = U\n' >own_keys
printf '%s\n' 'expect (all of them: K)' Esc 'expect this is the first screen; X quits' n 'expect nothing was searched for yet: Z asks' \
	2 l 'expect this is a list; W makes a tree of it' e 'expect V marks the selected case' \
	s 'size 120x24' S '!' 'expect U closes the list' U '?' 'expect hidden until P is pressed' |
	play base.db change.db --keymap own_keys >out || bad "sentences with keys of one's own: $(tail -n 1 out)"
# What --keys prints is a keymap file, with the help as comments; slips name their line and what is near.
memperf view --keys --keymap keys >printed && memperf view --keys --keymap printed | cmp -s - printed ||
	bad "--keys is no keymap file: $(memperf view --keys --keymap printed 2>&1 | diff - printed | head -n 3)"
printf 'all.help = # F1\nresults.all = #\n' >keys
memperf view --keys --keymap keys >out || bad "'#' as a key and as a comment: $(cat out)"
grep -Eq '^all.help += +# keys' out && grep -Eq '^results.all += # +# list' out || bad "'#': $(grep -E '^(all.help|results.all) ' out)"
printf 'all.quti = X\n' >keys
refused 2 "keys:1: no action 'quti' in 'all'; did you mean 'quit'" memperf view base.db --keymap keys --script all.keys
printf 'all.quit =\n' >keys
refused 2 'no key for all.quit' memperf view base.db --keymap keys --script all.keys
refused 2 'nonsense' memperf view base.db --theme nonsense
memperf view base.db --script <(echo 'expect no such text') >/dev/null 2>&1
[[ $? == 1 ]] || bad "a failed expectation does not end with 1"
refused 3 'needs a terminal' memperf view base.db
printf '2\nj\n' | memperf view base.db change.db --linear >out 2>&1 || bad "--linear"
grep -q '^> *S\|^>' out || bad "--linear shows no screen"
printf '2\nnonsense\nrow 99\nrow 3\nEnter\n' | memperf view base.db change.db --linear >out 2>&1 && tail -n 24 out | grep -q 'size=1G' ||
	bad "--linear: a row by its number: $(tail -n 24 out | head -n 3)"
grep -q "the list has no row '99'" out && grep -q "no word of scripts 'nonsense'" out || bad "--linear does not say what is wrong"
memperf view base.db change.db --script <(printf '2\nrow 99\n') >/dev/null 2>&1 && bad "a row that is not there is selected"
memperf view base.db change.db --record rec --script all.keys >/dev/null && printf 'screen\n' >>rec &&
	memperf view base.db change.db --script rec | grep -q Help || bad "a recorded session does not play"

# One side, and one without cases.
printf 'expect 19 cases: 11 ok\n2\nexpect 19 of 19\n/\ntype kmalloc\nEnter\nexpect match 1 of 3\n' | play base.db >out ||
	bad "one side: $(tail -n 3 out)"
printf '2\nexpect no case\n' | play empty.db >out || bad "a run without cases"

# shown PID: the viewer that reads its script from descriptor 5 has come as far as this
shown() {
	rm -f shown.txt
	printf ':save-screen shown.txt\n' >&5
	while [[ ! -e shown.txt ]] && kill -0 "$1"; do
		sleep 0.05
	done
}

# A file that goes away, is damaged or locked while it is viewed: a message, and the viewer lives.
fault() {
	local what=$1 message=$2 viewer
	rm -f pipe f.db f.db-*
	cp base.db f.db
	mkfifo pipe
	memperf view f.db change.db --script pipe >out 2>&1 &
	viewer=$!
	exec 5>pipe
	printf 'expect 1 slower\n' >&5
	shown $viewer
	eval "$what"
	printf 'R\nuntil %s\nexpect Overview\n2\nj\n5\n6\n?\nq\n' "$message" >&5
	exec 5>&-
	wait $viewer || bad "$what: $(tail -n 3 out)"
}
fault 'rm f.db' "no results file 'f.db'"
fault 'truncate -s 5000 f.db' 'is damaged'
fault ': >f.db' 'is empty'
fault 'dd if=/dev/urandom of=f.db bs=4096 seek=2 count=40 conv=notrunc status=none' 'is damaged'
fault 'sqlite3 f.db "pragma journal_mode=delete; begin exclusive; select 1" \
	".shell touch locked; until [ -e unlocked ]; do sleep 0.1; done" >/dev/null &
	until [[ -e locked ]]; do sleep 0.1; done' 'another program is writing it'
touch unlocked

# A run that another process is writing is followed.
cp base.db live.db
rm -f pipe
mkfifo pipe
memperf view live.db --script pipe >out 2>&1 &
viewer=$!
exec 5>pipe
printf 'until Run #1\n' >&5
shown $viewer
"$make_db" live.db again
printf 'until Run #2\nq\n' >&5
exec 5>&-
wait $viewer || bad "a file that grows is not followed: $(tail -n 3 out)"

done_
