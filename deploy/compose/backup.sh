#!/usr/bin/env bash
# A backup of a running installation, and its restore, in the folder of docker-compose.yml (docs/operations/containers.md):
#
#   deploy/compose/backup.sh take NAME --recipient age1...
#   deploy/compose/backup.sh restore NAME [IDENTITY_FILE]
#
# NAME: a folder of the volume `backups`. The master keys and the other files of secrets/ are in no backup that the operator could do without.
set -euo pipefail
action=${1:?take or restore} name=${2:?the name of the backup}
shift 2
operator() { docker compose run --rm -T --no-deps operator "$@"; }
up() { docker compose up --detach --no-build --wait --wait-timeout 900 "$@"; }

case $action in
take)
	docker compose exec -T postgres pg_basebackup --username postgres --pgdata - --format tar --wal-method fetch --compress client-gzip:1 \
		--checkpoint fast --label triptych | operator backup "/backups/$name" --databases-from-input "$@"
	;;
restore)
	project=$(docker compose config | sed -n 's/^name: //p')
	[ -z "$(docker compose ps --quiet)" ] || { echo "Containers of the installation run: docker compose down" >&2; exit 1; }
	for volume in postgres kafka files claim-files; do
		if docker volume inspect "${project}_$volume" > /dev/null 2>&1; then
			echo "The volume ${project}_$volume is there. If it is lost: docker compose down, docker volume rm ${project}_$volume" >&2
			exit 1
		fi
	done
	identity=${1:-/dev/null}
	# Networks and volumes first: the two containers of the pipe would both make them.
	docker compose run --rm -T --no-deps --entrypoint true operator < /dev/null
	operator restore-unpack "/backups/$name" ${1:+--identity-from-input} < "$identity" | docker compose run --rm -T --no-deps --entrypoint /bin/sh postgres -c \
		'umask 077 && mkdir -p "$PGDATA" && tar --extract --gzip --directory "$PGDATA"'
	# Roles, tables and lifecycles first; payments are held before any service runs.
	up temporal
	for one in $(docker compose config --services | grep -- '-migrate$') temporal-namespace; do docker compose run --rm -T --no-deps "$one"; done
	operator restore-reconcile
	up
	;;
*)
	echo "backup.sh take|restore NAME" >&2
	exit 2
	;;
esac
