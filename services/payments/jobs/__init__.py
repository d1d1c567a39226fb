"""What runs beside the subscriber in the worker: orders out into a folder, answers in from another."""
