#!/bin/sh
# Waits until Temporal answers, and makes the namespace: a one-shot that vouchers waits for. May be run again.
# Finished workflows are kept for ten years: `triptych verify` and the history of cases read them.
set -eu

. /etc/triptych/client.sh

attempts=0
until client operator cluster health; do
	attempts=$((attempts + 1))
	[ "$attempts" -lt 90 ] || { echo "Temporal does not answer" >&2; exit 1; }
	sleep 1
done
client operator namespace describe --namespace triptych || client operator namespace create --namespace triptych --retention 3650d
until client operator namespace describe --namespace triptych; do sleep 1; done
