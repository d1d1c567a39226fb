"""What a process of a service needs to run: settings, the HTTP server, the worker, the health address."""
