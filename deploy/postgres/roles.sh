#!/bin/sh
# Roles and databases, of the platform and of the servers: a one-shot that everything with a database waits for. May be run again.
set -eu
for script in roles.sql engines.sql; do
	psql --no-psqlrc --quiet --host postgres --username postgres --dbname postgres --file "/scripts/$script"
done
