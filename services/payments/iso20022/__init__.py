"""Bank messages (ISO 20022) as pure functions between bytes and values: no I/O, clock or randomness.

Out: `pain001.build_batch` with `rules.check_batch` and `profiles`. In: `pain002.read_status_report`, `camt053.read_statement`. Our own
payment files are read back by `pain001_reader.read_batch`.
"""
