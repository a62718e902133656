# SPDX-License-Identifier: GPL-3.0-or-later
# fish: memperf itself says what may come next; see cli/complete.h.
function __memperf_complete
	set -l words (commandline -opc) (commandline -ct)
	set -l last $words[-1]
	set -l option ''
	set -l given --complete=(string replace -r '^(--[a-z][a-z-]*)=' '$1\n' -- $words[2..-1] | string split \n)

	if string match -qr '^--[a-z][a-z-]*=' -- $last
		set option (string replace -r '=.*' '=' -- $last)
		set last (string replace -r '^[^=]*=' '' -- $last)
	end
	for line in ($words[1] help $given 2>/dev/null)
		switch $line
			case :files
				__fish_complete_path $last | string replace -r '^' -- $option
			case :folders
				__fish_complete_directories $last | string replace -r '^' -- $option
			case '*'
				echo -- $option$line
		end
	end
end
complete -c memperf -f -a '(__memperf_complete)'
