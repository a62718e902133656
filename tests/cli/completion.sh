#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bash, zsh and fish in a terminal complete commands, options, their values, files and folders at the key Tab.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
command -v tmux >/dev/null || { echo "skipped: tmux is not installed"; exit 77; }
server=none
export TMUX_TMPDIR=$work
unset TMUX
trap 'tmux -L "$server" kill-server 2>/dev/null; rm -rf -- "$work"' EXIT
scripts=$MEMPERF_SOURCE/configs/completion
touch verdicts.db
mkdir -p nights home

# typed so far|what Tab makes of it
cases='ru|run
run --sui|run --suite
run --suite qui|run --suite quick
run --suite=qui|run --suite=quick
report verd|report verdicts.db
doctor --state nig|doctor --state nights/
db mer|db merge
db --format cs|db --format csv
compare --format mark|compare --format markdown
list --bench floor.getppid_|list --bench floor.getppid_libc
help bisec|help bisect-step'

# The first column that a shell prints once it is ready.
cat >bashrc <<SH
. '$scripts/memperf.bash'
PS1='ready: '
SH
cat >home/.zshrc <<SH
fpath=('$scripts' \$fpath)
autoload -Uz compinit && compinit -u -d home/dump
PS1='ready: '
SH
cat >fishrc <<SH
source '$scripts/memperf.fish'
function fish_prompt; echo -n 'ready: '; end
function fish_greeting; end
set -g fish_autosuggestion_enabled 0
SH

# sees TEXT: within half a minute
sees() {
	local i
	for ((i = 0; i < 600; i++)); do
		tmux -L "$server" capture-pane -p 2>/dev/null | grep -qF -- "$1" && return
		sleep 0.05
	done
	return 1
}

# completes SHELL COMMAND...: every case
completes() {
	local shell=$1 typed want
	shift

	command -v "$shell" >/dev/null || { echo "not here: $shell"; return; }
	tmux -L "$server" kill-server 2>/dev/null
	server=$shell
	tmux -L "$server" -f /dev/null new-session -d -x 150 -y 50 \
		"env -i PATH='$PATH' HOME='$work/home' ZDOTDIR='$work/home' TERM=screen LC_ALL=C.UTF-8 MEMPERF_CONFIGS='$MEMPERF_SOURCE/configs' $*"
	sees 'ready:' || { bad "$shell does not start: $(tmux -L "$server" capture-pane -p | head -n 5)"; return; }
	while IFS='|' read -r typed want; do
		tmux -L "$server" send-keys C-u
		tmux -L "$server" send-keys -l -- "memperf $typed"
		sees "memperf $typed" || bad "$shell shows no 'memperf $typed'"
		tmux -L "$server" send-keys Tab
		sees "ready: memperf $want" || bad "$shell makes no '$want' of '$typed': $(tmux -L "$server" capture-pane -p | grep . | tail -n 5)"
	done <<<"$cases"
}

completes bash bash --noprofile --rcfile bashrc -i
completes zsh zsh -i
completes fish fish --no-config --private --init-command "'source fishrc'" -i
done_
