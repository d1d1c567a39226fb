#!/usr/bin/env bash
# Whether the health checks tell the truth: `health.sh TREE`. Without the database no API, page or worker is healthy; with it all are again.
set -euo pipefail
cd "$1"
kinds="applications portal payments-worker $(docker compose config --services | grep '^lifecycles-' | head -n 1)"
all_are() { # STATE
	for _ in $(seq 180); do
		states=$(for name in $kinds; do docker inspect --format '{{.State.Health.Status}}' "$(docker compose ps --all --quiet "$name")"; done | sort -u)
		[ "$states" = "$1" ] && return
		sleep 1
	done
	echo "not $1: $states" >&2
	return 1
}
began=$SECONDS
all_are healthy
docker compose stop postgres 2> /dev/null
all_are unhealthy
echo "without the database: unhealthy after $((SECONDS - began)) s"
began=$SECONDS
docker compose start postgres 2> /dev/null
all_are healthy
echo "with it: healthy after $((SECONDS - began)) s"
