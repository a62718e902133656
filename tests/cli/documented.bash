# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by tests that execute commands of the documents which need more than a machine to measure on: a server, a kernel, packages that are
# installed. The test takes the command from the document, so that the two cannot drift apart; that every command of a ```text
# block is taken by one, or is that of a ```console block, documents.sh sees.

# documented 'START': the only command in a ```text block of README or the guide that begins so
documented() {
	local found
	found=$(awk -v start="\$ $1" '/^```/ { text = ($0 == "```text") } text && index($0, start) == 1 { print substr($0, 3) }' \
		"$MEMPERF_SOURCE/README.md" "$MEMPERF_SOURCE/docs/guide.md")
	[[ -n $found && $found != *$'\n'* ]] || { echo "not one documented command begins with '$1': $found" >&2; return 1; }
	printf '%s\n' "$found"
}
