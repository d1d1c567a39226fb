"""The policies of the regions, and the one that a test means, by the name of its scheme and a day: neither a new file nor another scheme of
the region changes it."""

from datetime import date
from pathlib import Path

from shared.policy.loader import load_book
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy

REGIONS = Path(__file__).resolve().parents[2] / "regions"
BOOK = load_book(REGIONS)
"""Read once for all tests of a process, for it takes long. A test that publishes into a book loads its own."""
FIRST = date(2025, 12, 1)
"""The day of the first file of each scheme in `MONEY`."""
MONEY = {
    "be-kortrijk": "be-kortrijk/creative-voucher",
    "dk-kolding": "dk-kolding/growth-voucher",
    "gr-central-macedonia": "gr-central-macedonia/innovation-voucher",
    "hr-koprivnica": "hr-koprivnica/digital-voucher",
    "pl-malopolska": "pl-malopolska/bon-na-innowacje",
}
"""Region → its scheme that gives money in one step."""


def policy_named(book: PolicyBook, scheme: str, on: date = FIRST) -> Policy:
    """`scheme`: 'hr-koprivnica/digital-voucher'. The file that is in force on the day."""
    return book.resolve(*scheme.split("/"), on)
