#!/usr/bin/env bash
# Kills the process of one container of each kind, as a crash would, and waits until all are healthy again: `kill.sh TREE`;
# KINDS names others.
# `docker kill` would count as a stop by hand, after which nothing is started again: the signal goes to the process itself.
set -euo pipefail
cd "$1"
region=$(docker compose config --services | grep '^lifecycles-' | head -n 1)
for name in ${KINDS:-postgres kafka temporal keycloak caddy portal applications payments-worker vouchers-worker "$region" bank mail}; do
	container=$(docker compose ps --quiet "$name")
	before=$(docker inspect --format '{{.RestartCount}}' "$container")
	began=$SECONDS
	kill -9 "$(docker inspect --format '{{.State.Pid}}' "$container")"
	for _ in $(seq 180); do
		state=$(docker inspect --format '{{.RestartCount}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}healthy{{end}}' "$container")
		[ "$state" = "$((before + 1)) running healthy" ] && break
		sleep 1
	done
	[ "$state" = "$((before + 1)) running healthy" ] || { echo "$name is $state" >&2; exit 1; }
	echo "$name: healthy again after $((SECONDS - began)) s"
done
for container in $(docker compose ps --quiet); do
	for _ in $(seq 120); do
		[ "$(docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}healthy{{end}}' "$container")" = healthy ] && break
		sleep 1
	done
done
[ -z "$(docker compose ps --quiet --status restarting)" ]
