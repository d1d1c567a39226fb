#!/usr/bin/env bash
# The installation of containers, tried from nothing: `deploy/check/check.sh [WORK]`. What it proves, and what not: README.md beside it.
# Needs root on Debian 12, the project's .venv, Chromium, Java, Maven and Go; half an hour the first time. Leaves only WORK's downloads.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
work=${1:-/tmp/triptych-containers}
region=${REGION:-hr-koprivnica}
rows=${ROWS:-12}
host=triptych.localhost port=8443
export TRIPTYCH_PROGRAMME_DELAY=${TRIPTYCH_PROGRAMME_DELAY:-480}

steps=$work/steps doing='' began=0
step() { # NAME of what follows
	[ -z "$doing" ] || printf '| %s | %s s |\n' "$doing" "$((SECONDS - began))" >> "$steps"
	doing=$* began=$SECONDS
	printf '\n== %s (%s s)\n' "$*" "$SECONDS"
}
left_behind() { # of the engine, after its end
	grep " $work/" /proc/mounts || true
	ip -o link | grep -oE ' (docker0|br-|veth)[^@:]*' || true
	iptables-save | grep -E 'DOCKER|172\.31\.200\.' || true
}

"$here/engine.sh" "$work" start
: > "$steps"
. "$work/engine.env"
tree=$work/tree
compose() { (cd "$tree" && docker compose "$@"); }
finish() {
	status=$?
	if [ "$status" != 0 ] && [ -f "$tree/.env" ]; then
		compose ps --all --format 'table {{.Name}}\t{{.Status}}' || true
		compose logs --no-color --tail 15 > "$work/logs" 2>&1 || true
		echo "the ends of the logs are in $work/logs" >&2
	fi
	[ -n "${KEEP:-}" ] && [ "$status" != 0 ] && exit "$status"
	if [ -f "$tree/.env" ]; then
		compose --profile '*' down --volumes --remove-orphans --timeout 20 || status=1
		[ -z "$(docker ps --all --quiet)$(docker volume ls --quiet)" ] || { echo "something is left" >&2; status=1; }
	fi
	rm -rf "$tree"
	"$here/engine.sh" "$work" stop
	[ -z "$(left_behind)" ] || { echo "left behind:" >&2; left_behind >&2; status=1; }
	took="$((SECONDS - began)) s"
	[ "$status" = 0 ] || took="**failed** after $took"
	printf '| %s | %s |\n' "$doing" "$took" >> "$steps"
	printf '\n| step | took |\n|---|---|\n'
	cat "$steps"
	exit "$status"
}
trap finish EXIT

step "stand-ins for the images that are named"
"$here/bases.sh" "$work"

step "the tree as it is, without what git ignores"
rm -rf "$tree"
mkdir -p "$tree"
(cd "$repository" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$tree" 2> /dev/null || true)

step "build"
(cd "$tree" && docker build --quiet --tag triptych:0.1.0 . && docker build --quiet --target demonstration --tag triptych-demonstration:0.1.0 .)
base=$(docker image inspect --format '{{.Size}}' python:3.11-slim-bookworm)
size=$(docker image inspect --format '{{.Size}}' triptych:0.1.0)
beyond=$(((size - base) / 1000000))
echo "the image has $beyond MB beyond its base"
[ "$beyond" -le 250 ] || { echo "more than 250 MB" >&2; exit 1; }
"$here/layers.sh" triptych:0.1.0
docker run --rm --network none triptych:0.1.0 cat /app/sbom.json > "$work/sbom.json"
"$repository/.venv/bin/python" -c 'import sys; from cyclonedx.schema import SchemaVersion; from cyclonedx.validation.json import JsonStrictValidator
found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read()); sys.exit(found and str(found)[:500])' "$work/sbom.json"

step "secrets"
docker run --rm --user "$(id -u):$(id -g)" --volume "$tree:/here" triptych:0.1.0 triptych secrets init /here --host "$host" --port "$port" --demo

step "up"
compose up --detach --pull never --wait --wait-timeout 900

step "one-shots again: each may be repeated"
for name in postgres-roles temporal-schema temporal-namespace applications-migrate; do compose run --rm --no-deps "$name" > /dev/null; done

step "edge: names, certificate, no database, no other door"
"$here/edge.sh" "$tree" "$host" "$port"

step "sign-in through Keycloak, in Chromium"
(cd "$repository" && .venv/bin/python -m tests.containers.sign_in "https://$host:$port" "$work/sign-in.png")

step "demonstration of $region"
compose run --rm demo --region "$region" --rows "$rows" --exit
[ -n "$(compose exec -T mail ls /mailbox/new)" ] || { echo "no mail arrived" >&2; exit 1; }

step "verify"
compose run --rm operator verify

step "one container of each kind is killed"
"$here/kill.sh" "$tree"

step "every process is replaced under load"
"$here/roll.sh" "$tree" "$host" "$port"

step "verify again"
compose run --rm operator verify

step "without the database nothing is healthy"
"$here/health.sh" "$tree"

step "backup, everything destroyed but bank and anchors, restore"
"$here/restore.sh" "$tree"

step "verify what was restored"
compose run --rm operator verify

step "everything is removed"
