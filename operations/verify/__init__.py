"""`triptych verify`: the eight invariants of ARCHITECTURE.md, checked from outside.

A second implementation, written from the invariants and not from the code that has to keep them: no service is imported, the SQL is
our own, totals are recomputed from postings, payments are recounted from the bank's files and its book, and the tables are compared
with the event logs (the outboxes). One module an invariant turns the gathered facts into breaches; nothing here can write.
"""
