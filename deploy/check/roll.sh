#!/usr/bin/env bash
# Replaces every process of ours, one after the other, while pages and APIs are asked all the time: no request may be lost.
# `roll.sh TREE HOST PORT`. Caddy itself is the door: who replaces it closes it for a moment.
set -euo pipefail
tree=$1 host=$2 port=$3
here=$(cd "$(dirname "$0")" && pwd)
cd "$tree"
stop=$(mktemp)
python3 "$here/load.py" "https://$host:$port" secrets/authority/ca.pem "$stop" &
load=$!
trap 'rm -f "$stop"' EXIT
deploy/compose/upgrade.sh --force-recreate 2>&1 | tail -n 3
rm -f "$stop"
wait "$load"
