"""Jobs of the worker beside the subscribers: workflows that are missing in Temporal start."""
