#!/bin/sh
# Runs a witness that was not written here (filippo.io/torchwood/cmd/litewitness) as a borough's, with
# its key at an agent of its own. Given: its folder, its name, its port. Which logs it follows is
# entered by its own tool, witnessctl; the key for the policy file is what it says at its start.
set -eu
umask 077
folder=$1
name=$2
port=$3
if ! command -v litewitness >/dev/null; then
    echo "litewitness is not installed here: this witness does not run" >&2
    exec tail -f /dev/null
fi
mkdir -p "$folder"
[ -e "$folder/key" ] || ssh-keygen -q -t ed25519 -N '' -f "$folder/key"
mark=$(ssh-keygen -lf "$folder/key" | cut -d' ' -f2)
export folder name port mark
# shellcheck disable=SC2016 - what the agent's child says of its own
exec ssh-agent sh -c 'ssh-add -q "$folder/key" && exec litewitness -db "$folder/book.db" -name "$name" -key "$mark" -ssh-agent "$SSH_AUTH_SOCK" -listen "127.0.0.1:$port"'
