"""Jobs of the worker beside the subscribers: objects go from the store of files."""
