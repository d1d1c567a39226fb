"""Apache Kafka without containers: fetched by Maven, formatted and run here."""
