FROM standin-servers
RUN useradd --uid 1000 --create-home appuser && install -d -o appuser -g appuser /var/lib/kafka/data /opt/kafka/config /opt/kafka/bin
COPY libs /opt/kafka/libs
COPY --chmod=0755 kafka.sh /opt/kafka/bin/kafka.sh
RUN for name in kafka-topics kafka-configs kafka-acls kafka-broker-api-versions; do ln -s kafka.sh "/opt/kafka/bin/$name.sh"; done
ENV CLUSTER_ID=5L6g3nShT-eMCtK--X86sw
VOLUME /var/lib/kafka/data
USER appuser
CMD ["/opt/kafka/bin/kafka.sh"]
