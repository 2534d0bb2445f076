#!/bin/sh
# Makes what the processes of docker-compose.yml and the Procfile want, where it is not there: a hub's
# home with keys and ledgers, a witness, and a policy that names it. For a trial on one machine: the
# README has the same steps for several. Given: the public half of an offline recovery key, the name
# of the logs, the witness's home. BHR_HOME, BHR_PASSPHRASE_FILE and BHR_WITNESS_POLICY are as the
# processes have them. Stopped half way, it goes on when it is run again.
set -eu
umask 077
recovery=$1
name=$2
witness_home=$3
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
{
    # shellcheck disable=SC2086 - the same
    printf 'log %s\n' $logs
    echo "witness havering $key http://127.0.0.1:8431"
    echo 'quorum havering'
} >"$policy.new"
mv "$policy.new" "$policy"
