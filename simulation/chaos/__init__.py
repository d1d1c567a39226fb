"""A campaign of faults: the platform is struck, in seeded rounds, while a scripted population works on it.

A round (`round.py`) is a population under way (`population.py`), strikes drawn from the seed (`plan.py`, `faults/`), quiet until all
is settled, and then `triptych verify` with what the population was promised (`promises.py`). `campaign.py` runs the rounds.
"""
