"""JSON routes: thin shells around one command or query each."""
