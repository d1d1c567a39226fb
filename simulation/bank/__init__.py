"""A simulated bank: it reads pain.001 files from one folder and writes pain.002 and camt.053 files to another.

It reads and writes the messages with its own code and keeps its own book, so that the records of payments can be checked against
independent ones. Run it with `python -m simulation.bank`; `settings.py` has its settings.
"""
