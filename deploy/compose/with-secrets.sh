#!/bin/sh
# Runs a command with the variables of /run/secrets/secrets.env, for servers that read no files: `with-secrets.sh COMMAND...`
set -eu
set -a
. /run/secrets/secrets.env
set +a
exec "$@"
