"""NUTS regions and NACE activities: which codes there are, what they are called, and how a person finds one.

The lists are data files of this folder; `sources.toml` says where each comes from. A region is one of NUTS 2024, an activity one of NACE
Rev. 2.1 or of Rev. 2, which business registers still show. What a code became in a newer edition is in `editions`.
"""

from shared.classifications.codes import Fault, canonical, contradiction, fault_of
from shared.classifications.lists import Entry, Scheme, edition_of, entries, entry_of, is_valid, name_of
from shared.classifications.search import search

__all__ = [
    "Entry", "Fault", "Scheme", "canonical", "contradiction", "edition_of", "entries", "entry_of", "fault_of", "is_valid",
    "name_of", "search",
]  # fmt: skip
