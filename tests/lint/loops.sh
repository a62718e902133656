#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What benchmarks/loop.h promises of the timed loops, in the machine code: between and in two timed operations nothing of memperf is
# called but system calls. The return of any other function would stand near the timed call, and decide how fast the kernel is.
# CTest: TIMEOUT 60, COST 1, RUN_SERIAL FALSE
set -u
: "${MEMPERF_BUILD:?}"
command -v objdump >/dev/null || { echo "skipped: objdump is not installed"; exit 77; }

# What is meant to be a function of its own, or is another program's business: reasons where they are defined.
meant=(
	mp_sys_ mp_segv_jump vfork_exec       # the operation itself, or what it jumps to
	mp_sleeper_sleep mp_sync_peers_await  # between operations another process or thread acts
	mp_remote_prepare                     # another process has the memory
	mp_code_renew                         # writes the function that is called next
	clock_gettime                         # where no counter can be read
)
loops=$(objdump -d --no-show-raw-insn "$MEMPERF_BUILD/bin/memperf" | awk -v meant="${meant[*]}" '
	BEGIN { n = split(meant, name, " ") }
	/^[0-9a-f]+ </ { inside = /_honest>:$/; loop = substr($2, 2, length($2) - 3); loops += inside }
	!inside || !/[ \t](call|bl)[ \t]/ { next }
	{ target = $NF }
	target !~ /^</ || target ~ /@plt/ { next } # a pointer that the operation calls, a function of libc
	{
		for (i = 1; i <= n; i++)
			if (index(target, "<" name[i]) == 1)
				next
		print loop " calls " target
	}
	END { if (loops < 100) print "only " loops + 0 " timed loops were found" }' | sort | uniq -c)
[[ -z $loops ]] || { echo "$loops"; exit 1; }
