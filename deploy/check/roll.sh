#!/usr/bin/env bash
# Replaces every process of ours, one after the other, while pages and APIs are asked all the time: no request may be lost.
# `roll.sh TREE HOST PORT`; KINDS names others. Caddy itself is the door: who replaces it closes it for a moment.
set -euo pipefail
tree=$1 host=$2 port=$3
here=$(cd "$(dirname "$0")" && pwd)
cd "$tree"
stop=$(mktemp)
python3 "$here/load.py" "https://$host:$port" secrets/authority/ca.pem "$stop" &
load=$!
trap 'rm -f "$stop"' EXIT
kinds=${KINDS:-applications evaluation payments people vouchers portal applications-worker evaluation-worker payments-worker people-worker
vouchers-worker $(docker compose config --services | grep '^lifecycles-')}
for name in $kinds; do
	docker compose up --detach --no-deps --force-recreate --wait --wait-timeout 180 "$name" 2>&1 | tail -n 1
done
rm -f "$stop"
wait "$load"
