"""Chaos campaigns: faults are injected, in seeded rounds, while simulated people work on the platform.

One round (`round.py`) runs the workload (`workload.py`), injects the faults that the seed gives (`plan.py`, `faults/`), waits until no
work is left, and then runs `triptych verify` and looks for every acknowledged write (`acknowledged_writes.py`). `campaign.py` runs
the rounds one after another.
"""
