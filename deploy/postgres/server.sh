#!/bin/sh
# PostgreSQL in its container, with TLS. It takes its key only from a file that nobody else can read, so the mounted one is copied.
# wal_keep_size: a backup needs the log that is written while it is taken.
set -eu
umask 077
cp /run/secrets/server.pem /run/secrets/server.key /run/postgresql/
exec docker-entrypoint.sh postgres -c ssl=on -c ssl_cert_file=/run/postgresql/server.pem -c ssl_key_file=/run/postgresql/server.key \
	-c ssl_min_protocol_version=TLSv1.3 -c hba_file=/etc/postgresql/pg_hba.conf -c max_connections=300 -c wal_keep_size=2GB -c timezone=UTC -c log_timezone=UTC "$@"
