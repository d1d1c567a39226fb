#!/usr/bin/env bash
# Docker's engine and Compose of Debian, unpacked below WORK and started: `engine.sh WORK start|stop`. Needs root, on Debian 12.
# Source WORK/engine.env for the client. The machine's own Docker, if it has one, is left alone.
set -euo pipefail
work=$1
mkdir -p "$work"

unpack() {
	[ -x "$work/docker/usr/sbin/dockerd" ] && return
	apt-get update -q
	apt-get install -qy --no-install-recommends runc iptables mmdebstrap
	# The engine of bookworm knows neither heredocs nor a start interval of health checks: that of trixie runs with bookworm's runc.
	mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/apt/parts" "$work/debs"
	printf 'Types: deb\nURIs: http://deb.debian.org/debian\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
		> "$work/apt/parts/trixie.sources"
	printf 'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "%s";\nDir::State::lists "%s";\nDir::Cache "%s";\n' \
		"$work/apt/parts" "$work/apt/lists" "$work/apt/cache" > "$work/apt/apt.conf"
	export APT_CONFIG=$work/apt/apt.conf
	apt-get update -q
	(cd "$work/debs" && apt-get download docker.io docker-cli containerd docker-compose docker-buildx tini)
	for package in "$work"/debs/*.deb; do dpkg -x "$package" "$work/docker"; done
	unset APT_CONFIG
}

case $2 in
start)
	unpack
	mkdir -p "$work/client/cli-plugins"
	ln -sf "$work"/docker/usr/libexec/docker/cli-plugins/* "$work/client/cli-plugins/"
	cat > "$work/engine.env" <<-END
		export PATH=$work/docker/usr/bin:$work/docker/usr/sbin:\$PATH
		export DOCKER_CONFIG=$work/client DOCKER_HOST=unix://$work/docker.sock
	END
	. "$work/engine.env"
	docker info > /dev/null 2>&1 && exit
	cat /proc/sys/net/ipv4/ip_forward > "$work/ip_forward"
	setsid nohup dockerd --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/dockerd.pid" -H "unix://$work/docker.sock" \
		> "$work/dockerd.log" 2>&1 < /dev/null &
	for _ in $(seq 60); do docker info > /dev/null 2>&1 && exit; sleep 1; done
	tail -n 20 "$work/dockerd.log" >&2
	exit 1
	;;
stop)
	[ -f "$work/dockerd.pid" ] || exit 0
	kill "$(cat "$work/dockerd.pid")"
	while [ -f "$work/dockerd.pid" ]; do sleep 1; done
	cat "$work/ip_forward" > /proc/sys/net/ipv4/ip_forward
	# What the engine left behind: its chains, and its bridge.
	for table in nat filter; do
		iptables-save -t "$table" | grep -v -E 'DOCKER|docker0|172\.31\.200\.' | sed 's/^:FORWARD DROP/:FORWARD ACCEPT/' | iptables-restore -T "$table"
	done
	ip link delete docker0 2> /dev/null || true
	;;
esac
