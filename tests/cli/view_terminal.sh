#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The viewer in a real terminal (tmux): terminals, locales and sizes; a storm of resizes; suspending; leaving by a key and
# by a signal with the terminal as it was; refusals that name the text alternative.
# CTest: TIMEOUT 300, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
command -v tmux >/dev/null || { echo "skipped: tmux is not installed"; exit 77; }
"$make_db" base.db base && "$make_db" change.db change || exit 1
export TMUX_TMPDIR=$work
unset TMUX NO_COLOR
trap 'tmux -L "$server" kill-server 2>/dev/null; rm -rf -- "$work"' EXIT
memperf=$(command -v memperf)
servers=0
server=view0

# terminal SIZE: a shell without history or prompt of its own
terminal() {
	tmux -L "$server" kill-server 2>/dev/null
	# One that is still going away would take the next session with it.
	server=view$((++servers))
	tmux -L "$server" -f /dev/null new-session -d -x "${1%x*}" -y "${1#*x}" \
		"env -i PATH='$PATH' HOME=/dev/null PS1='ready: ' TERM=screen bash --norc --noprofile -i"
	tmux -L "$server" set-option -g status off >/dev/null
	tmux -L "$server" resize-window -x "${1%x*}" -y "${1#*x}"
	sees 'ready:' "a shell"
}

screen() { tmux -L "$server" capture-pane -p "$@"; }
type_() { tmux -L "$server" send-keys "$@"; }

# sees TEXT WHAT: within half a minute or so
sees() {
	local i
	for ((i = 0; i < 600; i++)); do
		screen | grep -qF -- "$1" && return 0
		sleep 0.05
	done
	bad "$2: the terminal does not come to show '$1'"
	screen | head -n 30
	return 1
}

# still: the screen, once it says what it comes to say
still() {
	local last= now i
	for ((i = 0; i < 100; i++)); do
		now=$(screen)
		[[ -n $now && $now == "$last" && $now != *judging* ]] && break
		last=$now
		sleep 0.1
	done
	printf '%s\n' "$now"
}

# view ENVIRONMENT ARGUMENTS: starts it in the shell, once what another one said is gone
view() {
	local i
	# Some terminals keep the last screen, which would be taken for the new one.
	type_ clear Enter
	for ((i = 0; i < 200; i++)); do
		screen | grep -qa 'slower\|ended with' || break
		sleep 0.05
	done
	type_ "$1 '$memperf' view ${*:2}; echo \"ended with \$?\"; stty -a | grep -o -- '[-]*echo ' | head -n 1" Enter
}

for size in 80x24 120x40 40x12 200x60 20x5 60x15; do
	terminal $size
	environment="TERM=screen LC_ALL=C.UTF-8"
	# The least that all of it can be read on.
	[[ $size == 60x15 ]] && environment="TERM=vt100 LC_ALL=C NO_COLOR=1"
	view "$environment" base.db change.db
	case $size in
	20x5) sees '1 slower' "$size" ;;
	*) sees 'usually matter' "$size" ;;
	esac
	for key in 2 3 4 5 6 '?'; do
		type_ $key
	done
	case $size in
	20x5) ;;
	*) sees 'Help' "$size, every screen" ;;
	esac
	type_ q
	sees 'ended with 0' "$size, quitting"
done

# Terminals and locales: the words are there in all; colours only where there are some.
terminal 80x24
for term in xterm-256color screen-256color screen linux vt100; do
	for locale in C C.UTF-8; do
		view "TERM=$term LC_ALL=$locale" base.db change.db
		sees '1 slower' "$term $locale"
		screen | grep -q 'lqqq\|~T~' && bad "$term $locale: line characters as letters"
		if [[ $locale == C ]]; then
			screen | LC_ALL=C grep -q '[^ -~]' && bad "$term $locale: characters that are not ASCII"
		fi
		colours=$(screen -e | grep -c $'\033\[[0-9;]*3[0-8]')
		case $term in
		vt100) ((colours == 0)) || bad "$term: colours" ;;
		*) ((colours > 0)) || bad "$term $locale: no colour" ;;
		esac
		type_ q
		sees 'ended with 0' "$term $locale, quitting"
	done
done
view "NO_COLOR=1 TERM=xterm-256color LC_ALL=C.UTF-8" base.db change.db
sees 'q quit' NO_COLOR # the last thing that is drawn
screen -e | grep -q $'\033\[[0-9;]*3[0-8]' && bad "NO_COLOR: colours"
words=$(still)
type_ q
sees 'ended with 0' NO_COLOR
view "TERM=xterm-256color LC_ALL=C.UTF-8" base.db change.db
sees 'q quit' colours
[[ $(still) == "$words" ]] || bad "colour changes the words"
type_ q
sees 'ended with 0' colours

# Refusals, in one line each, with the alternative.
for term in dumb nonsense-term; do
	view "TERM=$term" base.db change.db
	sees 'ended with 3' $term
	screen | tr -d '\n' | grep -q 'memperf compare' || bad "$term: no alternative is named"
done

# Sizes come and go while it draws.
view "TERM=screen LC_ALL=C.UTF-8" base.db change.db
sees '1 slower' "before the storm"
# Keys that are typed ahead act on the screen that the first of them opens.
type_ 2 j Space j Space
sees '2 marked' "typing ahead"
sees '*S mmap' "typing ahead"
type_ - 1
sees '1 slower' "typing ahead"
for size in 10x3 200x50 1x1 33x7 80x2 3x40 100x30 20x5 80x24; do
	tmux -L "$server" resize-window -x "${size%x*}" -y "${size#*x}"
	type_ 2 j 1 G 5
done
type_ 1
sees '1 slower' "after the storm"

# Suspended and continued; the cursor stands on the selected row.
type_ C-z
sees 'Stopped' "^Z"
type_ 'fg' Enter
sees '[1 Overview]' "fg"
type_ 2
sees '[2 Results]' "fg"
row=$(tmux -L "$server" display-message -p '#{cursor_y}')
[[ $(screen | sed -n "$((row + 1))p") == '>'* ]] || bad "the cursor is not on the selected row"

# The mouse: a click on a tab, the wheel.
type_ -l $'\033[M '"$(printf '\\%03o\\%03o' $((32 + 50)) $((32 + 2)) | xargs -0 printf)"
sees '[5 Environment]' "a click on a tab"

# A signal that asks, and one that kills: the terminal is as it was.
type_ q
sees 'ready:' "quitting after fg"
for signal in TERM SEGV; do
	view "TERM=screen LC_ALL=C.UTF-8" base.db change.db
	sees '1 slower' "before $signal"
	pkill -"$signal" -f -x "$memperf view base.db change.db" || bad "$signal reaches nobody"
	sees 'ended with' "$signal"
	sees 'echo' "$signal"
	screen | grep -q -- '-echo' && bad "$signal leaves the terminal without echo"
done

# What is copied goes to the terminal in OSC 52.
tmux -L "$server" set-option -g set-clipboard on >/dev/null
view "TERM=screen LC_ALL=C.UTF-8" base.db change.db --screen results
sees '[2 Results]' copying
type_ y
sees 'copied' copying
for ((i = 0; i < 40; i++)); do
	tmux -L "$server" show-buffer 2>/dev/null | grep -q 'munmap.anon' && break
	sleep 0.05
done
tmux -L "$server" show-buffer 2>/dev/null | grep -q 'munmap.anon' || bad "the clipboard does not hold the row"
type_ q
sees 'ended with 0' copying
done_
