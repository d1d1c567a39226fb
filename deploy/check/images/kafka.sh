#!/usr/bin/env bash
# Apache Kafka as its image starts it: variables KAFKA_A_B become properties a.b (`__` is _, `___` is -). Under the name of a tool: that tool.
set -euo pipefail
run() { exec java ${KAFKA_HEAP_OPTS:--Xmx256m} -cp '/opt/kafka/libs/*' "$@"; }
case $(basename "$0" .sh) in
kafka-topics) run org.apache.kafka.tools.TopicCommand "$@" ;;
kafka-configs) run kafka.admin.ConfigCommand "$@" ;;
kafka-acls) run org.apache.kafka.tools.AclCommand "$@" ;;
kafka-broker-api-versions) run org.apache.kafka.tools.BrokerApiVersionsCommand "$@" ;;
esac
properties=/opt/kafka/config/server.properties
env | sed -n 's/^KAFKA_//p' | grep -v '^HEAP_OPTS=' | while IFS='=' read -r name value; do
	name=$(printf '%s' "$name" | tr 'A-Z' 'a-z' | sed -e 's/___/\x01/g' -e 's/__/\x02/g' -e 's/_/./g' -e 's/\x01/-/g' -e 's/\x02/_/g')
	printf '%s=%s\n' "$name" "$value"
done > "$properties"
java -cp '/opt/kafka/libs/*' kafka.tools.StorageTool format --ignore-formatted -t "$CLUSTER_ID" -c "$properties"
run kafka.Kafka "$properties"
