# SPDX-License-Identifier: GPL-3.0-or-later
# bash: memperf itself says what may come next; see cli/complete.h.
_memperf() {
	local word=${COMP_WORDS[COMP_CWORD]} candidate i
	local -a words=()

	COMPREPLY=()
	# readline parts "--suite=quick" into three.
	for ((i = 1; i <= COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == '=' ]] || words+=("--complete=${COMP_WORDS[i]}")
	done
	if [[ $word == '=' ]]; then
		word=
		words+=(--complete=)
	fi
	while IFS= read -r candidate; do
		candidate=${candidate%%$'\t'*}
		case $candidate in
		:files)
			compopt -o filenames
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
			;;
		:folders)
			compopt -o filenames
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$word")
			;;
		"$word"*) COMPREPLY+=("$candidate") ;;
		esac
	done < <("${COMP_WORDS[0]}" help "${words[@]}" 2>/dev/null)
}
complete -F _memperf memperf
