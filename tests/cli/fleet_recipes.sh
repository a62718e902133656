#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# configs/fleet: the suite on many machines by Slurm (a real one, of three nodes on this machine), by ssh (a stand-in, which runs
# here) and by Ansible (a real one, of three hosts that are this one), as README says. What is measured is made: the programs around it
# are what is tested.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
. "$MEMPERF_SOURCE/tests/cli/documented.bash"
fleet=$MEMPERF_SOURCE/configs/fleet
pids=()
trap '((${#pids[@]} == 0)) || { kill "${pids[@]}"; wait; } 2>/dev/null; rm -rf -- "$work"' EXIT

# A memperf whose run takes no time: node 2 fails and leaves nothing, node 3 fails and leaves a run. Options that the true one
# does not have end it with 99. What would be pushed is written down.
mkdir bin
memperf help run >options
cat >bin/memperf <<END
#!/bin/bash
[[ "\$1 \$2" != "db push" ]] || { printf '%s\n' "\$@" >"$work/pushed"; exit; }
[[ \$1 == run ]] || exec "$MEMPERF_BUILD/bin/memperf" "\$@"
db=\${*: -1}
for option; do
	[[ \$option != --* ]] || grep -q -- "^ *\${option%%=*}\b" "$work/options" || exit 99
done
[[ " \$* " =~ " --host "(n|host)([0-9])" " ]] || exit 98
echo "\${BASH_REMATCH[2]} \$*" >>"$work/ran"
((BASH_REMATCH[2] != 2)) || exit 4
"$make_db" "\$db" many 3 "\${BASH_REMATCH[2]}" 2
((BASH_REMATCH[2] != 3)) || exit 5
END
chmod +x bin/memperf
mkdir configs && cp -r -- "$fleet" configs/
PATH=$work/bin:$PATH

# gathered FOLDER: two hosts of three left a run each, which are in one file
gathered() {
	[[ $(sqlite3 "$1/all.db" "SELECT count(*) FROM run") == 2 ]] || bad "not two runs in $1: $(ls "$1")"
}

# ---- ssh ----

cat >bin/ssh <<'END'
#!/bin/bash
exec bash -c "${*: -1}"
END
chmod +x bin/ssh
bash -c "$(documented 'configs/fleet/ssh.sh')" >out 2>err
code=$?
((code == 4 || code == 5)) || bad "ssh.sh, as README says it, ends with $code: $(cat err)"
gathered results/db/fleet
grep -q -- "^1 run --suite quick --host host1 " ran || bad "the options are others: $(cat ran)"
bash "$fleet/ssh.sh" by_ssh n1 n2 n3 -- --bench floor.getppid --tag "a=b c" >out 2>err
code=$?
((code == 4 || code == 5)) || bad "ssh.sh ends with $code: $(cat err)"
gathered by_ssh
[[ $(cd by_ssh && ls -A | xargs) == "all.db n1.db n3.db" ]] || bad "ssh.sh leaves $(ls -A by_ssh)"
grep -q "^n2: memperf or ssh ended with 4" err || bad "a host that failed is not told: $(cat err)"
grep -q -- "^1 run --bench floor.getppid --tag a=b c --host n1" ran || bad "the options are others: $(cat ran)"
bash "$fleet/ssh.sh" by_ssh n1 >out 2>err || bad "ssh.sh ends with $?: $(cat err)"
grep -q -- "^1 run --suite=all --host n1" ran || bad "not the suite: $(tail -n 1 ran)"
refused 2 "usage: " bash "$fleet/ssh.sh" by_ssh

# ---- Ansible ----

command -v ansible-playbook >/dev/null || { done_; echo "skipped: ansible-core is not installed"; exit 77; }
printf 'n%s ansible_connection=local\n' 1 2 3 >inventory
rm -f ran
ANSIBLE_ASYNC_DIR=$work/async ANSIBLE_HOME=$work/ansible ANSIBLE_REMOTE_TEMP=$work/ansible LC_ALL=C.UTF-8 bash -c "$(documented 'ansible-playbook') -e every=1" >out 2>err
code=$?
# Its own: a host failed, and what the others measured is here.
[[ $code == 2 ]] || bad "the playbook ends with $code: $(tail -n 20 out err)"
gathered configs/fleet/results
[[ $(sort ran | sed -n 's/ --no-progress --quiet --db .*//p') == "$(printf '%s run --suite all --host n%s\n' 1 1 2 2 3 3)" ]] || bad "the playbook runs $(cat ran)"
[[ $(sed 's|.*/||' pushed | xargs) == "db push memperf n1.db n3.db" || $(sed 's|.*/||' pushed | xargs) == "db push memperf n3.db n1.db" ]] ||
	bad "the playbook pushes $(cat pushed)"
grep -q "the run ended well" out || bad "a host that failed is not told"

# ---- Slurm ----

PATH=$PATH:/usr/sbin
for program in munged slurmctld slurmd sbatch; do
	command -v $program >/dev/null && continue
	done_
	echo "skipped: $program is not installed: slurmd, slurmctld, slurm-client and munge are wanted"
	exit 77
done
if ((EUID)); then
	done_
	echo "skipped: only root starts slurmd"
	exit 77
fi
mkdir state
head -c 128 /dev/urandom >munge.key && chmod 600 munge.key && chmod 755 .
# Of processes that live side by side, no two have the same number.
port=$((20000 + $$ % 1000 * 8))
cat >slurm.conf <<END
ClusterName=memperf
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
SlurmctldPort=$port
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool.%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.%n.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
NodeName=n[1-3] NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + 3))] CPUs=1 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$work/slurm.conf
munged -F -f --key-file="$work/munge.key" --socket="$work/munge.socket" --pid-file="$work/munge.pid" \
	--seed-file="$work/munge.seed" >munge.log 2>&1 &
pids+=($!)
for ((i = 0; i < 100; i++)); do
	[[ -S munge.socket ]] && break
	sleep 0.1
done
slurmctld -D -c >slurmctld.log 2>&1 &
pids+=($!)
for node in n1 n2 n3; do
	slurmd -D -c -N $node >"$node.log" 2>&1 &
	pids+=($!)
done
for ((i = 0; i < 300; i++)); do
	[[ $(sinfo -h -N -t idle -o %N 2>/dev/null | wc -l) == 3 ]] && break
	sleep 0.1
done
((i < 300)) || bad "Slurm does not come up: $(tail -n 2 slurmctld.log n1.log)"
rm -f ran
command=$(documented 'sbatch')
MEMPERF_ARGS="--suite quick" MEMPERF_DIR=$work/by_slurm timeout 60 bash -c "${command/--nodes=200/--wait --nodes=3}" >out 2>err
code=$?
((code == 4 || code == 5)) || bad "the job ends with $code: $(cat err memperf-*.log)"
gathered by_slurm
[[ $(cd by_slurm/nodes && ls -A | xargs) == "n1.db n3.db" ]] || bad "the job leaves $(ls -A by_slurm/nodes)"
[[ $(cut -c1 ran | sort | xargs) == "1 2 3" ]] || bad "not one run a node: $(cat ran)"
grep -q -- "^1 run --suite quick --host n1 --tag slurm_job=[0-9]* " ran || bad "the options are others: $(cat ran)"
grep -q "^2 runs added, 0 were there already" memperf-*.log || bad "not merged: $(cat memperf-*.log)"
done_
