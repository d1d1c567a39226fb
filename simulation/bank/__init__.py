"""A bank to play against: it takes pain.001 files from one folder and answers with pain.002 and camt.053 in another.

It reads and writes the messages with code of its own and keeps a book of its own, so that what payments believes can be
checked against somebody else's record. Run it with `python -m simulation.bank`; see `settings.py` for what it is told.
"""
