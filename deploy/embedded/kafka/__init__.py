"""Apache Kafka without containers: downloaded by Maven, then formatted and run as a child process."""
