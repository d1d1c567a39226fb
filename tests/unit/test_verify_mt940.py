"""What verify finds in an MT940 is what it finds in a camt.053 of the same bookings."""

from datetime import date

import pytest

from operations.verify.bank_mt940 import is_mt940, read_mt940, swift_facts
from operations.verify.bank_statements import NOT_NAMED, FileFacts, Lump, Orders, Transfer, combine

D, D2, A, A2, B = (f"00000000-0000-4000-8000-00000000000{number}" for number in range(1, 6))
ORDERED = [Transfer("p", D, A, 10_000, "EUR", batch_id=B), Transfer("p", D2, A2, 5_000, "EUR", batch_id=B)]
ACCOUNT = "HR2199999998100000013"
DAY = date(2026, 3, 2)


def hexed(reference: str) -> str:
    return reference.replace("-", "")


def booked(mark: str, amount: str, details: str, owner: str = "NONREF") -> str:
    return f":61:2602280302{mark}{amount},00NTRF{owner}//B1\n:86:{details}\n"


def subfields(text: str, sign: str = "?", code: str = "191") -> str:
    """Cut at 27 characters."""
    parts = [text[begin : begin + 27] for begin in range(0, len(text), 27)]
    return f"{code}{sign}00X" + "".join(f"{sign}{number}{part}" for number, part in enumerate(parts, 20)) + f"{sign}32FUND"


BLOCK, FILE = f"{hexed(B)}-1", hexed(B)
CASES: list[tuple[str, str, list[tuple[str, int]], list[int]]] = [
    ("a batch by its group", booked("D", "150", subfields(f"KREF+{BLOCK}")), [(A, 10_000), (A2, 5_000)], []),
    ("a batch by its file", booked("D", "150", subfields(f"KREF+{FILE}")), [(A, 10_000), (A2, 5_000)], []),
    ("a batch, in capitals", booked("D", "150", subfields(f"KREF+{BLOCK.upper()}")), [(A, 10_000), (A2, 5_000)], []),
    ("a batch between strokes", booked("D", "150", f"/PREF/{BLOCK}//REMI/X"), [(A, 10_000), (A2, 5_000)], []),
    ("a batch, as in Poland", booked("D", "150", subfields(f"KREF+{BLOCK}", "~")), [(A, 10_000), (A2, 5_000)], []),
    ("a batch, nothing provided for its payment", booked("D", "150", f"EREF+NOTPROVIDED\nKREF+{BLOCK}"), [(A, 10_000), (A2, 5_000)], []),
    ("the batch comes back as a whole", booked("RD", "150", subfields(f"KREF+{BLOCK}")), [], [15_000]),
    ("one payment", booked("D", "100", subfields(f"EREF+{hexed(D)}", code="116")), [(A, 10_000)], []),
    ("one payment by its attempt", booked("D", "100", f"EREF+NOTPROVIDED\nKREF+{hexed(A)}"), [(A, 10_000)], []),
    ("one payment by the instruction", booked("D", "100", f"IREF+{hexed(A)}"), [(A, 10_000)], []),
    ("the reference of the owner", booked("D", "100", "X", hexed(D)), [(A, 10_000)], []),
    ("a charge within", booked("D", "103", f"/OCMT/EUR100,00//CHGS/EUR3,00//EREF/{hexed(D)}//REMI/X"), [(A, 10_000)], [-300]),
    ("a return, without a mark", booked("C", "100", f"EREF+{hexed(D)}"), [(A, -10_000)], []),
    ("the order of somebody else", booked("D", "150", f"KREF+{hexed(D)[:-1]}F"), [], [-15_000]),
]


@pytest.mark.parametrize(("entries", "found", "others"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_batch_and_payments_are_found_by_any_reference(entries: str, found: list[tuple[str, int]], others: list[int]) -> None:
    read = combine([facts_of(entries)], Orders.of(ORDERED))
    assert [(one.attempt_id, -one.amount_minor if one.returned else one.amount_minor) for one in read.transfers] == found
    assert [one.amount_minor for one in read.others] == others
    assert {one.on for one in read.transfers} <= {DAY}
    assert (read.lumps, read.credits) == ([], [])


def facts_of(entries: str, *more: Transfer) -> FileFacts:
    text = f":20:S\n:25:{ACCOUNT}\n:28C:1/1\n:60F:C260301EUR500,00\n{entries}:62F:C260302EUR1,00\n-\n".encode()
    assert is_mt940(text)
    return swift_facts("s", read_mt940(text), Orders.of([*ORDERED, *more]), {ACCOUNT})


def test_batch_of_another_sum_is_no_payment() -> None:
    read = combine([facts_of(booked("D", "70", subfields(f"KREF+{BLOCK}")))], Orders.of(ORDERED))
    assert (read.transfers, read.lumps) == ([], [Lump("s", B, 7_000, "EUR")])


def test_booking_of_the_payment_alone_has_no_attempt() -> None:
    second = Transfer("q", D, A2, 10_000, "EUR", batch_id=A)
    found = [facts_of(booked("D", "100", f"EREF+{hexed(D)}"), *more) for more in ((), (second,))]
    assert [facts.entries[0].transfers[0].attempt_id for facts in found] == [A, NOT_NAMED]
