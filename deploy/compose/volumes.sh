#!/usr/bin/env bash
# A copy of an installation's data, taken while it stands still: `volumes.sh save DIR` and `volumes.sh load DIR`, in the folder of
# docker-compose.yml. PostgreSQL, Kafka, Temporal's state, files, bank and anchors are of one moment, so nothing has to be reconciled.
#
# DIR then holds personal data and accounts, sealed as the databases hold them; the keys are in secrets/, which belongs elsewhere. `load` refuses
# where there are volumes already. What the bank was sent after the copy is not in it: docs/operations/containers.md.
set -euo pipefail
action=$1 folder=$2
project=$(docker compose config --format json | sed -n 's/^  "name": "\(.*\)",\{0,1\}$/\1/p')
image=$(docker compose config --images | grep '^triptych:' | head -n 1)
tool() { # VOLUME MOUNTS COMMAND: as root, to keep owners and rights; without a network
	docker run --rm --user 0:0 --network none --entrypoint sh "$@"
}

case $action in
save)
	[ ! -e "$folder" ] || { echo "$folder exists already" >&2; exit 1; }
	umask 077
	mkdir -p "$folder.unfinished"
	target=$(cd "$folder.unfinished" && pwd)
	docker compose stop
	for volume in $(docker compose config --volumes); do
		docker volume inspect "${project}_$volume" > /dev/null 2>&1 || continue
		tool --volume "${project}_$volume:/volume:ro" --volume "$target:/copy" "$image" \
			-c "tar --create --gzip --numeric-owner --directory /volume --file '/copy/$volume.tar.gz' ."
	done
	(cd "$target" && sha256sum ./*.tar.gz > SHA256SUMS)
	sync
	mv "$folder.unfinished" "$folder"
	docker compose up --detach --no-build --pull never --wait --wait-timeout 600
	;;
load)
	source=$(cd "$folder" && pwd)
	(cd "$source" && sha256sum --check --quiet SHA256SUMS)
	for archive in "$source"/*.tar.gz; do
		name=${project}_$(basename "$archive" .tar.gz)
		! docker volume inspect "$name" > /dev/null 2>&1 || { echo "the volume $name exists already" >&2; exit 1; }
	done
	docker compose up --no-start --no-build --pull never
	for archive in "$source"/*.tar.gz; do
		name=$(basename "$archive" .tar.gz)
		tool --volume "${project}_$name:/volume" --volume "$source:/copy:ro" "$image" \
			-c "find /volume -mindepth 1 -delete && tar --extract --gzip --numeric-owner --same-owner --directory /volume --file '/copy/$name.tar.gz'"
	done
	docker compose up --detach --no-build --pull never --wait --wait-timeout 600
	;;
*)
	echo "volumes.sh save|load DIR" >&2
	exit 2
	;;
esac
