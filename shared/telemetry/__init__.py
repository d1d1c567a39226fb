"""What an operator sees of running processes: spans of traces, measurements, logs. See docs/operations/telemetry.md."""
