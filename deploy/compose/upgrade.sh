#!/usr/bin/env bash
# Replaces the processes of ours by those of the image that .env names, in the folder of docker-compose.yml: the migrations, which only add to
# what the old processes use, then what answers requests, one container after the other, then the workers together. Meanwhile Caddy and the
# portal hold what comes for the one that is replaced, and events wait. `upgrade.sh [--force-recreate]`.
set -euo pipefail
services=$(docker compose config --services)
for one in $(grep -- '-migrate$' <<< "$services"); do docker compose run --rm -T --no-deps "$one"; done
scales=$(docker compose ps --format '{{.Service}}' | sort | uniq -c | awk '$1 > 1 {print "--scale " $2 "=" $1}')
up() { docker compose up --detach --no-build --wait --wait-timeout 900 $scales "$@"; }
# Never with --no-deps: Compose counts such a container as changed, and the next `up` replaces it again, and Caddy with it.
# `people` first: a new process of another service asks it whose tokens are void, before it believes one.
for name in people applications evaluation payments vouchers portal; do up "$@" "$name"; done
up "$@" $(grep -E -- '-worker$|^lifecycles-' <<< "$services")
up
