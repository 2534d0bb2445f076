#!/bin/sh
# Makes, in a new PostgreSQL server, the hub's roles, a login in each and the databases, for stores.json
# to name. Run by the server's image when its files are new (/docker-entrypoint-initdb.d), or by hand as a superuser.
# Given by file: the password of these logins.
set -eu
psql --set ON_ERROR_STOP=1 --set "password=$(cat "${HUB_PASSWORD_FILE:-/run/secrets/hub-postgres-password}")" --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
CREATE ROLE bhr_writer NOLOGIN;
CREATE ROLE bhr_reader NOLOGIN;
CREATE ROLE bhr_keys NOLOGIN;
CREATE ROLE bhr_eraser NOLOGIN;
CREATE ROLE bhr_keys_reader NOLOGIN;
CREATE ROLE bhr_views NOLOGIN;
CREATE ROLE hub_writer LOGIN PASSWORD :'password' IN ROLE bhr_writer;
CREATE ROLE hub_reader LOGIN PASSWORD :'password' IN ROLE bhr_reader;
CREATE ROLE hub_keys LOGIN PASSWORD :'password' IN ROLE bhr_keys;
CREATE ROLE hub_eraser LOGIN PASSWORD :'password' IN ROLE bhr_eraser;
CREATE ROLE hub_keys_reader LOGIN PASSWORD :'password' IN ROLE bhr_keys_reader;
CREATE ROLE hub_views LOGIN PASSWORD :'password' IN ROLE bhr_views;
CREATE DATABASE ledgers;
CREATE DATABASE keys;
CREATE DATABASE views;
SQL
