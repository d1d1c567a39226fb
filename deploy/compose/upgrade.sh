#!/usr/bin/env bash
# Replaces the processes of ours by those of the image that .env names, in the folder of docker-compose.yml: the migrations, which only add to
# what the old processes use, then one container after the other. Meanwhile Caddy and the portal hold what comes for the one that is replaced.
# `upgrade.sh [--force-recreate]`; KINDS names other services.
set -euo pipefail
for one in $(docker compose config --services | grep -- '-migrate$'); do docker compose run --rm -T --no-deps "$one"; done
# `people` first: a new process of another service asks it whose tokens are void, before it believes one.
kinds=${KINDS:-people applications evaluation payments vouchers portal $(docker compose config --services | grep -E -- '-worker$|^lifecycles-')}
for name in $kinds; do
	number=$(docker compose ps --quiet "$name" | wc -l)
	docker compose up --detach --no-build --no-deps --wait --wait-timeout 300 --scale "$name=$((number > 0 ? number : 1))" "$@" "$name"
done
docker compose up --detach --no-build --wait --wait-timeout 900
