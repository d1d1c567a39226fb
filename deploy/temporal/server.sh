#!/bin/sh
# Starts Temporal's server with server.yaml. Its configuration has no place for a file with the password, so it is written to /tmp, in memory.
set -eu
umask 077
. /run/secrets/secrets.env
mkdir -p /tmp/config
sed "s/@SQL_PASSWORD@/$SQL_PASSWORD/" /etc/triptych/server.yaml > /tmp/config/triptych.yaml
exec temporal-server --root /tmp --config config --env triptych start
