#!/usr/bin/env bash
# Stand-ins for the images that docker-compose.yml and Dockerfile name, made of Debian's packages and of what the project's tests run:
# `bases.sh WORK`. WORK keeps the archives, so that a second run is short. Needs root. Never publish these images.
set -euo pipefail
work=$1
here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
python=$repository/.venv/bin/python
cd "$repository"

system() { # NAME SUITE PACKAGES: an archive of a Debian with these packages
	[ -f "$work/$1.tar" ] && return
	# In a session of its own, with a file as its output: mmdebstrap in a pipe has taken the shell with it.
	setsid mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' --include="$3" "$2" "$work/$1.unfinished.tar" \
		"deb http://deb.debian.org/debian $2 main" < /dev/null
	mv "$work/$1.unfinished.tar" "$work/$1.tar"
}

system python bookworm ca-certificates,libssl3,libffi8,libsqlite3-0,zlib1g,libbz2-1.0,liblzma5,libreadline8,libncursesw6,libuuid1,libexpat1,netbase,tzdata
system servers bookworm ca-certificates,openjdk-17-jre-headless,netcat-openbsd,wget,libcap2-bin
system postgres forky ca-certificates,postgresql-18,postgresql-client-18

load() { # NAME: the archive as an image
	docker image inspect "standin-$1" > /dev/null 2>&1 || docker import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' "$work/$1.tar" "standin-$1"
}
load python
load servers
load postgres

build() { # IMAGE DOCKERFILE FOLDER
	docker build --quiet --tag "$1" --file "$here/images/$2.Dockerfile" "$3"
}

# Python: the one that runs the project. The authorities and the settings of pip and npm are those of this machine.
folder=$work/python
rm -rf "$folder"
mkdir -p "$folder/etc"
prefix=$("$python" -c 'import sys; print(sys.base_prefix)')
version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
mkdir -p "$folder/local/bin" "$folder/local/lib"
cp -a "$prefix"/bin/python3* "$folder/local/bin/"
ln -sf python3 "$folder/local/bin/python"
cp -a "$prefix/lib/$version" "$folder/local/lib/"
cp -a "$prefix"/lib/libpython* "$folder/local/lib/" 2> /dev/null || true
rm -rf "$folder/local/lib/$version/test" "$folder/local/lib/$version/site-packages"
find "$folder/local" -name __pycache__ -prune -exec rm -rf {} +
cp /etc/ssl/certs/ca-certificates.crt "$folder/etc/"
printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' > "$folder/etc/pip.conf"
build python:3.11-slim-bookworm python "$folder"

build postgres:18 postgres "$here/images"

folder=$work/kafka
rm -rf "$folder"
mkdir -p "$folder"
cp -a "$("$python" -c 'from deploy.embedded.kafka import install; print(install.libraries())')" "$folder/libs"
cp "$here/images/kafka.sh" "$folder/"
build apache/kafka:4.3.1 kafka "$folder"

folder=$work/temporal
mkdir -p "$folder"
if ! [ -x "$folder/temporal-sql-tool" ]; then # its server comes as a module of Go only; the first time takes minutes
	GOBIN=$folder CGO_ENABLED=0 go install -ldflags='-s -w' go.temporal.io/server/cmd/server@v1.32.1 go.temporal.io/server/cmd/tools/sql@v1.32.1
	mv "$folder/server" "$folder/temporal-server"
	mv "$folder/sql" "$folder/temporal-sql-tool"
fi
cp "$("$python" -c 'from deploy.embedded import binaries; print(binaries.temporal())')" "$folder/temporal"
build temporalio/server:1.32.1 temporal "$folder"
build temporalio/admin-tools:1.32.1 temporal "$folder"

folder=$work/keycloak
if ! [ -d "$folder" ]; then
	mvn -q -B -f "$repository/deploy/keycloak/pom.xml" dependency:unpack-dependencies -DoutputDirectory="$folder.unfinished" -DmarkersDirectory="$folder.markers"
	mv "$folder.unfinished"/keycloak-* "$folder"
fi
build quay.io/keycloak/keycloak:26.7.3 keycloak "$folder"

folder=$work/caddy
mkdir -p "$folder"
cp "$("$python" -c 'from deploy.embedded import binaries; print(binaries.caddy())')" "$folder/caddy"
build caddy:2.11 caddy "$folder"
