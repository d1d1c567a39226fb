"""JSON routes, each around one command or query."""
