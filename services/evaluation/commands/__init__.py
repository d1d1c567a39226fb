"""The use cases of evaluation, one a file: what people do through the API, and what follows from an event."""
