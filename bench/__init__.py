"""Benchmarks of the platform, compared with its own building blocks. `python -m bench` runs them; no production code imports this."""
