#!/bin/sh
# Runs a witness that was not written here (filippo.io/torchwood/cmd/litewitness) as a borough's, with
# its key at an agent of its own. Given: its folder, its name, its port; without a port it only makes
# its key, where there is none, and says it as a policy names it. The logs of BHR_WITNESS_POLICY are
# entered at each start, once litewitness has made its book: killed anywhere, the next start does it.
set -eu
umask 077
folder=$1
name=$2
port=${3-}
if ! command -v litewitness >/dev/null; then
    echo "litewitness is not installed here: this witness does not run" >&2
    [ -n "$port" ] || exit 1
    exec tail -f /dev/null
fi
mkdir -p "$folder"
if ! [ -e "$folder/key" ]; then # the private half comes last: where it is, the other is too
    rm -f "$folder/key.new" "$folder/key.new.pub"
    ssh-keygen -q -t ed25519 -N '' -f "$folder/key.new"
    mv "$folder/key.new.pub" "$folder/key.pub"
    mv "$folder/key.new" "$folder/key"
fi
key=$(python -m adapters.witnesses.litewitness key "$name" "$folder/key.pub")
if [ -z "$port" ]; then
    echo "$key"
    exit
fi
grep -qF " $key " "$BHR_WITNESS_POLICY" ||
    echo "the policy does not name this witness: what it cosigns is for nobody" >&2
python -m adapters.witnesses.litewitness enter "$folder/book.db" "$BHR_WITNESS_POLICY" &
mark=$(ssh-keygen -lf "$folder/key" | cut -d' ' -f2)
export folder name port mark
# shellcheck disable=SC2016 - what the agent's child says of its own
exec ssh-agent sh -c 'ssh-add -q "$folder/key" && exec litewitness -db "$folder/book.db" -name "$name" -key "$mark" -ssh-agent "$SSH_AUTH_SOCK" -listen "127.0.0.1:$port"'
