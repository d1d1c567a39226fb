"""`triptych backup` and `triptych restore`: the platform's own state at one instant, and what the rest of the world makes of it.

The four databases are one copy at one point of the write-ahead log, so an effect is never in it without its cause. Temporal and the
broker are not copied: what they know follows from the databases and is begun anew. The bank's side is not rolled back: see
docs/decisions/0009-backup-and-restore.md.
"""
