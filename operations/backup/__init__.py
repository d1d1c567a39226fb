"""`triptych backup` and `triptych restore`: the platform's state at one instant, and its reconciliation with the bank afterwards.

The four databases are one copy at one point of the write-ahead log, so an effect is never in it without its cause. Temporal and the
broker are not copied: a restore starts the workflows again from the rows and republishes the event logs. The bank's side is not
rolled back: see docs/decisions/0009-backup-and-restore.md.
"""
