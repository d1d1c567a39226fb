"""`triptych verify`: the seven invariants of ARCHITECTURE.md, checked from outside.

Written from the invariants and not from the code that should keep them: no service is imported, the SQL is our own, totals are
recomputed from postings, payments are recounted from the bank's files and its book, and the event logs (the outboxes) are the
witness against the tables. A module per invariant turns the gathered facts into breaches; nothing here can write.
"""
