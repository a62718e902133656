#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Many machines: hundreds of files merged into one, or pushed into a central PostgreSQL server; what is read there is what the
# files say; twice is once, also when a kill came between; bad input has its sentence, and no password is ever shown.
# CTest: TIMEOUT 300, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
. "$MEMPERF_SOURCE/tests/cli/postgres.bash"
. "$MEMPERF_SOURCE/tests/cli/documented.bash"
# Built without libpq.
cat >absent.c <<'END'
#include "results/central/absent.c"
#include <stdio.h>
int main(void)
{
	struct mp_central *c;
	struct mp_store *s;
	struct mp_err err;
	return mp_central_open("", &c, &err) == 0 || mp_central_read("", &s, &err) == 0 || puts(err.text) < 0;
}
END
cc -D_GNU_SOURCE -I "$MEMPERF_SOURCE" absent.c "$MEMPERF_BUILD/common/libmp_common.a" -o absent &&
	holds "built without PostgreSQL; install libpq-dev" ./absent
case $(memperf db push postgres://127.0.0.1:1/x x.db 2>&1) in
*"built without"*) echo "skipped: memperf is built without libpq: libpq-dev is not installed"; exit 77 ;;
esac
trap 'postgres_stop; rm -rf -- "$work"' EXIT
postgres_start "$work" || exit 1
url=$postgres_url

# copies MADE FOLDER COUNT: files that differ in run and night
copies() {
	local i
	mkdir "$2"
	for ((i = 1; i <= $3; i++)); do
		cp "$1" "$2/$i.db"
		printf '.open %s\nPRAGMA synchronous = OFF;\n' "$2/$i.db"
		echo "UPDATE run SET uuid = printf('00000000-0000-4000-8000-9%011d', $i), label = 'host$i'," \
			"started_ns = started_ns + $i * 86400000000000, ended_ns = ended_ns + $i * 86400000000000;"
	done >copies.sql
	sqlite3 -bail <copies.sql || bad "no copies of $1"
}

# A server without runs.
refused 3 "holds no runs yet; 'memperf db push" memperf db runs "$url"

# ---- what is read there is what the file says ----

"$make_db" file.db base && "$make_db" file.db change && "$make_db" file.db levels && "$make_db" file.db counted 40 1 || exit 1
sqlite3 -bail file.db "UPDATE run SET clock_drift_ppm = 0.5 WHERE run_id = 1;
	INSERT INTO batch_pin SELECT machine_id, 'floor.clock', 1, 77 FROM machine;
	INSERT INTO baseline SELECT machine_id, 'default', uuid, 5, 'Ada', 'good' FROM run WHERE run_id = 1;
	INSERT INTO accepted SELECT machine_id, 'floor.clock', 1, 'value', uuid, started_ns, 'accepted', 5, NULL, 'meant', NULL FROM run
		WHERE run_id = 2" || bad "no judgements"
holds "4 runs added, 0 were there already" memperf db push "$url" file.db
holds "0 runs added, 4 were there already" memperf db push "$url" file.db

# The tables and their columns are those of schema.sql, by name, order, kind and whether they may be empty.
sqlite3 :memory: ".read $MEMPERF_SOURCE/results/schema.sql" "SELECT m.name, cid + 1, p.name, CASE p.type WHEN 'INTEGER' THEN 'bigint'
	WHEN 'REAL' THEN 'double precision' WHEN 'BLOB' THEN 'bytea' ELSE 'text' END, iif(\"notnull\" OR pk, 'NO', 'YES')
	FROM sqlite_schema m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'" | sort >wanted.columns
psql -Atc "SELECT table_name, ordinal_position, column_name, data_type, is_nullable FROM information_schema.columns
	JOIN information_schema.tables USING (table_schema, table_name) WHERE table_schema = 'memperf' AND table_type = 'BASE TABLE'" |
	sort >columns
diff wanted.columns columns >diff || bad "the server's tables are others: $(head -n 5 diff)"
# So are the constraints, the indexes and the views, which answer.
count=$(grep -c 'CHECK (' "$MEMPERF_SOURCE/results/schema.sql")
(($(psql -Atc "SELECT count(*) FROM pg_constraint WHERE connamespace = 'memperf'::regnamespace AND contype = 'c'") >= count)) ||
	bad "the server has fewer CHECK constraints than schema.sql has lines with one ($count)"
for view in $(sed -n 's/^CREATE VIEW \([a-z_]*\).*/\1/p' "$MEMPERF_SOURCE/results/schema.sql"); do
	[[ $(psql -Atc "SELECT count(*) FROM memperf.$view") == "$(sqlite3 file.db "SELECT count(*) FROM $view")" ]] ||
		bad "$view says another number of rows"
done

tables=$(cut -d'|' -f1 columns | sort -u)
# counts PREFIX: one statement, the number of rows of each table
counts() {
	printf "SELECT '%s', count(*) FROM ${1-}%s UNION ALL " $(sed 's/.*/& &/' <<<"$tables")
	echo "SELECT 'end', 0 ORDER BY 1"
}
psql -Atc "$(counts memperf.)" >rows && diff <(sqlite3 file.db "$(counts)") rows >diff || bad "other numbers of rows: $(cat diff)"
[[ $(psql -Atc "SELECT md5(string_agg(encode(blob, 'hex'), '' ORDER BY encode(blob, 'hex') COLLATE \"C\")) FROM memperf.raw") == \
	"$(sqlite3 file.db "SELECT lower(hex(blob)) FROM raw" | sort | tr -d '\n' | md5sum | cut -d' ' -f1)" ]] ||
	bad "the raw samples are others"

# same COMMAND...: the command says the same of the server as of the file, which stands as FILE in its words
same() {
	local status
	"${@//FILE/file.db}" >of_file 2>&1
	status=$?
	"${@//FILE/"$url"}" >of_server 2>&1
	[[ $? == "$status" ]] || bad "'$*' ends otherwise for the server: $(tail -n 1 of_server)"
	sed -i "s|${url//[?]/[?]}|file.db|g" of_server
	# The head of a screen has room for the last part of a name.
	sed -i '/ #1 base  kernel/d' of_file of_server
	diff of_file of_server >diff || bad "'$*' says something else of the server: $(head -n 5 diff)"
}
same memperf db runs FILE
same memperf db export FILE
same memperf db export FILE --counters
same memperf report FILE:#1
same memperf report FILE:label:counted --counters
same memperf report FILE:#1 --chart 'munmap.anon/size=4K/threads=1'
same memperf compare FILE:label:base FILE:label:change
same memperf compare FILE:#1 FILE:#2 --explain 'munmap.anon/size=2M/threads=1'
same memperf compare FILE:#1 FILE:#2 --format json
same memperf history FILE --all
same memperf history FILE --json
printf 'screen\n' >screen.keys
same memperf view FILE:#1 FILE:#2 --linear --script screen.keys
printf ':results\nscreen\nEnter\nscreen\n' >case.keys
same memperf view FILE:#1 --script case.keys
# The number of a run there is its own.
holds "19 cases" memperf compare "$url:#1" file.db:#1 --all

# ---- hundreds ----

"$make_db" one.db many 300 1 1 && copies one.db fleet 200
memperf db push "$url" fleet/*.db >pushed 2>&1 &
push=$!
# Rows, and the transactions that wrote them: none is written, changed or made anew.
everything() {
	psql -Atc "$(counts memperf. | sed 's/count([*])/count(*), sum(xmin::text::bigint)/g; s/, 0 ORDER/, 0, 0 ORDER/')"
}
for ((i = 0; i < 600; i++)); do
	(($(psql -Atc "SELECT count(*) FROM memperf.run") >= 24)) && break
	sleep 0.3
done
kill -9 $push && wait $push 2>/dev/null
there=$(psql -Atc "SELECT count(*) FROM memperf.run")
((there >= 24 && there < 204)) || bad "killed too late or too early: $there runs"
# The server ends the transaction of who is gone.
holds "$((204 - there)) runs added, $((there - 4)) were there already" memperf db push "$url" fleet/*.db
everything >once
holds "0 runs added, 200 were there already" memperf db push "$url" fleet/*.db
everything >twice
cmp -s once twice || bad "pushed twice is not pushed once: $(diff once twice)"
# As many rows as all files have, but for what they share.
shared='machine|bench|kase|case_param|counter'
awk -F'|' '{ rows[$1] += (NR == FNR ? 1 : 200) * $2 } END { for (t in rows) print t "|" rows[t] }' <(sqlite3 file.db "$(counts)") \
	<(sqlite3 one.db "$(counts)") | grep -vE "^($shared)[|]" | sort >wanted.rows
diff wanted.rows <(cut -d'|' -f1,2 once | grep -vE "^($shared)[|]" | sort) >diff || bad "other numbers of rows: $(cat diff)"
[[ $(psql -Atc "SELECT count(*) FROM memperf.kase") == $((300 + $(sqlite3 file.db "SELECT count(*) FROM kase WHERE text NOT IN
	(SELECT text FROM kase WHERE text LIKE 'mmap.many%')"))) ]] || bad "cases are there twice"
# ---- what is wrong with one is not wrong with all ----

# A run that went on since it was pushed is replaced; one that was pushed farther stays.
"$make_db" whole.db calls 4 9 && cp whole.db part.db || exit 1
sqlite3 -bail part.db "PRAGMA foreign_keys = ON; UPDATE run SET status = 'running', ended_ns = NULL;
	DELETE FROM invocation WHERE ordinal > 4" || bad "no part of a run"
invocations="SELECT count(*) FROM memperf.invocation JOIN memperf.run_case USING (run_case_id) JOIN memperf.run USING (run_id)
	WHERE uuid = '$(sqlite3 whole.db "SELECT uuid FROM run")'"
holds "1 runs added" memperf db push "$url" part.db
[[ $(psql -Atc "$invocations") == 20 ]] || bad "not the part that there is"
holds "1 runs added" memperf db push "$url" whole.db
holds "0 runs added" memperf db push "$url" part.db
[[ $(psql -Atc "$invocations") == 40 ]] || bad "what came later is not there"

# Files of older schemas; both have the same two runs.
holds "2 runs added" memperf db push "$url" "$MEMPERF_SOURCE/tests/data/results/v1.db"

# A damaged run is left out whole, with its sentence, and the files behind it are copied.
"$make_db" broken.db calls 3 20 && "$make_db" broken.db calls 3 21 && "$make_db" sound.db calls 3 22 || exit 1
sqlite3 -bail broken.db "UPDATE raw SET blob = x'0102' WHERE invocation_id = 7" || bad "nothing is damaged"
refused 3 "1 of the runs in 'broken.db' are damaged and were left out (1 were copied): a blob of table 'raw'" \
	memperf db push "$url" broken.db sound.db
uuids=$(for file in broken sound; do sqlite3 "$file.db" "SELECT quote(uuid) FROM run"; done | paste -sd,)
[[ $(psql -Atc "SELECT count(*) FROM memperf.run WHERE uuid IN ($uuids)") == 2 ]] ||
	bad "a damaged run is there, or a sound one is not"
refused 3 "no results file 'none.db'" memperf db push "$url" none.db sound.db

# Several who push the same at once, new cases, too.
psql -qc "CREATE DATABASE crowd"
crowd=postgres:///crowd?host=$PGHOST
for ((i = 0; i < 4; i++)); do
	memperf db push "$crowd" file.db whole.db sound.db >"crowd$i" 2>&1 &
	pushers[i]=$!
done
for ((i = 0; i < 4; i++)); do
	wait "${pushers[i]}" || bad "one of several that push ends with $?: $(cat "crowd$i")"
done
[[ $(psql -Atc "SELECT count(*), count(DISTINCT uuid) FROM memperf.run" crowd) == "6|6" ]] || bad "not six runs in the crowd"
holds "2 runs added" memperf db push "$crowd" "$MEMPERF_SOURCE/tests/data/results/v2.db"

# ---- as README says it ----

psql -qc "CREATE DATABASE central"
mkdir -p results/db && "$make_db" results/db/try.db base && "$make_db" results/db/try.db change &&
	sqlite3 results/db/try.db "UPDATE run SET label = iif(run_id = 1, 'before', 'after')" || bad "nothing to push"
# says WORDS COMMAND: the documented command, of that server
says() {
	holds "$1" bash -c "${2//'postgres://ada@results.example/memperf'/postgres:///central?host=$PGHOST}"
}
says "2 runs added" "$(documented 'memperf db push')"
says "1 slower" "$(documented 'memperf compare '\''postgres:')"
says "2 runs" "$(documented 'memperf history postgres:')"
says "after" "$(documented 'psql')"

# ---- bad input ----

refused 2 "push where to, and what?" memperf db push file.db "$url"
refused 2 "push where to, and what?" memperf db push "$url"
refused 3 "cannot reach 'postgres:///postgres?host=/nowhere': " memperf compare "postgres:///postgres?host=/nowhere" file.db
refused 3 "database \"none\" does not exist" memperf db push "postgres:///none?host=$PGHOST" file.db
refused 2 "'db check' works on results files" memperf db check "$url"
refused 2 "'db merge' works on results files" memperf db merge new.db "$url"
refused 2 "no run in '$crowd' is selected by 'label:none'" memperf report "$crowd:label:none"

# Whoever asks for a password gets it from the environment or ~/.pgpass, and nobody gets to see it.
psql -qc "CREATE ROLE guarded LOGIN PASSWORD 'sesame-open' SUPERUSER" && sed -i '1i local all guarded scram-sha-256' "$PGHOST/data/pg_hba.conf"
psql -qAtc "SELECT pg_reload_conf()" >reloaded
guarded="postgres://guarded@/crowd?host=$PGHOST"
refused 3 "give it in ~/.pgpass or PGPASSWORD" memperf db runs "$guarded"
PGPASSWORD=sesame-open holds "counted" memperf db runs "$guarded"
echo "*:*:*:guarded:sesame-open" >pgpass && chmod 600 pgpass
PGPASSFILE=pgpass holds "counted" memperf db runs "$guarded"
for with in "postgres://guarded:sesame-open@/postgres?host=$PGHOST" "postgresql:///postgres?host=$PGHOST&password=sesame-open"; do
	refused 2 "the URL of the server holds a password" memperf db push "$with" file.db
	refused 2 "the URL of the server holds a password" memperf compare "$with:#1" file.db
	! grep -q sesame out err || bad "the password is shown: $(cat err)"
done
refused 2 "the URL of the server cannot be read" memperf history "postgres://guarded:sesame-open@host:port:7/%zz"
! grep -q sesame err || bad "the password is shown: $(cat err)"

psql -qc "COMMENT ON SCHEMA memperf IS 'memperf results, schema version 99'" crowd
refused 3 "has schema version 99, this memperf knows" memperf db push "$crowd" file.db
# A server may lie.
psql -qc "COMMENT ON SCHEMA memperf IS 'memperf results, schema version 3'; ALTER TABLE memperf.run ALTER clock_why TYPE varchar" crowd
refused 3 "a row of table 'run' in '$crowd' is refused: a column has another type" memperf db runs "$crowd"

# ---- merging hundreds ----

"$make_db" small.db many 3 5 2 && copies small.db many 200 || exit 1
peak() {
	python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}
few=$(peak memperf db merge few.db many/[1-9].db | tail -n 1)
lots=$(peak memperf db merge lots.db many/*.db | tail -n 1)
((lots < few + 8192)) || bad "200 files take $lots kB, 9 take $few"
[[ $(sqlite3 lots.db "SELECT count(*), count(DISTINCT uuid) FROM run") == "200|200" ]] || bad "not 200 runs"
holds "0 runs added, 200 were there already" memperf db merge lots.db many/*.db
cp small.db hurt.db && sqlite3 -bail hurt.db "UPDATE raw SET blob = x'0102' WHERE invocation_id = 1"
refused 3 "a blob of table 'raw'" memperf db merge lots.db hurt.db small.db
[[ $(sqlite3 lots.db "SELECT count(*) FROM run") == 201 ]] || bad "a damaged file keeps others from being merged"
done_
