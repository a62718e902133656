#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# HTML pages in a browser without network and without a screen: nothing on its console, charts with their numbers, filter and
# sort by address and by click, everything there without scripts, for the keyboard and for weak eyes (WCAG 2.2: 1.4.3, 1.4.11, 2.4.7, 4.1.2),
# a picture in light and dark.
# CTest: TIMEOUT 400, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
for tool in chromium xmllint pdftotext; do
	command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done

# browser OPTION... URL: a browser of its own, which may start no process that outlives it
browser() {
	HOME="$work" XDG_RUNTIME_DIR="$work" timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
		--disable-background-networking --disable-component-update --disable-sync --hide-scrollbars \
		--user-data-dir="$work/browser" --enable-logging=stderr "$@" 2>console
}

# page FILE [FRAGMENT [OPTION...]]: the page as it stands after its script, in dom; a word on the console is a failure
page() {
	browser "${@:3}" --dump-dom "file://$work/$1${2-}" >dom || bad "the browser ends with $? on '$1${2-}': $(tail -n 1 console)"
	grep -o 'CONSOLE.*' console && bad "$1${2-} says something on the console"
}

# count WANTED XPATH: of the last page. Names of SVG have no name space here.
count() {
	local value
	value=$(xmllint --html --xpath "string($2)" dom 2>/dev/null)
	[[ $value == "$1" ]] || bad "$2 is '$value', not '$1'"
}

"$make_db" base.db base && "$make_db" change.db change && "$make_db" again.db again && "$make_db" a.db calls 1000 1 && "$make_db" b.db calls 1000 2 &&
	"$MEMPERF_BUILD/tests/make_history" nights.db 60 4 kernel=30 seed=3 step=0@40*1.1 || exit 1
memperf compare base.db change.db --format html -o compare.html &&
	memperf report base.db --format html -o report.html &&
	memperf history nights.db --format html -o history.html || bad "no pages"

page compare.html '#v=slower'
count 10 'count(//figure)'
count 9 'count(//figure/details//table)'
count 0 'count(//figure//svg[not(@aria-label) or not(title) or not(desc)])'
count 1 'count(//h1[contains(., "1 slower, 1 faster of 20 cases")])'
count '2 of 31 rows shown' '//output'
count true 'contains(//button[@aria-pressed="true"], "slower")'

# One browser does what a reader would: types, presses, and follows links. What is seen then is written to <pre>.
cat >reader.js <<'EOF'
const rows = () => [...document.querySelectorAll(".cases tbody tr")].filter((row) => row.checkVisibility({ contentVisibilityAuto: true }));
const every = [...document.querySelectorAll(".cases")].find((t) => t.tHead.textContent.includes("verdict"));
const column = (n) => [...every.tBodies[0].rows].map((row) => row.cells[n].textContent);
const seen = [];
const note = (...words) => seen.push(words.join(" "));
const go = (hash) => { location.hash = hash; dispatchEvent(new Event("hashchange")); };
const folds = () => [...document.querySelectorAll("details[data-v]")];
const press = (button) => button.click();
/* Luminance of a colour; what is seen behind an element; what of the page has too little contrast with that. */
const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
const light = (colour) => parts(colour).slice(0, 3).map((v) => v / 255)
	.map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
	.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const behind = (e) => parts(getComputedStyle(e).backgroundColor)[3] === 0 ? behind(e.parentElement) : getComputedStyle(e).backgroundColor;
const contrast = (colour, e) => {
	const [dark, bright] = [light(colour), light(behind(e))].sort((a, b) => a - b);
	return (bright + 0.05) / (dark + 0.05);
};
const faint = () => {
	const found = [];
	const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
	let n = 0;
	while (texts.nextNode()) {
		const e = texts.currentNode.parentElement;
		if (!texts.currentNode.data.trim() || e.matches("script, style, title, desc"))
			continue;
		const c = contrast(getComputedStyle(e)[e.closest("svg") ? "fill" : "color"], e);
		n++;
		if (c < 4.5)
			found.push(texts.currentNode.data + " " + c.toFixed(2));
	}
	for (const e of document.querySelectorAll(".i rect, .i circle, .mc-a, .mc-b, .mc-better, .mc-worse, .mc-n, #find input, #find button")) {
		const style = getComputedStyle(e);
		const c = contrast(e.closest("svg") ? style[style.fill === "none" ? "stroke" : "fill"] : style.borderTopColor, e.parentElement);
		n++;
		if (c < 3)
			found.push(e.outerHTML.slice(0, 60) + " " + c.toFixed(2));
	}
	return [found.length, "of", n > 700 ? "many" : n, ...found.slice(0, 5)];
};
/* Whatever can be worked by mouse can be reached by keyboard, has a name, and shows that it is reached: a window that the browser has
 * not brought to the front yet shows nothing. */
const controls = [...document.querySelectorAll("button, input, summary, .table")].filter((e) => e.checkVisibility());
const reached = controls.filter((e) => (e.focus(), document.activeElement === e && (!document.hasFocus() || getComputedStyle(e).outlineStyle !== "none") &&
	(e.ariaLabel || e.textContent.trim())));
note("by keyboard:", reached.length === controls.length, controls.length > 40, "in one main:",
	document.querySelectorAll("main").length, "in the language", document.documentElement.lang, "levels of headings:",
	[...new Set([...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((h) => h.tagName))]);
document.activeElement.blur();
note("at first", rows().length, "rows, every case folded away:", !every.closest("details").open, "open pictures:",
	folds().filter((d) => d.open).length);
const input = document.querySelector("#find input");
input.value = "MUNMAP -4k";
input.dispatchEvent(new Event("input"));
note("typed:", rows().map((row) => row.cells[0].textContent).join(" "), "at", location.hash, "every case open:",
	every.closest("details").open, "pictures:", folds().filter((d) => !d.hidden).map((d) => d.dataset.v));
go("#q=no-such-case");
note("nothing:", rows().length, "rows,", document.querySelector("output").textContent);
press([...document.querySelectorAll("#find button")].find((b) => b.textContent === "same"));
input.value = "";
input.dispatchEvent(new Event("input"));
note("same:", rows().length, document.querySelector("#find [aria-pressed=true]").textContent, location.hash);
go("");
note("all again:", rows().length);
const by = (n) => every.tHead.rows[0].cells[n].querySelector("button");
press(by(1));
note("by change:", column(1).slice(0, 2), "last", column(1).at(-1), every.tHead.rows[0].cells[1].ariaSort);
press(by(1));
note("turned round:", column(0)[0], "last", column(1).at(-1), every.tHead.rows[0].cells[1].ariaSort);
note("little contrast:", ...faint());
press(by(3));
note("by A:", column(3).slice(0, 3).concat(column(3).slice(10, 12)));
every.closest("details").open = false;
dispatchEvent(new Event("beforeprint"));
note("in the dark:", matchMedia("(prefers-color-scheme: dark)").matches, "the inside of a curve:",
	getComputedStyle(document.querySelector(".mc-line")).fill);
note("on paper every case is shown:", every.closest("details").open);
document.body.replaceChildren(Object.assign(document.createElement("pre"), { textContent: "\n" + seen.join("\n") + "\n" }));
EOF
{ sed '/<\/body>/,$d' compare.html && echo '<script>' && cat reader.js && echo '</script></body></html>'; } >reader.html
page reader.html '' --blink-settings=preferredColorScheme=0
xmllint --html --xpath 'string(//pre)' dom 2>/dev/null | sed '/^$/d' >read
diff -u - read <<'EOF' || bad "a reader sees something else"
by keyboard: true true in one main: 1 in the language en levels of headings: H1,H2
at first 11 rows, every case folded away: true open pictures: 2
typed: munmap.anon/size=2M/threads=1 munmap.anon/size=2M/threads=1 at #q=MUNMAP+-4k every case open: true pictures: faster
nothing: 0 rows, 0 of 31 rows shown
same: 6 same #v=same
all again: 31
by change: -19.7 %,-11.8 % last - ascending
turned round: mmap.anon/populate=yes/size=2M/threads=1 last - descending
little contrast: 0 of many
by A: 23.89 ns,171.8 ns,1.210 us,-,-
in the dark: true the inside of a curve: none
on paper every case is shown: true
EOF

page reader.html
xmllint --html --xpath 'string(//pre)' dom 2>/dev/null | grep -q '^little contrast: 0 of many$' || bad "in the light: $(grep -a 'little contrast' dom)"

# Where scripts are forbidden nothing is missing, on paper neither: what is folded away, too, is printed.
sed "s|<head>|<head><meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'\"/>|" compare.html >still.html
browser --dump-dom "file://$work/still.html" >dom
count 0 'count(//*[@id="find"] | //*[@hidden] | //th/button)'
count 20 'count(//summary[text()="20 cases"]/..//tbody/tr)'
count 10 'count(//figure)'
for page in compare still; do
	browser --no-pdf-header-footer --print-to-pdf="$work/$page.pdf" "file://$work/$page.html"
	pdftotext -layout "$page.pdf" "$page.txt" || bad "no PDF of $page.html"
	for words in '1 slower, 1 faster of 20 cases' 'no change' 'median per operation' 'floor.null_syscall' 'Benjamini'; do
		grep -qF -- "$words" "$page.txt" || bad "'$words' is not on the paper of $page.html"
	done
done

# Several B: the overview of each, and of what changed against A the charts, below the B that it is.
memperf compare base.db again.db change.db --format html -o several.html || bad "no page of several"
page several.html '#v=slower'
count 8 'count(//figure)'
count 2 'count(//h2[starts-with(., "B")]/following-sibling::figure[1][@class="wide"])'
count 6 'count(//h2[.="What changed in B2, in pictures"]/following-sibling::details//figure)'
count 0 'count(//h2[.="What changed in B1, in pictures"])'
count '1 of 33 rows shown' '//output'

page report.html '#q=populate%3Dyes'
count 2 'count(//tbody[not(@hidden)]/tr[not(@hidden) and not(th[@class="section"])][ancestor::table[@class="cases"]])'
count 1 'count(//tbody[not(@hidden)]/tr/th[@class="section"])'
count 0 'count(//figure[not(details//table)])'
page history.html
count 4 'count(//figure//svg)'
count true 'contains(//details[@data-v="changed"]//svg, "+9.5 %")'

# A thousand cases, with thousands of calls each, go by mail.
memperf compare a.db b.db --format html -o large.html
[[ $(stat -c %s large.html) -lt 3000000 ]] || bad "a page of 1000 cases has $(stat -c %s large.html) bytes"
page large.html '#q=many7'
count '50 of 1000 rows shown' '//output'

# Pictures, in light and dark; for whoever wants to look at them (MEMPERF_LOOK=FOLDER), also of a narrow window, and paper.
looks=(light '--window-size=1300,2000' dark '--window-size=1300,2000 --blink-settings=preferredColorScheme=0')
[[ -z ${MEMPERF_LOOK-} ]] || looks+=(narrow '--window-size=420,2000')
for ((i = 0; i < ${#looks[@]}; i += 2)); do
	# shellcheck disable=SC2086 # options
	browser ${looks[i + 1]} --screenshot="$work/${looks[i]}.png" "file://$work/compare.html"
	[[ $(head -c 8 "${looks[i]}.png" | od -An -tx1 | tr -d ' ') == 89504e470d0a1a0a ]] || bad "no picture in ${looks[i]}"
done
cmp -s light.png dark.png && bad "light and dark look the same"
if [[ -n ${MEMPERF_LOOK-} ]]; then
	cp -- ./*.png ./*.pdf ./*.html "$MEMPERF_LOOK"
fi

done_
