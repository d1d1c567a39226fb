#!/bin/sh
# Temporal's tables, made or brought up to date: a one-shot that the server waits for. May be run again.
set -eu
. /run/secrets/secrets.env
export SQL_PASSWORD

tool() { # DATABASE COMMAND...
	database=$1
	shift
	temporal-sql-tool --plugin postgres12_pgx --endpoint postgres --port 5432 --user temporal --database "$database" \
		--tls --tls-ca-file /run/secrets/ca.pem --tls-server-name postgres "$@"
}

update() { # DATABASE SCHEMA
	# The tables of versions; where they are, only the update follows.
	tool "$1" update-schema --schema-name "$2" || {
		tool "$1" setup-schema --version 0.0
		tool "$1" update-schema --schema-name "$2"
	}
}

update temporal postgresql/v12/temporal
update temporal_visibility postgresql/v12/visibility
