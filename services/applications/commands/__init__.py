"""The use cases, one a file: entry points for routes and consumed events."""
