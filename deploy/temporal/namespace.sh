#!/bin/sh
# Waits until Temporal answers, and makes the namespace: a one-shot that vouchers waits for. May be run again.
# Finished workflows are kept for ten years: `triptych verify` and the history of cases read them.
set -eu

client() {
	temporal "$@" --address temporal:7233 --tls-ca-path /run/secrets/ca.pem --tls-server-name temporal \
		--tls-cert-path /run/secrets/client.pem --tls-key-path /run/secrets/client.key
}

attempts=0
until client operator cluster health; do
	attempts=$((attempts + 1))
	[ "$attempts" -lt 90 ] || { echo "Temporal does not answer" >&2; exit 1; }
	sleep 1
done
client operator namespace describe --namespace triptych || client operator namespace create --namespace triptych --retention 3650d
until client operator namespace describe --namespace triptych; do sleep 1; done
