#!/usr/bin/env bash
# What can be reached from outside, and from the edge: `edge.sh TREE HOST PORT`.
set -euo pipefail
tree=$1 host=$2 port=$3
cd "$tree"
ask() { curl --silent --noproxy '*' --cacert secrets/authority/ca.pem --resolve "$1:$port:127.0.0.1" --output /dev/null --write-out '%{http_code}' "https://$1:$port$2"; }
expect() { # STATUS HOST PATH
	got=$(ask "$2" "$3" || true)
	[ "$got" = "$1" ] || { echo "$2$3: $got, not $1" >&2; exit 1; }
}
expect 200 "$host" /
expect 200 "$host" /api/people/keys
expect 404 "$host" /health
expect 404 "$host" /api/nothing
expect 200 "id.$host" /realms/triptych/.well-known/openid-configuration
expect 404 "id.$host" /admin/master/console/
expect 404 "id.$host" /realms/master/.well-known/openid-configuration
expect 404 "id.$host" /metrics
[ "$(docker ps --format '{{.Ports}}' | grep -c -- '->')" = 1 ]

# From the edge no database, broker or Temporal can be reached, and nothing but the edge gets out.
unreachable() { # CONTAINER HOST PORT
	if docker compose exec -T "$1" python -c "import socket; socket.create_connection(('$2', $3), 3)" 2> /dev/null; then
		echo "$1 reaches $2:$3" >&2
		exit 1
	fi
}
docker compose exec -T portal python -c "import socket; socket.create_connection(('postgres', 5432), 3)"
unreachable portal kafka 9092
unreachable portal temporal 7233
unreachable evaluation kafka 9092
unreachable evaluation temporal 7233
unreachable evaluation-worker caddy 8443
if docker compose exec -T caddy nc -z -w 3 postgres 5432 2> /dev/null; then echo "the gateway reaches the database" >&2; exit 1; fi
# PostgreSQL without TLS, Temporal without a certificate of a client: refused.
if docker compose exec -T evaluation python -c "
import asyncio, asyncpg
asyncio.run(asyncpg.connect(open('/run/secrets/triptych_database_url').read().replace('+asyncpg', ''), ssl='disable'))" 2> /dev/null; then
	echo "PostgreSQL answers without TLS" >&2
	exit 1
fi
if docker compose exec -T vouchers python -c "
import asyncio, pathlib
from temporalio.client import Client, TLSConfig
ca = pathlib.Path('/run/secrets/ca.pem').read_bytes()
asyncio.run(Client.connect('temporal:7233', namespace='triptych', tls=TLSConfig(server_root_ca_cert=ca)))" 2> /dev/null; then
	echo "Temporal answers to a client without a certificate" >&2
	exit 1
fi
# Nothing can be written but where a volume or memory is.
if docker compose exec -T portal sh -c 'echo > /app/written' 2> /dev/null; then echo "the file system can be written" >&2; exit 1; fi
