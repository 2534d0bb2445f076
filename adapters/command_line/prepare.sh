#!/bin/sh
# Makes what the processes of docker-compose.yml and the Procfile want, where it is not there: a hub's
# home with keys and ledgers, a witness, keys of two others (litewitness), and a policy of two in
# three; of ours alone where litewitness is not installed. For a trial on one machine: the README has
# the same steps for several. Given: the public half of an offline recovery key, the name of the logs,
# the witness's home, the folder of the two others. BHR_HOME, BHR_PASSPHRASE_FILE and
# BHR_WITNESS_POLICY are as the processes have them. Stopped half way, it goes on when run again.
set -eu
umask 077
recovery=$1
name=$2
witness_home=$3
litewitnesses=$4
policy=$BHR_WITNESS_POLICY
if [ -e "$policy" ]; then exit 0; fi
unset BHR_WITNESS_POLICY # it names nobody yet
[ -e "$BHR_HOME/hub/log.json" ] || bhr keys init --recovery "$recovery" --log-name "$name"
bhr ledger init
bhr register --shipped "$BHR_HOME/hub/public-keys.json"
bhr ledger init
[ -e "$witness_home/witness/witness.sqlite" ] ||
    BHR_HOME=$witness_home bhr witness init havering --name havering.example/witness --recovery "$recovery"
logs=$(bhr keys log bhr barking-and-dagenham havering redbridge)
# shellcheck disable=SC2086 - one word for each key
BHR_HOME=$witness_home bhr witness add-log $logs
key=$(BHR_HOME=$witness_home bhr witness status | head -n 1)
others=
if command -v litewitness >/dev/null; then
    scripts=$(dirname "$0")/../witnesses
    first=$("$scripts/litewitness.sh" "$litewitnesses/barking-and-dagenham" barking-and-dagenham.example/witness)
    second=$("$scripts/litewitness.sh" "$litewitnesses/redbridge" redbridge.example/witness)
    others="witness barking-and-dagenham $first http://127.0.0.1:8432
witness redbridge $second http://127.0.0.1:8433"
else
    echo "litewitness is not installed here: the policy names our own witness alone" >&2
fi
{
    # shellcheck disable=SC2086 - the same
    printf 'log %s\n' $logs
    echo "witness havering $key http://127.0.0.1:8431"
    if [ -n "$others" ]; then
        echo "$others"
        echo 'group boroughs 2 barking-and-dagenham havering redbridge'
        echo 'quorum boroughs'
    else
        echo 'quorum havering'
    fi
} >"$policy.new"
mv "$policy.new" "$policy"
