#!/usr/bin/env bash
# What is in the layers of an image: `layers.sh IMAGE`. No secret, no test, no sources of development; its process is nobody.
set -euo pipefail
archive=$(mktemp)
trap 'rm -f "$archive"' EXIT
docker save "$1" -o "$archive"
names=$(tar -xOf "$archive" manifest.json | python3 -c 'import json, sys; print("\n".join(json.load(sys.stdin)[0]["Layers"]))')
for layer in $names; do
	tar -xOf "$archive" "$layer" | tar -t
done | sort -u > "$archive.names"
if grep -E '(^|/)(secrets/|\.env$|\.git/|tests/support|state\.json$|.*\.key$)' "$archive.names" | grep -v -E 'site-packages|usr/share|usr/local/lib|operations/cli'; then
	echo "these do not belong into an image" >&2
	exit 1
fi
if grep -E '^app/simulation/' "$archive.names"; then echo "the simulation is no part of it" >&2; exit 1; fi
rm -f "$archive.names"
[ "$(docker image inspect --format '{{.Config.User}}' "$1")" = 10001:10001 ]
