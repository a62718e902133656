# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the tests of memperf nightly: a tiny night of fast cases, and nights before it that are made of it.
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"

# No suite that ships has this value of it.
own=floor.access/size=24K
cat >tiny.cfg <<'END'
suite: {
  defaults: { invocations = 3; budget = "5s"; };
  cases = ( { bench = "floor.getppid"; }, { bench = "floor.mmap_reject"; }, { bench = "brk.query"; },
    { bench = "floor.access"; size = "24K"; } );
};
END
# Nobody else measures here, so that calm is not asked for.
cat >night.cfg <<'END'
nightly: {
  suite = "./tiny.cfg";
  database = "night.db";
  judge: { least_calm = 0.0; };
  confirm: { invocations = 7; budget = "8s"; controls = 2; };
  reports: { folder = "reports"; formats = ["text", "markdown", "json", "junit", "html", "openmetrics", "csv"]; };
};
END

# shared DB: whoever works on this machine meanwhile must not decide: nothing is held to be noisy
shared() {
	sqlite3 -bail "$1" "UPDATE fact SET value = 'no' WHERE fact_group = 'doctor' AND key LIKE 'noisy%'" ||
		bad "the noise could not be taken out of $1"
}

# measured DB: waits until something is stored of a run that is not complete
measured() {
	local i
	for ((i = 0; i < 300; i++)); do
		[[ $(sqlite3 "$1" "SELECT count(*) FROM invocation JOIN run_case USING (run_case_id) JOIN run USING (run_id)
			WHERE status <> 'complete'" 2>/dev/null) -gt 2 ]] && return
		sleep 0.1
	done
	bad "nothing is measured in $1"
}

# A run is of one kernel.
rebuilt="UPDATE fact SET value = '#1 another build' WHERE fact_group = 'kernel' AND key = 'version'"

# before DB NIGHTS [CASE FACTOR]: as many good nights before run 1 of DB, made of it: every value within 10 % of tonight's,
# those of CASE times FACTOR. Run 1 itself becomes a night that is measured and not yet judged.
before() {
	local i case=${3-} factor=${4-1}
	{
		echo "BEGIN; CREATE TEMP TABLE r AS SELECT * FROM run WHERE run_id = 1;"
		echo "CREATE TEMP TABLE f AS SELECT * FROM fact WHERE run_id = 1;"
		echo "CREATE TEMP TABLE c AS SELECT * FROM run_case WHERE run_id = 1;"
		echo "CREATE TEMP TABLE w AS SELECT run_case_id AS id, abs(case_id * 7919) AS mix," \
			"iif(text = '$case', $factor, 1.0) AS factor FROM run_case JOIN kase USING (case_id) WHERE run_id = 1;"
		for ((i = 1; i <= $2; i++)); do
			echo "UPDATE r SET run_id = 1000 + $i, uuid = printf('00000000-0000-4000-8000-%012d', $i)," \
				"started_ns = (SELECT started_ns FROM run WHERE run_id = 1) - $i * 86400000000000," \
				"ended_ns = (SELECT ended_ns FROM run WHERE run_id = 1) - $i * 86400000000000;"
			echo "INSERT INTO run SELECT * FROM r;"
			echo "UPDATE f SET run_id = 1000 + $i; INSERT INTO fact SELECT * FROM f;"
			echo "DELETE FROM c; INSERT INTO c SELECT * FROM run_case WHERE run_id = 1;"
			# The values of the nights are spread evenly, in an order that differs from case to case.
			echo "UPDATE c SET (value_ns, low_ns, high_ns) = (SELECT value_ns * x, low_ns * x, high_ns * x FROM" \
				"(SELECT factor * (0.9 + 0.2 * ((mix + $i * 7) % 31) / 31.0) AS x FROM w WHERE id = run_case_id));"
			echo "UPDATE c SET run_id = 1000 + $i, run_case_id = run_case_id + 10000 * $i; INSERT INTO run_case SELECT * FROM c;"
			echo "INSERT INTO run_tag VALUES (1000 + $i, 'nightly', 'night'), (1000 + $i, 'verdict', 'good')," \
				"(1000 + $i, 'pruned', 'raw');"
		done
		echo "DELETE FROM run_tag WHERE run_id = 1 AND key = 'verdict'; COMMIT;"
	} | sqlite3 -bail "$1" || bad "no nights could be made in $1"
}

# night CODE WORDS [ARGS]: one night ends with that code, and its message says so. A machine that others use may move between the
# night and its confirm run, or not be calm for long enough: the night says that it could not judge, and is tried again.
night() {
	local code=$1 words=$2 db=night.db status try
	shift 2
	[[ " $* " =~ \ --db\ ([^ ]+)\  ]] && db=${BASH_REMATCH[1]}
	for try in 1 2 3 4; do
		rm -rf before && mkdir before && cp "$db"* before 2>/dev/null
		memperf nightly ./night.cfg --quiet "$@" >out 2>err
		status=$?
		[[ $status == 5 && $code != 5 ]] && grep -qE 'moved in the confirm run|cannot show p' out || break
		rm -f "$db"*
		cp before/* .
	done
	[[ $status == "$code" ]] || bad "the night '$*' ends with $status, not $code: $(head -n 5 out err)"
	grep -qF -- "$words" out err || bad "the night '$*' does not say '$words': $(head -n 5 out err)"
}
