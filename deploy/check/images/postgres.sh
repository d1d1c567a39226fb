#!/bin/sh
# What docker-compose.yml uses of the official entry point: a cluster at the first start, with the password of a file.
set -eu
if ! [ -s "$PGDATA/PG_VERSION" ]; then
	mkdir -p "$PGDATA"
	chmod 700 "$PGDATA"
	# shellcheck disable=SC2086 # several arguments
	initdb --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" ${POSTGRES_INITDB_ARGS:-}
	echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
fi
exec "$@"
