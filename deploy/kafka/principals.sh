#!/bin/sh
# Topics, users and access rights in Apache Kafka, one user for each service. May be run again; it adds what is missing and sets the passwords.
#
# Each user writes to the topics of its own service only (prefix "<service>."), and uses consumer groups of that prefix only. All read
# all topics. None creates any: who did could give a topic of another service one partition, or let its messages go after a moment.
#
# Run it where the listener for administrators is: in docker-compose.yml that is the broker's own container.
set -eu
BIN="${KAFKA_BIN:-/opt/kafka/bin}"
ADMIN="${KAFKA_ADMIN:-localhost:9094}"
: "${APPLICATIONS_KAFKA_PASSWORD:?}" "${EVALUATION_KAFKA_PASSWORD:?}" "${PAYMENTS_KAFKA_PASSWORD:?}" "${PEOPLE_KAFKA_PASSWORD:?}" "${VOUCHERS_KAFKA_PASSWORD:?}"
REPLICATION="${KAFKA_REPLICATION:-1}" # 3 for three brokers; then two must acknowledge
umask 077
password_file="$(mktemp)" # passwords on a command line could be read by every user of the machine
trap 'rm -f "$password_file"' EXIT

user() { # NAME PASSWORD
    printf 'SCRAM-SHA-512=iterations=8192,password=%s\n' "$2" > "$password_file"
    "$BIN/kafka-configs.sh" --bootstrap-server "$ADMIN" --alter --entity-type users --entity-name "$1" --add-config-file "$password_file"
}

allow() { "$BIN/kafka-acls.sh" --bootstrap-server "$ADMIN" --add "$@"; }

known="
$("$BIN/kafka-topics.sh" --bootstrap-server "$ADMIN" --list)
"
topic() { # NAME PARTITIONS RETENTION_MS, as shared/messaging/profile.py and incarnation.py want them
    case $known in *"
$1
"*) return ;; esac
    "$BIN/kafka-topics.sh" --bootstrap-server "$ADMIN" --create --if-not-exists --topic "$1" --partitions "$2" --replication-factor "$REPLICATION" \
        --config "retention.ms=$3" --config cleanup.policy=delete --config "min.insync.replicas=$(((REPLICATION + 1) / 2))"
}

for name in applications.applications applications.calls applications.holds applications.rules applications.subjects applications.tasks evaluation.cases evaluation.decisions \
    evaluation.tasks payments.claims payments.disbursements payments.funds payments.payees payments.providers payments.tasks people.organisations people.persons \
    vouchers.capacity vouchers.milestones vouchers.tasks vouchers.vouchers \
    applications.dead-letters evaluation.dead-letters payments.dead-letters people.dead-letters vouchers.dead-letters; do
    topic "$name" 4 2592000000
done
topic triptych.broker-incarnation 1 3153600000000

user applications "$APPLICATIONS_KAFKA_PASSWORD"
user evaluation "$EVALUATION_KAFKA_PASSWORD"
user payments "$PAYMENTS_KAFKA_PASSWORD"
user people "$PEOPLE_KAFKA_PASSWORD"
user vouchers "$VOUCHERS_KAFKA_PASSWORD"

everybody="--allow-principal User:applications --allow-principal User:evaluation --allow-principal User:payments"
everybody="$everybody --allow-principal User:people --allow-principal User:vouchers"
for service in applications evaluation payments people vouchers; do
    allow --allow-principal "User:$service" --operation Write --topic "$service." --resource-pattern-type prefixed
    allow --allow-principal "User:$service" --operation Read --operation Describe --group "$service." --resource-pattern-type prefixed
done
# shellcheck disable=SC2086 # one word each
allow $everybody --operation Read --operation Describe --resource-pattern-type prefixed \
    --topic applications. --topic evaluation. --topic payments. --topic people. --topic vouchers.
# From before topics were created here.
# shellcheck disable=SC2086
"$BIN/kafka-acls.sh" --bootstrap-server "$ADMIN" --remove --force $everybody --operation Create --resource-pattern-type prefixed \
    --topic applications. --topic evaluation. --topic payments. --topic people. --topic vouchers.
# shellcheck disable=SC2086
"$BIN/kafka-acls.sh" --bootstrap-server "$ADMIN" --remove --force $everybody --operation Create --topic triptych.broker-incarnation
# The first service writes the id of the broker's data (shared/messaging/incarnation.py).
# shellcheck disable=SC2086
allow $everybody --operation Read --operation Describe --operation Write --topic triptych.broker-incarnation
