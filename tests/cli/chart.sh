#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Charts from outside: report and compare --chart give one well-formed SVG for every kind, also for hostile names; wrong
# words get their sentence.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
command -v xmllint >/dev/null || { echo "skipped: xmllint is not installed"; exit 77; }
"$make_db" a.db base && "$make_db" b.db change && "$MEMPERF_BUILD/tests/make_history" nights.db 60 4 kernel=30 seed=3 step=0@40*1.1 || exit 1

# picture WORDS COMMAND...: an SVG, well-formed, with the words in its text and a title and description of its own
picture() {
	local words=$1
	shift
	"$@" >out.svg 2>err || bad "'$*' ends with $?: $(cat err)"
	xmllint --noout --nonet out.svg 2>err || bad "'$*' is not well-formed: $(head -n 2 err)"
	grep -qF -- "$words" out.svg || bad "'$*' does not say '$words'"
	grep -q 'role="img" aria-labelledby="chart-title chart-desc"' out.svg || bad "'$*' has no name for screen readers"
	grep -q '<title id="chart-title">.\+</title>' out.svg || bad "'$*' has no title"
	grep -q 'prefers-color-scheme: dark' out.svg || bad "'$*' knows no dark ground"
	if grep -Eo '(href|src|url)[=(]' out.svg; then bad "'$*' loads something"; fi
}

case='mmap.anon/populate=yes/size=2M/threads=1'
for kind in histogram cdf percentiles invocations scaling; do
	picture 'a.db' memperf report a.db --chart "$case" --kind "$kind"
	picture 'b.db' memperf compare a.db b.db --chart "$case" --kind "$kind"
done
picture '95 % interval' memperf compare a.db b.db --chart "$case" --kind deciles
picture '+9.5 %' memperf report nights.db --chart mmap.made --kind history
picture 'kernel release 6.1 -&gt; 6.2' memperf report nights.db --chart mmap.made --kind history
picture 'batch mode' memperf report a.db --chart floor.clock
# Part of a case's text is enough when one case has it; -o writes the file whole.
memperf report a.db --chart populate=yes/size=4K -o x.svg && xmllint --noout x.svg || bad "-o wrote no picture"
# The same data give the same picture.
memperf report a.db --chart "$case" | cmp - <(memperf report a.db --chart "$case") || bad "two pictures of one case differ"

# Names that anybody may have written.
cp a.db '<b>"&.db'
sqlite3 '<b>"&.db' "UPDATE kase SET text = replace(text, 'populate=yes', '</text><script>') WHERE text LIKE '%populate=yes%'"
picture '&lt;script&gt;' memperf report '<b>"&.db' --chart '<script>/size=2M'

refused 2 "--kind 'deciles' is none that one run has: cdf, histogram, history, invocations, percentiles, scaling" \
	memperf report a.db --chart "$case" --kind deciles
refused 2 "--kind 'history' is none that a comparison has" memperf compare a.db b.db --chart "$case" --kind history
refused 2 "--kind 'pie'" memperf report a.db --chart "$case" --kind pie
refused 2 "no case of run #1 of 'a.db' holds 'nonsense'" memperf report a.db --chart nonsense
refused 2 "5 cases hold 'mmap.anon'" memperf report a.db --chart mmap.anon
refused 2 "--json and --chart contradict each other" memperf report a.db --chart "$case" --json
# The file's name says which picture it is; another program makes those that are not SVG.
memperf report a.db --chart "$case" -o x.png && [[ $(file x.png) == *'PNG image data, '* ]] || bad "no PNG"
memperf report a.db --chart "$case" -o X.PNG && [[ $(file X.PNG) == *'PNG image data, '* ]] || bad "no PNG in capitals"
refused 2 "a chart cannot be written as 'x.gif'; name a file that ends in .svg, .png or .pdf" memperf report a.db --chart "$case" -o x.gif
[[ ! -e x.gif ]] || bad "a picture under the name of another kind was written"
refused 2 "'-o' needs a value: -o FILE" memperf report a.db --chart "$case" -o
memperf compare a.db b.db --chart "$case" -o x.pdf && [[ $(file x.pdf) == *'PDF document'* ]] || bad "no PDF"
rm x.png
refused 3 "cannot make 'x.png' of the SVG: rsvg-convert is not installed (librsvg2-bin)" \
	env PATH= "$(command -v memperf)" report a.db --chart "$case" -o x.png
[[ ! -e x.png ]] || bad "a refused picture was written"
refused 2 "--chart wants one B, not 2" memperf compare a.db b.db b.db --chart "$case"
picture "has no numeric axis" memperf report a.db --chart "$case" --kind scaling --axis populate
exit $((failures > 0))
