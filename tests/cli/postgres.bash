# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by tests that need a PostgreSQL server: a private one in a folder, on a socket there and nowhere else, as a user who is
# not root. A test that starts one ends with postgres_stop, whatever else happens: trap it.

# postgres_start DIR: starts a server with its data and its socket below DIR, a path of at most 80 bytes; psql and libpq then
# find it by the environment, and $postgres_url names it. Skips the test (77) where the packages are missing.
postgres_start() {
	local programs as=()
	programs=$(find /usr/lib/postgresql/*/bin -maxdepth 0 2>/dev/null | sort -V | tail -n 1)
	[[ -x $programs/initdb ]] || { echo "skipped: postgresql is not installed"; exit 77; }
	postgres_dir=$1/pg
	mkdir -p -- "$postgres_dir" || return 1
	# Root may not run a server: the lowest of users does.
	if ((EUID == 0)); then
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		chown 65534:65534 "$postgres_dir"
		chmod o+x "$1"
	fi
	# Nothing in it outlives the test, so that nothing need reach the disk.
	"${as[@]}" "$programs/initdb" -D "$postgres_dir/data" -U memperf -A trust -E UTF8 --no-locale -N \
		>"$postgres_dir/log" 2>&1 || { cat "$postgres_dir/log"; return 1; }
	"${as[@]}" "$programs/pg_ctl" -D "$postgres_dir/data" -l "$postgres_dir/server.log" -w -s -o "-k '$postgres_dir' \
		-c listen_addresses= -c fsync=off -c full_page_writes=off -c synchronous_commit=off" start ||
		{ cat "$postgres_dir/server.log"; return 1; }
	postgres_stop_command=("${as[@]}" "$programs/pg_ctl" -D "$postgres_dir/data" -m immediate -s stop)
	export PGHOST=$postgres_dir PGUSER=memperf PGDATABASE=postgres
	postgres_url=postgres:///postgres?host=$postgres_dir
}

# postgres_stop: stops it, if it was started
postgres_stop() {
	[[ -z ${postgres_stop_command-} ]] || "${postgres_stop_command[@]}"
	unset postgres_stop_command
}
