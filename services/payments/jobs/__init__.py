"""Jobs of the worker beside the subscribers: payment files go out into a folder, the bank's files come in from another."""
