#!/bin/sh
# Makes what docker-compose.yml wants in ./.secrets, for a trial on one machine, where nothing of it is
# there yet: as root, since each file belongs to whoever reads it in its container, and to nobody else.
# The recovery key with its passphrase, and the key that certificates are signed by, come into a folder
# `offline` beside: no container is given them, and where the trial becomes more they are carried away.
# Given: the folder.
#   docker run --rm --user root --network none --volume "$PWD/.secrets:/secrets" bhr-hub adapters/command_line/secrets.sh /secrets
set -eu
umask 077
folder=$1
hub=10001      # the user of our Dockerfile
postgres=999   # that of the image postgres
kafka=1000     # and of apache/kafka
days=730
mkdir -p "$folder/offline"
chmod 700 "$folder/offline"
cd "$folder"
if [ -e stores.json ]; then
    echo "there are secrets in $folder already: nothing is done" >&2
    exit 1
fi

unguessed() { python -c 'import secrets; print(secrets.token_urlsafe(24))'; }
for each in passphrase offline/passphrase postgres-password hub-postgres-password; do
    unguessed >"$each"
done
rm -f offline/recovery.json* # of a run that did not come to its end
BHR_PASSPHRASE_FILE=offline/passphrase bhr keys recovery offline/recovery.json
cp offline/recovery.json.pub recovery.pub

# What libpq reads: the password of the logins which logins.sh makes, and apart from it the
# superuser's, which only `prepare` is given: by it schemas and roles are made.
echo "127.0.0.1:5432:*:*:$(cat hub-postgres-password)" >passfile
echo "127.0.0.1:5432:*:postgres:$(cat postgres-password)" >superuser-passfile
as() { printf '"host=127.0.0.1 dbname=%s user=%s passfile=/run/secrets/%s"' "$1" "$2" "${3-passfile}"; }
making() { as "$1" postgres superuser-passfile; }
cat >stores.json.new <<JSON
{"keys": {"connect": $(as keys hub_keys), "erase": $(as keys hub_eraser), "make": $(making keys), "read": $(as keys hub_keys_reader)},
 "others": {"connect": $(as ledgers hub_writer), "make": $(making ledgers), "read": $(as ledgers hub_reader)},
 "views": {"connect": $(as views hub_views), "make": $(making views), "read": $(as views hub_reader)}}
JSON

# Whose certificates Kafka and the hub believe, and one for each: the operator makes topics and
# access rules, from `prepare`; the hub may what these rules say.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days "$days" \
    -subj /CN=authority -addext keyUsage=critical,keyCertSign -keyout offline/kafka-authority-key.pem -out kafka-authority.pem 2>/dev/null
for name in broker hub operator; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days "$days" \
        -subj "/CN=$name" -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=IP:127.0.0.1 \
        -CA kafka-authority.pem -CAkey offline/kafka-authority-key.pem -keyout "$name.key" -out "$name.certificate" 2>/dev/null
    cat "$name.key" "$name.certificate" >"kafka-$name.pem"
    rm "$name.key" "$name.certificate"
done

chmod 400 passphrase *passfile *postgres-password kafka-*.pem stores.json.new
chmod 444 recovery.pub kafka-authority.pem
chown "$hub" passphrase passfile superuser-passfile stores.json.new kafka-hub.pem kafka-operator.pem
chown "$postgres" postgres-password hub-postgres-password
chown "$kafka" kafka-broker.pem
mv stores.json.new stores.json
